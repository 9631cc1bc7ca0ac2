/* SPDX-License-Identifier: MIT
 *
 * Handing a package to the CPM. Nothing is judged here: the host is a courier, the CPM decides.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "device.h"
#include "read_ahead.h"

#define SMALL_STREAMS_MAX (64u << 10) /* bytes; the CPM's limit */

static enum edb_err read_stream(
	struct cli *cli, const struct cpk_raw *raw, uint16_t index, uint8_t **bytes, size_t *size)
{
	*size = (size_t)cpk_raw_stream_size(raw, index);
	if (*size > SMALL_STREAMS_MAX)
		return cli_fail(
			cli, EDB_E_LIMIT, NULL, "stream %u is larger than a CPM takes", index);
	*bytes = malloc(*size + 1);
	if (!*bytes)
		return cli_fail(cli, EDB_E_NOMEM, NULL, "out of memory");
	return cpk_raw_read_at(raw, index, 0, *bytes, *size, &cli->error);
}

/* The mapped streams between manifest and payload, one after the other. */
static enum edb_err small_streams(
	struct cli *cli, const struct cpk_raw *raw, uint8_t **bytes, size_t *size)
{
	const struct cpk_manifest *m = cpk_raw_manifest_borrow(raw);
	size_t last = m->package.map_count ? m->package.map_count - 1 : 0;
	uint64_t total = 0;
	enum edb_err err = EDB_OK;

	if (!last || m->package.map[0] != cpk_raw_manifest_index(raw) ||
		m->package.map[last] != m->payload.data)
		return cli_fail(cli, EDB_E_MAP, NULL,
			"package.map does not go from the manifest to the payload");
	for (size_t i = 1; i < last; i++)
		total += cpk_raw_stream_size(raw, m->package.map[i]);
	if (total > SMALL_STREAMS_MAX)
		return cli_fail(
			cli, EDB_E_LIMIT, NULL, "the mapped streams are larger than a CPM takes");
	*bytes = malloc((size_t)total + 1);
	if (!*bytes)
		return cli_fail(cli, EDB_E_NOMEM, NULL, "out of memory");
	for (size_t i = 1; i < last && !err; i++) {
		size_t now = (size_t)cpk_raw_stream_size(raw, m->package.map[i]);

		err = cpk_raw_read_at(
			raw, m->package.map[i], 0, &(*bytes)[*size], now, &cli->error);
		*size += now;
	}
	return err;
}

enum edb_err install_payload(
	struct cli *cli, struct edb_enclave *cpm, const struct cpk_raw *raw, const char *id)
{
	uint16_t index = cpk_raw_manifest_borrow(raw)->payload.data;
	uint64_t done = 0, total = cpk_raw_stream_size(raw, index);
	struct read_ahead *reader = NULL;
	const uint8_t *block = NULL;
	struct cli_progress bar;
	size_t size = 0;
	int retval = 0;
	enum edb_err err = read_ahead_start(raw, index, &reader, &cli->error);

	cli_progress_start(cli, "installing", &bar);
	while (!err) {
		err = read_ahead_next(reader, &block, &size, &cli->error);
		if (err || !block)
			break;
		TEEC_Result result =
			ecall_add_application_data(cpm, &retval, id, block, (unsigned)size);

		err = device_answer(cli, result, retval, "handing over the payload");
		if (!err && cli_interrupted())
			err = cli_fail(cli, EDB_E_STATE, "nothing of it remains; start again",
				"interrupted");
		done += size;
		cli_progress_tell(&bar, done, total);
	}
	cli_progress_end(&bar);
	read_ahead_stop(reader);
	return err;
}

static enum edb_err begin(struct cli *cli, struct edb_enclave *cpm, const struct cpk_raw *raw,
	const struct edb_public_key *signer)
{
	const struct cpk_manifest *m = cpk_raw_manifest_borrow(raw);
	uint8_t *streams = NULL, *package_sig = NULL, *payload_sig = NULL;
	size_t streams_size = 0, package_sig_size = 0, payload_sig_size = 0;
	size_t manifest_size = 0, spki_size = 0;
	const uint8_t *manifest = cpk_raw_manifest_bytes_borrow(raw, &manifest_size);
	const uint8_t *spki = edb_public_key_spki_borrow(signer, &spki_size);
	uint8_t payload_digest[EDB_DIGEST_BYTES], digest[EDB_DIGEST_BYTES];
	TEEC_Result result;
	int retval = 0;
	enum edb_err err = small_streams(cli, raw, &streams, &streams_size);

	if (!err && m->payload.sig.scheme == EDB_SCHEME_NONE)
		err = cli_fail(cli, EDB_E_UNSIGNED, NULL, "the payload is not signed");
	if (!err)
		err = read_stream(cli, raw, m->package.sig.data, &package_sig, &package_sig_size);
	if (!err)
		err = read_stream(cli, raw, m->payload.sig.data, &payload_sig, &payload_sig_size);
	if (!err)
		err = cpk_raw_claimed_digests(raw, payload_digest, digest, &cli->error);
	if (!err) {
		result = ecall_begin_package(cpm, &retval, manifest, (uint32_t)manifest_size,
			streams, (uint32_t)streams_size, digest, package_sig,
			(uint32_t)package_sig_size, payload_sig, (uint32_t)payload_sig_size, spki,
			(uint32_t)spki_size);
		err = device_answer(cli, result, retval, "beginning the installation");
	}
	free(streams);
	free(package_sig);
	free(payload_sig);
	return err;
}

