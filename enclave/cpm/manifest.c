/* SPDX-License-Identifier: MIT
 *
 * Each function reads one object of the manifest.
 */
#include "manifest.h"

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

/* What streams are for. Of those that are mapped, NONCE … CERTIFICATE lie between the manifest,
 * which no member names, and the payload. */
enum role {
	PAYLOAD,
	NONCE,
	TAG,
	DIGEST,
	CERTIFICATE,
	PAYLOAD_SIGNATURE,
	PACKAGE_DIGEST,
	PACKAGE_SIGNATURE,
	ROLES
};

#define NO_STREAM UINT64_MAX /* where the certificate is not embedded */

/* Where the signer's certificate is said to be. Who signed is what the signature says, not this. */
struct certificate {
	int form;             /* place in names; -1: none */
	uint64_t stream;      /* NO_STREAM: not embedded */
	struct json location; /* a string, or empty */
};

/* What is read on the way. */
struct reading {
	uint64_t streams[ROLES];
	uint64_t map[MANIFEST_MAP_MAX];
	uint64_t sizes[MANIFEST_MAP_MAX]; /* of map[1], map[2], … */
	uint32_t map_count, size_count;
	struct certificate certificate; /* the payload's */
};

static bool distinct(const uint64_t *numbers, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		for (uint32_t j = 0; j < i; j++)
			if (numbers[i] == numbers[j])
				return false;
	return true;
}

static uint64_t get_stream(const struct json *object, const char *name)
{
	return json_uint(object, name, UINT16_MAX);
}

static uint32_t get_u32(const struct json *object, const char *name)
{
	return (uint32_t)json_uint(object, name, UINT32_MAX);
}

/* A string that only has to be right. */
static void check_text(const struct json *object, const char *name, size_t min, size_t max)
{
	char text[LOCATION_MAX + 1];

	json_text(object, name, min, max, text);
}

/*
 * A scheme: "none", or an object with exactly one member, the scheme's name. *which: its place
 * among names (NULL ends them), or -1 for "none".
 */
static struct json get_scheme(
	const struct json *object, const char *name, const char *const names[], int *which)
{
	struct json scheme = json_find(object, name), key, more;
	size_t at = 0;

	*which = -1;
	if (json_is(&scheme, "none"))
		return (struct json){.err = object->err};
	if (json_has_type(&scheme, JSON_STRING))
		json_fail(object, EDB_E_SCHEME);
	scheme = json_get(object, name, JSON_OBJECT);
	if (json_next(&scheme, &at, &key, &more) && !json_next(&scheme, &at, &more, &more))
		for (*which = 0; names[*which]; (*which)++)
			if (json_is(&key, names[*which]))
				return json_get(&scheme, names[*which], JSON_OBJECT);
	json_fail(object, EDB_E_SCHEME);
	return (struct json){.err = object->err};
}

/* In the order of enum spki_scheme. */
static uint64_t get_signature(const struct json *object, struct manifest_signature *signature)
{
	static const char *const names[] = {"rsa-pkcs1v15", "rsa-pss", "ecdsa-p256", NULL};
	int which;
	struct json parameters = get_scheme(object, "sig", names, &which);
	uint32_t bits;

	if (which < 0)
		json_fail(object, EDB_E_UNSIGNED);
	bits = get_u32(&parameters, "key_strength");
	if (which == SPKI_ECDSA_P256 ? bits != 256 : bits < 2048 || bits > 4096 || bits % 8)
		json_fail(object, EDB_E_MEMBER_VALUE);
	signature->scheme = (enum spki_scheme)which;
	signature->size = which == SPKI_ECDSA_P256 ? 64 : bits / 8;
	return get_stream(&parameters, "data");
}

/* A signature is over a digest: without one there is no such scheme. */
static uint64_t get_digest(const struct json *object)
{
	static const char *const names[] = {"sha256", NULL};
	int which;
	struct json parameters = get_scheme(object, "dig", names, &which);
	struct json signature = json_find(object, "sig");

	if (which < 0)
		json_fail(object, json_is(&signature, "none") ? EDB_E_UNSIGNED : EDB_E_SCHEME);
	return get_stream(&parameters, "data");
}

static struct certificate get_certificate(const struct json *object)
{
	static const char *const names[] = {"embedded-x509-pem", "embedded-x509-der",
		"embedded-public-key-pem", "embedded-public-key-der", "target", "url", NULL};
	enum {
		TARGET = 4,
		URL = 5
	};
	struct certificate c = {.stream = NO_STREAM};
	struct json parameters = get_scheme(object, "cert", names, &c.form);
	const char *where = c.form == URL ? "url" : "domain";

