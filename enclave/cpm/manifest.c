/* SPDX-License-Identifier: MIT
 *
 * Each function reads one object of the manifest. `roles` collects which stream has which role.
 */
#include "manifest.h"

#include <string.h>

#include "cpm_t.h"
#include "cursor.h"
#include "json.h"
#include "uuid.h"
#include "wipe.h"

#define KEY_NAME_MIN   5u
#define KEY_NAME_MAX   36u
#define ID_MAX_BYTES   64u
#define NAME_MAX_BYTES 128u
#define DATE_MAX_BYTES 64u
#define LOCATION_MAX   1024u               /* domain or url */
#define PLAINTEXT_MAX  ((1ull << 36) - 32) /* NIST SP 800-38D, 5.2.1.1 */

/* What a manifest's stream indexes stand for: no two roles share a stream. */
struct roles {
	uint16_t streams[8];
	uint32_t count;
};

static uint16_t take_role(struct roles *roles, const struct json *object, uint64_t stream)
{
	for (uint32_t i = 0; i < roles->count; i++)
		if (roles->streams[i] == stream)
			json_fail(object, EDB_E_STREAM_ROLE);
	roles->streams[roles->count++] = (uint16_t)stream; /* eight roles at most are taken */
	return (uint16_t)stream;
}

static uint16_t get_stream(const struct json *object, const char *name, struct roles *roles)
{
	return take_role(roles, object, json_uint(object, name, UINT16_MAX));
}

static uint32_t get_u32(const struct json *object, const char *name)
{
	return (uint32_t)json_uint(object, name, UINT32_MAX);
}

/*
 * A scheme: "none", or an object with exactly one member, the scheme's name. *which: its place
 * among names (NULL ends them), or -1 for "none".
 */
static struct json get_scheme(
	const struct json *object, const char *name, const char *const names[], int *which)
{
	struct json scheme;

	*which = -1;
	if (json_is(object, name, "none"))
		return (struct json){.err = object->err};
	if (json_is_string(object, name))
		json_fail(object, EDB_E_SCHEME);
	scheme = json_object(object, name);
	return json_only_member(&scheme, names, which);
}

/* In the order of enum spki_scheme. *size: bytes that the signature must have. */
static enum spki_scheme get_signature(
	const struct json *object, struct roles *roles, uint32_t *size)
{
	static const char *const names[] = {"rsa-pkcs1v15", "rsa-pss", "ecdsa-p256", NULL};
	int which;
	struct json parameters = get_scheme(object, "sig", names, &which);
	uint32_t bits;

	if (which < 0) {
		json_fail(object, EDB_E_UNSIGNED);
		return SPKI_RSA_PKCS1V15;
	}
	bits = get_u32(&parameters, "key_strength");
	if (which == SPKI_ECDSA_P256 ? bits != 256 : bits < 2048 || bits > 4096 || bits % 8)
		json_fail(object, EDB_E_MEMBER_VALUE);
	*size = which == SPKI_ECDSA_P256 ? 64 : bits / 8;
	get_stream(&parameters, "data", roles);
	return (enum spki_scheme)which;
}

/* A signature is over a digest: without one there is no such scheme. */
static uint16_t get_digest(const struct json *object, struct roles *roles)
{
	static const char *const names[] = {"sha256", NULL};
	int which;
	struct json parameters = get_scheme(object, "dig", names, &which);

	if (which < 0)
		json_fail(object, json_is(object, "sig", "none") ? EDB_E_UNSIGNED : EDB_E_SCHEME);
	return get_stream(&parameters, "data", roles);
}

/* Where the signer's certificate is said to be. Who signed is what the signature says, not this. */
struct certificate {
	int form;                        /* place in names; -1: none */
	int32_t stream;                  /* -1: not embedded */
	char location[LOCATION_MAX + 1]; /* filled up with zeros */
};

static void get_certificate(const struct json *object, struct certificate *c)
{
	static const char *const names[] = {"embedded-x509-pem", "embedded-x509-der",
		"embedded-public-key-pem", "embedded-public-key-der", "target", "url", NULL};
	enum {
		TARGET = 4,
		URL = 5
	};
	struct json parameters = get_scheme(object, "cert", names, &c->form);

	c->stream = -1;
	wipe(c->location, sizeof c->location);
	if (c->form >= TARGET)
		json_text(&parameters, c->form == URL ? "url" : "domain", 1, LOCATION_MAX,
			c->location);
	else if (c->form >= 0)
		c->stream = (int32_t)json_uint(&parameters, "data", UINT16_MAX);
}

