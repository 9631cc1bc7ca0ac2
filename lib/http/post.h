/* SPDX-License-Identifier: MIT
 *
 * Inside of lib/http: one POST of JSON, on libcurl.
 */
#ifndef EDB_HTTP_POST_H
#define EDB_HTTP_POST_H

#include "key_service.h"
#include "url.h"

struct answer {
	long status;
	char text[EDB_ANSWER_MAX];
	size_t size;
	bool too_long;
};

/** EDB_E_NETWORK, EDB_E_NOMEM; any status is a success here. */
enum edb_err http_post(const struct edb_key_service_at *service, const struct url *url,
	const char *body, struct answer *answer, struct edb_error *error);

#endif
