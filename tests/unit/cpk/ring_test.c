/* SPDX-License-Identifier: MIT
 *
 * The buffers between reading, hashing and writing: everybody sees all in order, and who fails does
 * not let the others wait.
 */
#include "ring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define BUFFERS (10 * RING_SLOTS)

struct seen {
	size_t buffers, in_order;
	size_t fails_at; /* this buffer; none if it is BUFFERS */
};

static enum edb_err look(void *context, const uint8_t *data, size_t size, struct edb_error *error)
{
	struct seen *seen = context;

	if (seen->buffers == seen->fails_at)
		return edb_fail(error, EDB_E_IO, 7, "planted");
	seen->in_order += size == seen->buffers + 1 && data[0] == seen->buffers &&
			  data[size - 1] == seen->buffers;
	seen->buffers++;
	return EDB_OK;
}

/* How many buffers could be handed over. */
static size_t fill(struct ring *ring)
{
	for (size_t i = 0; i < BUFFERS; i++) {
		uint8_t *next = ring_next(ring);

		if (!next)
			return i;
		memset(next, (int)i, i + 1);
		ring_push(ring, i + 1);
	}
	return BUFFERS;
}

static void test_two_users_see_all_in_order(void **state)
{
	(void)state;
	struct seen seen[2] = {{.fails_at = BUFFERS}, {.fails_at = BUFFERS}};
	const struct ring_user users[] = {
		{.use = look, .context = &seen[0]}, {.use = look, .context = &seen[1]}};
	struct ring ring;

	assert_int_equal(ring_start(&ring, users, 2, NULL), EDB_OK);
	assert_int_equal(fill(&ring), BUFFERS);
	assert_int_equal(ring_end(&ring, NULL), EDB_OK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(seen[i].buffers, BUFFERS);
		assert_int_equal(seen[i].in_order, BUFFERS);
	}
}

static void test_a_failure_ends_the_filling(void **state)
{
	(void)state;
	for (size_t at = 0; at < BUFFERS; at++) {
		struct seen seen[2] = {{.fails_at = BUFFERS}, {.fails_at = at}};
		const struct ring_user users[] = {
			{.use = look, .context = &seen[0]}, {.use = look, .context = &seen[1]}};
		struct edb_error error = {0};
		struct ring ring;
		size_t filled;

		assert_int_equal(ring_start(&ring, users, 2, NULL), EDB_OK);
		filled = fill(&ring);
		assert_int_equal(ring_end(&ring, &error), EDB_E_IO);
		assert_string_equal(error.message, "planted");
		assert_int_equal(error.offset, 7);
		/* Not called again after it failed; the other has what was handed over. */
		assert_int_equal(seen[1].buffers, at);
		assert_true(filled > at && filled <= at + RING_SLOTS + 1);
		assert_int_equal(seen[0].in_order, filled);
	}
}

static void test_nothing_to_hand_over(void **state)
{
	(void)state;
	struct seen seen = {.fails_at = BUFFERS};
	const struct ring_user user = {.use = look, .context = &seen};
	struct ring ring;

	assert_int_equal(ring_start(&ring, &user, 1, NULL), EDB_OK);
	assert_int_equal(ring_end(&ring, NULL), EDB_OK);
	assert_int_equal(seen.buffers, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_users_see_all_in_order),
		cmocka_unit_test(test_a_failure_ends_the_filling),
		cmocka_unit_test(test_nothing_to_hand_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