static void get_encryption(const struct json *payload, struct roles *roles, struct manifest *m)
{
	static const char *const names[] = {"aes-gcm", NULL};
	char key_name[KEY_NAME_MAX + 1];
	int which;
	struct json parameters = get_scheme(payload, "enc", names, &which);

	if (which < 0)
		json_fail(payload, EDB_E_SCHEME); /* what is not encrypted is not confidential */
	json_text(&parameters, "key_name", KEY_NAME_MIN, KEY_NAME_MAX, key_name);
	if (get_u32(&parameters, "key_strength") != 8 * CLASS_KEY_BYTES)
		json_fail(payload, EDB_E_MEMBER_VALUE);
	if (json_has(&parameters, "key_version")) {
		m->key_version = get_u32(&parameters, "key_version");
		if (!m->key_version) /* 0 is how a package of 2021 is known: by its absence */
			json_fail(payload, EDB_E_MEMBER_VALUE);
	}
	m->nonce = get_stream(&parameters, "nonce", roles);
	m->tag = get_stream(&parameters, "tag", roles);
}

/* readers: [{"id": …, "vendor": hex}, …]. An id that is no UUID names no application of this
 * device. */
static void get_readers(const struct json *payload, struct manifest *m)
{
	struct json list = json_array(payload, "readers"), item;
	uint32_t seen = 0;
	size_t at = 0;

	if (m->type != EDB_PAYLOAD_DATA)
		json_fail(payload, EDB_E_MEMBER_VALUE);
	while (json_next(&list, &at, &item))
		seen++;
	if (seen > MANIFEST_READERS_MAX)
		json_fail(payload, EDB_E_LIMIT);
	at = 0;
	while (json_next(&list, &at, &item)) {
		struct manifest_reader *reader = &m->readers[m->reader_count];
		char id[ID_MAX_BYTES + 1], vendor[2 * KEY_ID_BYTES + 1];

		if (!json_item_is_object(&item))
			json_fail(payload, EDB_E_MEMBER_TYPE);
		json_text(&item, "id", 1, sizeof id - 1, id);
		json_text(&item, "vendor", 1, sizeof vendor - 1, vendor);
		if (*item.err)
			return;
		json_fail(payload, hex_parse(vendor, reader->vendor, KEY_ID_BYTES));
		if (!uuid_parse(id, reader->id))
			m->reader_count++;
	}
}

static void get_payload(const struct json *root, struct roles *roles, struct manifest *m,
	struct certificate *certificate)
{
	struct json payload = json_object(root, "payload");
	struct json target, version;
	char date[DATE_MAX_BYTES + 1];

	m->payload = get_stream(&payload, "data", roles);
	target = json_object(&payload, "target");
	json_text(&target, "arch", 1, MANIFEST_TARGET_MAX, m->arch);
	json_text(&target, "os", 1, MANIFEST_TARGET_MAX, m->os);
	version = json_object(&payload, "ver");
	m->version[0] = get_u32(&version, "maj");
	m->version[1] = get_u32(&version, "min");
	m->version[2] = get_u32(&version, "rev");
	json_text(&version, "date", 0, DATE_MAX_BYTES, date);
	get_encryption(&payload, roles, m);
	m->digest = get_digest(&payload, roles);
	m->payload_scheme = get_signature(&payload, roles, &m->payload_signature_size);
	get_certificate(&payload, certificate);
	if (certificate->stream >= 0)
		take_role(roles, &payload, (uint64_t)certificate->stream);
	m->type = json_is(&payload, "type", "data") ? EDB_PAYLOAD_DATA : EDB_PAYLOAD_APPLICATION;
	if (json_has(&payload, "type") && m->type != EDB_PAYLOAD_DATA &&
		!json_is(&payload, "type", "application"))
		json_fail(&payload,
			json_is_string(&payload, "type") ? EDB_E_MEMBER_VALUE : EDB_E_MEMBER_TYPE);
	if (json_has(&payload, "readers"))
		get_readers(&payload, m);
}

static void get_map(const struct json *package, struct manifest *m)
{
	struct json list = json_array(package, "map"), item;
	size_t at = 0;

	while (json_next(&list, &at, &item)) {
		if (m->map_count == MANIFEST_MAP_MAX) {
			json_fail(package, EDB_E_LIMIT);
			return;
		}
		m->map[m->map_count] = (uint16_t)json_item_uint(&item, UINT16_MAX);
		for (uint32_t i = 0; i < m->map_count; i++)
			if (m->map[i] == m->map[m->map_count])
				json_fail(package, EDB_E_MAP);
		m->map_count++;
	}
}

