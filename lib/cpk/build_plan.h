/* SPDX-License-Identifier: MIT
 *
 * What a package will look like, settled before the first byte is written.
 */
#ifndef CPK_BUILD_PLAN_H
#define CPK_BUILD_PLAN_H

#include "raw.h"

#include <cpk/writer.h>

#define BUILD_STREAMS_MAX 9
#define BUILD_HEADER_MAX  (FRAME_BYTES + BUILD_STREAMS_MAX * STREAM_ENTRY_BYTES)

struct build_plan {
	struct cpk_manifest typed;
	char *manifest; /* JSON; owned */
	size_t manifest_size;
	enum edb_scheme scheme;
	size_t signature_size, certificate_size; /* bytes; certificate 0: not embedded */
	uint64_t payload_size;
	uint16_t manifest_index, count;
};

/** From the options, all of which are checked here. EDB_E_ARG, EDB_E_CERTIFICATE, EDB_E_NOMEM. */
enum edb_err cpk_plan(struct build_plan *plan, const struct cpk_build_options *options,
	uint64_t payload_size, struct edb_error *error);

/** Another payload size: the manifest states it, so is encoded again. */
enum edb_err cpk_plan_payload_size(
	struct build_plan *plan, uint64_t payload_size, struct edb_error *error);

/** Offset of the first stream. */
uint64_t cpk_plan_origin(const struct build_plan *plan);

/** Frame and stream table; returns their bytes. */
size_t cpk_plan_header(const struct build_plan *plan, uint8_t header[BUILD_HEADER_MAX]);

void cpk_plan_clear(struct build_plan *plan);

#endif
