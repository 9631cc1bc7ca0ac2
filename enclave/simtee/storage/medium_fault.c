/* SPDX-License-Identifier: MIT */
#include "medium_fault.h"

#include <errno.h>
#include <stdbool.h>

static struct medium_fault *of(struct medium *medium)
{
	return (struct medium_fault *)medium;
}

static struct medium *inner(struct medium *medium)
{
	return of(medium)->inner;
}

/* May this change happen? *now: this is the very change that is stopped. */
static int change(struct medium *medium, bool *now)
{
	struct medium_fault *fault = of(medium);

	*now = ++fault->changes == fault->stop_at;
	if (*now)
		return fault->error;
	return fault->dead && fault->stop_at && fault->changes > fault->stop_at ? fault->error : 0;
}

static void call_hook(struct medium *medium, bool now)
{
	struct medium_fault *fault = of(medium);

	if (now && fault->hook)
		fault->hook(fault->context);
}

/* For a change without halves. */
static int may(struct medium *medium)
{
	bool now = false;
	int err = change(medium, &now);

	call_hook(medium, now);
	return err;
}

static int fault_open(struct medium *medium, const char *name, struct medium_file **file)
{
	return inner(medium)->ops->open(inner(medium), name, file);
}

static int fault_create(struct medium *medium, const char *name, struct medium_file **file)
{
	int err = may(medium);

	return err ? err : inner(medium)->ops->create(inner(medium), name, file);
}

static void fault_close(struct medium *medium, struct medium_file *file)
{
	inner(medium)->ops->close(inner(medium), file);
}

static int fault_size(struct medium *medium, struct medium_file *file, uint64_t *bytes)
{
	return inner(medium)->ops->size(inner(medium), file, bytes);
}

static int fault_read(
	struct medium *medium, struct medium_file *file, uint64_t offset, void *bytes, size_t size)
{
	return inner(medium)->ops->read(inner(medium), file, offset, bytes, size);
}

static int fault_write(struct medium *medium, struct medium_file *file, uint64_t offset,
	const void *bytes, size_t size)
{
	bool now = false;
	int err = change(medium, &now);

	if (now && of(medium)->torn_percent)
		inner(medium)->ops->write(
			inner(medium), file, offset, bytes, size * of(medium)->torn_percent / 100);
	call_hook(medium, now);
	return err ? err : inner(medium)->ops->write(inner(medium), file, offset, bytes, size);
}

static int fault_truncate(struct medium *medium, struct medium_file *file, uint64_t size)
{
	int err = may(medium);

	return err ? err : inner(medium)->ops->truncate(inner(medium), file, size);
}

static int fault_sync(struct medium *medium, struct medium_file *file)
{
	int err = may(medium);

	return err ? err : inner(medium)->ops->sync(inner(medium), file);
}

static int fault_rename(struct medium *medium, const char *from, const char *to)
{
	int err = may(medium);

	return err ? err : inner(medium)->ops->rename(inner(medium), from, to);
}

static int fault_remove(struct medium *medium, const char *name)
{
	int err = may(medium);

	return err ? err : inner(medium)->ops->remove(inner(medium), name);
}

static int fault_sync_folder(struct medium *medium)
{
	int err = may(medium);

	return err ? err : inner(medium)->ops->sync_folder(inner(medium));
}

static int fault_list(
	struct medium *medium, int (*each)(void *context, const char *name), void *context)
{
	return inner(medium)->ops->list(inner(medium), each, context);
}

static int fault_space(struct medium *medium, uint64_t *free_bytes)
{
	return inner(medium)->ops->space(inner(medium), free_bytes);
}

static void fault_free(struct medium *medium)
{
	(void)medium; /* both are the caller's */
}

static const struct medium_ops fault_ops = {
	.open = fault_open,
	.create = fault_create,
	.close = fault_close,
	.size = fault_size,
	.read = fault_read,
	.write = fault_write,
	.truncate = fault_truncate,
	.sync = fault_sync,
	.rename = fault_rename,
	.remove = fault_remove,
	.sync_folder = fault_sync_folder,
	.list = fault_list,
	.space = fault_space,
	.free = fault_free,
};

void medium_fault_init(struct medium_fault *fault, struct medium *below)
{
	*fault = (struct medium_fault){
		.medium.ops = &fault_ops, .inner = below, .error = EIO, .dead = 1};
}
