/* SPDX-License-Identifier: MIT
 *
 * Different handles in several threads, and one set of anchors between them. Run under
 * ThreadSanitizer (-Db_sanitize=thread), it also shows that nothing else is shared.
 */
#include "fixture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define THREADS       4
#define PAYLOAD_BYTES ((size_t)600000)

struct work {
	const struct fixture *f;
	struct edb_signer *signer; /* one thread at a time: each has its own */
	int in;
	enum edb_err err;
	struct edb_error error;
};

static void *build_and_check(void *context)
{
	struct work *w = context;
	struct cpk_build_options options = w->f->options;

	for (int round = 0; !w->err && round < 3; round++) {
		int out = memfd_create("package", MFD_CLOEXEC);

		options.signer = w->signer;
		w->err = cpk_build(w->in, out, &options, NULL, NULL, &w->error);
		if (!w->err)
			w->err = fixture_check(w->f, out, PAYLOAD_BYTES, NULL, &w->error);
		close(out);
	}
	return NULL;
}

static void test_threads(void **state)
{
	const struct fixture *f = *state;
	struct work work[THREADS] = {0};
	pthread_t thread[THREADS];
	char path[128];

	snprintf(path, sizeof path, "%s/key.pem", f->folder);
	assert_int_equal(edb_generate_key(path, 256, NULL), EDB_OK);
	for (int i = 0; i < THREADS; i++) {
		work[i] = (struct work){.f = f, .in = fixture_file(PAYLOAD_BYTES)};
		assert_int_equal(edb_signer_open(path, &work[i].signer, NULL), EDB_OK);
	}
	struct fixture shared = *f;
	shared.options.certificate = edb_public_key_spki_borrow(
		edb_signer_public_borrow(work[0].signer), &shared.options.certificate_size);
	assert_int_equal(
		cpk_anchors_add_key(f->anchors, edb_signer_public_borrow(work[0].signer), NULL),
		EDB_OK);
	for (int i = 0; i < THREADS; i++) {
		work[i].f = &shared;
		assert_int_equal(pthread_create(&thread[i], NULL, build_and_check, &work[i]), 0);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	for (int i = 0; i < THREADS; i++) {
		if (work[i].err)
			fail_msg("thread %d: %s", i, work[i].error.message);
		close(work[i].in);
		edb_signer_free(work[i].signer);
	}
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, fixture_up, fixture_down);
}
