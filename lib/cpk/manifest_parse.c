/* SPDX-License-Identifier: MIT
 *
 * The manifest, from JSON.
 */
#include "bytes.h"
#include "json_check.h"
#include "manifest_names.h"

#include <cpk/manifest.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const cpk_enc_names[] = {"none", "aes-gcm", NULL};
const char *const cpk_dig_names[] = {"none", "sha256", NULL};
const char *const cpk_sig_names[] = {"none", "rsa-pkcs1v15", "rsa-pss", "ecdsa-p256", NULL};
const char *const cpk_cert_names[] = {"none", "target", "url", "embedded-x509-pem",
	"embedded-x509-der", "embedded-public-key-pem", "embedded-public-key-der", NULL};
const char *const cpk_type_names[] = {"", "application", "data", NULL};

/* An object of the manifest and how errors name it: "payload.ver". */
struct place {
	const json_t *object;
	const char *path;
	struct edb_error *error;
};

static enum edb_err fail(
	const struct place *p, enum edb_err code, const char *name, const char *what)
{
	return edb_fail(p->error, code, EDB_NO_OFFSET, "manifest: %s%s%s %s", p->path,
		*p->path && *name ? "." : "", name, what);
}

static enum edb_err get(const struct place *p, const char *name, const json_t **member)
{
	*member = json_object_get(p->object, name);
	return *member ? EDB_OK : fail(p, EDB_E_MEMBER_MISSING, name, "is missing");
}

static enum edb_err check_number(const struct place *p, const char *name, const json_t *member,
	uint64_t min, uint64_t max, uint64_t *value)
{
	if (!json_is_integer(member))
		return fail(p, EDB_E_MEMBER_TYPE, name, "is not an integer");
	json_int_t number = json_integer_value(member);
	if (number < 0 || (uint64_t)number < min || (uint64_t)number > max)
		return fail(p, EDB_E_MEMBER_VALUE, name, "is out of its range");
	*value = (uint64_t)number;
	return EDB_OK;
}

static enum edb_err get_number(
	const struct place *p, const char *name, uint64_t min, uint64_t max, uint64_t *value)
{
	const json_t *member;
	enum edb_err err = get(p, name, &member);

	return err ? err : check_number(p, name, member, min, max, value);
}

static enum edb_err get_u32(const struct place *p, const char *name, uint32_t *value)
{
	uint64_t number = 0;
	enum edb_err err = get_number(p, name, 0, UINT32_MAX, &number);

	*value = (uint32_t)number;
	return err;
}

static enum edb_err get_u16(
	const struct place *p, const char *name, uint64_t min, uint64_t max, uint16_t *value)
{
	uint64_t number = 0;
	enum edb_err err = get_number(p, name, min, max, &number);

	*value = (uint16_t)number;
	return err;
}

static enum edb_err get_index(const struct place *p, const char *name, uint16_t *index)
{
	return get_u16(p, name, 0, UINT16_MAX, index);
}

/* A string of min…max bytes without control characters; `text` holds max + 1. */
static enum edb_err get_string(
	const struct place *p, const char *name, size_t min, size_t max, char *text)
{
	const json_t *member;
	enum edb_err err = get(p, name, &member);

	if (err)
		return err;
	if (!json_is_string(member))
		return fail(p, EDB_E_MEMBER_TYPE, name, "is not a string");
	size_t size = json_string_length(member);
	const char *from = json_string_value(member);
	if (size < min || size > max)
		return fail(p, EDB_E_MEMBER_VALUE, name, "is too short or too long");
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)from[i] < 0x20 || from[i] == 0x7f)
			return fail(p, EDB_E_MEMBER_VALUE, name, "holds a control character");
	bytes_copy(text, from, size);
	text[size] = 0;
	return EDB_OK;
}

static enum edb_err get_object(
	const struct place *p, const char *name, const char *path, struct place *inner)
{
	const json_t *member;
	enum edb_err err = get(p, name, &member);

	if (err)
		return err;
	if (!json_is_object(member))
		return fail(p, EDB_E_MEMBER_TYPE, name, "is not an object");
	*inner = (struct place){.object = member, .path = path, .error = p->error};
	return EDB_OK;
}

static enum edb_err get_array(
	const struct place *p, const char *name, size_t max, const json_t **array)
{
	enum edb_err err = get(p, name, array);

	if (err)
		return err;
	if (!json_is_array(*array))
		return fail(p, EDB_E_MEMBER_TYPE, name, "is not an array");
	if (json_array_size(*array) > max)
		return fail(p, EDB_E_LIMIT, name, "has too many entries");
	return EDB_OK;
}

