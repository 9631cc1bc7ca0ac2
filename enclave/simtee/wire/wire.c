/* SPDX-License-Identifier: MIT */
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(WIRE_FDS_MAX * sizeof(int))];
};

int wire_send(
	int socket, const void *message, size_t size, const int *fds, size_t fd_count, int flags)
{
	struct iovec io = {.iov_base = (void *)(uintptr_t)message, .iov_len = size};
	struct msghdr packet = {.msg_iov = &io, .msg_iovlen = 1};
	union control control = {0};
	ssize_t sent;

	if (fd_count) {
		struct cmsghdr *head = &control.align;

		packet.msg_control = control.bytes;
		packet.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
		memcpy(CMSG_DATA(head), fds, fd_count * sizeof(int));
	}
	do
		sent = sendmsg(socket, &packet, flags | MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? errno : 0;
}

static void take_fds(struct msghdr *packet, int *fds, size_t *fd_count)
{
	for (struct cmsghdr *head = CMSG_FIRSTHDR(packet); head; head = CMSG_NXTHDR(packet, head)) {
		if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
			continue;
		/* The room given was for no more than WIRE_FDS_MAX. */
		*fd_count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(head), *fd_count * sizeof(int));
	}
}

int wire_receive(int socket, void *message, size_t *size, int fds[static WIRE_FDS_MAX],
	size_t *fd_count, int flags)
{
	struct iovec io = {.iov_base = message, .iov_len = *size};
	union control control = {0};
	struct msghdr packet = {.msg_iov = &io,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof control.bytes};
	ssize_t got;

	*fd_count = 0;
	do
		got = recvmsg(socket, &packet, flags | MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno;
	take_fds(&packet, fds, fd_count);
	if (packet.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
		while (*fd_count)
			close(fds[--*fd_count]);
		return EBADMSG;
	}
	*size = (size_t)got;
	return 0;
}

bool wire_memory_is_fixed(int fd, uint64_t *size)
{
	const int wanted = F_SEAL_SHRINK | F_SEAL_GROW;
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat st;

	if (seals < 0 || (seals & wanted) != wanted || fstat(fd, &st) || st.st_size <= 0)
		return false;
	*size = (uint64_t)st.st_size;
	return true;
}

int wire_memory_make(uint64_t size)
{
	int fd = memfd_create("simtee", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int err;

	if (fd < 0)
		return -1;
	if (size > INT64_MAX || ftruncate(fd, (off_t)size) ||
		fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)) {
		err = size > INT64_MAX ? EFBIG : errno;
		close(fd);
		errno = err;
		return -1;
	}
	return fd;
}

bool wire_is_memref(uint32_t type)
{
	return type >= TEE_PARAM_TYPE_MEMREF_INPUT && type <= TEE_PARAM_TYPE_MEMREF_INOUT;
}

bool wire_is_input(uint32_t type)
{
	return type == TEE_PARAM_TYPE_VALUE_INPUT || type == TEE_PARAM_TYPE_VALUE_INOUT ||
	       type == TEE_PARAM_TYPE_MEMREF_INPUT || type == TEE_PARAM_TYPE_MEMREF_INOUT;
}

bool wire_is_output(uint32_t type)
{
	return type == TEE_PARAM_TYPE_VALUE_OUTPUT || type == TEE_PARAM_TYPE_VALUE_INOUT ||
	       type == TEE_PARAM_TYPE_MEMREF_OUTPUT || type == TEE_PARAM_TYPE_MEMREF_INOUT;
}

bool wire_types_are_valid(uint32_t types)
{
	for (int i = 0; i < 4; i++) {
		uint32_t type = TEE_PARAM_TYPE_GET(types, i);

		if (type > TEE_PARAM_TYPE_MEMREF_INOUT || type == 4)
			return false;
	}
	return !(types >> 16);
}
