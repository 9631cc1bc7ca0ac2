/* SPDX-License-Identifier: MIT
 *
 * What the secure world's readers say of a document; with their names, which are not those of
 * lib/cose, kept out of the test.
 */
#ifndef TRUSTED_JUDGE_H
#define TRUSTED_JUDGE_H

#include <stddef.h>
#include <stdint.h>

#include "edb_err.h"

/** Parse, verify under this key, read the payload: the order in which the CPM does it. */
enum edb_err trusted_judge(
	const uint8_t *document, size_t size, const uint8_t *spki, size_t spki_size);

/** The same without the key: for bytes that nobody signed. */
enum edb_err trusted_read(const uint8_t *document, size_t size);

#endif
