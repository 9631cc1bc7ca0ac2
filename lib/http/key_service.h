/* SPDX-License-Identifier: MIT
 *
 * The HTTP key contract of 2021, the asking side: docs/cpk-tool.md, "Key methods".
 *
 * Threads: any, on different arguments.
 */
#ifndef EDB_HTTP_KEY_SERVICE_H
#define EDB_HTTP_KEY_SERVICE_H

#include <stddef.h>
#include <stdint.h>

#include <edb/error.h>

#define EDB_CLASS_KEY_BYTES 32
#define EDB_ANSWER_MAX      (64u << 10) /* bytes of an answer that are read at most */

/* All borrowed. */
struct edb_key_service_at {
	const char *url; /* https://HOST[:PORT][/…][?code=…]; http only to this machine */
	const char *access_code; /* secret; NULL: none but what the URL has */
	const char *ca_file;     /* PEM; NULL: the system's */
	unsigned timeout_s;      /* for the whole exchange; 0: 30 */
};

/**
 * WrapKey: have a class key wrapped (RSAES-PKCS1-v1_5) to a public key.
 *
 * @param spki     SubjectPublicKeyInfo, DER, of an RSA key
 * @param wrapped  malloc'ed, *wrapped_size bytes
 * @return EDB_E_ARG (URL), EDB_E_NETWORK (no connection, TLS, time, an answer that is none),
 *         EDB_E_KEY_STORE (the service refused), EDB_E_NOMEM. No message holds the access code.
 */
enum edb_err edb_http_wrap_key(const struct edb_key_service_at *service, const char *key_name,
	const uint8_t *spki, size_t spki_size, uint8_t **wrapped, size_t *wrapped_size,
	struct edb_error *error);

/** WrapKey for oneself: to an RSA-2048 key that lives as long as this call. The caller wipes. */
enum edb_err edb_http_class_key(const struct edb_key_service_at *service, const char *key_name,
	uint8_t key[EDB_CLASS_KEY_BYTES], struct edb_error *error);

#endif
