/* SPDX-License-Identifier: MIT
 *
 * Each function reads one object of the manifest.
 */
#include "install.h"

#include "cpm_t.h"
#include "cursor.h"
#include "json.h"
#include "uuid.h"

#define KEY_NAME_MIN     5u
#define KEY_NAME_MAX     36u
#define ID_MAX_BYTES     64u
#define NAME_MAX_BYTES   128u
#define DATE_MAX_BYTES   64u
#define TARGET_MAX_BYTES 32u
#define LOCATION_MAX     1024u               /* domain or url */
#define PLAINTEXT_MAX    ((1ull << 36) - 32) /* NIST SP 800-38D, 5.2.1.1 */

/* What streams are for. Of those that are mapped, NONCE … CERTIFICATE lie between the manifest,
 * which no member names, and the payload. */
enum role {
	NONCE,
	TAG,
	DIGEST,
	CERTIFICATE,
	PAYLOAD,
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
	struct json location; /* where it is not embedded */
};

/* What is read on the way. */
struct reading {
	uint64_t streams[ROLES];
	uint64_t map[MANIFEST_MAP_MAX];
	uint64_t sizes[MANIFEST_MAP_MAX]; /* of map[1], map[2], … */
	uint32_t map_count, size_count;
	struct certificate certificate; /* the payload's */
};

/* The first place of a number, or count. */
static uint32_t place_of(uint64_t number, const uint64_t *numbers, uint32_t count)
{
	uint32_t place = 0;

	while (place < count && numbers[place] != number)
		place++;
	return place;
}

static bool distinct(const uint64_t *numbers, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (place_of(numbers[i], numbers, i) < i)
			return false;
	return true;
}

static uint64_t get_stream(struct json object, const char *name)
{
	return json_uint(json_find(object, name), 0, UINT16_MAX);
}

static uint32_t get_u32(struct json object, const char *name, uint32_t min, uint32_t max)
{
	return (uint32_t)json_uint(json_find(object, name), min, max);
}

/*
 * A scheme: an object with exactly one member, the scheme's name; *which: its place among names
 * (NULL ends them). Or "none", which may be a failure; *which: -1.
 */
static struct json get_scheme(struct json object, const char *name, const char *const names[],
	enum edb_err none, int *which)
{
	struct json scheme = json_find(object, name), parameters = {.err = object.err}, key, more;
	size_t at = 0;

	*which = -1;
	if (json_is(scheme, "none")) {
		json_fail(object, none);
		return parameters;
	}
	if (json_has_type(scheme, JSON_STRING))
		json_fail(object, EDB_E_SCHEME);
	if (json_next(scheme, &at, &key, &parameters) && !json_next(scheme, &at, &more, &more))
		for (*which = 0; names[*which]; (*which)++)
			if (json_is(key, names[*which]))
				return parameters;
	json_fail(object, EDB_E_SCHEME);
	return parameters;
}

/* In the order of enum spki_scheme. */
static uint64_t get_signature(struct json object, struct manifest_signature *signature)
{
	static const char *const names[] = {"rsa-pkcs1v15", "rsa-pss", "ecdsa-p256", NULL};
	int which;
	struct json parameters = get_scheme(object, "sig", names, EDB_E_UNSIGNED, &which);
	bool p256 = which == SPKI_ECDSA_P256;
	uint32_t bits = get_u32(parameters, "key_strength", p256 ? 256 : 2048, p256 ? 256 : 4096);

	if (bits % 8)
		json_fail(object, EDB_E_MEMBER_VALUE);
	signature->scheme = (enum spki_scheme)which;
	signature->size = p256 ? 64 : bits / 8;
	return get_stream(parameters, "data");
}

/* A signature is over a digest: without one there is no such scheme. */
static uint64_t get_digest(struct json object)
{
	static const char *const names[] = {"sha256", NULL};
	bool is_signed = !json_is(json_find(object, "sig"), "none");
	int which;

	return get_stream(
		get_scheme(object, "dig", names, is_signed ? EDB_E_SCHEME : EDB_E_UNSIGNED, &which),
		"data");
}

