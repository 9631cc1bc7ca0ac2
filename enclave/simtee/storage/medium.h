/* SPDX-License-Identifier: MIT
 *
 * What secure storage stands on: a flat folder of files. A real one (medium_folder.c); one that
 * goes between and stops at a chosen change (medium_fault.c); the tests have one in memory that
 * loses what was not synced. Nothing that arrives here is plaintext.
 *
 * Every function returns 0 or an errno value. Names: at most MEDIUM_NAME_MAX bytes, no slash.
 * Threads: one per medium.
 */
#ifndef SIMTEE_MEDIUM_H
#define SIMTEE_MEDIUM_H

#include <stddef.h>
#include <stdint.h>

#define MEDIUM_NAME_MAX 80u

struct medium_file;

struct medium {
	const struct medium_ops *ops;
};

struct medium_ops {
	/* ENOENT: none. */
	int (*open)(struct medium *medium, const char *name, struct medium_file **file);
	/* An empty file, in place of any old one of that name. */
	int (*create)(struct medium *medium, const char *name, struct medium_file **file);
	void (*close)(struct medium *medium, struct medium_file *file);
	int (*size)(struct medium *medium, struct medium_file *file, uint64_t *bytes);
	/* Exactly size bytes, or EIO. */
	int (*read)(struct medium *medium, struct medium_file *file, uint64_t offset, void *bytes,
		size_t size);
	int (*write)(struct medium *medium, struct medium_file *file, uint64_t offset,
		const void *bytes, size_t size);
	int (*truncate)(struct medium *medium, struct medium_file *file, uint64_t size);
	/* The file's bytes are durable after this. */
	int (*sync)(struct medium *medium, struct medium_file *file);
	/* Atomic; takes the place of a file called `to`. An open file goes with its name. */
	int (*rename)(struct medium *medium, const char *from, const char *to);
	int (*remove)(struct medium *medium, const char *name);
	/* Names made, changed and removed are durable after this. */
	int (*sync_folder)(struct medium *medium);
	/* Each name once; ends early with what `each` returns. `each` must not change the folder.
	 */
	int (*list)(
		struct medium *medium, int (*each)(void *context, const char *name), void *context);
	int (*space)(struct medium *medium, uint64_t *free_bytes);
	void (*free)(struct medium *medium);
};

/** NULL is fine. Files must be closed before. */
void medium_free(struct medium *medium);

/** A folder, made (0700) if it is not there; files in it are 0600. */
int medium_folder_open(const char *path, struct medium **medium);

#endif
