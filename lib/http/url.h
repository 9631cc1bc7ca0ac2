/* SPDX-License-Identifier: MIT
 *
 * Inside of lib/http: the address of a key service.
 */
#ifndef EDB_HTTP_URL_H
#define EDB_HTTP_URL_H

#include <stdbool.h>
#include <stddef.h>

#include <edb/error.h>

#define URL_MAX 2048

struct url {
	char full[URL_MAX];  /* secret where it has a code: what is asked */
	char shown[URL_MAX]; /* without query: what a person may see */
	bool loopback;
};

/**
 * Take an address apart and complete it: the call's path where it is missing, the code in the
 * query. EDB_E_ARG: neither https nor http to this machine, a user name or fragment in it, too
 * long, odd characters.
 */
enum edb_err url_complete(const char *text, const char *path, const char *access_code,
	struct url *url, struct edb_error *error);

#endif