static struct certificate get_certificate(struct json object)
{
	static const char *const names[] = {"target", "url", "embedded-x509-pem",
		"embedded-x509-der", "embedded-public-key-pem", "embedded-public-key-der", NULL};
	static const char *const location_names[] = {"domain", "url"}; /* of the first two */
	struct certificate c = {.stream = NO_STREAM};
	struct json parameters = get_scheme(object, "cert", names, EDB_OK, &c.form);

	if (c.form > 1) {
		c.stream = get_stream(parameters, "data");
	} else if (c.form >= 0) {
		c.location = json_find(parameters, location_names[c.form]);
		json_text(c.location, 1, LOCATION_MAX, NULL);
	}
	return c;
}

/* What is not encrypted is not confidential. */
static void get_encryption(struct json payload, struct reading *r, struct manifest *m)
{
	static const char *const names[] = {"aes-gcm", NULL};
	int which;
	struct json parameters = get_scheme(payload, "enc", names, EDB_E_SCHEME, &which);

	json_text(json_find(parameters, "key_name"), KEY_NAME_MIN, KEY_NAME_MAX, NULL);
	get_u32(parameters, "key_strength", 8 * CLASS_KEY_BYTES, 8 * CLASS_KEY_BYTES);
	if (json_find(parameters, "key_version").size) /* 0, a package of 2021, is its absence */
		m->payload.key_version = get_u32(parameters, "key_version", 1, UINT32_MAX);
	r->streams[NONCE] = get_stream(parameters, "nonce");
	r->streams[TAG] = get_stream(parameters, "tag");
}

/* readers: [{"id": …, "vendor": hex}, …] */
static void check_readers(struct json readers)
{
	char text[2 * KEY_ID_BYTES + 1];
	uint8_t vendor[KEY_ID_BYTES];
	uint32_t count = 0;
	struct json reader;
	size_t at = 0;

	while (json_next(readers, &at, NULL, &reader)) {
		if (count++ == MANIFEST_READERS_MAX)
			json_fail(readers, EDB_E_LIMIT);
		json_text(json_find(reader, "id"), 1, ID_MAX_BYTES, NULL);
		json_text(json_find(reader, "vendor"), 1, sizeof text - 1, text);
		json_fail(readers, hex_parse(text, vendor, sizeof vendor));
	}
}

static void get_type(struct json payload, struct manifest *m)
{
	struct json type = json_find(payload, "type"), readers = json_find(payload, "readers");

	if (json_is(type, "data"))
		m->payload.type = EDB_PAYLOAD_DATA;
	else if (type.size && !json_is(type, "application"))
		json_fail(type,
			json_has_type(type, JSON_STRING) ? EDB_E_MEMBER_VALUE : EDB_E_MEMBER_TYPE);
	if (readers.size && m->payload.type != EDB_PAYLOAD_DATA)
		json_fail(readers, EDB_E_MEMBER_VALUE);
	if (readers.size)
		check_readers(readers);
}

static void get_payload(struct json payload, struct reading *r, struct manifest *m)
{
	static const char *const version_names[] = {"maj", "min", "rev"};
	struct json target = json_find(payload, "target"), version = json_find(payload, "ver");
	struct json arch = json_find(target, "arch"), os = json_find(target, "os");

	r->streams[PAYLOAD] = get_stream(payload, "data");
	json_text(arch, 1, TARGET_MAX_BYTES, NULL);
	json_text(os, 1, TARGET_MAX_BYTES, NULL);
	for (int i = 0; i < 3; i++)
		m->payload.version[i] = get_u32(version, version_names[i], 0, UINT32_MAX);
	json_text(json_find(version, "date"), 0, DATE_MAX_BYTES, NULL);
	get_encryption(payload, r, m);
	r->streams[DIGEST] = get_digest(payload);
	r->streams[PAYLOAD_SIGNATURE] = get_signature(payload, &m->payload_signature);
	r->certificate = get_certificate(payload);
	r->streams[CERTIFICATE] = r->certificate.stream;
	get_type(payload, m);
	m->for_this =
		(json_is(arch, platform.arch) && json_is(os, platform.tee_kind)) ||
		(m->payload.type == EDB_PAYLOAD_DATA && json_is(arch, "any") && json_is(os, "any"));
}

