/* SPDX-License-Identifier: MIT
 *
 * The courier: takes a package apart and hands it to the CPM, which decides. Ciphertext is read by
 * a second thread, so that reading does not wait for the enclave.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "device_call.h"
#include "package_file.h"

#define BLOCK_BYTES (256u << 10) /* the CPM's limit */
#define BLOCKS      4

struct reader {
	const struct cpk_raw *raw;
	uint16_t stream;
	uint64_t size;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct {
		uint8_t bytes[BLOCK_BYTES];
		size_t size; /* 0: empty */
	} blocks[BLOCKS];
	bool stop;
	enum edb_err err;
	struct edb_error error;
};

static void *read_ahead(void *context)
{
	struct reader *r = context;

	for (uint64_t at = 0, n = 0; at < r->size; n++) {
		size_t slot = n % BLOCKS;
		size_t size = r->size - at < BLOCK_BYTES ? (size_t)(r->size - at) : BLOCK_BYTES;
		enum edb_err err;

		pthread_mutex_lock(&r->lock);
		while (r->blocks[slot].size && !r->stop)
			pthread_cond_wait(&r->changed, &r->lock);
		pthread_mutex_unlock(&r->lock);
		if (r->stop)
			break;
		err = cpk_raw_read_at(
			r->raw, r->stream, at, r->blocks[slot].bytes, size, &r->error);
		pthread_mutex_lock(&r->lock);
		r->err = err;
		r->blocks[slot].size = size;
		pthread_cond_signal(&r->changed);
		pthread_mutex_unlock(&r->lock);
		if (err)
			break;
		at += size;
	}
	return NULL;
}

static enum edb_err send_block(struct edb_enclave *cpm, const char *id, const uint8_t *bytes,
	size_t size, struct edb_error *error)
{
	int answer = -1;

	return device_answer(ecall_add_application_data(cpm, &answer, id, bytes, (uint32_t)size),
		&answer, id, error);
}

static enum edb_err send_blocks(struct cli *cli, struct edb_enclave *cpm, const char *id,
	struct reader *r, struct edb_error *error)
{
	char what[] = "installing";
	uint64_t done = 0;
	enum edb_err err = EDB_OK;

	for (uint64_t n = 0; done < r->size && !err; n++) {
		size_t slot = n % BLOCKS, size;

		pthread_mutex_lock(&r->lock);
		while (!r->blocks[slot].size)
			pthread_cond_wait(&r->changed, &r->lock);
		size = r->blocks[slot].size;
		err = r->err;
		pthread_mutex_unlock(&r->lock);
		if (err) {
			*error = r->error;
			break;
		}
		err = send_block(cpm, id, r->blocks[slot].bytes, size, error);
		pthread_mutex_lock(&r->lock);
		r->blocks[slot].size = 0;
		pthread_cond_signal(&r->changed);
		pthread_mutex_unlock(&r->lock);
		done += size;
		if (!cli_is_quiet(cli))
			cli_progress(what, done, r->size);
	}
	pthread_mutex_lock(&r->lock);
	r->stop = true;
	pthread_cond_signal(&r->changed);
	pthread_mutex_unlock(&r->lock);
	return err;
}

static enum edb_err send_payload(struct cli *cli, struct edb_enclave *cpm,
	const struct cpk_raw *raw, struct edb_error *error)
{
	const struct cpk_manifest *m = cpk_raw_manifest_borrow(raw);
	struct reader *r = calloc(1, sizeof *r);
	pthread_t thread;
	enum edb_err err;

	if (!r)
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "out of memory");
	r->raw = raw;
	r->stream = m->payload.data;
	r->size = cpk_raw_stream_size(raw, r->stream);
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->changed, NULL);
	if (pthread_create(&thread, NULL, read_ahead, r)) {
		free(r);
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "cannot start a thread");
	}
	err = send_blocks(cli, cpm, m->id, r, error);
	pthread_join(thread, NULL);
	pthread_cond_destroy(&r->changed);
	pthread_mutex_destroy(&r->lock);
	free(r);
	return err;
}

