/* SPDX-License-Identifier: MIT
 *
 * Opening files: every prefix, the largest table, sizes that no memory could hold. What is refused
 * and why: tests/hostile/frame_cases.c.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include <cpk/reader.h>

/* One payload without anything, then the manifest: the least that is a package. */
static const char least[] =
	"{\"cp-id\":\"i\",\"cp-name\":\"\",\"cp-vendor\":\"\",\"payload\":{\"data\":0,\"target\":{\"arch\":\"a\","
	"\"os\":\"o\"},\"ver\":{\"maj\":0,\"min\":0,\"rev\":0,\"date\":\"\"},\"enc\":\"none\",\"dig\":\"none\","
	"\"sig\":\"none\",\"cert\":\"none\"},\"package\":{\"map\":[],\"dig\":\"none\",\"sig\":\"none\",\"cert\":"
	"\"none\"}}";
/* The same, encrypted: streams 2 and 3 are nonce and tag. */
static const char encrypted[] =
	"{\"cp-id\":\"i\",\"cp-name\":\"\",\"cp-vendor\":\"\",\"payload\":{\"data\":0,\"target\":{\"arch\":\"a\","
	"\"os\":\"o\"},\"ver\":{\"maj\":0,\"min\":0,\"rev\":0,\"date\":\"\"},\"enc\":{\"aes-gcm\":{\"key_name\":"
	"\"12345\",\"key_strength\":256,\"nonce\":2,\"tag\":3}},\"dig\":\"none\",\"sig\":\"none\",\"cert\":"
	"\"none\"},\"package\":{\"map\":[],\"dig\":\"none\",\"sig\":\"none\",\"cert\":\"none\"}}";

static void put(int fd, uint64_t at, const void *bytes, size_t size)
{
	assert_int_equal(pwrite(fd, bytes, size, (off_t)at), size);
}

