/* SPDX-License-Identifier: MIT
 *
 * The image store of contract/image_store.h: a pseudo trusted application inside the core.
 *
 * In storage, under its own UUID: an object 'm' id for each application, which says what is
 * installed; the image in pieces 'p' id generation number. Creating the first, in place of an old
 * one, is the step that installs. Pieces that no 'm' names are left over and vanish at the next
 * start. Deleting is one step, too: the 'm' says so first, and is the last to go.
 */
#ifndef SIMTEE_STORE_H
#define SIMTEE_STORE_H

#include "core.h"
#include "image_store.h"

#define STORE_PIECE_BYTES (512u << 10)

struct store_session;

/* What is installed under an id; as it is stored. */
struct store_record {
	uint32_t format; /* STORE_FORMAT */
	uint32_t going;  /* being deleted: finish that */
	struct edb_image_meta meta;
	uint32_t generation, memory_bytes, flags;
};

struct store_image {
	struct store_image *next;
	struct store_record record;
};

/** Reads what is installed; finishes or takes back what a power cut interrupted. */
TEE_Result store_start(struct core *core);
void store_stop(struct core *core);

bool store_is_called(const TEE_UUID *uuid);

/** TEE_ERROR_ACCESS_DENIED: the caller is not the CPM. */
TEE_Result store_open(struct instance *caller, struct store_session **session);
void store_close(struct core *core, struct store_session *session);

/** p: places in the caller's buffer, checked; sizes and values come back in it. */
TEE_Result store_invoke(struct instance *caller, struct store_session *session, uint32_t command,
	uint32_t types, struct wire_param p[4]);

/** TEE_ERROR_ITEM_NOT_FOUND: none is installed under this UUID. */
TEE_Result store_find(const struct core *core, const TEE_UUID *uuid, struct image_ref *image);
TEE_Result store_read(struct core *core, const TEE_UUID *uuid, int *fd, uint64_t *size);

/* --- store_files.c: the objects behind it --- */

struct store_image *store_image_of(const struct core *core, const uint8_t id[static 16]);
void store_id_of(const TEE_UUID *uuid, uint8_t id[static 16]);
TEE_UUID store_uuid_of(const uint8_t id[static 16]);

TEE_Result store_piece_create(struct core *core, const uint8_t id[static 16], uint32_t generation,
	uint32_t piece, struct storage_handle **handle);

/** Pieces 0 to count - 1; those that are not there are fine. */
TEE_Result store_pieces_delete(
	struct core *core, const uint8_t id[static 16], uint32_t generation, uint32_t count);

/** All of an image, into a memfd that nobody can change afterwards. */
TEE_Result store_pieces_read(struct core *core, const uint8_t id[static 16], uint32_t generation,
	uint32_t size, int *fd);
uint32_t store_piece_count(uint32_t size);

/** The atomic step. The list in memory follows. */
TEE_Result store_record_put(struct core *core, const struct store_record *record);

/** Image and secure objects of an application go. */
TEE_Result store_record_delete(struct core *core, const uint8_t id[static 16]);

#endif
