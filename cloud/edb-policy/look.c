/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "commands.h"
#include "file.h"
#include "policy.h"

struct verify_values {
	const char *signer;
};

static const struct cli_option verify_options[] = {
	{'s', "signer", "KEY", "public key, certificate or private key of who must have signed",
		.required = true, CLI_INTO(CLI_TEXT, struct verify_values, signer)},
	{0},
};

static void print_hex(const char *name, const uint8_t *bytes, size_t size)
{
	char text[129];

	edb_hex_encode(bytes, size, text);
	printf("%-22s %s\n", name, text);
}

static void print_p256(const char *name, const struct edb_p256 *key)
{
	struct edb_public_key *public = NULL;
	uint8_t id[EDB_KEY_ID_BYTES];

	if (edb_public_key_from_p256_point(key->x, key->y, &public, NULL)) {
		printf("%-22s not a point of P-256\n", name);
		return;
	}
	edb_public_key_id(public, id);
	edb_public_key_free(public);
	print_hex(name, id, sizeof id);
}

static void print_ids(const uint8_t ids[][EDB_UUID_BYTES], size_t count, bool any)
{
	char text[EDB_UUID_TEXT_SIZE];

	for (size_t i = 0; i < count; i++) {
		edb_uuid_encode(ids[i], text);
		printf("%-22s %s\n", "  id", text);
	}
	if (any)
		printf("%-22s any\n", "  id");
}

static void show_device(const struct edb_device_policy *p)
{
	printf("%-22s %" PRIu64 "\n", "version", p->version);
	for (size_t i = 0; i < p->device_count; i++)
		print_hex("device", p->devices[i], EDB_DEVICE_ID_BYTES);
	if (!p->device_count)
		printf("%-22s all of this root\n", "device");
	if (p->has_next_root)
		print_p256("next root", &p->next_root);
	if (p->has_operator)
		print_p256("operator", &p->operator_key);
	printf("%-22s %s\n", "2021 packages", p->allow_2021_packages ? "allowed" : "refused");
	printf("%-22s %s\n", "2021 keys", p->allow_2021_keys ? "allowed" : "refused");
}

static void show_operator(const struct edb_operator_policy *p)
{
	char text[EDB_UUID_TEXT_SIZE];

	printf("%-22s %" PRIu64 "\n", "version", p->version);
	for (size_t i = 0; i < p->vendor_count; i++) {
		const struct edb_vendor *v = &p->vendors[i];

		print_hex("vendor", v->id, sizeof v->id);
		print_ids(v->ids, v->id_count, v->any);
		printf("%-22s %u ids, %u KiB\n", "  quota", v->quota_ids, v->quota_kib);
		for (size_t s = 0; s < v->succeeds_count; s++)
			print_hex("  succeeds", v->succeeds[s], EDB_KEY_ID_BYTES);
	}
	for (size_t i = 0; i < p->service_count; i++) {
		print_p256("key service", &p->services[i].key);
		print_ids(p->services[i].ids, p->services[i].id_count, p->services[i].any);
	}
	for (size_t i = 0; i < p->floor_count; i++) {
		const struct edb_floor *f = &p->floors[i];

		edb_uuid_encode(f->id, text);
		printf("%-22s %s at least %u.%u.%u\n", "floor", text, f->version[0], f->version[1],
			f->version[2]);
	}
	if (p->has_fleet_key)
		print_p256("fleet key", &p->fleet_key);
}

static void show_bundle(const struct edb_key_bundle *b)
{
	char text[EDB_UUID_TEXT_SIZE];

	edb_uuid_encode(b->id, text);
	print_hex("device", b->device, sizeof b->device);
	printf("%-22s %s\n", "application", text);
	print_hex("vendor", b->vendor, sizeof b->vendor);
	printf("%-22s %u, lowest valid %u\n", "key version", b->key_version, b->lowest_version);
	printf("%-22s %u.%u\n", "number", b->epoch, b->counter);
}

static enum edb_err show_payload(const struct edb_document *d, struct edb_error *error)
{
	struct edb_device_policy device;
	struct edb_operator_policy *operator_;
	struct edb_key_bundle bundle;
	enum edb_err err;

