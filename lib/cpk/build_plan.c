/* SPDX-License-Identifier: MIT
 *
 * What a package will look like: its manifest, frame and stream table.
 */
#include "build_plan.h"

#include "bytes.h"
#include "signer_key.h"

#include <stdlib.h>
#include <string.h>

/* Streams that every package of ours has at these places, as those of 2021 do. */
enum {
	PAYLOAD = 0,
	NONCE = 1,
	TAG = 2,
	DIGEST = 3,
	PAYLOAD_SIGNATURE = 4,
	CERTIFICATE = 5
};

static enum edb_err set_text(
	char *to, size_t max, const char *from, const char *what, struct edb_error *error)
{
	size_t size = from ? strlen(from) : 0;

	if (!from)
		return edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET, "%s is missing", what);
	if (size > max)
		return edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET, "%s is over %zu bytes", what, max);
	bytes_copy(to, from, size + 1);
	return EDB_OK;
}

static enum edb_err set_payload(
	struct cpk_manifest *m, const struct cpk_build_options *o, struct edb_error *error)
{
	struct cpk_enc *enc = &m->payload.enc;
	enum edb_err err = set_text(m->payload.arch, CPK_TARGET_MAX, o->arch, "arch", error);

	if (!err)
		err = set_text(m->payload.os, CPK_TARGET_MAX, o->os, "os", error);
	if (!err)
		err = set_text(m->payload.ver.date, CPK_DATE_MAX, o->date, "date", error);
	if (!err)
		err = set_text(enc->aes_gcm.key_name, CPK_KEY_NAME_MAX,
			o->key_name ? o->key_name : o->id, "key name", error);
	if (!err && o->readers_count > CPK_READERS_MAX)
		err = edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET, "over %d readers", CPK_READERS_MAX);
	if (err)
		return err;
	m->payload.ver.maj = o->maj;
	m->payload.ver.min = o->min;
	m->payload.ver.rev = o->rev;
	m->payload.type = o->type;
	bytes_copy(m->payload.readers, o->readers, o->readers_count * sizeof *o->readers);
	m->payload.readers_count = o->readers_count;
	enc->scheme = CPK_ENC_AES_GCM;
	enc->aes_gcm.key_strength = 8 * CPK_CLASS_KEY_BYTES;
	enc->aes_gcm.key_version = o->key_version;
	m->payload.data = PAYLOAD;
	enc->aes_gcm.nonce = NONCE;
	enc->aes_gcm.tag = TAG;
	m->payload.dig = (struct cpk_dig){.scheme = CPK_DIG_SHA256, .data = DIGEST};
	return EDB_OK;
}

static enum edb_err set_texts(
	struct cpk_manifest *m, const struct cpk_build_options *o, struct edb_error *error)
{
	enum edb_err err = set_text(m->id, CPK_ID_MAX, o->id, "application id", error);

	if (!err)
		err = set_text(m->name, CPK_NAME_MAX, o->name ? o->name : "Unknown", "name", error);
	if (!err)
		err = set_text(m->vendor, CPK_NAME_MAX, o->vendor ? o->vendor : "Unknown", "vendor",
			error);
	return err ? err : set_payload(m, o, error);
}

/* What is embedded must be the signer's: a mistake here would only show at the customer's. */
static enum edb_err check_certificate(const struct cpk_build_options *o,
	const struct edb_public_key *signer, struct edb_error *error)
{
	uint8_t want[EDB_KEY_ID_BYTES], have[EDB_KEY_ID_BYTES];
	struct edb_public_key *key = NULL;
	enum edb_err err;

	if (!o->certificate || o->certificate_size == 0 ||
		o->certificate_size > CPK_CERTIFICATE_MAX)
		return edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET,
			"a certificate of 1 to %d bytes is needed", CPK_CERTIFICATE_MAX);
	err = cpk_key_from_certificate(
		o->certificate_scheme, o->certificate, o->certificate_size, &key, error);
	if (err)
		return err;
	edb_public_key_id(signer, want);
	edb_public_key_id(key, have);
	edb_public_key_free(key);
	if (memcmp(want, have, sizeof want) != 0)
		return edb_fail(error, EDB_E_CERTIFICATE, EDB_NO_OFFSET,
			"the certificate is not that of the signing key");
	return EDB_OK;
}

static enum edb_err set_cert(struct build_plan *plan, const struct cpk_build_options *o,
	const struct edb_public_key *signer, struct edb_error *error)
{
	struct cpk_cert *cert = &plan->typed.payload.cert;
	enum edb_err err;

	cert->scheme = o->certificate_scheme;
	if (cert->scheme == CPK_CERT_NONE)
		return edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET, "a certificate scheme is missing");
	if (!cpk_cert_is_embedded(cert->scheme)) {
		err = set_text(cert->location, CPK_LOCATION_MAX, o->certificate_location,
			cpk_cert_name(cert->scheme), error);
	} else {
		cert->data = CERTIFICATE;
		plan->certificate_size = o->certificate_size;
		err = check_certificate(o, signer, error);
	}
	plan->typed.package.cert = *cert;
	return err;
}

