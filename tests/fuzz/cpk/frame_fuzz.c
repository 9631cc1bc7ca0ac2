/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a package: opened, and every stream of what opens is read to its end.
 */
#include <cpk/reader.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum edb_err count(void *context, const uint8_t *data, size_t size, struct edb_error *error)
{
	uint64_t *total = context;

	(void)data;
	(void)error;
	*total += size;
	return EDB_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct edb_error error = {0};
	struct cpk_raw *raw = NULL;

	if (fd < 0)
		return 0;
	if (size && write(fd, data, size) != (ssize_t)size)
		abort();
	enum edb_err err = cpk_open(fd, &raw, &error);
	if (err && (error.code != err || raw))
		abort(); /* a failure says why, and gives nothing */
	for (uint16_t i = 0; !err && i < cpk_raw_stream_count(raw); i++) {
		uint64_t total = 0;

		if (cpk_raw_copy_stream(raw, i, count, &total, NULL, NULL) != EDB_OK ||
			total != cpk_raw_stream_size(raw, i))
			abort(); /* what opened lies within the file */
	}
	cpk_raw_free(raw);
	close(fd);
	return 0;
}
