/* SPDX-License-Identifier: MIT
 *
 * hostile-write FOLDER [ID ARCH OS]: the whole set as files, for who judges packages without
 * libcpk.
 *
 * FOLDER/NAME.cpk, FOLDER/index ("NAME RULE ERROR", a line each), FOLDER/vendor.der and, for the
 * good cases of other keys, vendor-p256.der and vendor-3072.der (what to trust), FOLDER/class-key.
 */
#include "model.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int put(const char *folder, const char *name, const char *ending, const void *bytes,
	size_t size, uint64_t tail)
{
	char path[4096];
	FILE *file;

	if (snprintf(path, sizeof path, "%s/%s%s", folder, name, ending) >= (int)sizeof path)
		return -1;
	file = fopen(path, "wb");
	if (!file)
		return -1;
	size_t put = fwrite(bytes, 1, size, file);
	bool whole = fflush(file) == 0 && put == size &&
		     ftruncate(fileno(file), (off_t)(size + tail)) == 0;
	return fclose(file) == 0 && whole ? 0 : -1;
}

static int put_all(const char *folder, const struct hostile_kit *kit, FILE *index)
{
	int bad = 0;

	bad |= put(folder, "vendor", ".der", kit->spki[0], kit->spki_size[0], 0);
	bad |= put(folder, "vendor-p256", ".der", kit->spki[2], kit->spki_size[2], 0);
	bad |= put(folder, "vendor-3072", ".der", kit->spki[3], kit->spki_size[3], 0);
	bad |= put(folder, "class-key", "", HOSTILE_KEY, strlen(HOSTILE_KEY), 0);
	for (size_t i = 0; !bad && i < hostile_count(); i++) {
		struct hostile_case c;

		hostile_make(kit, i, &c);
		bad |= put(folder, c.name, ".cpk", c.bytes, c.size, c.tail);
		bad |= fprintf(index, "%s %s %s\n", c.name, c.rule, edb_err_name(c.want)) < 0;
		hostile_case_clear(&c);
	}
	return bad;
}

int main(int argc, char **argv)
{
	char path[4096];

	if (argc != 2 && argc != 5) {
		fprintf(stderr, "Usage: hostile-write FOLDER [ID ARCH OS]\n");
		return EDB_E_USAGE;
	}
	struct hostile_kit *kit = hostile_kit_new(
		argc == 5 ? argv[2] : NULL, argc == 5 ? argv[3] : NULL, argc == 5 ? argv[4] : NULL);
	snprintf(path, sizeof path, "%s/index", argv[1]);
	FILE *index = kit ? fopen(path, "w") : NULL;
	int bad = index ? put_all(argv[1], kit, index) : -1;
	if (index)
		bad |= fclose(index);
	hostile_kit_free(kit);
	if (bad)
		fprintf(stderr, "hostile-write: cannot write the set into %s\n", argv[1]);
	return bad ? EDB_E_IO : 0;
}
