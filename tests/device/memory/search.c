/* SPDX-License-Identifier: MIT
 *
 * search [-s NAME FILE]... [-k NAME PEM]... [-o FOLDER] DUMP...
 *
 * Looks for the bytes of FILE and for the private half of a public key in dumps of memory. Exit
 * code 0: something was found; 1: nothing was; 2: it did not look.
 */
#include "search.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIST_MAX     16
#define SECRET_BYTES 4096

struct pair {
	const char *name, *file;
};

static bool found;

void tell(const char *name, const char *form, const struct dump *dump, size_t at, size_t size)
{
	printf("%s %s %s 0x%zx %zu\n", name, form, dump->name, at, size);
	found = true;
}

static bool want_file(const struct pair *secret)
{
	uint8_t bytes[SECRET_BYTES];
	FILE *file = fopen(secret->file, "rb");
	size_t size = file ? fread(bytes, 1, sizeof bytes, file) : 0;

	if (file)
		fclose(file);
	return bytes_want(secret->name, bytes, size);
}

static bool map(struct dump *dump)
{
	int fd = open(dump->name, O_RDONLY | O_CLOEXEC);
	struct stat s;
	void *bytes = MAP_FAILED;

	if (fd >= 0 && !fstat(fd, &s) && s.st_size > 0)
		bytes = mmap(NULL, (size_t)s.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (fd >= 0)
		close(fd);
	if (bytes == MAP_FAILED)
		return false;
	dump->bytes = bytes;
	dump->size = (size_t)s.st_size;
	return true;
}

static int refuse(const char *what, const char *name)
{
	fprintf(stderr, "search: %s %s\n", what, name);
	return 2;
}

int main(int argc, char **argv)
{
	struct pair secrets[LIST_MAX], keys[LIST_MAX];
	struct dump dumps[LIST_MAX];
	size_t secret_count = 0, key_count = 0, dump_count = 0;
	const char *folder = NULL;

	for (int i = 1; i < argc; i++) {
		if (secret_count == LIST_MAX || key_count == LIST_MAX || dump_count == LIST_MAX)
			return refuse("too many arguments:", argv[i]);
		if (!strcmp(argv[i], "-s") && argc - i > 2) {
			secrets[secret_count++] = (struct pair){argv[i + 1], argv[i + 2]};
			i += 2;
		} else if (!strcmp(argv[i], "-k") && argc - i > 2) {
			keys[key_count++] = (struct pair){argv[i + 1], argv[i + 2]};
			i += 2;
		} else if (!strcmp(argv[i], "-o") && argc - i > 1) {
			folder = argv[++i];
		} else {
			dumps[dump_count++] = (struct dump){.name = argv[i]};
		}
	}
	for (size_t i = 0; i < secret_count; i++)
		if (!want_file(&secrets[i]))
			return refuse("cannot look for", secrets[i].file);
	for (size_t i = 0; i < dump_count; i++) {
		if (!map(&dumps[i]))
			return refuse("cannot read", dumps[i].name);
		bytes_search(&dumps[i]);
	}
	for (size_t i = 0; i < key_count; i++)
		if (!key_search(keys[i].name, keys[i].file, folder, dumps, dump_count))
			return refuse("cannot look for", keys[i].file);
	return found ? 0 : dump_count ? 1 : refuse("no dump", "given");
}
