/* SPDX-License-Identifier: MIT
 *
 * Where applications come from: early ones from files that were named at the start, read once;
 * all others from the image store.
 */
#include "core.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elf_image.h"
#include "sealed.h"
#include "store.h"

struct early {
	struct early *next;
	TEE_UUID uuid;
	struct image_ref image;
	int fd; /* a memfd that nobody can change */
	uint64_t size;
};

static const char *read_file(const char *path, struct sealed *sealed)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const char *wrong = NULL;
	struct stat st;
	size_t at = 0;

	if (fd < 0)
		return strerror(errno);
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		wrong = "not a file";
	else if (st.st_size <= 0 || st.st_size > (off_t)SIMTEE_MEMORY_MAX)
		wrong = "empty, or larger than the memory of the TEE";
	else if (!sealed_make(sealed, (size_t)st.st_size))
		wrong = "out of memory";
	while (!wrong && at < sealed->size) {
		ssize_t got = read(fd, sealed->bytes + at, sealed->size - at);

		if (got > 0)
			at += (size_t)got;
		else if (!got || errno != EINTR)
			wrong = "it changed while it was read";
	}
	if (wrong)
		sealed_drop(sealed);
	close(fd);
	return wrong;
}

const char *early_add(struct core *core, const char *path)
{
	struct sealed sealed = {.fd = -1};
	struct elf_image image;
	struct early *early;
	const char *wrong = read_file(path, &sealed);

	if (wrong)
		return wrong;
	wrong = elf_image_read(sealed.bytes, sealed.size, &image);
	if (!wrong && (early_has(core, &image.head.uuid) || store_is_called(&image.head.uuid)))
		wrong = "its UUID is taken";
	early = wrong ? NULL : calloc(1, sizeof *early);
	if (!early) {
		sealed_drop(&sealed);
		return wrong ? wrong : "out of memory";
	}
	*early = (struct early){.next = core->early,
		.uuid = image.head.uuid,
		.image = {.flags = image.head.flags, .memory_bytes = image.memory_bytes},
		.size = sealed.size};
	early->fd = sealed_seal(&sealed);
	if (early->fd < 0) {
		free(early);
		return "out of memory";
	}
	core->early = early;
	return NULL;
}

void early_free(struct core *core)
{
	while (core->early) {
		struct early *early = core->early;

		core->early = early->next;
		close(early->fd);
		free(early);
	}
}

static const struct early *find_early(const struct core *core, const TEE_UUID *uuid)
{
	const struct early *e = core->early;

	while (e && !core_same_uuid(&e->uuid, uuid))
		e = e->next;
	return e;
}

bool early_has(const struct core *core, const TEE_UUID *uuid)
{
	return find_early(core, uuid) != NULL;
}

TEE_Result image_find(const struct core *core, const TEE_UUID *uuid, struct image_ref *image)
{
	const struct early *early = find_early(core, uuid);

	if (!early)
		return store_find(core, uuid, image);
	*image = early->image;
	return TEE_SUCCESS;
}

TEE_Result image_open(struct core *core, const TEE_UUID *uuid, int *fd, uint64_t *size)
{
	const struct early *early = find_early(core, uuid);

	if (!early)
		return store_read(core, uuid, fd, size);
	*fd = fcntl(early->fd, F_DUPFD_CLOEXEC, 3);
	*size = early->size;
	return *fd < 0 ? TEE_ERROR_OUT_OF_MEMORY : TEE_SUCCESS;
}
