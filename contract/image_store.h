/* SPDX-License-Identifier: MIT
 *
 * The image store: where a TEE keeps the applications that the CPM installed, and starts them from.
 *
 * A pseudo trusted application with the UUID below, on every TEE alike. It serves the CPM alone;
 * every other caller, the normal world included, gets TEE_ERROR_ACCESS_DENIED at open. Parameter
 * types are fixed per command; any other get TEE_ERROR_BAD_PARAMETERS. Structures are host byte
 * order, packed as written (every member naturally aligned), and lie in memory of the CPM.
 *
 * One image may be under construction per session. A session closed without commit drops it.
 * Source: CONTRACT.md of the design, "Ledger and installing"; our own interface.
 */
#ifndef EDB_IMAGE_STORE_H
#define EDB_IMAGE_STORE_H

#include <stdint.h>

/* a6d1b9e2-4c57-4f0e-9b3a-0b5c6f1d7e84 */
#define EDB_IMAGE_STORE_UUID                                                                       \
	{                                                                                          \
		0xa6d1b9e2, 0x4c57, 0x4f0e,                                                        \
		{                                                                                  \
			0x9b, 0x3a, 0x0b, 0x5c, 0x6f, 0x1d, 0x7e, 0x84                             \
		}                                                                                  \
	}

/* The CPM: d3c5bbbc-adad-11eb-bd25-4362002e2749 (published 2021). */
#define EDB_CPM_UUID                                                                               \
	{                                                                                          \
		0xd3c5bbbc, 0xadad, 0x11eb,                                                        \
		{                                                                                  \
			0xbd, 0x25, 0x43, 0x62, 0x00, 0x2e, 0x27, 0x49                             \
		}                                                                                  \
	}

struct edb_image_meta {
	uint8_t id[16];      /* UUID, network byte order; equals the image's ta_head */
	uint32_t version[3]; /* maj, min, rev */
	uint32_t size;       /* bytes of the ELF file; exact */
	uint8_t digest[32];  /* package digest that this image is bound to */
};

struct edb_image_info {
	struct edb_image_meta meta;
	uint32_t memory_bytes; /* what one instance takes: segments, stack, heap */
	uint32_t loaded;       /* instances loaded now, of this image or of one it replaced */
	uint32_t stale;        /* 1: an instance of a replaced or removed image is still loaded */
};

/* Most bytes of one EDB_IMAGE_WRITE: a TEE may have to copy them into its own heap. */
#define EDB_IMAGE_WRITE_MAX (16u * 1024)

enum edb_image_store_cmd {
	/* p0 memref in: struct edb_image_meta with id, version, size. digest is ignored. */
	EDB_IMAGE_BEGIN = 0,
	/* p0 memref in: next bytes of the ELF file */
	EDB_IMAGE_WRITE = 1,
	/*
	 * p0 memref in: 32 bytes, package digest. Checks size, ELF, ta_head's UUID and flags, then
	 * atomically replaces what was installed under the id.
	 * TEE_ERROR_BAD_FORMAT: not a loadable image; TEE_ERROR_BUSY: an instance is loaded.
	 */
	EDB_IMAGE_COMMIT = 2,
	/* 3: none; closing the session drops what is under construction */
	/* p0 memref in: id, 16 bytes; p1 memref out: struct edb_image_info.
	 * TEE_ERROR_ITEM_NOT_FOUND: none. With an image under construction of this id, still
	 * answers for the installed one. */
	EDB_IMAGE_QUERY = 4,
	/* p0 memref in: id, 16 bytes. Image and the application's secure objects go; succeeds where
	 * there is none. TEE_ERROR_BUSY: an instance is loaded. */
	EDB_IMAGE_DELETE = 5,
	/* p0 memref out: struct edb_image_info of the image under construction, all bytes written:
	 * what COMMIT would check, checked now, nothing replaced; meta.digest is zero. */
	EDB_IMAGE_INSPECT = 6,
	/* p0 value out: a, b = low and high half of the free bytes of secure storage */
	EDB_IMAGE_SPACE = 7,
};

#endif