struct stream {
	uint8_t *bytes;
	size_t size;
};

#define STREAM_MAX (64u << 10)

static enum edb_err read_stream(
	const struct cpk_raw *raw, uint16_t index, struct stream *stream, struct edb_error *error)
{
	uint64_t size = cpk_raw_stream_size(raw, index);

	if (size > STREAM_MAX - stream->size)
		return edb_fail(error, EDB_E_LIMIT, EDB_NO_OFFSET, "stream %u is too large", index);
	if (!stream->bytes)
		stream->bytes = malloc(STREAM_MAX);
	if (!stream->bytes)
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "out of memory");
	stream->size += (size_t)size;
	return cpk_raw_read_at(
		raw, index, 0, stream->bytes + stream->size - size, (size_t)size, error);
}

/* The signer's key: embedded, or the CPM could not be told whose signature to check. */
static enum edb_err begin(
	struct edb_enclave *cpm, const struct cpk_raw *raw, struct edb_error *error)
{
	const struct cpk_manifest *m = cpk_raw_manifest_borrow(raw);
	struct stream small = {0}, package_signature = {0}, payload_signature = {0};
	uint8_t digest[EDB_DIGEST_BYTES];
	struct edb_public_key *signer = NULL;
	const uint8_t *text, *spki;
	size_t text_size = 0, spki_size = 0;
	int answer = -1;
	enum edb_err err = cpk_raw_claimed_digests(raw, NULL, digest, error);

	for (size_t i = 1; !err && i + 1 < m->package.map_count; i++)
		err = read_stream(raw, m->package.map[i], &small, error);
	if (!err)
		err = read_stream(raw, m->package.sig.data, &package_signature, error);
	if (!err)
		err = read_stream(raw, m->payload.sig.data, &payload_signature, error);
	if (!err)
		err = cpk_raw_claimed_signer(raw, &signer, error);
	if (!err) {
		text = cpk_raw_manifest_bytes_borrow(raw, &text_size);
		spki = edb_public_key_spki_borrow(signer, &spki_size);
		err = device_answer(
			ecall_begin_package(cpm, &answer, text, (uint32_t)text_size, small.bytes,
				(uint32_t)small.size, digest, package_signature.bytes,
				(uint32_t)package_signature.size, payload_signature.bytes,
				(uint32_t)payload_signature.size, spki, (uint32_t)spki_size),
			&answer, m->id, error);
	}
	free(small.bytes);
	free(package_signature.bytes);
	free(payload_signature.bytes);
	edb_public_key_free(signer);
	return err;
}

enum edb_err cmd_install(struct cli *cli, struct edb_error *error)
{
	struct package_file package = {.fd = -1};
	struct edb_enclave *cpm = NULL;
	const struct cpk_manifest *m = NULL;
	int answer = -1;
	enum edb_err err = package_open(cli, &package, error);

	if (!err) {
		m = cpk_raw_manifest_borrow(package.raw);
		if (m->package.sig.scheme == EDB_SCHEME_NONE ||
			m->payload.sig.scheme == EDB_SCHEME_NONE)
			err = edb_fail(error, EDB_E_UNSIGNED, EDB_NO_OFFSET,
				"the package is not signed as a whole");
	}
	if (!err)
		err = device_open(&cpm, error);
	if (!err)
		err = begin(cpm, package.raw, error);
	if (!err)
		err = send_payload(cli, cpm, package.raw, error);
	if (!err) {
		err = device_answer(ecall_end_application_deployment(cpm, &answer, m->id), &answer,
			m->id, error);
		if (!err)
			printf("installed: %s %u.%u.%u\n", m->id, m->payload.ver.maj,
				m->payload.ver.min, m->payload.ver.rev);
	}
	edb_enclave_close(cpm); /* and with it what was not finished */
	package_close(&package);
	return err;
}
