/* SPDX-License-Identifier: MIT */
#include "memory_medium.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX 128
#define NAMES_MAX 64

struct bytes {
	uint8_t *at;
	size_t size;
};

struct medium_file {
	struct bytes live, synced;
};

struct name {
	char text[MEDIUM_NAME_MAX + 1];
	struct medium_file *file;
};

struct names {
	struct name at[NAMES_MAX];
	size_t count;
};

struct memory {
	struct medium medium;
	struct medium_file *files[FILES_MAX]; /* every one ever made */
	size_t file_count, open_count, limit;
	struct names live, synced;
};

static struct memory *of(const struct medium *medium)
{
	return (struct memory *)(uintptr_t)medium;
}

static void set(struct bytes *to, const void *at, size_t size)
{
	uint8_t *fresh = malloc(size ? size : 1);

	if (!fresh)
		abort();
	if (size)
		memcpy(fresh, at, size);
	free(to->at);
	*to = (struct bytes){.at = fresh, .size = size};
}

static struct name *find(struct memory *m, const char *text)
{
	for (size_t i = 0; i < m->live.count; i++)
		if (!strcmp(m->live.at[i].text, text))
			return &m->live.at[i];
	return NULL;
}

static int memory_open(struct medium *medium, const char *text, struct medium_file **file)
{
	struct name *name = find(of(medium), text);

	if (!name)
		return ENOENT;
	of(medium)->open_count++;
	*file = name->file;
	return 0;
}

static void add_name(struct memory *m, const char *text, struct medium_file *file)
{
	struct name *name = find(m, text);

	if (!name) {
		if (m->live.count == NAMES_MAX)
			abort();
		name = &m->live.at[m->live.count++];
		memset(name, 0, sizeof *name);
		memcpy(name->text, text, strlen(text));
	}
	name->file = file;
}

static int memory_create(struct medium *medium, const char *text, struct medium_file **file)
{
	struct memory *m = of(medium);

	if (m->file_count == FILES_MAX)
		abort();
	*file = m->files[m->file_count++] = calloc(1, sizeof **file);
	if (!*file)
		abort();
	set(&(*file)->live, NULL, 0);
	set(&(*file)->synced, NULL, 0);
	add_name(m, text, *file);
	m->open_count++;
	return 0;
}

static void memory_close(struct medium *medium, struct medium_file *file)
{
	(void)file;
	of(medium)->open_count--;
}

static int memory_size(struct medium *medium, struct medium_file *file, uint64_t *bytes)
{
	(void)medium;
	*bytes = file->live.size;
	return 0;
}

static int memory_read(
	struct medium *medium, struct medium_file *file, uint64_t offset, void *bytes, size_t size)
{
	(void)medium;
	if (offset > file->live.size || size > file->live.size - offset)
		return EIO;
	memcpy(bytes, file->live.at + offset, size);
	return 0;
}

static size_t used(const struct memory *m)
{
	size_t sum = 0;

	for (size_t i = 0; i < m->live.count; i++)
		sum += m->live.at[i].file->live.size;
	return sum;
}

static int memory_truncate(struct medium *medium, struct medium_file *file, uint64_t size)
{
	uint8_t *fresh = calloc(1, size ? (size_t)size : 1);

	(void)medium;
	if (!fresh)
		abort();
	memcpy(fresh, file->live.at, size < file->live.size ? (size_t)size : file->live.size);
	free(file->live.at);
	file->live = (struct bytes){.at = fresh, .size = (size_t)size};
	return 0;
}

static int memory_write(struct medium *medium, struct medium_file *file, uint64_t offset,
	const void *bytes, size_t size)
{
	struct memory *m = of(medium);
	int err = 0;

	if (offset + size > file->live.size) {
		size_t room = m->limit - used(m), more = (size_t)offset + size - file->live.size;

		if (more > room) { /* as a full disk does: what fits is written */
			err = ENOSPC;
			size -= more - room;
		}
		memory_truncate(medium, file, offset + size);
	}
	memcpy(file->live.at + offset, bytes, size);
	return err;
}

static int memory_sync(struct medium *medium, struct medium_file *file)
{
	(void)medium;
	set(&file->synced, file->live.at, file->live.size);
	return 0;
}

static int memory_remove(struct medium *medium, const char *text)
{
	struct memory *m = of(medium);
	struct name *name = find(m, text);

	if (!name)
		return ENOENT;
	*name = m->live.at[--m->live.count];
	return 0;
}

static int memory_rename(struct medium *medium, const char *from, const char *to)
{
	struct name *name = find(of(medium), from);

	if (!name)
		return ENOENT;
	add_name(of(medium), to, name->file);
	return memory_remove(medium, from);
}

static int memory_sync_folder(struct medium *medium)
{
	of(medium)->synced = of(medium)->live;
	return 0;
}

static int memory_list(
	struct medium *medium, int (*each)(void *context, const char *name), void *context)
{
	int err = 0;

	for (size_t i = 0; i < of(medium)->live.count && !err; i++)
		err = each(context, of(medium)->live.at[i].text);
	return err;
}

static int memory_space(struct medium *medium, uint64_t *free_bytes)
{
	*free_bytes = of(medium)->limit - used(of(medium));
	return 0;
}

static void memory_free(struct medium *medium)
{
	struct memory *m = of(medium);

	for (size_t i = 0; i < m->file_count; i++) {
		free(m->files[i]->live.at);
		free(m->files[i]->synced.at);
		free(m->files[i]);
	}
	free(m);
}

static const struct medium_ops memory_ops = {
	.open = memory_open,
	.create = memory_create,
	.close = memory_close,
	.size = memory_size,
	.read = memory_read,
	.write = memory_write,
	.truncate = memory_truncate,
	.sync = memory_sync,
	.rename = memory_rename,
	.remove = memory_remove,
	.sync_folder = memory_sync_folder,
	.list = memory_list,
	.space = memory_space,
	.free = memory_free,
};

struct medium *memory_medium_new(void)
{
	struct memory *m = calloc(1, sizeof *m);

	if (!m)
		abort();
	m->medium.ops = &memory_ops;
	m->limit = SIZE_MAX;
	return &m->medium;
}

void memory_medium_cut(struct medium *medium, bool lose_bytes, bool lose_names)
{
	struct memory *m = of(medium);

	for (size_t i = 0; i < m->file_count && lose_bytes; i++)
		set(&m->files[i]->live, m->files[i]->synced.at, m->files[i]->synced.size);
	if (lose_names)
		m->live = m->synced;
}

void memory_medium_limit(struct medium *medium, size_t bytes)
{
	of(medium)->limit = bytes;
}

uint8_t *memory_medium_bytes(struct medium *medium, const char *text, size_t *size)
{
	struct name *name = find(of(medium), text);

	if (!name)
		return NULL;
	*size = name->file->live.size;
	return name->file->live.at;
}

void memory_medium_put(struct medium *medium, const char *text, const void *bytes, size_t size)
{
	struct name *name = find(of(medium), text);
	struct medium_file *file = name ? name->file : NULL;

	if (!file) {
		memory_create(medium, text, &file);
		memory_close(medium, file);
	}
	set(&file->live, bytes, size);
}

const char *memory_medium_name(struct medium *medium, size_t n)
{
	return n < of(medium)->live.count ? of(medium)->live.at[n].text : NULL;
}

size_t memory_medium_open_files(const struct medium *medium)
{
	return of(medium)->open_count;
}
