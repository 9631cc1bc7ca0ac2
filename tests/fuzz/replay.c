/* SPDX-License-Identifier: MIT
 *
 * A fuzz target without a fuzzer: feeds it every file of the folders named on the command line, in
 * the order of their names, each in an allocation of exactly its size. So the seeds and whatever a
 * fuzzer once found are part of the normal tests, with any compiler.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* 0: fed, 1: not a regular file, -1: cannot be read. */
static int feed(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = NULL;
	struct stat st;
	int result = -1;

	if (!file || fstat(fileno(file), &st) < 0)
		goto out;
	result = 1;
	if (!S_ISREG(st.st_mode))
		goto out;
	size_t size = (size_t)st.st_size;
	result = -1;
	data = malloc(size ? size : 1);
	if (!data || fread(data, 1, size, file) != size)
		goto out;
	if (size == 0) { /* no byte may be read, not even one */
		free(data);
		data = NULL;
	}
	LLVMFuzzerTestOneInput(data, size);
	result = 0;
out:
	free(data);
	if (file)
		fclose(file);
	return result;
}

static int feed_folder(const char *folder, unsigned *fed)
{
	struct dirent **entry = NULL;
	int count = scandir(folder, &entry, NULL, alphasort), bad = count < 0;

	for (int i = 0; i < count; i++) {
		char path[4096];
		int size = snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
		int result = size < (int)sizeof path ? feed(path) : -1;

		if (result < 0)
			fprintf(stderr, "%s: cannot be read\n", path);
		bad |= result < 0;
		*fed += result == 0;
		free(entry[i]);
	}
	free(entry);
	return bad;
}

int main(int argc, char **argv)
{
	unsigned fed = 0;
	int bad = 0;

	for (int i = 1; i < argc; i++)
		bad |= feed_folder(argv[i], &fed);
	printf("%u inputs\n", fed);
	return bad || fed == 0; /* an empty corpus tests nothing */
}