static uint32_t get_numbers(struct json list, uint64_t max, uint64_t *numbers)
{
	struct json item;
	uint32_t count = 0;
	size_t at = 0;

	while (json_next(list, &at, NULL, &item)) {
		if (count == MANIFEST_MAP_MAX)
			json_fail(list, EDB_E_LIMIT);
		else
			numbers[count++] = json_uint(item, 0, max);
	}
	return count;
}

/* One signer, one certificate, in one form. */
static enum edb_err check_certificates(const struct certificate *a, const struct certificate *b)
{
	if (a->form != b->form && a->stream == b->stream && a->stream != NO_STREAM)
		return EDB_E_STREAM_ROLE;
	if (a->form < 0 || a->form != b->form || a->stream != b->stream ||
		!json_same(a->location, b->location))
		return EDB_E_CERTIFICATE;
	return EDB_OK;
}

static void get_package(struct json package, struct reading *r, struct manifest *m)
{
	struct json sizes = json_find(package, "sizes");
	struct certificate signer;

	r->map_count = get_numbers(json_find(package, "map"), UINT16_MAX, r->map);
	r->streams[PACKAGE_DIGEST] = get_digest(package);
	r->streams[PACKAGE_SIGNATURE] = get_signature(package, &m->package_signature);
	signer = get_certificate(package);
	/* The manifest comes first: a stream of another role is not it. */
	if (!distinct(r->map, r->map_count) || place_of(r->map[0], r->streams, ROLES) != ROLES)
		json_fail(package, EDB_E_MAP);
	if (!distinct(r->streams, ROLES))
		json_fail(package, EDB_E_STREAM_ROLE);
	json_fail(package, check_certificates(&r->certificate, &signer));
	if (sizes.size)
		r->size_count = get_numbers(sizes, INT64_MAX, r->sizes);
}

/* Payload last, and before it, behind the manifest, exactly what an installer uses: docs/format.md.
 * No stream is there twice, so the right number of them is all of them. */
static enum edb_err locate(
	const struct reading *r, const uint8_t *streams, size_t size, struct manifest *m)
{
	static const uint64_t fixed[ROLES] = {
		[NONCE] = NONCE_BYTES, [TAG] = TAG_BYTES, [DIGEST] = DIGEST_BYTES};
	const uint8_t *parts[ROLES] = {NULL};
	uint32_t last = r->streams[CERTIFICATE] == NO_STREAM ? CERTIFICATE + 1 : CERTIFICATE + 2;
	struct cursor c = cursor_over(streams, size);

	if (r->map_count != last + 1 || r->map[last] != r->streams[PAYLOAD])
		return EDB_E_MAP;
	for (uint32_t i = 1; i < last; i++) {
		uint32_t role = place_of(r->map[i], r->streams, PAYLOAD);
		uint64_t want = r->sizes[i - 1];

		if (role == PAYLOAD)
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
	*m = (struct manifest){0};
	root = json_parse(text, size, &err);
	json_text(json_find(root, "cp-id"), 1, sizeof id - 1, id);
	json_text(json_find(root, "cp-name"), 0, NAME_MAX_BYTES, NULL);
	json_text(json_find(root, "cp-vendor"), 0, NAME_MAX_BYTES, NULL);
	json_fail(root, uuid_parse(id, m->id));
	get_payload(json_find(root, "payload"), &r, m);
	get_package(json_find(root, "package"), &r, m);
	return err ? err : locate(&r, streams, streams_size, m);
}