	if (c.form >= TARGET) {
		check_text(&parameters, where, 1, LOCATION_MAX);
		c.location = json_find(&parameters, where);
	} else if (c.form >= 0) {
		c.stream = get_stream(&parameters, "data");
	}
	return c;
}

static void get_encryption(const struct json *payload, struct reading *r, struct manifest *m)
{
	static const char *const names[] = {"aes-gcm", NULL};
	int which;
	struct json parameters = get_scheme(payload, "enc", names, &which);
	struct json key_version = json_find(&parameters, "key_version");

	if (which < 0)
		json_fail(payload, EDB_E_SCHEME); /* what is not encrypted is not confidential */
	check_text(&parameters, "key_name", KEY_NAME_MIN, KEY_NAME_MAX);
	if (get_u32(&parameters, "key_strength") != 8 * CLASS_KEY_BYTES)
		json_fail(payload, EDB_E_MEMBER_VALUE);
	if (key_version.size) {
		m->payload.key_version = (uint32_t)json_item_uint(&key_version, UINT32_MAX);
		if (!m->payload.key_version) /* 0 is a package of 2021, by the member's absence */
			json_fail(payload, EDB_E_MEMBER_VALUE);
	}
	r->streams[NONCE] = get_stream(&parameters, "nonce");
	r->streams[TAG] = get_stream(&parameters, "tag");
}

/* readers: [{"id": …, "vendor": hex}, …] */
static void check_readers(const struct json *payload)
{
	struct json list = json_get(payload, "readers", JSON_ARRAY), item;
	char text[2 * KEY_ID_BYTES + 1];
	uint8_t vendor[KEY_ID_BYTES];
	uint32_t count = 0;
	size_t at = 0;

	while (json_next(&list, &at, NULL, &item)) {
		if (count++ == MANIFEST_READERS_MAX)
			json_fail(payload, EDB_E_LIMIT);
		if (!json_has_type(&item, JSON_OBJECT))
			json_fail(payload, EDB_E_MEMBER_TYPE);
		check_text(&item, "id", 1, ID_MAX_BYTES);
		json_text(&item, "vendor", 1, sizeof text - 1, text);
		json_fail(payload, hex_parse(text, vendor, sizeof vendor));
	}
}

static void get_type(const struct json *payload, struct manifest *m)
{
	struct json type = json_find(payload, "type");

	if (json_is(&type, "data"))
		m->payload.type = EDB_PAYLOAD_DATA;
	else if (type.size && !json_is(&type, "application"))
		json_fail(payload,
			json_has_type(&type, JSON_STRING) ? EDB_E_MEMBER_VALUE : EDB_E_MEMBER_TYPE);
	if (json_find(payload, "readers").size) {
		if (m->payload.type != EDB_PAYLOAD_DATA)
			json_fail(payload, EDB_E_MEMBER_VALUE);
		check_readers(payload);
	}
}

static void get_payload(const struct json *root, struct reading *r, struct manifest *m)
{
	struct json payload = json_get(root, "payload", JSON_OBJECT);
	struct json target, version;

	r->streams[PAYLOAD] = get_stream(&payload, "data");
	target = json_get(&payload, "target", JSON_OBJECT);
	json_text(&target, "arch", 1, MANIFEST_TARGET_MAX, m->arch);
	json_text(&target, "os", 1, MANIFEST_TARGET_MAX, m->os);
	version = json_get(&payload, "ver", JSON_OBJECT);
	m->payload.version[0] = get_u32(&version, "maj");
	m->payload.version[1] = get_u32(&version, "min");
	m->payload.version[2] = get_u32(&version, "rev");
	check_text(&version, "date", 0, DATE_MAX_BYTES);
	get_encryption(&payload, r, m);
	r->streams[DIGEST] = get_digest(&payload);
	r->streams[PAYLOAD_SIGNATURE] = get_signature(&payload, &m->payload_signature);
	r->certificate = get_certificate(&payload);
	r->streams[CERTIFICATE] = r->certificate.stream;
	get_type(&payload, m);
}

