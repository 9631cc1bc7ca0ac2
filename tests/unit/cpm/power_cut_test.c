/* SPDX-License-Identifier: MIT
 *
 * What a power cut leaves of an install, an update and a removal: the old state or the new one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "edb_err.h"
#include "image_store_fake.h"
#include "local.h"
#include "world.h"

/*
 * Power goes before every single change of storage while `step` runs. What is there afterwards is
 * the old state or the new one, whole, with nothing besides.
 */
static void power_cut_everywhere(
	int (*step)(void), uint64_t fingerprint_old, void (*check)(bool old))
{
	for (uint32_t n = 1;; n++) {
		bool stopped;

		simtee_local_stop_at(n);
		(void)step();
		stopped = simtee_local_stopped();
		world_power_cut();
		assert_int_equal(simtee_local_handles(), 0);
		check(simtee_local_fingerprint() == fingerprint_old);
		if (!stopped)
			return;
	}
}

static struct package update;
static struct package_options update_options;

static int step_update(void)
{
	return install(&update, &update_options);
}

static void check_update(bool old)
{
	struct listed l;

	assert_int_equal(call_list(world.cpm, 0, &l), EDB_OK);
	assert_int_equal(l.state, EDB_APP_INSTALLED);
	assert_true(l.version[0] == 1 || l.version[0] == 2);
	assert_true(holds_image(l.version[0] == 1 ? 'a' : 'b'));
	if (old)
		assert_int_equal(l.version[0], 1);
	assert_int_equal(call_list(world.cpm, 1, &l), EDB_E_NOT_FOUND);
}

static void test_power_cut_while_updating(void **state)
{
	(void)state;
	world_provision(false);
	world_give_key(&world.vendor, 1);
	assert_int_equal(install_app(1, 'a'), EDB_OK);
	update_options = app(2, image_store_fake_image('b'), IMAGE_BYTES);
	update = package_make(&update_options);
	power_cut_everywhere(step_update, simtee_local_fingerprint(), check_update);
	package_free(&update);
}

static uint32_t objects_old, objects_new;

static void check_data(bool old)
{
	struct listed l;

	(void)old;
	assert_int_equal(call_list(world.cpm, 0, &l), EDB_OK);
	assert_int_equal(l.state, EDB_APP_INSTALLED);
	assert_int_equal(simtee_local_objects(), l.version[0] == 1 ? objects_old : objects_new);
}

static void test_power_cut_while_updating_data(void **state)
{
	static uint8_t payload[600000];

	(void)state;
	world_provision(false);
	world_give_key(&world.vendor, 1);
	update_options = app(1, payload, 1000);
	update_options.data = true;
	update = package_make(&update_options);
	assert_int_equal(step_update(), EDB_OK);
	package_free(&update);
	objects_old = simtee_local_objects();
	objects_new = objects_old + 1; /* two chunks in place of one */
	update_options = app(2, payload, sizeof payload);
	update_options.data = true;
	update = package_make(&update_options);
	power_cut_everywhere(step_update, simtee_local_fingerprint(), check_data);
	package_free(&update);
}

static int step_remove(void)
{
	int ret = -1;

	(void)ecall_remove(world.cpm, &ret, APP_ID);
	return ret;
}

static void check_removed(bool old)
{
	struct listed l;

	assert_int_equal(call_list(world.cpm, 0, &l), EDB_OK);
	if (l.state == EDB_APP_INSTALLED) {
		assert_true(old);
		assert_true(holds_image('a'));
	} else {
		assert_int_equal(l.state, EDB_APP_REMOVED);
		assert_null(image_store_fake_find(world.id, &(uint32_t){0}));
	}
	assert_int_equal(l.version[0], 1);
}

static void test_power_cut_while_removing(void **state)
{
	(void)state;
	world_provision(false);
	world_give_key(&world.vendor, 1);
	assert_int_equal(install_app(1, 'a'), EDB_OK);
	power_cut_everywhere(step_remove, simtee_local_fingerprint(), check_removed);
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORLD(test_power_cut_while_updating),
		WITH_WORLD(test_power_cut_while_updating_data),
		WITH_WORLD(test_power_cut_while_removing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