/* "none", or an object with exactly one member, the scheme's name; *scheme is its place in names.
 */
static enum edb_err get_scheme(const struct place *p, const char *name, const char *const *names,
	unsigned *scheme, struct place *body)
{
	const json_t *member;
	enum edb_err err = get(p, name, &member);

	if (err)
		return err;
	if (json_is_string(member)) {
		*scheme = 0;
		if (strcmp(json_string_value(member), names[0]) != 0)
			return fail(p, EDB_E_SCHEME, name, "is a string, and not \"none\"");
		return EDB_OK;
	}
	if (!json_is_object(member))
		return fail(p, EDB_E_MEMBER_TYPE, name, "is neither \"none\" nor an object");
	if (json_object_size(member) != 1)
		return fail(p, EDB_E_SCHEME, name, "does not hold exactly one scheme");
	const char *found = json_object_iter_key(json_object_iter((json_t *)(uintptr_t)member));
	for (unsigned i = 1; names[i]; i++) {
		if (strcmp(found, names[i]) != 0)
			continue;
		*scheme = i;
		struct place outer = {.object = member, .path = p->path, .error = p->error};
		return get_object(&outer, names[i], p->path, body);
	}
	return fail(p, EDB_E_SCHEME, name, "holds an unknown scheme");
}

static enum edb_err get_enc(const struct place *p, struct cpk_enc *enc)
{
	struct place body = {.path = ""};
	unsigned scheme = 0;
	enum edb_err err = get_scheme(p, "enc", cpk_enc_names, &scheme, &body);

	if (err)
		return err;
	enc->scheme = (enum cpk_enc_scheme)scheme;
	if (enc->scheme == CPK_ENC_NONE)
		return EDB_OK;
	err = get_string(
		&body, "key_name", CPK_KEY_NAME_MIN, CPK_KEY_NAME_MAX, enc->aes_gcm.key_name);
	if (!err)
		err = get_u16(&body, "key_strength", 256, 256, &enc->aes_gcm.key_strength);
	if (!err)
		err = get_index(&body, "nonce", &enc->aes_gcm.nonce);
	if (!err)
		err = get_index(&body, "tag", &enc->aes_gcm.tag);
	if (!err && json_object_get(body.object, "key_version")) {
		uint64_t version = 0;

		err = get_number(&body, "key_version", 1, UINT32_MAX, &version);
		enc->aes_gcm.key_version = (uint32_t)version;
	}
	return err;
}

static enum edb_err get_dig(const struct place *p, struct cpk_dig *dig)
{
	struct place body = {.path = ""};
	unsigned scheme = 0;
	enum edb_err err = get_scheme(p, "dig", cpk_dig_names, &scheme, &body);

	if (err)
		return err;
	dig->scheme = (enum cpk_dig_scheme)scheme;
	return dig->scheme == CPK_DIG_NONE ? EDB_OK : get_index(&body, "data", &dig->data);
}

/* A signature is over the digest beside it, so there must be one. */
static enum edb_err get_sig(const struct place *p, const struct cpk_dig *dig, struct cpk_sig *sig)
{
	struct place body = {.path = ""};
	unsigned scheme = 0;
	enum edb_err err = get_scheme(p, "sig", cpk_sig_names, &scheme, &body);

	if (err)
		return err;
	sig->scheme = (enum edb_scheme)scheme;
	if (sig->scheme == EDB_SCHEME_NONE)
		return EDB_OK;
	if (sig->scheme == EDB_SCHEME_ECDSA_P256)
		err = get_u16(&body, "key_strength", 256, 256, &sig->key_strength);
	else
		err = get_u16(&body, "key_strength", 2048, 4096, &sig->key_strength);
	if (!err && sig->key_strength % 8)
		err = fail(&body, EDB_E_MEMBER_VALUE, "key_strength", "is no whole bytes");
	if (!err)
		err = get_index(&body, "data", &sig->data);
	if (!err && dig->scheme == CPK_DIG_NONE)
		err = fail(p, EDB_E_SCHEME, "sig", "needs a digest, and dig is \"none\"");
	return err;
}

static enum edb_err get_cert(const struct place *p, struct cpk_cert *cert)
{
	struct place body = {.path = ""};
	unsigned scheme = 0;
	enum edb_err err = get_scheme(p, "cert", cpk_cert_names, &scheme, &body);