static uint32_t get_numbers(
	const struct json *package, const char *name, uint64_t max, uint64_t *numbers)
{
	struct json list = json_get(package, name, JSON_ARRAY), item;
	uint32_t count = 0;
	size_t at = 0;

	while (json_next(&list, &at, NULL, &item)) {
		if (count == MANIFEST_MAP_MAX)
			json_fail(package, EDB_E_LIMIT);
		else
			numbers[count++] = json_item_uint(&item, max);
	}
	return count;
}

/* One signer, one certificate, in one form. */
static enum edb_err check_certificates(const struct certificate *a, const struct certificate *b)
{
	if (a->form != b->form && a->stream == b->stream && a->stream != NO_STREAM)
		return EDB_E_STREAM_ROLE;
	if (a->form < 0 || a->form != b->form || a->stream != b->stream ||
		!json_same(&a->location, &b->location))
		return EDB_E_CERTIFICATE;
	return EDB_OK;
}

static uint32_t role_of(const struct reading *r, uint64_t stream)
{
	uint32_t role = 0;

	while (role < ROLES && r->streams[role] != stream)
		role++;
	return role;
}

static void get_package(const struct json *root, struct reading *r, struct manifest *m)
{
	struct json package = json_get(root, "package", JSON_OBJECT);
	struct certificate signer;

	r->map_count = get_numbers(&package, "map", UINT16_MAX, r->map);
	r->streams[PACKAGE_DIGEST] = get_digest(&package);
	r->streams[PACKAGE_SIGNATURE] = get_signature(&package, &m->package_signature);
	signer = get_certificate(&package);
	/* The manifest comes first: a stream of another role is not it. */
	if (!distinct(r->map, r->map_count) || role_of(r, r->map[0]) != ROLES)
		json_fail(&package, EDB_E_MAP);
	if (!distinct(r->streams, ROLES))
		json_fail(&package, EDB_E_STREAM_ROLE);
	json_fail(&package, check_certificates(&r->certificate, &signer));
	if (json_find(&package, "sizes").size)
		r->size_count = get_numbers(&package, "sizes", INT64_MAX, r->sizes);
}

/* Payload last, and before it, behind the manifest, exactly what an installer uses: docs/format.md.
 * No stream is there twice, so the right number of them is all of them. */
static enum edb_err locate(
	const struct reading *r, const uint8_t *streams, size_t size, struct manifest *m)
{
	static const uint64_t fixed[ROLES] = {
		[NONCE] = NONCE_BYTES, [TAG] = TAG_BYTES, [DIGEST] = DIGEST_BYTES};
	const uint8_t *parts[ROLES] = {NULL};
	uint32_t last = r->streams[CERTIFICATE] == NO_STREAM ? 4 : 5;
	struct cursor c = cursor_over(streams, size);

	if (r->map_count != last + 1 || role_of(r, r->map[last]) != PAYLOAD)
		return EDB_E_MAP;
	for (uint32_t i = 1; i < last; i++) {
		uint32_t role = role_of(r, r->map[i]);
		uint64_t want = r->sizes[i - 1];

		if (role < NONCE || role > CERTIFICATE)
			return EDB_E_MAP;
		parts[role] = want <= size ? cursor_take(&c, (size_t)want) : NULL;
		if (!parts[role] || (fixed[role] && want != fixed[role]))
			return EDB_E_SIZES;
	}
	if (r->size_count != last || cursor_left(&c))
		return EDB_E_SIZES;
	if (r->sizes[last - 1] > PLAINTEXT_MAX)
		return EDB_E_LIMIT;
	m->payload.size = r->sizes[last - 1];
	m->nonce = parts[NONCE];
	m->tag = parts[TAG];
	m->digest = parts[DIGEST];
	return EDB_OK;
}

enum edb_err manifest_read(const uint8_t *text, size_t size, const uint8_t *streams,
	size_t streams_size, struct manifest *m)
{
	char id[2 * UUID_BYTES + 5];
	struct reading r = {0};
	enum edb_err err;
	struct json root;

	if (size > MANIFEST_MAX)
		return EDB_E_LIMIT;
	wipe(m, sizeof *m);
	root = json_parse(text, size, &err);
	json_text(&root, "cp-id", 1, sizeof id - 1, id);
	check_text(&root, "cp-name", 0, NAME_MAX_BYTES);
	check_text(&root, "cp-vendor", 0, NAME_MAX_BYTES);
	json_fail(&root, uuid_parse(id, m->id));
	get_payload(&root, &r, m);
	get_package(&root, &r, m);
	return err ? err : locate(&r, streams, streams_size, m);
}
