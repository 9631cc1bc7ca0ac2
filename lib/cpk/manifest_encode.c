/* SPDX-License-Identifier: MIT
 *
 * The manifest, to JSON.
 */
#include "json_check.h"
#include "manifest_names.h"

#include <cpk/manifest.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* The names that we know, so that what is left is unknown and is kept. */
struct known {
	const char *name;
	const struct known *inside; /* of an object, or of an array's objects; NULL: a leaf */
};

static const struct known data_names[] = {{"data", NULL}, {NULL, NULL}};
static const struct known domain_names[] = {{"domain", NULL}, {NULL, NULL}};
static const struct known url_names[] = {{"url", NULL}, {NULL, NULL}};
static const struct known signed_names[] = {{"key_strength", NULL}, {"data", NULL}, {NULL, NULL}};
static const struct known gcm_names[] = {{"key_name", NULL}, {"key_strength", NULL},
	{"nonce", NULL}, {"tag", NULL}, {"key_version", NULL}, {NULL, NULL}};
static const struct known enc_schemes[] = {{"aes-gcm", gcm_names}, {NULL, NULL}};
static const struct known dig_schemes[] = {{"sha256", data_names}, {NULL, NULL}};
static const struct known sig_schemes[] = {{"rsa-pkcs1v15", signed_names},
	{"rsa-pss", signed_names}, {"ecdsa-p256", signed_names}, {NULL, NULL}};
static const struct known cert_schemes[] = {{"target", domain_names}, {"url", url_names},
	{"embedded-x509-pem", data_names}, {"embedded-x509-der", data_names},
	{"embedded-public-key-pem", data_names}, {"embedded-public-key-der", data_names},
	{NULL, NULL}};
static const struct known target_names[] = {{"arch", NULL}, {"os", NULL}, {NULL, NULL}};
static const struct known ver_names[] = {
	{"maj", NULL}, {"min", NULL}, {"rev", NULL}, {"date", NULL}, {NULL, NULL}};
static const struct known reader_names[] = {{"id", NULL}, {"vendor", NULL}, {NULL, NULL}};
static const struct known payload_names[] = {{"data", NULL}, {"target", target_names},
	{"ver", ver_names}, {"enc", enc_schemes}, {"dig", dig_schemes}, {"sig", sig_schemes},
	{"cert", cert_schemes}, {"type", NULL}, {"readers", reader_names}, {NULL, NULL}};
static const struct known package_names[] = {{"map", NULL}, {"dig", dig_schemes},
	{"sig", sig_schemes}, {"cert", cert_schemes}, {"sizes", NULL}, {NULL, NULL}};
static const struct known root_names[] = {{"cp-id", NULL}, {"cp-name", NULL}, {"cp-vendor", NULL},
	{"payload", payload_names}, {"package", package_names}, {NULL, NULL}};

static const struct known *find(const struct known *names, const char *name)
{
	for (size_t i = 0; names[i].name; i++)
		if (strcmp(names[i].name, name) == 0)
			return &names[i];
	return NULL;
}

/* Append to `to` what `from` holds beyond `names`. Recursion is as deep as the tables. */
static int keep_unknown(json_t *to, json_t *from, const struct known *names)
{
	const char *name;
	json_t *member;
	int bad = 0;

	json_object_foreach(from, name, member)
	{
		const struct known *known = find(names, name);
		json_t *same = json_object_get(to, name);

		if (!known) {
			bad |= json_object_set(to, name, member);
		} else if (known->inside && json_is_object(same) && json_is_object(member)) {
			bad |= keep_unknown(same, member, known->inside);
		} else if (known->inside && json_is_array(same) && json_is_array(member)) {
			for (size_t i = 0; i < json_array_size(same); i++)
				bad |= keep_unknown(json_array_get(same, i),
					json_array_get(member, i), known->inside);
		}
	}
	return bad;
}

/* jansson's setters take NULL for a value that could not be made, and then fail themselves. */

static json_t *in_scheme(const char *name, json_t *body)
{
	return json_pack("{s:o}", name, body);
}

static json_t *enc_json(const struct cpk_enc *enc)
{
	if (enc->scheme == CPK_ENC_NONE)
		return json_string(cpk_enc_names[0]);
	json_t *body = json_pack("{s:s,s:i,s:i,s:i}", "key_name", enc->aes_gcm.key_name,
		"key_strength", enc->aes_gcm.key_strength, "nonce", enc->aes_gcm.nonce, "tag",
		enc->aes_gcm.tag);
	if (enc->aes_gcm.key_version &&
		json_object_set_new(
			body, "key_version", json_integer((json_int_t)enc->aes_gcm.key_version))) {
		json_decref(body);
		return NULL;
	}
	return in_scheme(cpk_enc_names[enc->scheme], body);
}

