/* SPDX-License-Identifier: MIT
 *
 * How a payload comes in, and goes: manifest.c, admission.c, deploy.c, install.c, data.c, image.c.
 */
#ifndef CPM_INSTALL_H
#define CPM_INSTALL_H

#include "image_store.h"
#include "ledger.h"
#include "spki.h"

/*
 * The manifest of a signed package as the CPM needs it: docs/format.md, "Manifest" and "Strong
 * packages". The host has a reader of its own (lib/cpk); one corpus holds both to one verdict.
 */

#define MANIFEST_MAP_MAX     32u
#define MANIFEST_READERS_MAX 16u

struct manifest_signature {
	enum spki_scheme scheme;
	uint32_t size; /* bytes */
};

struct manifest {
	uint8_t id[UUID_BYTES];
	bool for_this;                 /* TEE: its target, or any of data */
	struct ledger_payload payload; /* version, key_version, size, type */
	struct manifest_signature payload_signature, package_signature;
	const uint8_t *nonce, *tag, *digest; /* NONCE_BYTES, TAG_BYTES, DIGEST_BYTES */
};

/**
 * Read and check.
 *
 * @param text     MANIFEST_MAX bytes at most: EDB_E_LIMIT
 * @param streams  the mapped ones between manifest and payload, one after the other: only their
 *                 sizes as signed say where each ends. EDB_E_SIZES
 * @param m        counts only with EDB_OK; nonce, tag and digest are borrowed from streams
 */
enum edb_err manifest_read(const uint8_t *text, size_t size, const uint8_t *streams,
	size_t streams_size, struct manifest *m);

/*
 * May this payload come in? Asked when a deployment begins, so as to refuse early, and again at the
 * moment of the switch, since policy, ledger and keys may have changed in between.
 */

/** Is this a vendor that the operator lists, and that nobody has succeeded? EDB_E_SIGNER. */
enum edb_err admission_signer_check(const uint8_t vendor[static KEY_ID_BYTES]);

/** Signer, owner, version, 2021 rules, quota, class key: the first that refuses says so. */
enum edb_err admission_check(
	const uint8_t id[static UUID_BYTES], const struct ledger_payload *want);

/*
 * Deployments: one package each on its way in, by calls of the session that began it
 * (contract/cpm.edl).
 *
 * Until its end nothing of the package is proven. Begin refuses what can be refused early; the end
 * checks everything again and only then makes the payload visible, in one atomic step.
 *
 * Errors. Begin: EDB_E_LIMIT, those of the manifest (docs/format.md, "What a CPM sees of it"),
 * EDB_E_CERTIFICATE, EDB_E_SIGNER, EDB_E_SIGNATURE, EDB_E_TARGET, EDB_E_BUSY (the id, or all four
 * deployments), and admission's: EDB_E_OWNER, EDB_E_LEGACY, EDB_E_ROLLBACK, EDB_E_STATE (another
 * type is installed), EDB_E_QUOTA, EDB_E_KEY_MISSING. Add: EDB_E_LIMIT, EDB_E_STATE, EDB_E_SIZES.
 * End: EDB_E_SIZES, EDB_E_DIGEST, EDB_E_TAG, EDB_E_UNSIGNED (2021: nothing was claimed),
 * EDB_E_IMAGE, admission's once more, EDB_E_BUSY.
 */

/** Is a deployment of this id open? */
bool deploy_is_open(const uint8_t id[static UUID_BYTES]);

/*
 * The steps of installing and removing as the ledger sees them, each one atomic write, so that
 * power may go between any two: see recovery in docs/contract.md.
 *
 * Errors of all of them: EDB_E_STATE (there is no intent), EDB_E_QUOTA (the ledger is full),
 * EDB_E_BUSY (an instance is loaded, or the image store cannot be asked).
 */

/** Note what is about to come in. *want* gets its generation. */
enum edb_err install_intend(const uint8_t id[static UUID_BYTES], struct ledger_payload *want);

/** All checks have passed: note what is known only now (memory; a 2021 package's digest), so that
 *  a power cut right after the image store's commit can be finished from the intent alone. */
enum edb_err install_confirm(
	const uint8_t id[static UUID_BYTES], const struct ledger_payload *want);

/** Everything is in place: make the intent current, then delete what it replaced. */
enum edb_err install_switch(const uint8_t id[static UUID_BYTES]);

/**
 * Whatever became of an install, and of what it replaced: finish it if it was confirmed and the
 * image store holds its image; otherwise drop the intent and whatever data came with it (the image
 * store drops images by itself). Then delete every leftover. At start that is done for all ids.
 */
enum edb_err install_resolve(const uint8_t id[static UUID_BYTES]);

/** Take away what is installed; owner and version stay. EDB_E_NOT_FOUND; EDB_E_BUSY: an
 *  instance is loaded, or a deployment of the id is open. */
enum edb_err install_remove(const uint8_t id[static UUID_BYTES]);

/* Where plaintext goes: data into secure storage, applications to the image store. */

/*
 * Data payloads in secure storage: chunks of CHUNK_BYTES, all of one generation, which nothing can
 * open until the ledger names that generation.
 */

/* All zeros at the start. */
struct data_writer {
	uint64_t written;       /* bytes */
	TEE_ObjectHandle chunk; /* the last one, until the next begins */
};

/** Append bytes, from memory of the CPM. EDB_E_STORAGE_FULL and others leave it to data_erase. */
enum edb_err data_write(struct data_writer *writer, const uint8_t id[static UUID_BYTES],
	uint32_t generation, const uint8_t *bytes, size_t size);

/** Close what is open: written data is durable when this returns. Also before data_erase. */
void data_close(struct data_writer *writer);

/** Delete whatever there is of a generation; safe to repeat. */
enum edb_err data_erase(const uint8_t id[static UUID_BYTES], uint32_t generation);

/*
 * The CPM's side of the image store (contract/image_store.h): one session for questions, one more
 * for each application under installation.
 */

/** Start an image of exactly `size` bytes. *session is closed by the caller, whatever happens; an
 *  image that is not committed is dropped then. */
enum edb_err image_begin(const uint8_t id[static UUID_BYTES], const uint32_t version[static 3],
	uint64_t size, TEE_TASessionHandle *session);

/** The next bytes, from memory of the CPM. */
enum edb_err image_write(TEE_TASessionHandle session, const uint8_t *bytes, size_t size);

/**
 * A command with bytes, from memory of the CPM. EDB_IMAGE_COMMIT: the package's digest,
 * DIGEST_BYTES; what is written takes the place of what was installed under the id, atomically.
 * EDB_E_BUSY, EDB_E_IMAGE.
 */
enum edb_err image_put(TEE_TASessionHandle session, uint32_t cmd, const void *bytes, size_t size);

/** All bytes are written: is it an image this TEE can load, and how much memory does it ask for? */
enum edb_err image_inspect(TEE_TASessionHandle session, uint32_t *memory_kib);

/** What is installed under the id; all zeros where nothing is. */
enum edb_err image_query(const uint8_t id[static UUID_BYTES], struct edb_image_info *info);

/** Image and the application's secure objects go. EDB_E_BUSY: an instance is loaded. */
enum edb_err image_delete(const uint8_t id[static UUID_BYTES]);

/** Free bytes of secure storage; all ones: not known. */
uint64_t image_free_bytes(void);

#endif
