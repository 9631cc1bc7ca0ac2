/* SPDX-License-Identifier: MIT */
#include "url.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#define CODE_MAX 512

static enum edb_err bad(struct edb_error *error, const char *why)
{
	/* The address itself is not repeated: it may hold the access code. */
	return edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET, "the key service's address: %s", why);
}

static bool host_is(const char *host, size_t size, const char *name)
{
	return size == strlen(name) && !strncmp(host, name, size);
}

/* Host without port. Names that resolvers may send elsewhere are not this machine. */
static bool is_loopback(const char *host, size_t size)
{
	return host_is(host, size, "localhost") || host_is(host, size, "127.0.0.1") ||
	       host_is(host, size, "[::1]");
}

static size_t host_size(const char *authority, size_t size)
{
	const char *end = authority[0] == '[' ? memchr(authority, ']', size) : NULL;

	if (end)
		return (size_t)(end - authority) + 1;
	end = memchr(authority, ':', size);
	return end ? (size_t)(end - authority) : size;
}

/* Percent-encoding, RFC 3986, 2.1: everything but the unreserved characters. */
static bool encode(const char *code, char *text, size_t room)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	size_t at = 0;

	for (; *code; code++) {
		if (at + 4 > room)
			return false;
		if (strchr(plain, *code))
			text[at++] = *code;
		else
			at += (size_t)snprintf(
				&text[at], room - at, "%%%02X", (unsigned char)*code);
	}
	text[at] = 0;
	return true;
}

static bool ends_with(const char *text, size_t size, const char *end)
{
	size_t n = strlen(end);

	return size >= n && !strncmp(text + size - n, end, n);
}

static enum edb_err assemble(const char *base, size_t base_size, const char *path,
	const char *query, const char *access_code, struct url *url, struct edb_error *error)
{
	char code[CODE_MAX] = "";
	bool has_path = ends_with(base, base_size, path), has_query = query && query[1];
	int shown, full;

	while (!has_path && base_size && base[base_size - 1] == '/')
		base_size--;
	if (access_code && !encode(access_code, code, sizeof code))
		return bad(error, "the access code is too long");
	shown = snprintf(url->shown, sizeof url->shown, "%.*s%s", (int)base_size, base,
		has_path ? "" : path);
	full = snprintf(url->full, sizeof url->full, "%s%s%s%s%s", url->shown,
		has_query ? query : "", access_code ? (has_query ? "&" : "?") : "",
		access_code ? "code=" : "", code);
	OPENSSL_cleanse(code, sizeof code);
	if (shown < 0 || (size_t)shown >= sizeof url->shown || full < 0 ||
		(size_t)full >= sizeof url->full)
		return bad(error, "too long");
	return EDB_OK;
}

enum edb_err url_complete(const char *text, const char *path, const char *access_code,
	struct url *url, struct edb_error *error)
{
	size_t scheme = !strncmp(text, "https://", 8) ? 8 : !strncmp(text, "http://", 7) ? 7 : 0;
	const char *authority = text + scheme, *query = strchr(text, '?');
	size_t size = strcspn(authority, "/?#"), host;

	for (const char *c = text; *c; c++)
		if (*c <= ' ' || *c > '~' || *c == '"' || *c == '\\')
			return bad(error, "odd characters in it");
	if (!scheme)
		return bad(error, "it must begin with https://");
	if (strchr(text, '#'))
		return bad(error, "a fragment (#) has no meaning in it");
	if (memchr(authority, '@', size))
		return bad(error, "a user name has no place in it");
	host = host_size(authority, size);
	if (!host || host_is(authority, host, "[]"))
		return bad(error, "no host in it");
	url->loopback = is_loopback(authority, host);
	if (scheme == 7 && !url->loopback)
		return bad(error, "http would show the access code to the network; use https");
	if (access_code && query && strstr(query, "code="))
		return bad(error, "it has an access code, and another one is given");
	return assemble(text, query ? (size_t)(query - text) : strlen(text), path, query,
		access_code, url, error);
}