static json_t *dig_json(const struct cpk_dig *dig)
{
	if (dig->scheme == CPK_DIG_NONE)
		return json_string(cpk_dig_names[0]);
	return in_scheme(cpk_dig_names[dig->scheme], json_pack("{s:i}", "data", dig->data));
}

static json_t *sig_json(const struct cpk_sig *sig)
{
	if (sig->scheme == EDB_SCHEME_NONE)
		return json_string(cpk_sig_names[0]);
	return in_scheme(cpk_sig_names[sig->scheme],
		json_pack("{s:i,s:i}", "key_strength", sig->key_strength, "data", sig->data));
}

static json_t *cert_json(const struct cpk_cert *cert)
{
	const char *name = cpk_cert_names[cert->scheme];

	switch (cert->scheme) {
	case CPK_CERT_NONE: return json_string(name);
	case CPK_CERT_TARGET: return in_scheme(name, json_pack("{s:s}", "domain", cert->location));
	case CPK_CERT_URL: return in_scheme(name, json_pack("{s:s}", "url", cert->location));
	default: return in_scheme(name, json_pack("{s:i}", "data", cert->data));
	}
}

static json_t *readers_json(const struct cpk_manifest *m)
{
	json_t *array = json_array();

	for (size_t i = 0; i < m->payload.readers_count; i++) {
		const struct cpk_reader_id *reader = &m->payload.readers[i];

		if (json_array_append_new(array,
			    json_pack("{s:s,s:s}", "id", reader->id, "vendor", reader->vendor))) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *payload_json(const struct cpk_manifest *m)
{
	const struct cpk_version *ver = &m->payload.ver;
	json_t *p = json_pack("{s:i,s:{s:s,s:s},s:{s:I,s:I,s:I,s:s}}", "data", m->payload.data,
		"target", "arch", m->payload.arch, "os", m->payload.os, "ver", "maj",
		(json_int_t)ver->maj, "min", (json_int_t)ver->min, "rev", (json_int_t)ver->rev,
		"date", ver->date);
	int bad = 0;

	bad |= json_object_set_new(p, "enc", enc_json(&m->payload.enc));
	bad |= json_object_set_new(p, "dig", dig_json(&m->payload.dig));
	bad |= json_object_set_new(p, "sig", sig_json(&m->payload.sig));
	bad |= json_object_set_new(p, "cert", cert_json(&m->payload.cert));
	if (m->payload.type)
		bad |= json_object_set_new(p, "type", json_string(cpk_type_names[m->payload.type]));
	if (m->payload.readers_count)
		bad |= json_object_set_new(p, "readers", readers_json(m));
	if (!bad)
		return p;
	json_decref(p);
	return NULL;
}

static json_t *package_json(const struct cpk_manifest *m)
{
	json_t *p = json_object(), *map = json_array(), *sizes = json_array();
	int bad = 0;

	for (size_t i = 0; i < m->package.map_count; i++)
		bad |= json_array_append_new(map, json_integer(m->package.map[i]));
	for (size_t i = 0; i < m->package.sizes_count; i++)
		bad |= json_array_append_new(sizes, json_integer((json_int_t)m->package.sizes[i]));
	bad |= json_object_set_new(p, "map", map);
	bad |= json_object_set_new(p, "dig", dig_json(&m->package.dig));
	bad |= json_object_set_new(p, "sig", sig_json(&m->package.sig));
	bad |= json_object_set_new(p, "cert", cert_json(&m->package.cert));
	if (m->package.sizes_present)
		bad |= json_object_set(p, "sizes", sizes);
	json_decref(sizes);
	if (!bad)
		return p;
	json_decref(p);
	return NULL;
}

enum edb_err cpk_manifest_encode(
	const struct cpk_manifest *m, char **text, size_t *size, struct edb_error *error)
{
	struct cpk_manifest check = {0};
	char *made = NULL;
	json_t *root = json_object();
	enum edb_err err;
	int bad = 0;

	/* Strings that are not UTF-8 fail here, too: the caller's, so not EDB_E_NOMEM alone. */
	bad |= json_object_set_new(root, "cp-id", json_string(m->id));
	bad |= json_object_set_new(root, "cp-name", json_string(m->name));
	bad |= json_object_set_new(root, "cp-vendor", json_string(m->vendor));
	bad |= json_object_set_new(root, "payload", payload_json(m));
	bad |= json_object_set_new(root, "package", package_json(m));
	if (!bad && m->unknown)
		bad = keep_unknown(root, m->unknown, root_names);
	if (!bad)
		made = json_dumps(root, JSON_COMPACT);
	if (!made) {
		err = edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET,
			"manifest: a string is not UTF-8, or there is no memory");
		goto out;
	}
	/* What we write, we can read: one set of rules for both directions. */
	err = cpk_manifest_parse((const uint8_t *)made, strlen(made), &check, error);
	if (err)
		goto out;
	cpk_manifest_clear(&check);
	*text = made;
	*size = strlen(made);
	made = NULL;
out:
	free(made);
	json_decref(root);
	return err;
}