static void put_le(int fd, uint64_t at, uint64_t value, unsigned size)
{
	uint8_t bytes[8];

	for (unsigned i = 0; i < size; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
	put(fd, at, bytes, size);
}

static void put_stream(int fd, unsigned index, uint64_t offset, uint64_t size)
{
	put_le(fd, 16 + 16 * (uint64_t)index, offset, 8);
	put_le(fd, 24 + 16 * (uint64_t)index, size, 8);
}

static int new_file(uint16_t count, uint16_t manifest)
{
	int fd = memfd_create("package", MFD_CLOEXEC);

	assert_true(fd >= 0);
	put_le(fd, 0, 0x0eccf00d, 4);
	put_le(fd, 4, 1, 2);
	put_le(fd, 6, 0, 2);
	put_le(fd, 8, count, 2);
	put_le(fd, 10, manifest, 2);
	put_le(fd, 12, 1, 2);
	put_le(fd, 14, 1, 2);
	return fd;
}

/* payload "abc", then the manifest */
static int least_package(void)
{
	int fd = new_file(2, 1);

	put_stream(fd, 0, 0, 3);
	put_stream(fd, 1, 3, sizeof least - 1);
	put(fd, 48, "abc", 3);
	put(fd, 51, least, sizeof least - 1);
	return fd;
}

static struct cpk_raw *open_or_fail(int fd)
{
	struct edb_error error = {0};
	struct cpk_raw *raw = NULL;

	if (cpk_open(fd, &raw, &error))
		fail_msg("%s", error.message);
	return raw;
}

static void test_the_least_package(void **state)
{
	int fd = least_package();
	struct cpk_raw *raw = open_or_fail(fd);
	uint8_t bytes[32] = "????";
	size_t size;

	(void)state;
	assert_int_equal(cpk_raw_stream_count(raw), 2);
	assert_int_equal(cpk_raw_manifest_index(raw), 1);
	assert_int_equal(cpk_raw_stream_size(raw, 0), 3);
	assert_int_equal(cpk_raw_stream_offset(raw, 0), 48);
	assert_int_equal(cpk_raw_stream_size(raw, 2), 0);
	assert_int_equal(cpk_raw_stream_offset(raw, 2), 0);
	assert_string_equal(cpk_raw_manifest_borrow(raw)->id, "i");
	assert_memory_equal(cpk_raw_manifest_bytes_borrow(raw, &size), least, sizeof least - 1);
	assert_int_equal(size, sizeof least - 1);

	assert_int_equal(cpk_raw_read_at(raw, 0, 1, bytes, 2, NULL), EDB_OK);
	assert_memory_equal(bytes, "bc??", 4);
	assert_int_equal(cpk_raw_read_at(raw, 0, 3, bytes, 0, NULL), EDB_OK);
	assert_int_equal(cpk_raw_read_at(raw, 0, 2, bytes, 2, NULL), EDB_E_ARG);
	assert_int_equal(cpk_raw_read_at(raw, 0, UINT64_MAX, bytes, 2, NULL), EDB_E_ARG);
	assert_int_equal(cpk_raw_read_at(raw, 2, 0, bytes, 0, NULL), EDB_E_STREAM_INDEX);
	assert_int_equal(cpk_raw_claimed_digests(raw, bytes, NULL, NULL), EDB_E_UNSIGNED);
	cpk_raw_free(raw);
	close(fd);
}

static void test_every_prefix_is_refused(void **state)
{
	int fd = least_package();
	struct cpk_raw *raw = NULL;

	(void)state;
	for (off_t size = 51 + (off_t)sizeof least - 2; size >= 0; size--) {
		struct edb_error error = {0};

		assert_int_equal(ftruncate(fd, size), 0);
		assert_int_equal(cpk_open(fd, &raw, &error),
			size < 48 ? EDB_E_TRUNCATED : EDB_E_STREAM_RANGE);
		assert_true(error.offset <= 51 + sizeof least);
		assert_null(raw);
	}
	close(fd);
}

static void test_only_regular_files(void **state)
{
	struct cpk_raw *raw = NULL;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(cpk_open(ends[0], &raw, NULL), EDB_E_ARG);
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(cpk_open(-1, &raw, NULL), EDB_E_ARG);
}

/* 65,535 streams, all but two of them empty and in one place. */
static void test_the_largest_table(void **state)
{
	int fd = new_file(65535, 65534);
	uint64_t origin = 16 + 16 * 65535ull;

	(void)state;
	assert_int_equal(ftruncate(fd, (off_t)origin), 0);
	put_stream(fd, 0, 0, 3);
	put_stream(fd, 65534, 3, sizeof least - 1);
	put(fd, origin, "abc", 3);
	put(fd, origin + 3, least, sizeof least - 1);
	struct cpk_raw *raw = open_or_fail(fd);
	assert_int_equal(cpk_raw_stream_count(raw), 65535);
	cpk_raw_free(raw);
	close(fd);
}

/* Rule R4: at the limit, and one byte above. A sparse file: nothing of it is read or allocated. */
static void test_gcm_takes_no_more(void **state)
{
	const uint64_t limit = (1ull << 36) - 32;
	struct cpk_raw *raw = NULL;
	struct rusage usage;

	(void)state;
	for (unsigned above = 0; above < 2; above++) {
		int fd = new_file(4, 1);

		put_stream(fd, 0, sizeof encrypted - 1 + 28, limit + above);
		put_stream(fd, 1, 0, sizeof encrypted - 1);
		put_stream(fd, 2, sizeof encrypted - 1, 12);
		put_stream(fd, 3, sizeof encrypted - 1 + 12, 16);
		put(fd, 80, encrypted, sizeof encrypted - 1);
		assert_int_equal(
			ftruncate(fd, (off_t)(80 + sizeof encrypted - 1 + 28 + limit + above)), 0);
		assert_int_equal(cpk_open(fd, &raw, NULL), above ? EDB_E_LIMIT : EDB_OK);
		if (!above)
			cpk_raw_free(raw);
		close(fd);
	}
	getrusage(RUSAGE_SELF, &usage);
	assert_true(usage.ru_maxrss < 512 * 1024); /* KiB; a sanitizer's own memory included */
}

struct collected {
	uint8_t bytes[16];
	size_t size;
	enum edb_err answer;
};

static enum edb_err collect(
	void *context, const uint8_t *data, size_t size, struct edb_error *error)
{
	struct collected *c = context;

	(void)error;
	assert_true(size <= sizeof c->bytes - c->size);
	memcpy(c->bytes + c->size, data, size);
	c->size += size;
	return c->answer;
}

static void test_copying_a_stream(void **state)
{
	int fd = least_package();
	struct cpk_raw *raw = open_or_fail(fd);
	struct collected c = {0};

	(void)state;
	assert_int_equal(cpk_raw_copy_stream(raw, 0, collect, &c, NULL, NULL), EDB_OK);
	assert_int_equal(c.size, 3);
	assert_memory_equal(c.bytes, "abc", 3);
	c = (struct collected){.answer = EDB_E_STORAGE_FULL};
	assert_int_equal(cpk_raw_copy_stream(raw, 0, collect, &c, NULL, NULL), EDB_E_STORAGE_FULL);
	assert_int_equal(cpk_raw_copy_stream(raw, 9, collect, &c, NULL, NULL), EDB_E_STREAM_INDEX);
	cpk_raw_free(raw);
	close(fd);
}

/* The file is changed under an open handle: what was parsed stays, what is gone is said to be. */
static void test_a_file_that_changes(void **state)
{
	int fd = least_package();
	struct cpk_raw *raw = open_or_fail(fd);
	uint8_t bytes[8];

	(void)state;
	assert_int_equal(ftruncate(fd, 49), 0);
	assert_int_equal(cpk_raw_read_at(raw, 0, 0, bytes, 3, NULL), EDB_E_TRUNCATED);
	assert_int_equal(cpk_raw_read_at(raw, 1, 1, bytes, 7, NULL), EDB_OK);
	assert_memory_equal(bytes, "\"cp-id\"", 7);
	cpk_raw_free(raw);
	cpk_raw_free(NULL);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_least_package),
		cmocka_unit_test(test_every_prefix_is_refused),
		cmocka_unit_test(test_only_regular_files),
		cmocka_unit_test(test_the_largest_table),
		cmocka_unit_test(test_gcm_takes_no_more),
		cmocka_unit_test(test_copying_a_stream),
		cmocka_unit_test(test_a_file_that_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