/* A failed block or end leaves nothing open in the CPM; this is for what fails on this side. */
static void abort_deployment(struct edb_enclave *cpm, const char *id)
{
	int retval = 0;

	(void)ecall_abort_application_deployment(cpm, &retval, id);
}

static enum edb_err end(struct cli *cli, struct edb_enclave *cpm, const char *id)
{
	int retval = 0;
	TEEC_Result result = ecall_end_application_deployment(cpm, &retval, id);

	return device_answer(cli, result, retval, "finishing the installation");
}

enum edb_err install_package(struct cli *cli, struct edb_enclave *cpm, const struct cpk_raw *raw,
	const struct edb_public_key *signer)
{
	const char *id = cpk_raw_manifest_borrow(raw)->id;
	enum edb_err err = begin(cli, cpm, raw, signer);

	if (err)
		return err;
	err = install_payload(cli, cpm, raw, id);
	if (!err)
		err = end(cli, cpm, id);
	if (err)
		abort_deployment(cpm, id);
	return err;
}

/* Contract 0.1 wants the bare RSAPublicKey (RFC 8017, A.1.1). malloc'ed by OpenSSL. */
static int rsa_public_key(const struct edb_public_key *signer, uint8_t **der)
{
	size_t size = 0;
	const unsigned char *at = edb_public_key_spki_borrow(signer, &size);
	EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)size);
	int der_size = key && EVP_PKEY_is_a(key, "RSA") ? i2d_PublicKey(key, der) : 0;

	EVP_PKEY_free(key);
	return der_size;
}

static enum edb_err begin_2021(struct cli *cli, struct edb_enclave *cpm, const struct cpk_raw *raw)
{
	const struct cpk_manifest *m = cpk_raw_manifest_borrow(raw);
	uint8_t nonce[CPK_NONCE_BYTES], tag[CPK_TAG_BYTES];
	TEEC_Result result;
	int retval = 0;
	enum edb_err err = cpk_raw_read_at(
		raw, m->payload.enc.aes_gcm.nonce, 0, nonce, sizeof nonce, &cli->error);

	if (!err)
		err = cpk_raw_read_at(
			raw, m->payload.enc.aes_gcm.tag, 0, tag, sizeof tag, &cli->error);
	if (err)
		return err;
	result = ecall_begin_application_deployment(
		cpm, &retval, m->id, cpk_raw_stream_size(raw, m->payload.data));
	err = device_answer(cli, result, retval, "beginning the installation");
	if (err)
		return err;
	result = ecall_initialize_decryption_aes_gcm(cpm, &retval, m->id,
		m->payload.enc.aes_gcm.key_strength, nonce, sizeof nonce, tag, sizeof tag);
	err = device_answer(cli, result, retval, "preparing to decrypt");
	if (err)
		abort_deployment(cpm, m->id);
	return err;
}

static enum edb_err verify_2021(struct cli *cli, struct edb_enclave *cpm, const struct cpk_raw *raw,
	const struct edb_public_key *signer)
{
	const struct cpk_manifest *m = cpk_raw_manifest_borrow(raw);
	uint8_t *digest = NULL, *signature = NULL, *key = NULL;
	size_t digest_size = 0, signature_size = 0;
	bool digest_match = false, signature_match = false;
	int retval = 0, key_size = rsa_public_key(signer, &key);
	enum edb_err err = read_stream(cli, raw, m->payload.dig.data, &digest, &digest_size);

	if (!err)
		err = read_stream(cli, raw, m->payload.sig.data, &signature, &signature_size);
	if (!err && key_size <= 0)
		err = cli_fail(cli, EDB_E_CERTIFICATE, NULL, "the signer's key is not RSA");
	if (!err) {
		TEEC_Result result = ecall_verify_application_sha256_rsa_pkcs1_v15(cpm, &retval,
			m->id, m->payload.sig.key_strength, digest, (unsigned)digest_size,
			signature, (unsigned)signature_size, key, (unsigned)key_size, &digest_match,
			&signature_match);

		err = device_answer(cli, result, retval, "verifying");
	}
	if (!err && !digest_match)
		err = cli_fail(
			cli, EDB_E_DIGEST, NULL, "the CPM finds another digest than was signed");
	if (!err && !signature_match)
		err = cli_fail(cli, EDB_E_SIGNATURE, NULL,
			"the CPM finds that the signature does not verify");
	free(digest);
	free(signature);
	OPENSSL_free(key);
	return err;
}

enum edb_err install_2021(struct cli *cli, struct edb_enclave *cpm, const struct cpk_raw *raw,
	const struct edb_public_key *signer)
{
	const struct cpk_manifest *m = cpk_raw_manifest_borrow(raw);
	enum edb_err err;

	if (m->payload.enc.scheme != CPK_ENC_AES_GCM || m->payload.dig.scheme != CPK_DIG_SHA256 ||
		m->payload.sig.scheme != EDB_SCHEME_RSA_PKCS1V15)
		return cli_fail(cli, EDB_E_UNSIGNED,
			"build it again with cpk-tool build, which signs the whole package",
			"neither a signed package nor one of 2021 (aes-gcm, sha256, rsa-pkcs1v15)");
	err = begin_2021(cli, cpm, raw);
	if (err)
		return err;
	err = install_payload(cli, cpm, raw, m->id);
	if (!err)
		err = verify_2021(cli, cpm, raw, signer);
	if (!err)
		err = end(cli, cpm, m->id);
	if (err)
		abort_deployment(cpm, m->id);
	return err;
}