static void get_sizes(const struct json *package, struct manifest *m)
{
	struct json list, item;
	uint32_t count = 0;
	size_t at = 0;

	if (!json_has(package, "sizes"))
		json_fail(package, EDB_E_SIZES);
	list = json_array(package, "sizes");
	while (json_next(&list, &at, &item)) {
		if (count == MANIFEST_MAP_MAX) {
			json_fail(package, EDB_E_LIMIT);
			return;
		}
		m->sizes[count++] = json_item_uint(&item, INT64_MAX);
	}
	if (count == 0 || count + 1 != m->map_count) {
		json_fail(package, EDB_E_SIZES);
		return;
	}
	m->payload_size = m->sizes[count - 1];
	if (m->payload_size > PLAINTEXT_MAX)
		json_fail(package, EDB_E_LIMIT);
}

static bool in_map(const struct manifest *m, int32_t stream)
{
	for (uint32_t i = 1; i + 1 < m->map_count; i++)
		if (m->map[i] == stream)
			return true;
	return false;
}

/* Manifest first, payload last, between them exactly what an installer uses: docs/format.md. */
static enum edb_err check_map(const struct manifest *m, int32_t certificate)
{
	uint32_t between = certificate >= 0 ? 4 : 3;

	if (m->map_count != between + 2 || m->map[m->map_count - 1] != m->payload)
		return EDB_E_MAP;
	if (!in_map(m, m->nonce) || !in_map(m, m->tag) || !in_map(m, m->digest))
		return EDB_E_MAP;
	return certificate >= 0 && !in_map(m, certificate) ? EDB_E_MAP : EDB_OK;
}

/* One signer, one certificate, in one form. */
static enum edb_err check_certificates(const struct certificate *a, const struct certificate *b)
{
	if (a->stream >= 0 && a->stream == b->stream && a->form != b->form)
		return EDB_E_STREAM_ROLE;
	if (a->form < 0 || a->form != b->form || a->stream != b->stream ||
		!equal_ct(a->location, b->location, sizeof a->location))
		return EDB_E_CERTIFICATE;
	return EDB_OK;
}

static void get_package(const struct json *root, struct roles *roles, struct manifest *m,
	const struct certificate *certificate)
{
	struct json package = json_object(root, "package");
	struct certificate signer;

	get_map(&package, m);
	get_digest(&package, roles);
	m->package_scheme = get_signature(&package, roles, &m->package_signature_size);
	/* The manifest comes first: a stream of another role is not it. */
	for (uint32_t i = 0; i < roles->count; i++)
		if (m->map_count && roles->streams[i] == m->map[0])
			json_fail(&package, EDB_E_MAP);
	get_certificate(&package, &signer);
	if (!*package.err)
		json_fail(&package, check_certificates(certificate, &signer));
	json_fail(&package, check_map(m, certificate->stream));
	get_sizes(&package, m);
}

enum edb_err manifest_read(const uint8_t *text, size_t size, struct manifest *m)
{
	char id[2 * UUID_BYTES + 5], words[NAME_MAX_BYTES + 1];
	struct roles roles = {0};
	struct certificate certificate;
	enum edb_err err;
	struct json root;

	if (size > MANIFEST_MAX)
		return EDB_E_LIMIT;
	wipe(m, sizeof *m);
	root = json_parse(text, size, &err);
	json_text(&root, "cp-id", 1, sizeof id - 1, id);
	json_text(&root, "cp-name", 0, NAME_MAX_BYTES, words);
	json_text(&root, "cp-vendor", 0, NAME_MAX_BYTES, words);
	if (!err)
		err = uuid_parse(id, m->id);
	get_payload(&root, &roles, m, &certificate);
	get_package(&root, &roles, m, &certificate);
	return err;
}

/* The host hands the streams over in one piece: only their sizes as signed say where each ends. */
enum edb_err manifest_locate(
	const struct manifest *m, const uint8_t *streams, size_t size, struct manifest_parts *parts)
{
	struct cursor c = cursor_over(streams, size);

	for (uint32_t i = 1; i + 1 < m->map_count; i++) {
		uint64_t want = m->sizes[i - 1], fixed = want;
		const uint8_t *at = want <= size ? cursor_take(&c, (size_t)want) : NULL;

		if (m->map[i] == m->nonce) {
			parts->nonce = at;
			fixed = NONCE_BYTES;
		} else if (m->map[i] == m->tag) {
			parts->tag = at;
			fixed = TAG_BYTES;
		} else if (m->map[i] == m->digest) {
			parts->digest = at;
			fixed = DIGEST_BYTES;
		}
		if (!at || want != fixed)
			return EDB_E_SIZES;
	}
	return cursor_left(&c) ? EDB_E_SIZES : EDB_OK;
}