/* Stream numbers behind the small streams depend on whether there is a certificate. */
static enum edb_err set_signatures(struct build_plan *plan, const struct cpk_build_options *o,
	const struct edb_public_key *signer, struct edb_error *error)
{
	struct cpk_manifest *m = &plan->typed;
	uint16_t next = CERTIFICATE + (plan->certificate_size != 0);

	plan->scheme = o->scheme ? o->scheme : edb_public_key_default_scheme(signer);
	plan->signature_size = edb_signature_size(signer, plan->scheme);
	if (plan->signature_size == 0 || plan->signature_size > EDB_SIGNATURE_MAX)
		return edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET,
			"signing key and signature scheme do not go together");
	plan->manifest_index = next++;
	m->package.dig = (struct cpk_dig){.scheme = CPK_DIG_SHA256, .data = next++};
	m->payload.sig = (struct cpk_sig){.scheme = plan->scheme,
		.key_strength = (uint16_t)edb_public_key_bits(signer),
		.data = PAYLOAD_SIGNATURE};
	m->package.sig = m->payload.sig;
	m->package.sig.data = next++;
	plan->count = next;
	return EDB_OK;
}

static void map_add(struct cpk_manifest *m, uint16_t index, uint64_t size)
{
	if (m->package.map_count > 0)
		m->package.sizes[m->package.sizes_count++] = size;
	m->package.map[m->package.map_count++] = index;
}

enum edb_err cpk_plan_payload_size(
	struct build_plan *plan, uint64_t payload_size, struct edb_error *error)
{
	struct cpk_manifest *m = &plan->typed;
	char *text = NULL;
	size_t size = 0;
	enum edb_err err;

	m->package.map_count = m->package.sizes_count = 0;
	m->package.sizes_present = true;
	map_add(m, plan->manifest_index, 0);
	map_add(m, NONCE, CPK_NONCE_BYTES);
	map_add(m, TAG, CPK_TAG_BYTES);
	map_add(m, DIGEST, EDB_DIGEST_BYTES);
	if (plan->certificate_size)
		map_add(m, CERTIFICATE, plan->certificate_size);
	map_add(m, PAYLOAD, payload_size);
	err = cpk_manifest_encode(m, &text, &size, error);
	if (err) {
		if (error && err != EDB_E_NOMEM)
			error->code = EDB_E_ARG;
		return err == EDB_E_NOMEM ? err : EDB_E_ARG; /* the caller's options made it so */
	}
	free(plan->manifest);
	plan->manifest = text;
	plan->manifest_size = size;
	plan->payload_size = payload_size;
	return EDB_OK;
}

enum edb_err cpk_plan(struct build_plan *plan, const struct cpk_build_options *o,
	uint64_t payload_size, struct edb_error *error)
{
	const struct edb_public_key *signer =
		o->signer ? edb_signer_public_borrow(o->signer) : o->signer_public;
	enum edb_err err;

	if (!signer || !o->class_key)
		return edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET, "%s is missing",
			signer ? "the class key" : "the signing key");
	err = set_texts(&plan->typed, o, error);
	if (!err)
		err = set_cert(plan, o, signer, error);
	if (!err)
		err = set_signatures(plan, o, signer, error);
	if (!err)
		err = cpk_plan_payload_size(plan, payload_size, error);
	return err;
}

uint64_t cpk_plan_origin(const struct build_plan *plan)
{
	return FRAME_BYTES + (uint64_t)STREAM_ENTRY_BYTES * plan->count;
}

size_t cpk_plan_header(const struct build_plan *plan, uint8_t header[BUILD_HEADER_MAX])
{
	struct filler f = {.base = header, .size = BUILD_HEADER_MAX};
	const uint64_t sizes[] = {plan->payload_size, CPK_NONCE_BYTES, CPK_TAG_BYTES,
		EDB_DIGEST_BYTES, plan->signature_size, plan->certificate_size, plan->manifest_size,
		EDB_DIGEST_BYTES, plan->signature_size};
	uint64_t offset = 0;

	filler_u32(&f, CPK_MAGIC);
	filler_u16(&f, 1); /* frame version */
	filler_u16(&f, 0); /* flag */
	filler_u16(&f, plan->count);
	filler_u16(&f, plan->manifest_index);
	filler_u16(&f, 1); /* manifest type */
	filler_u16(&f, 1); /* manifest version */
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		if (i == CERTIFICATE && !plan->certificate_size)
			continue;
		filler_u64(&f, offset);
		filler_u64(&f, sizes[i]);
		offset += sizes[i];
	}
	return f.pos;
}

void cpk_plan_clear(struct build_plan *plan)
{
	free(plan->manifest);
	plan->manifest = NULL;
}
