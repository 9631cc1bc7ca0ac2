/* SPDX-License-Identifier: MIT */
#include "prepared.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "image_store_fake.h"
#include "local.h"
#include "teec_local.h"
#include "world.h"

#define OBJECTS_MAX 16u

struct saved_object {
	uint8_t id[SYS_OBJECT_ID_MAX];
	size_t id_size;
	struct bytes attr, data;
};

static struct saved_object saved[PREPARED_STATES][OBJECTS_MAX];
static uint32_t saved_count[PREPARED_STATES];
static struct prepared all;
static uint8_t image[PREPARED_IMAGE_BYTES];

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void save(enum prepared_state state)
{
	struct saved_object *o = saved[state];
	struct sys_object info;

	for (; !sys_object_at(saved_count[state], o->id, &o->id_size, &info); o++) {
		uint8_t *attr, *data;
		size_t got = 0;

		must(!sys_object_open(o->id, o->id_size, TEE_DATA_FLAG_ACCESS_READ, &info));
		attr = calloc(1, info.attr_size + 1u);
		data = calloc(1, info.data_size + 1u);
		must(attr && data && !sys_object_attr(info.handle, attr, info.attr_size));
		must(!sys_object_read(info.handle, 0, data, info.data_size, &got));
		sys_object_close(info.handle);
		bytes_put(&o->attr, attr, info.attr_size);
		bytes_put(&o->data, data, got);
		free(attr);
		free(data);
		must(++saved_count[state] < OBJECTS_MAX);
	}
}

void prepared_start(enum prepared_state state)
{
	struct sys_object created;

	simtee_local_reset();
	image_store_fake_reset();
	teec_local_power_cut();
	for (uint32_t i = 0; i < saved_count[state]; i++) {
		const struct saved_object *o = &saved[state][i];

		must(!sys_object_create(o->id, o->id_size, TEE_DATA_FLAG_ACCESS_READ, o->attr.data,
			o->attr.size, o->data.data, o->data.size, &created));
		sys_object_close(created.handle);
	}
}

static void secret(const void *bytes, size_t size)
{
	must(all.secret_count < SECRETS_MAX);
	bytes_put(&all.secrets[all.secret_count++], bytes, size);
}

static void secret_attribute(char record, uint32_t id)
{
	TEE_ObjectHandle key = TEE_HANDLE_NULL;
	uint8_t number[512];
	size_t size = sizeof number;

	must(!TEE_OpenPersistentObject(
		TEE_STORAGE_PRIVATE, &record, 1, TEE_DATA_FLAG_ACCESS_READ, &key));
	must(!TEE_GetObjectBufferAttribute(key, id, number, &size));
	TEE_CloseObject(key);
	secret(number, size);
}

static void add_document(struct bytes document)
{
	must(all.document_count < DOCUMENTS_MAX);
	all.documents[all.document_count++] = document;
}

static void make_device_policies(void)
{
	struct device_policy_options o = {.version = 1, .operator_ = &world.operator_};

	add_document(device_policy_document(&o, &world.root));
	o.version = 3;
	o.packages_2021 = o.keys_2021 = true;
	add_document(device_policy_document(&o, &world.root));
	o.version = 4;
	o.device = world.device;
	o.operator_ = &world.stranger; /* takes over */
	add_document(device_policy_document(&o, &world.root));
	o.version = 5;
	o.operator_ = NULL;
	o.next_root = &world.stranger;
	add_document(device_policy_document(&o, &world.root));
}

static void make_operator_policies(void)
{
	struct vendor_options vendor = {
		.party = &world.vendor, .any = true, .quota_ids = 2, .quota_kib = 100};
	struct vendor_options other = vendor;
	struct operator_policy_options o = {.version = 1, .service = &world.service};

	other.party = &world.other_vendor;
	other.succeeds = &world.vendor;
	o.vendors[0] = vendor;
	add_document(operator_policy_document(&o, &world.operator_));
	add_document(operator_policy_document(&o, &world.stranger));
	o.version = 3;
	o.vendors[1] = other;
	o.floor_id = world.id;
	o.floor[0] = 2;
	add_document(operator_policy_document(&o, &world.operator_));
}