	if (err)
		return err;
	cert->scheme = (enum cpk_cert_scheme)scheme;
	switch (cert->scheme) {
	case CPK_CERT_NONE: return EDB_OK;
	case CPK_CERT_TARGET:
		return get_string(&body, "domain", 1, CPK_LOCATION_MAX, cert->location);
	case CPK_CERT_URL: return get_string(&body, "url", 1, CPK_LOCATION_MAX, cert->location);
	default: return get_index(&body, "data", &cert->data);
	}
}

static enum edb_err get_reader(
	const struct place *payload, const json_t *entry, struct cpk_reader_id *reader)
{
	struct place p = {.object = entry, .path = "payload.readers[]", .error = payload->error};
	enum edb_err err;

	if (!json_is_object(entry))
		return fail(&p, EDB_E_MEMBER_TYPE, "", "is not an object");
	err = get_string(&p, "id", 1, CPK_ID_MAX, reader->id);
	if (!err)
		err = get_string(
			&p, "vendor", CPK_VENDOR_HEX_BYTES, CPK_VENDOR_HEX_BYTES, reader->vendor);
	if (!err && strspn(reader->vendor, "0123456789abcdef") != CPK_VENDOR_HEX_BYTES)
		err = fail(&p, EDB_E_MEMBER_VALUE, "vendor", "is no lower-case hex");
	return err;
}

/* The members that we added in 2026; packages of 2021 have none of them. */
static enum edb_err get_type_and_readers(const struct place *p, struct cpk_manifest *m)
{
	char type[16];
	const json_t *array;
	enum edb_err err;

	if (json_object_get(p->object, "type")) {
		err = get_string(p, "type", 1, sizeof type - 1, type);
		if (err)
			return err;
		if (strcmp(type, cpk_type_names[CPK_TYPE_APPLICATION]) == 0)
			m->payload.type = CPK_TYPE_APPLICATION;
		else if (strcmp(type, cpk_type_names[CPK_TYPE_DATA]) == 0)
			m->payload.type = CPK_TYPE_DATA;
		else
			return fail(
				p, EDB_E_MEMBER_VALUE, "type", "is neither application nor data");
	}
	if (!json_object_get(p->object, "readers"))
		return EDB_OK;
	if (m->payload.type != CPK_TYPE_DATA)
		return fail(p, EDB_E_MEMBER_VALUE, "readers", "is for data only");
	err = get_array(p, "readers", CPK_READERS_MAX, &array);
	if (err)
		return err;
	for (size_t i = 0; !err && i < json_array_size(array); i++)
		err = get_reader(p, json_array_get(array, i), &m->payload.readers[i]);
	m->payload.readers_count = json_array_size(array);
	return err;
}

static enum edb_err get_payload(const struct place *root, struct cpk_manifest *m)
{
	struct place p, target, ver;
	enum edb_err err = get_object(root, "payload", "payload", &p);

	if (!err)
		err = get_index(&p, "data", &m->payload.data);
	if (!err)
		err = get_object(&p, "target", "payload.target", &target);
	if (!err)
		err = get_string(&target, "arch", 1, CPK_TARGET_MAX, m->payload.arch);
	if (!err)
		err = get_string(&target, "os", 1, CPK_TARGET_MAX, m->payload.os);
	if (!err)
		err = get_object(&p, "ver", "payload.ver", &ver);
	if (!err)
		err = get_u32(&ver, "maj", &m->payload.ver.maj);
	if (!err)
		err = get_u32(&ver, "min", &m->payload.ver.min);
	if (!err)
		err = get_u32(&ver, "rev", &m->payload.ver.rev);
	if (!err)
		err = get_string(&ver, "date", 0, CPK_DATE_MAX, m->payload.ver.date);
	if (!err)
		err = get_enc(&p, &m->payload.enc);
	if (!err)
		err = get_dig(&p, &m->payload.dig);
	if (!err)
		err = get_sig(&p, &m->payload.dig, &m->payload.sig);
	if (!err)
		err = get_cert(&p, &m->payload.cert);
	if (!err)
		err = get_type_and_readers(&p, m);
	return err;
}

static enum edb_err get_map(const struct place *p, struct cpk_manifest *m)
{
	const json_t *array;
	enum edb_err err = get_array(p, "map", CPK_MAP_MAX, &array);

	for (size_t i = 0; !err && i < json_array_size(array); i++) {
		uint64_t index = 0;

		err = check_number(p, "map", json_array_get(array, i), 0, UINT16_MAX, &index);
		for (size_t j = 0; !err && j < i; j++)
			if (m->package.map[j] == index)
				err = fail(p, EDB_E_MAP, "map", "names a stream twice");
		m->package.map[i] = (uint16_t)index;
		m->package.map_count = i + 1;
	}
	return err;
}

