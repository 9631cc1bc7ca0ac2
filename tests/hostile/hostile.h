/* SPDX-License-Identifier: MIT
 *
 * Malformed packages, each with the rule of docs/format.md that it breaks and the error that it
 * must get. One set for libcpk and for the CPM: hostile_test.c feeds it to the one, the program
 * hostile-write puts it into a folder for the other.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <edb/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "public_key.h"

struct hostile_kit; /* keys, made anew: a vendor that is trusted, and somebody else */

struct hostile_case {
	char name[64];
	char rule[8];      /* of docs/format.md; "-" for a good one */
	enum edb_err want; /* EDB_OK: a good one, so that refusing all is no answer */
	uint8_t *bytes;    /* the package; owned */
	size_t size;
	uint64_t tail; /* so many zeros follow in the file; 64 GiB are not for memory */
};

/* What every case says unless that is what is wrong with it. */
#define HOSTILE_ID  "0c0ffee0-1dea-4bad-8ace-00000000c0de"
#define HOSTILE_KEY "an open secret, of thirty-two B." /* the class key: 32 bytes */

/** NULL: no memory. id, arch, os: NULL for HOSTILE_ID, "any", "any". */
struct hostile_kit *hostile_kit_new(const char *id, const char *arch, const char *os);
void hostile_kit_free(struct hostile_kit *kit);

/** The vendor's key, SubjectPublicKeyInfo. Borrowed. */
const uint8_t *hostile_vendor_spki_borrow(const struct hostile_kit *kit, size_t *size);

/** How many cases there are. */
size_t hostile_count(void);

/** Make one. The same number gives the same name. hostile_case_clear it. */
void hostile_make(const struct hostile_kit *kit, size_t number, struct hostile_case *made);
void hostile_case_clear(struct hostile_case *made);

#endif