static void make_bundles(void)
{
	struct bundle_options o = world_bundle(7);

	add_document(bundle_document(&o, &world.service));
	o.version = o.lowest = 2;
	o.counter = 8;
	add_document(bundle_document(&o, &world.service));
	o.vendor = world.other_vendor.id;
	add_document(bundle_document(&o, &world.service));
}

static void add_package(struct package_options o)
{
	must(all.package_count < PACKAGES_MAX);
	all.packages[all.package_count++] = (struct prepared_package){
		.id = o.id, .signer = o.vendor, .maj = o.version[0], .package = package_make(&o)};
}

static void make_packages(void)
{
	struct package_options o = app(1, image, sizeof image);

	add_package(o);
	o.version[0] = 2;
	add_package(o);
	o.vendor = &world.other_vendor;
	o.key_version = 2;
	add_package(o);
	o = app(1, image, sizeof image);
	o.vendor = &world.rsa_vendor;
	add_package(o);
	o = app(3, image + 8, 500);
	o.data = true;
	add_package(o);
	o.id = OTHER_ID;
	add_package(o);
}

static void make_secrets(void)
{
	secret(world.key, sizeof world.key);
	for (size_t at = 100; at < 400; at += 100)
		secret(image + at, 16);
	secret_attribute('i', TEE_ATTR_ECC_PRIVATE_VALUE);
	secret_attribute('w', TEE_ATTR_RSA_PRIME1);
	secret_attribute('x', TEE_ATTR_RSA_PRIME1);
}

static void make_legacy(void)
{
	uint8_t wrapped[512];
	int ret = -1;

	world_provision(true);
	world_give_key(&world.vendor, 1);
	bytes_put(&all.wrapped_2021, wrapped, world_wrap_legacy(wrapped));
	must(!ecall_install_application_key(world.cpm, &ret, APP_ID, all.wrapped_2021.data,
		     (unsigned)all.wrapped_2021.size) &&
		!ret);
	save(PREPARED_LEGACY);
}

/* The device keys alone, made in the state before. */
static void make_blank(void)
{
	struct saved_object *from = saved[PREPARED_LEGACY];
	uint32_t *count = &saved_count[PREPARED_BLANK];

	for (uint32_t i = 0; i < saved_count[PREPARED_LEGACY]; i++)
		if (from[i].id_size == 1 && strchr("iwx", from[i].id[0]))
			saved[PREPARED_BLANK][(*count)++] = from[i];
	must(*count == 3);
}

static void restart(enum prepared_state state)
{
	edb_enclave_close(world.cpm);
	world.cpm = NULL;
	prepared_start(state);
	world_reconnect();
}

static void make_all(void)
{
	struct device_policy_options device = {.version = 1, .operator_ = &world.operator_};

	world_set_up(NULL);
	world.rsa_vendor = party_rsa(2048);
	must(RAND_bytes(image, sizeof image) == 1);
	memcpy(image, IMAGE_MAGIC, 4);
	memcpy(image + 4, &(uint32_t){64 << 10}, 4);
	make_legacy();
	make_blank();
	restart(PREPARED_BLANK);
	must(!call_provision(&world.root, device_policy_document(&device, &world.root)));
	save(PREPARED_PROVISIONED);
	restart(PREPARED_BLANK);
	world_provision(false);
	world_give_key(&world.vendor, 1);
	save(PREPARED_POLICIES);
	make_device_policies();
	make_operator_policies();
	make_bundles();
	make_packages();
	make_secrets();
	edb_enclave_close(world.cpm);
	world.cpm = NULL;
}

const struct prepared *prepared(void)
{
	if (!all.package_count)
		make_all();
	return &all;
}
