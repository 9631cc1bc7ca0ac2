/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "commands.h"
#include "package_file.h"
#include "text.h"

static const char *const enc_names[] = {"none", "aes-gcm"};
static const char *const sig_names[] = {"none", "rsa-pkcs1v15", "rsa-pss", "ecdsa-p256"};
static const char *const cert_names[] = {"none", "target", "url", "embedded-x509-pem",
	"embedded-x509-der", "embedded-public-key-pem", "embedded-public-key-der"};

/* The signer that the package claims; false: it embeds none. */
static bool claimed_signer(const struct cpk_raw *raw, char id[65])
{
	struct edb_public_key *key = NULL;
	uint8_t bytes[EDB_KEY_ID_BYTES];

	if (cpk_raw_claimed_signer(raw, &key, NULL))
		return false;
	edb_public_key_id(key, bytes);
	edb_public_key_free(key);
	edb_hex_encode(bytes, sizeof bytes, id);
	return true;
}

static void print_text(const struct cpk_raw *raw)
{
	const struct cpk_manifest *m = cpk_raw_manifest_borrow(raw);
	char id[65];

	printf("nothing of this is proven: cpk-tool verify proves\n\n");
	printf("id            %s\nname          %s\nvendor        %s\n", m->id, m->name, m->vendor);
	printf("version       %u.%u.%u (%s)\n", m->payload.ver.maj, m->payload.ver.min,
		m->payload.ver.rev, m->payload.ver.date);
	printf("type          %s\n", m->payload.type == CPK_TYPE_DATA ? "data" : "application");
	printf("target        %s, %s\n", m->payload.arch, m->payload.os);
	printf("payload       %" PRIu64 " bytes, %s\n", cpk_raw_stream_size(raw, m->payload.data),
		enc_names[m->payload.enc.scheme]);
	if (m->payload.enc.scheme == CPK_ENC_AES_GCM)
		printf("class key     %s, version %u\n", m->payload.enc.aes_gcm.key_name,
			m->payload.enc.aes_gcm.key_version);
	printf("signed        payload: %s, package: %s\n", sig_names[m->payload.sig.scheme],
		sig_names[m->package.sig.scheme]);
	printf("certificate   %s\n", cert_names[m->payload.cert.scheme]);
	if (claimed_signer(raw, id))
		printf("claimed by    %s\n", id);
	for (size_t i = 0; i < m->payload.readers_count; i++)
		printf("reader        %s of %s\n", m->payload.readers[i].id,
			m->payload.readers[i].vendor);
	printf("\nstream      offset        size\n");
	for (uint16_t i = 0; i < cpk_raw_stream_count(raw); i++)
		printf("%6u %11" PRIu64 " %11" PRIu64 "%s\n", i, cpk_raw_stream_offset(raw, i),
			cpk_raw_stream_size(raw, i),
			i == cpk_raw_manifest_index(raw) ? "  manifest" : "");
}

static enum edb_err print_json(const struct cpk_raw *raw, struct edb_error *error)
{
	size_t size = 0;
	const uint8_t *text = cpk_raw_manifest_bytes_borrow(raw, &size);
	json_t *root = json_object(), *streams = json_array();
	char id[65];
	char *out = NULL;

	for (uint16_t i = 0; i < cpk_raw_stream_count(raw); i++)
		json_array_append_new(streams,
			json_pack("{s:I,s:I}", "offset", (json_int_t)cpk_raw_stream_offset(raw, i),
				"size", (json_int_t)cpk_raw_stream_size(raw, i)));
	json_object_set_new(root, "verified", json_false());
	json_object_set_new(root, "manifest", json_loadb((const char *)text, size, 0, NULL));
	json_object_set_new(root, "manifest_stream", json_integer(cpk_raw_manifest_index(raw)));
	json_object_set_new(root, "streams", streams);
	if (claimed_signer(raw, id))
		json_object_set_new(root, "claimed_signer", json_string(id));
	out = json_dumps(root, JSON_INDENT(1));
	json_decref(root);
	if (!out)
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "out of memory");
	puts(out);
	free(out);
	return EDB_OK;
}

enum edb_err cmd_inspect(struct cli *cli, struct edb_error *error)
{
	struct package_file package;
	enum edb_err err = package_open(cli, &package, error);

	if (!err && cli_has(cli, "json"))
		err = print_json(package.raw, error);
	else if (!err)
		print_text(package.raw);
	package_close(&package);
	return err;
}
