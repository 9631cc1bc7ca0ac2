/* SPDX-License-Identifier: MIT
 *
 * Documents on standard output.
 */
#ifndef EDB_POLICY_SHOW_H
#define EDB_POLICY_SHOW_H

#include "document_file.h"

void show_text(const struct document_file *file);

/** One JSON object. EDB_E_NOMEM. */
enum edb_err show_json(const struct document_file *file, struct edb_error *error);

#endif
