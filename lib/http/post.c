/* SPDX-License-Identifier: MIT
 *
 * libcurl is loaded when it is needed: it brings some thirty libraries, 4 MiB of memory and their
 * attack surface into a process, and most builds and every installation go without a network.
 */
#define CURL_DISABLE_TYPECHECK
#include "post.h"

#include <dlfcn.h>
#include <string.h>

#include <curl/curl.h>
#include <openssl/crypto.h>

#define LIBRARY           "libcurl.so.4"
#define CONNECT_TIMEOUT_S 10
#define TIMEOUT_S         30

/* The header's macros check types where the function is called by its name; here it never is. */
#undef curl_easy_setopt
#undef curl_easy_getinfo

struct curl_api {
	void *library;
	__typeof__(&curl_easy_init) easy_init;
	__typeof__(&curl_easy_setopt) easy_setopt;
	__typeof__(&curl_easy_perform) easy_perform;
	__typeof__(&curl_easy_getinfo) easy_getinfo;
	__typeof__(&curl_easy_cleanup) easy_cleanup;
	__typeof__(&curl_slist_append) slist_append;
	__typeof__(&curl_slist_free_all) slist_free_all;
};

static enum edb_err load(struct curl_api *api, struct edb_error *error)
{
	const struct {
		const char *name;
		void *into;
	} symbols[] = {
		{"curl_easy_init", &api->easy_init},
		{"curl_easy_setopt", &api->easy_setopt},
		{"curl_easy_perform", &api->easy_perform},
		{"curl_easy_getinfo", &api->easy_getinfo},
		{"curl_easy_cleanup", &api->easy_cleanup},
		{"curl_slist_append", &api->slist_append},
		{"curl_slist_free_all", &api->slist_free_all},
	};

	api->library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (!api->library)
		return edb_fail(error, EDB_E_NETWORK, EDB_NO_OFFSET,
			"cannot load " LIBRARY " (Debian: libcurl4)");
	for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
		void *symbol = dlsym(api->library, symbols[i].name);

		if (!symbol)
			return edb_fail(error, EDB_E_NETWORK, EDB_NO_OFFSET, LIBRARY " has no %s",
				symbols[i].name);
		memcpy(symbols[i].into, &symbol, sizeof symbol);
	}
	return EDB_OK;
}

static size_t receive(char *data, size_t one, size_t size, void *context)
{
	struct answer *a = context;

	(void)one; /* always 1 */
	if (size > EDB_ANSWER_MAX - a->size) {
		a->too_long = true;
		return 0; /* ends the transfer */
	}
	memcpy(&a->text[a->size], data, size);
	a->size += size;
	return size;
}

static bool set_options(const struct curl_api *c, CURL *easy, struct curl_slist *headers,
	const struct edb_key_service_at *service, const struct url *url, const char *body,
	struct answer *answer)
{
	long timeout = service->timeout_s ? (long)service->timeout_s : TIMEOUT_S;
	bool bad = false;

	bad |= c->easy_setopt(easy, CURLOPT_URL, url->full);
	bad |= c->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, url->loopback ? "http,https" : "https");
	bad |= c->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	bad |= c->easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	bad |= c->easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	bad |= c->easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	bad |= c->easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
	bad |= c->easy_setopt(easy, CURLOPT_TIMEOUT, timeout);
	bad |= c->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	bad |= c->easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	bad |= c->easy_setopt(easy, CURLOPT_POSTFIELDS, body);
	bad |= c->easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive);
	bad |= c->easy_setopt(easy, CURLOPT_WRITEDATA, answer);
	if (url->loopback) /* what stays on this machine does not go to a proxy */
		bad |= c->easy_setopt(easy, CURLOPT_NOPROXY, "*");
	if (service->ca_file)
		bad |= c->easy_setopt(easy, CURLOPT_CAINFO, service->ca_file);
	return !bad;
}

static enum edb_err explain(CURLcode code, const struct edb_key_service_at *service,
	const struct url *url, const struct answer *answer, struct edb_error *error)
{
	const char *why = "no answer";

	if (answer->too_long)
		why = "its answer is too long";
	else if (code == CURLE_COULDNT_RESOLVE_HOST)
		why = "no such host";
	else if (code == CURLE_COULDNT_CONNECT)
		why = "no connection";
	else if (code == CURLE_OPERATION_TIMEDOUT)
		why = "it took too long";
	else if (code == CURLE_PEER_FAILED_VERIFICATION)
		why = "its TLS certificate is not trusted here (--ca-file names an authority)";
	else if (code == CURLE_SSL_CACERT_BADFILE)
		why = service->ca_file ? "the file of --ca-file cannot be used"
				       : "this system knows no authorities (Debian: "
					 "ca-certificates), and --ca-file names none";
	else if (code == CURLE_SSL_CONNECT_ERROR)
		why = "TLS failed";
	return edb_fail(error, EDB_E_NETWORK, EDB_NO_OFFSET, "%s: %s", url->shown, why);
}

static enum edb_err perform(const struct curl_api *c, const struct edb_key_service_at *service,
	const struct url *url, const char *body, struct answer *answer, struct edb_error *error)
{
	struct curl_slist *headers = c->slist_append(NULL, "Content-Type: application/json");
	CURL *easy = c->easy_init();
	CURLcode code;
	enum edb_err err = EDB_OK;

	if (!headers || !easy || !set_options(c, easy, headers, service, url, body, answer)) {
		err = edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "cannot prepare a request");
		goto out;
	}
	code = c->easy_perform(easy);
	if (code || c->easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &answer->status))
		err = explain(code, service, url, answer, error);
out:
	if (easy)
		c->easy_cleanup(easy);
	c->slist_free_all(headers);
	return err;
}

enum edb_err http_post(const struct edb_key_service_at *service, const struct url *url,
	const char *body, struct answer *answer, struct edb_error *error)
{
	struct curl_api api = {0};
	enum edb_err err = load(&api, error);

	*answer = (struct answer){0};
	if (!err)
		err = perform(&api, service, url, body, answer, error);
	/* The library stays: it and what it brought do not all unload well. */
	return err;
}