	switch (d->type) {
	case EDB_DOCUMENT_DEVICE_POLICY:
		err = edb_device_policy_decode(d->payload, d->payload_size, &device, error);
		if (!err)
			show_device(&device);
		return err;
	case EDB_DOCUMENT_OPERATOR_POLICY:
		operator_ = calloc(1, sizeof *operator_);
		if (!operator_)
			return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "out of memory");
		err = edb_operator_policy_decode(d->payload, d->payload_size, operator_, error);
		if (!err)
			show_operator(operator_);
		free(operator_);
		return err;
	default:
		err = edb_key_bundle_decode(d->payload, d->payload_size, &bundle, error);
		if (!err)
			show_bundle(&bundle);
		return err;
	}
}

static enum edb_err load(
	struct cli *cli, uint8_t **bytes, struct edb_document *d, struct edb_error *error)
{
	size_t size = 0;
	enum edb_err err = edb_read_file(cli->operands[0], EDB_DOCUMENT_MAX, bytes, &size, error);
	return err ? err : edb_document_parse(*bytes, size, d, error);
}

static enum edb_err run_show(struct cli *cli, const void *values)
{
	struct edb_error *error = &cli->error;
	struct edb_document d;
	uint8_t *bytes = NULL;
	enum edb_err err = load(cli, &bytes, &d, error);

	(void)values;
	if (!err) {
		printf("%-22s %s\n", "type", edb_document_type_name(d.type));
		print_hex("signed by (unverified)", d.kid, sizeof d.kid);
		err = show_payload(&d, error);
	}
	free(bytes);
	return err;
}

/* Any file that has the key: public, certificate, or private. */
static enum edb_err load_any(const char *path, struct edb_public_key **key,
	struct edb_signer **signer, const struct edb_public_key **public, struct edb_error *error)
{
	enum edb_err err = edb_public_key_load(path, key, error);

	*public = *key;
	if (err != EDB_E_CERTIFICATE)
		return err;
	err = edb_signer_open(path, signer, error);
	if (!err)
		*public = edb_signer_public_borrow(*signer);
	return err;
}

static enum edb_err run_verify(struct cli *cli, const void *values)
{
	const struct verify_values *v = values;
	struct edb_error *error = &cli->error;
	struct edb_public_key *key = NULL;
	struct edb_signer *signer = NULL;
	const struct edb_public_key *public = NULL;
	struct edb_document d;
	uint8_t *bytes = NULL;
	enum edb_err err = load_any(v->signer, &key, &signer, &public, error);
	if (!err)
		err = load(cli, &bytes, &d, error);
	if (!err)
		err = edb_document_verify(&d, public, error);
	if (!err)
		printf("good: %s, signed by this key\n", edb_document_type_name(d.type));
	free(bytes);
	edb_public_key_free(key);
	edb_signer_free(signer);
	return err;
}

static enum edb_err run_id(struct cli *cli, const void *values)
{
	struct edb_error *error = &cli->error;
	struct edb_public_key *key = NULL;
	struct edb_signer *signer = NULL;
	const struct edb_public_key *public = NULL;
	uint8_t id[EDB_KEY_ID_BYTES];
	char text[2 * EDB_KEY_ID_BYTES + 1];
	enum edb_err err = load_any(cli->operands[0], &key, &signer, &public, error);

	(void)values;
	if (!err) {
		edb_public_key_id(public, id);
		edb_hex_encode(id, sizeof id, text);
		puts(text);
	}
	edb_public_key_free(key);
	edb_signer_free(signer);
	return err;
}

const struct cli_command cmd_show = {
	.name = "show",
	.summary = "show a signed document, unverified",
	.operand = "FILE",
	.operands_min = 1,
	.operands_max = 1,
	.run = run_show,
};

const struct cli_command cmd_verify = {
	.name = "verify",
	.summary = "was it signed by this key?",
	.operand = "FILE",
	.operands_min = 1,
	.operands_max = 1,
	.options = verify_options,
	.values_bytes = sizeof(struct verify_values),
	.run = run_verify,
};

const struct cli_command cmd_id = {
	.name = "id",
	.summary = "the id of a key: SHA-256 of its SubjectPublicKeyInfo",
	.operand = "FILE",
	.operands_min = 1,
	.operands_max = 1,
	.run = run_id,
};
