/* SPDX-License-Identifier: MIT
 *
 * One device with its CPM, and the parties around it: maker (root), operator, two vendors, a key
 * service. Each test gets a fresh one. Calls go through the host's stubs, the generated dispatcher
 * and the TEE API, all in this process.
 */
#ifndef TEST_WORLD_H
#define TEST_WORLD_H

#include <stdbool.h>

#include "cpm_u.h"
#include "parties.h"

struct world {
	struct party root, operator_, vendor, other_vendor, rsa_vendor, service, stranger;
	struct edb_enclave *cpm;
	struct bytes wrapping; /* SPKI */
	uint8_t device[16], id[16], key[32];
	uint64_t policy_version;
	uint32_t bundle_counter;
};

#define APP_ID   "5f3c1d6e-2b74-4c8f-9a51-7d0e6b3f8c24"
#define OTHER_ID "0c9f3a10-1111-4222-8333-444455556666"

extern struct world world;

int world_set_up(void **state);
int world_tear_down(void **state);

/** Blank → provisioned, operator policy with vendor (any id), rsa_vendor (any id) and service. */
void world_provision(bool allow_2021);
/** A class key for APP_ID of this vendor. */
void world_give_key(const struct party *vendor, uint32_t version);

/** A bundle of world.vendor's key for world.id, version 1, epoch 1, and this counter. */
struct bundle_options world_bundle(uint32_t counter);

/** world.key for the device's legacy wrapping key, as a service of 2021 wraps it. Returns its size.
 */
size_t world_wrap_legacy(uint8_t wrapped[static 512]);

/** The host's view: close and open the session; power cut: everything but storage is gone. */
void world_reconnect(void);
void world_power_cut(void);

/* Calls; each returns what the CPM answered. */
int call_provision(const struct party *root, struct bytes policy);
int call_update(struct bytes document);
int call_bundle(struct bytes document);
int call_begin(struct edb_enclave *e, const struct package *p, const struct party *signer);
int call_add(struct edb_enclave *e, const char *id, const void *data, size_t size);
int call_end(struct edb_enclave *e, const char *id);
/** All of it, in blocks; aborts when something is refused. */
int install(const struct package *p, const struct package_options *o);

/** Options for an application package of world.vendor with this version. */
struct package_options app(uint32_t maj, const void *payload, size_t size);
/** Build and install such a package, its image made from this seed. */
int install_app(uint32_t maj, uint8_t seed);
/** Is that image, whole, what the image store has for world.id? */
bool holds_image(uint8_t seed);

/** A line of the CPM's list. */
struct listed {
	uint8_t id[16], digest[32], vendor[32];
	uint32_t version[3], key_version;
	enum edb_payload_type type;
	enum edb_app_state state;
};
int call_list(struct edb_enclave *e, uint32_t index, struct listed *l);

#endif
