/* SPDX-License-Identifier: MIT */
#include "sealed.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

bool sealed_make(struct sealed *sealed, size_t size)
{
	void *bytes = MAP_FAILED;

	*sealed = (struct sealed){
		.fd = memfd_create("image", MFD_CLOEXEC | MFD_ALLOW_SEALING), .size = size};
	if (sealed->fd >= 0 && !ftruncate(sealed->fd, (off_t)size))
		bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, sealed->fd, 0);
	if (bytes != MAP_FAILED) {
		sealed->bytes = bytes;
		return true;
	}
	if (sealed->fd >= 0)
		close(sealed->fd);
	sealed->fd = -1;
	return false;
}

int sealed_seal(struct sealed *sealed)
{
	int fd = sealed->fd;

	munmap(sealed->bytes, sealed->size);
	*sealed = (struct sealed){.fd = -1};
	if (!fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
		return fd;
	close(fd);
	return -1;
}

void sealed_drop(struct sealed *sealed)
{
	if (sealed->fd < 0)
		return;
	munmap(sealed->bytes, sealed->size);
	close(sealed->fd);
	*sealed = (struct sealed){.fd = -1};
}
