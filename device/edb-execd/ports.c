/* SPDX-License-Identifier: MIT */
#include "ports.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exec_frame.h"

#define CLASS "/sys/class/virtio-ports"

/* The name comes a moment after the port itself. */
static bool is_ours(const char *port)
{
	char path[PORT_PATH_BYTES], name[sizeof EXEC_PORT_NAME] = "";
	int fd;
	ssize_t got;

	if (snprintf(path, sizeof path, CLASS "/%s/name", port) >= (int)sizeof path)
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	got = read(fd, name, sizeof name - 1);
	close(fd);
	return got > 0 && !strcmp(name, EXEC_PORT_NAME);
}

size_t ports_find(char paths[PORTS_MAX][PORT_PATH_BYTES])
{
	DIR *folder = opendir(CLASS);
	struct dirent *entry;
	size_t count = 0;

	if (!folder)
		return 0;
	while (count < PORTS_MAX && (entry = readdir(folder)))
		if (entry->d_name[0] != '.' && is_ours(entry->d_name) &&
			snprintf(paths[count], PORT_PATH_BYTES, "/dev/%s", entry->d_name) <
				PORT_PATH_BYTES)
			count++;
	closedir(folder);
	return count;
}

int ports_watch(void)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK, .nl_groups = 1};
	int fd = socket(
		AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&kernel, sizeof kernel)) {
		close(fd);
		return -1;
	}
	return fd;
}

void ports_watched(int watch)
{
	char event[4096];

	while (recv(watch, event, sizeof event, 0) > 0)
		;
}
