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

#define KEY_NAME_MIN  5u
#define KEY_NAME_MAX  36u
#define TEXT_MAX      1024u
#define PLAINTEXT_MAX ((1ull << 36) - 32) /* NIST SP 800-38D, 5.2.1.1 */

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

/* In the order of enum spki_scheme. */
static enum spki_scheme get_signature(const struct json *object, struct roles *roles)
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
	get_stream(&parameters, "data", roles);
	return (enum spki_scheme)which;
}

static uint16_t get_digest(const struct json *object, struct roles *roles)
{
	static const char *const names[] = {"sha256", NULL};
	int which;
	struct json parameters = get_scheme(object, "dig", names, &which);

	if (which < 0)
		json_fail(object, EDB_E_UNSIGNED);
	return get_stream(&parameters, "data", roles);
}

/* The embedded certificate's stream, or -1. Who signed is what the signature says, not this. */
static int32_t get_certificate(const struct json *object)
{
	static const char *const names[] = {"embedded-x509-pem", "embedded-x509-der",
		"embedded-public-key-pem", "embedded-public-key-der", "target", "url", NULL};
	enum {
		TARGET = 4,
		URL = 5
	};
	char text[TEXT_MAX + 1];
	int which;
	struct json parameters = get_scheme(object, "cert", names, &which);

	if (which < 0)
		return -1;
	if (which < TARGET)
		return (int32_t)json_uint(&parameters, "data", UINT16_MAX);
	json_text(&parameters, which == URL ? "url" : "domain", 1, TEXT_MAX, text);
	return -1;
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
	if (json_has(&parameters, "key_version"))
		m->key_version = get_u32(&parameters, "key_version");
	m->nonce = get_stream(&parameters, "nonce", roles);
	m->tag = get_stream(&parameters, "tag", roles);
}

/* readers: [{"id": UUID, "vendor": hex}, …] */
static void get_readers(const struct json *payload, struct manifest *m)
{
	struct json list = json_array(payload, "readers"), item;
	size_t at = 0;

	while (json_next(&list, &at, &item)) {
		char id[2 * UUID_BYTES + 5], vendor[2 * KEY_ID_BYTES + 1];

		if (m->reader_count == MANIFEST_READERS_MAX)
			json_fail(payload, EDB_E_LIMIT);
		if (!json_item_is_object(&item))
			json_fail(payload, EDB_E_MEMBER_TYPE);
		json_text(&item, "id", 1, sizeof id - 1, id);
		json_text(&item, "vendor", 1, sizeof vendor - 1, vendor);
		if (*item.err)
			return;
		json_fail(payload, uuid_parse(id, m->readers[m->reader_count].id));
		json_fail(payload,
			hex_parse(vendor, m->readers[m->reader_count].vendor, KEY_ID_BYTES));
		m->reader_count++;
	}
}

static void get_payload(
	const struct json *root, struct roles *roles, struct manifest *m, int32_t *certificate)
{
	struct json payload = json_object(root, "payload");
	struct json target, version;

	m->payload = get_stream(&payload, "data", roles);
	target = json_object(&payload, "target");
	json_text(&target, "arch", 1, MANIFEST_TARGET_MAX, m->arch);
	json_text(&target, "os", 1, MANIFEST_TARGET_MAX, m->os);
	version = json_object(&payload, "ver");
	m->version[0] = get_u32(&version, "maj");
	m->version[1] = get_u32(&version, "min");
	m->version[2] = get_u32(&version, "rev");
	get_encryption(&payload, roles, m);
	m->digest = get_digest(&payload, roles);
	m->payload_scheme = get_signature(&payload, roles);
	*certificate = get_certificate(&payload);
	if (*certificate >= 0)
		take_role(roles, &payload, (uint64_t)*certificate);
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
	while (json_next(&list, &at, &item) && count < MANIFEST_MAP_MAX)
		m->sizes[count++] = json_item_uint(&item, INT64_MAX);
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
static enum edb_err check_map(
	const struct manifest *m, const struct roles *roles, int32_t certificate)
{
	uint32_t between = certificate >= 0 ? 4 : 3;

	if (m->map_count != between + 2 || m->map[m->map_count - 1] != m->payload)
		return EDB_E_MAP;
	for (uint32_t i = 0; i < roles->count; i++)
		if (roles->streams[i] == m->map[0])
			return EDB_E_MAP;
	if (!in_map(m, m->nonce) || !in_map(m, m->tag) || !in_map(m, m->digest))
		return EDB_E_MAP;
	return certificate >= 0 && !in_map(m, certificate) ? EDB_E_MAP : EDB_OK;
}

static void get_package(
	const struct json *root, struct roles *roles, struct manifest *m, int32_t certificate)
{
	struct json package = json_object(root, "package");
	int32_t signer_certificate;

	get_map(&package, m);
	get_digest(&package, roles);
	m->package_scheme = get_signature(&package, roles);
	signer_certificate = get_certificate(&package);
	if (signer_certificate >= 0 && signer_certificate != certificate)
		json_fail(&package, EDB_E_CERTIFICATE); /* one signer, one certificate */
	json_fail(&package, check_map(m, roles, certificate));
	get_sizes(&package, m);
}

enum edb_err manifest_read(const uint8_t *text, size_t size, struct manifest *m)
{
	char id[2 * UUID_BYTES + 5], words[TEXT_MAX + 1];
	struct roles roles = {0};
	int32_t certificate = -1;
	enum edb_err err;
	struct json root;

	if (size > MANIFEST_MAX)
		return EDB_E_LIMIT;
	wipe(m, sizeof *m);
	root = json_parse(text, size, &err);
	json_text(&root, "cp-id", 1, sizeof id - 1, id);
	json_text(&root, "cp-name", 0, TEXT_MAX, words);
	json_text(&root, "cp-vendor", 0, TEXT_MAX, words);
	if (!err)
		err = uuid_parse(id, m->id);
	get_payload(&root, &roles, m, &certificate);
	get_package(&root, &roles, m, certificate);
	return err;
}

enum edb_err manifest_locate(
	const struct manifest *m, const uint8_t *streams, size_t size, struct manifest_parts *parts)
{
	struct cursor c = cursor_over(streams, size);

	for (uint32_t i = 1; i + 1 < m->map_count; i++) {
		const uint8_t *at;
		uint64_t want = m->sizes[i - 1], fixed = want;

		if (want > size)
			return EDB_E_SIZES;
		at = cursor_take(&c, (size_t)want);
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
		if (c.err)
			return EDB_E_SIZES;
		if (want != fixed)
			return EDB_E_STREAM_SIZE;
	}
	return cursor_left(&c) || !parts->nonce || !parts->tag || !parts->digest ? EDB_E_SIZES
										 : EDB_OK;
}
