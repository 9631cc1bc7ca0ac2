/* SPDX-License-Identifier: MIT */
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char *setting(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

int place_find(const char *name, char *folder, size_t room)
{
	const char *base = name ? name : setting("SIMTEE_DIR"), *under = "";
	int length;

	if (!base && (base = setting("XDG_STATE_HOME")) != NULL)
		under = "/simtee";
	if (!base && (base = setting("HOME")) != NULL)
		under = "/.local/state/simtee";
	if (!base)
		return ENOENT;
	length = snprintf(folder, room, "%s%s", base, under);
	return length < 0 || (size_t)length >= room ? ENAMETOOLONG : 0;
}

/* By way of the folder's descriptor: a socket's address has room for 107 characters only. */
static struct sockaddr_un address_in(int folder_fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/" PLACE_SOCKET,
		folder_fd);
	return address;
}

static int make_socket(int flags)
{
	return socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0);
}

int place_connect(const char *folder)
{
	int folder_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -1, err;
	struct sockaddr_un address;

	if (folder_fd < 0)
		return -1;
	address = address_in(folder_fd);
	fd = make_socket(0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address)) {
		err = errno;
		close(fd);
		fd = -1;
		errno = err;
	}
	err = errno;
	close(folder_fd);
	errno = err;
	return fd;
}

int place_listen(int folder_fd)
{
	struct sockaddr_un address = address_in(folder_fd);
	int fd, err;

	/* Whoever holds the folder's lock comes here: a socket that is there is a dead one's. */
	if (unlinkat(folder_fd, PLACE_SOCKET, 0) && errno != ENOENT)
		return -1;
	fd = make_socket(SOCK_NONBLOCK);
	if (fd < 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&address, sizeof address) ||
		fchmodat(folder_fd, PLACE_SOCKET, 0600, 0) || listen(fd, 64)) {
		err = errno;
		close(fd);
		errno = err;
		return -1;
	}
	return fd;
}
