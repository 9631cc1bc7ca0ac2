/* SPDX-License-Identifier: MIT */
#include <edb/error.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PREFIX_MAX 240 /* bytes: the rest is for what failed */

static size_t sequence_length(unsigned char lead)
{
	return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
}

/* Cut at a character's end: no half of a UTF-8 sequence may stay. */
static void cut_whole(char *text, size_t capacity)
{
	size_t end = strnlen(text, capacity - 1), start = end;

	while (start > 0 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
		start--;
	if (start > 0 && sequence_length((unsigned char)text[start - 1]) > end - start + 1)
		end = start - 1;
	text[end] = 0;
}

/* Names of files and texts of others stand in messages: they must not steer a terminal or a log. */
static void defuse(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

enum edb_err(edb_fail)(
	struct edb_error *error, enum edb_err code, uint64_t offset, const char *format, ...)
{
	va_list args;

	if (!error)
		return code;
	error->code = code;
	error->offset = offset;
	va_start(args, format);
	vsnprintf(error->message, sizeof error->message, format, args);
	va_end(args);
	cut_whole(error->message, sizeof error->message);
	defuse(error->message);
	return code;
}

void edb_error_prefix(struct edb_error *error, const char *format, ...)
{
	char before[PREFIX_MAX + 1], after[EDB_ERROR_MESSAGE_BYTES];
	va_list args;

	if (!error)
		return;
	va_start(args, format);
	vsnprintf(before, sizeof before, format, args);
	va_end(args);
	memcpy(after, error->message, sizeof after);
	cut_whole(before, sizeof before);
	cut_whole(after, sizeof after - sizeof before - 1);
	defuse(before);
	snprintf(error->message, sizeof error->message, "%.240s: %.357s", before, after);
}

const char *edb_err_name(enum edb_err code)
{
	switch (code) {
	case EDB_OK: return "OK";
	case EDB_E_INTERNAL: return "INTERNAL";
	case EDB_E_USAGE: return "USAGE";
	case EDB_E_TRUNCATED: return "TRUNCATED";
	case EDB_E_MAGIC: return "MAGIC";
	case EDB_E_FRAME_VERSION: return "FRAME_VERSION";
	case EDB_E_FRAME_FLAG: return "FRAME_FLAG";
	case EDB_E_STREAM_COUNT: return "STREAM_COUNT";
	case EDB_E_MANIFEST_INDEX: return "MANIFEST_INDEX";
	case EDB_E_MANIFEST_TYPE: return "MANIFEST_TYPE";
	case EDB_E_MANIFEST_VERSION: return "MANIFEST_VERSION";
	case EDB_E_STREAM_RANGE: return "STREAM_RANGE";
	case EDB_E_STREAM_OVERLAP: return "STREAM_OVERLAP";
	case EDB_E_JSON: return "JSON";
	case EDB_E_JSON_DUPLICATE: return "JSON_DUPLICATE";
	case EDB_E_JSON_DEPTH: return "JSON_DEPTH";
	case EDB_E_MEMBER_MISSING: return "MEMBER_MISSING";
	case EDB_E_MEMBER_TYPE: return "MEMBER_TYPE";
	case EDB_E_MEMBER_VALUE: return "MEMBER_VALUE";
	case EDB_E_SCHEME: return "SCHEME";
	case EDB_E_STREAM_INDEX: return "STREAM_INDEX";
	case EDB_E_STREAM_ROLE: return "STREAM_ROLE";
	case EDB_E_STREAM_SIZE: return "STREAM_SIZE";
	case EDB_E_MAP: return "MAP";
	case EDB_E_SIZES: return "SIZES";
	case EDB_E_DIGEST: return "DIGEST";
	case EDB_E_SIGNATURE: return "SIGNATURE";
	case EDB_E_TAG: return "TAG";
	case EDB_E_UNSIGNED: return "UNSIGNED";
	case EDB_E_CERTIFICATE: return "CERTIFICATE";
	case EDB_E_LIMIT: return "LIMIT";
	case EDB_E_IMAGE: return "IMAGE";
	case EDB_E_NOT_PROVISIONED: return "NOT_PROVISIONED";
	case EDB_E_PROVISIONED: return "PROVISIONED";
	case EDB_E_ROOT: return "ROOT";
	case EDB_E_DOCUMENT: return "DOCUMENT";
	case EDB_E_DOCUMENT_SIGNER: return "DOCUMENT_SIGNER";
	case EDB_E_DOCUMENT_VERSION: return "DOCUMENT_VERSION";
	case EDB_E_SIGNER: return "SIGNER";
	case EDB_E_OWNER: return "OWNER";
	case EDB_E_ROLLBACK: return "ROLLBACK";
	case EDB_E_TARGET: return "TARGET";
	case EDB_E_KEY_MISSING: return "KEY_MISSING";
	case EDB_E_KEY: return "KEY";
	case EDB_E_LEGACY: return "LEGACY";
	case EDB_E_QUOTA: return "QUOTA";
	case EDB_E_BUSY: return "BUSY";
	case EDB_E_NOT_FOUND: return "NOT_FOUND";
	case EDB_E_STATE: return "STATE";
	case EDB_E_ARG: return "ARG";
	case EDB_E_SPACE: return "SPACE";
	case EDB_E_NOMEM: return "NOMEM";
	case EDB_E_IO: return "IO";
	case EDB_E_STORAGE_FULL: return "STORAGE_FULL";
	case EDB_E_STORAGE: return "STORAGE";
	case EDB_E_STORAGE_OLD: return "STORAGE_OLD";
	case EDB_E_TEE: return "TEE";
	case EDB_E_NETWORK: return "NETWORK";
	case EDB_E_KEY_STORE: return "KEY_STORE";
	case EDB_E_TOKEN: return "TOKEN";
	}
	return "UNKNOWN";
}
