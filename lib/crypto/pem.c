/* SPDX-License-Identifier: MIT
 *
 * PEM in which two readers cannot find two keys: one block, its label known before, nothing around
 * it. docs/format.md, "The signer's key"; RFC 7468 allows more.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "public_key.h"
#include "text.h"

#define TEXT_MAX   (64u << 10) /* bytes */
#define LABEL_LINE 64

struct lines {
	const char *text;
	size_t size, at;
	const char *line; /* the one taken last, without its end */
	size_t length;
};

/* Lines end with LF or CR LF; the last one may have no end. False: there is none any more. */
static bool next(struct lines *l)
{
	size_t end = l->at;

	if (l->at == l->size)
		return false;
	while (end < l->size && l->text[end] != '\n')
		end++;
	l->line = &l->text[l->at];
	l->length = end - l->at;
	l->at = end < l->size ? end + 1 : end;
	if (end < l->size && l->length && l->line[l->length - 1] == '\r')
		l->length--;
	return true;
}

static bool is(const struct lines *l, const char *where, const char *label)
{
	char line[LABEL_LINE];
	int length = snprintf(line, sizeof line, "-----%s %s-----", where, label);

	return l->length == (size_t)length && !memcmp(l->line, line, l->length);
}

/* The base64 between the two lines, its lines put together; NULL: not one block of this label. */
static char *body(struct lines *l, const char *label)
{
	char *base64 = malloc(l->size + 1);
	size_t used = 0;

	if (!base64 || !next(l) || !is(l, "BEGIN", label))
		goto wrong;
	while (next(l) && !is(l, "END", label)) {
		if (!l->length || memchr(l->line, 0, l->length))
			goto wrong;
		memcpy(&base64[used], l->line, l->length);
		used += l->length;
	}
	if (!is(l, "END", label) || l->at != l->size)
		goto wrong;
	base64[used] = 0;
	return base64;
wrong:
	free(base64);
	return NULL;
}

enum edb_err edb_public_key_from_pem_alone(enum edb_pem label, const uint8_t *text, size_t size,
	struct edb_public_key **key, struct edb_error *error)
{
	const char *name = label == EDB_PEM_CERTIFICATE ? "CERTIFICATE" : "PUBLIC KEY";
	struct lines lines = {.text = (const char *)text, .size = size};
	char *base64 = size <= TEXT_MAX ? body(&lines, name) : NULL;
	uint8_t *der = NULL;
	size_t der_size = 0;
	enum edb_err err;

	if (!base64 || !edb_base64_decode(base64, &der, &der_size))
		err = edb_fail(error, EDB_E_CERTIFICATE, EDB_NO_OFFSET,
			"not one PEM block \"%s\" and nothing else", name);
	else if (label == EDB_PEM_CERTIFICATE)
		err = edb_public_key_from_x509(der, der_size, key, error);
	else
		err = edb_public_key_from_spki(der, der_size, key, error);
	edb_free_secret(der, der_size);
	free(base64);
	return err;
}