static enum edb_err get_sizes(const struct place *p, struct cpk_manifest *m)
{
	const json_t *array;
	enum edb_err err;

	if (!json_object_get(p->object, "sizes"))
		return EDB_OK;
	err = get_array(p, "sizes", CPK_MAP_MAX, &array);
	for (size_t i = 0; !err && i < json_array_size(array); i++)
		err = check_number(
			p, "sizes", json_array_get(array, i), 0, INT64_MAX, &m->package.sizes[i]);
	if (err)
		return err;
	m->package.sizes_present = true;
	m->package.sizes_count = json_array_size(array);
	if (m->package.sizes_count + 1 != m->package.map_count)
		return fail(p, EDB_E_SIZES, "sizes", "is not one for each of map but its first");
	return EDB_OK;
}

static enum edb_err get_package(const struct place *root, struct cpk_manifest *m)
{
	struct place p;
	enum edb_err err = get_object(root, "package", "package", &p);

	if (!err)
		err = get_map(&p, m);
	if (!err)
		err = get_dig(&p, &m->package.dig);
	if (!err)
		err = get_sig(&p, &m->package.dig, &m->package.sig);
	if (!err)
		err = get_cert(&p, &m->package.cert);
	if (!err)
		err = get_sizes(&p, m);
	for (size_t i = 0; !err && i < m->package.map_count; i++) {
		uint16_t index = m->package.map[i];

		if ((m->package.dig.scheme && index == m->package.dig.data) ||
			(m->package.sig.scheme && index == m->package.sig.data))
			err = fail(&p, EDB_E_MAP, "map", "names its own digest or signature");
	}
	return err;
}

static enum edb_err load(const uint8_t *text, size_t size, json_t **tree, struct edb_error *error)
{
	json_error_t why;
	enum edb_err err = cpk_json_check(text, size, error);

	if (err)
		return err;
	*tree = json_loadb((const char *)text, size, JSON_REJECT_DUPLICATES, &why);
	if (*tree)
		return EDB_OK;
	switch (json_error_code(&why)) {
	case json_error_duplicate_key: err = EDB_E_JSON_DUPLICATE; break;
	case json_error_out_of_memory: err = EDB_E_NOMEM; break;
	default: err = EDB_E_JSON;
	}
	return edb_fail(error, err, (uint64_t)(why.position > 0 ? why.position : 0), "manifest: %s",
		why.text);
}

enum edb_err cpk_manifest_parse(
	const uint8_t *text, size_t size, struct cpk_manifest *m, struct edb_error *error)
{
	struct place root = {.path = "", .error = error};
	struct cpk_manifest *made = NULL;
	json_t *tree = NULL;
	enum edb_err err = load(text, size, &tree, error);

	if (err)
		goto out;
	made = calloc(1, sizeof *made);
	if (!made) {
		err = edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "manifest: no memory");
		goto out;
	}
	root.object = tree;
	err = get_string(&root, "cp-id", 1, CPK_ID_MAX, made->id);
	if (!err)
		err = get_string(&root, "cp-name", 0, CPK_NAME_MAX, made->name);
	if (!err)
		err = get_string(&root, "cp-vendor", 0, CPK_NAME_MAX, made->vendor);
	if (!err)
		err = get_payload(&root, made);
	if (!err)
		err = get_package(&root, made);
	if (err)
		goto out;
	made->unknown = tree;
	tree = NULL;
	*m = *made;
out:
	json_decref(tree);
	free(made);
	return err;
}

void cpk_manifest_clear(struct cpk_manifest *m)
{
	if (!m)
		return;
	json_decref(m->unknown);
	*m = (struct cpk_manifest){0};
}

const char *cpk_enc_name(enum cpk_enc_scheme scheme)
{
	return cpk_enc_names[scheme];
}

const char *cpk_dig_name(enum cpk_dig_scheme scheme)
{
	return cpk_dig_names[scheme];
}

const char *cpk_sig_name(enum edb_scheme scheme)
{
	return cpk_sig_names[scheme];
}

const char *cpk_cert_name(enum cpk_cert_scheme scheme)
{
	return cpk_cert_names[scheme];
}

const char *cpk_type_name(enum cpk_type type)
{
	return cpk_type_names[type ? type : CPK_TYPE_APPLICATION];
}

bool cpk_cert_is_embedded(enum cpk_cert_scheme scheme)
{
	return scheme >= CPK_CERT_X509_PEM;
}
