/* SPDX-License-Identifier: MIT
 *
 * cpk-tool inspect: what a package says of itself. It is well-formed; nothing of it is proven.
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "text.h"
#include "tool.h"

struct inspect_values {
	const char *package;
	bool json;
};

static const struct cli_option options[] = {
	{'p', "package", "FILE", "the package", .required = true,
		CLI_INTO(CLI_TEXT, struct inspect_values, package)},
	{'j', "json", NULL, "for programs", CLI_INTO(CLI_FLAG, struct inspect_values, json)},
	{0},
};

static bool mapped(const struct cpk_manifest *m, uint16_t index)
{
	for (size_t i = 0; i < m->package.map_count; i++)
		if (m->package.map[i] == index)
			return true;
	return false;
}

static bool is_sig(const struct cpk_sig *sig, uint16_t index)
{
	return sig->scheme != EDB_SCHEME_NONE && sig->data == index;
}

static const char *role(const struct cpk_raw *raw, uint16_t index)
{
	const struct cpk_manifest *m = cpk_raw_manifest_borrow(raw);
	bool gcm = m->payload.enc.scheme == CPK_ENC_AES_GCM;

	if (index == cpk_raw_manifest_index(raw))
		return "manifest";
	if (index == m->payload.data)
		return "payload";
	if (gcm && index == m->payload.enc.aes_gcm.nonce)
		return "nonce";
	if (gcm && index == m->payload.enc.aes_gcm.tag)
		return "tag";
	if (m->payload.dig.scheme != CPK_DIG_NONE && index == m->payload.dig.data)
		return "payload digest";
	if (is_sig(&m->payload.sig, index))
		return "payload signature";
	if (cpk_cert_is_embedded(m->payload.cert.scheme) && index == m->payload.cert.data)
		return "certificate";
	if (m->package.dig.scheme != CPK_DIG_NONE && index == m->package.dig.data)
		return "package digest";
	if (is_sig(&m->package.sig, index))
		return "package signature";
	if (cpk_cert_is_embedded(m->package.cert.scheme) && index == m->package.cert.data)
		return "package certificate";
	return "unknown";
}

static const char *signed_kind(const struct cpk_manifest *m)
{
	if (m->package.sig.scheme != EDB_SCHEME_NONE)
		return "package and payload";
	return m->payload.sig.scheme != EDB_SCHEME_NONE ? "payload only (2021)" : "nothing";
}

/* The signer's key id, or empty where it cannot be told. */
static void claimed_signer(const struct cpk_raw *raw, char hex[2 * EDB_KEY_ID_BYTES + 1])
{
	struct edb_public_key *key = NULL;
	uint8_t id[EDB_KEY_ID_BYTES];

	hex[0] = 0;
	if (cpk_raw_claimed_signer(raw, &key, NULL))
		return;
	edb_public_key_id(key, id);
	edb_hex_encode(id, sizeof id, hex);
	edb_public_key_free(key);
}

static void print_head(FILE *to, const struct cpk_raw *raw)
{
	const struct cpk_manifest *m = cpk_raw_manifest_borrow(raw);
	const struct cpk_version *v = &m->payload.ver;
	char signer[2 * EDB_KEY_ID_BYTES + 1];

	claimed_signer(raw, signer);
	fprintf(to,
		"Well-formed. Nothing here is verified: that is what cpk-tool verify does.\n\n");
	fprintf(to, "application id:  %s\n", m->id);
	fprintf(to, "name:            %s\n", m->name);
	fprintf(to, "vendor:          %s\n", m->vendor);
	fprintf(to, "version:         %u.%u.%u (%s)\n", v->maj, v->min, v->rev, v->date);
	fprintf(to, "type:            %s%s\n", cpk_type_name(m->payload.type),
		m->payload.type == CPK_TYPE_ABSENT ? " (not said)" : "");
	fprintf(to, "target:          %s, %s\n", m->payload.arch, m->payload.os);
	fprintf(to, "encryption:      %s", cpk_enc_name(m->payload.enc.scheme));
	if (m->payload.enc.scheme == CPK_ENC_AES_GCM)
		fprintf(to, ", key %s, key version %u", m->payload.enc.aes_gcm.key_name,
			m->payload.enc.aes_gcm.key_version);
	fprintf(to, "\nsigned:          %s, %s\n", signed_kind(m),
		cpk_sig_name(m->payload.sig.scheme));
	fprintf(to, "signer says:     %s", cpk_cert_name(m->payload.cert.scheme));
	if (m->payload.cert.scheme == CPK_CERT_URL || m->payload.cert.scheme == CPK_CERT_TARGET)
		fprintf(to, ", %s", m->payload.cert.location);
	fprintf(to, "%s%s\n", *signer ? ", key " : "", signer);
	for (size_t i = 0; i < m->payload.readers_count; i++)
		fprintf(to, "reader:          %s of vendor %s\n", m->payload.readers[i].id,
			m->payload.readers[i].vendor);
}

static void print_streams(FILE *to, const struct cpk_raw *raw)
{
	const struct cpk_manifest *m = cpk_raw_manifest_borrow(raw);

	fprintf(to, "\nstream        offset          size  signed  is\n");
	for (uint16_t i = 0; i < cpk_raw_stream_count(raw); i++)
		fprintf(to, "%6u  %12llu  %12llu  %-6s  %s\n", i,
			(unsigned long long)cpk_raw_stream_offset(raw, i),
			(unsigned long long)cpk_raw_stream_size(raw, i), mapped(m, i) ? "yes" : "",
			role(raw, i));
}

static enum edb_err print_text(struct cli *cli, const struct cpk_raw *raw)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		return cli_fail(cli, EDB_E_NOMEM, NULL, "out of memory");
	print_head(to, raw);
	print_streams(to, raw);
	if (fclose(to)) {
		free(text);
		return cli_fail(cli, EDB_E_NOMEM, NULL, "out of memory");
	}
	cli_print(stdout, text);
	free(text);
	return EDB_OK;
}

static json_t *streams_json(const struct cpk_raw *raw)
{
	const struct cpk_manifest *m = cpk_raw_manifest_borrow(raw);
	json_t *streams = json_array();

	for (uint16_t i = 0; i < cpk_raw_stream_count(raw); i++)
		json_array_append_new(streams,
			json_pack("{s:i, s:s, s:I, s:I, s:b}", "index", i, "role", role(raw, i),
				"offset", (json_int_t)cpk_raw_stream_offset(raw, i), "size",
				(json_int_t)cpk_raw_stream_size(raw, i), "signed", mapped(m, i)));
	return streams;
}

/* The manifest as it is, with what the frame says; verified is false, always. */
static enum edb_err print_json(struct cli *cli, const struct cpk_raw *raw)
{
	char signer[2 * EDB_KEY_ID_BYTES + 1];
	size_t size = 0;
	const uint8_t *bytes = cpk_raw_manifest_bytes_borrow(raw, &size);
	json_t *manifest = json_loadb((const char *)bytes, size, JSON_REJECT_DUPLICATES, NULL);
	json_t *all;
	bool good;

	claimed_signer(raw, signer);
	all = json_pack("{s:b, s:s?, s:o, s:o}", "verified", 0, "signer", *signer ? signer : NULL,
		"manifest", manifest ? manifest : json_null(), "streams", streams_json(raw));
	good = manifest && all && !json_dumpf(all, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	json_decref(all);
	putchar('\n');
	return good ? EDB_OK : cli_fail(cli, EDB_E_NOMEM, NULL, "cannot print JSON");
}

static enum edb_err run(struct cli *cli, const void *values)
{
	const struct inspect_values *v = values;
	struct package_file package = {.fd = -1};
	enum edb_err err = package_open(cli, v->package, &package);

	if (err)
		return err;
	err = v->json ? print_json(cli, package.raw) : print_text(cli, package.raw);
	package_close(&package);
	return err;
}

const struct cli_command cmd_inspect = {
	.name = "inspect",
	.summary = "show what a package says of itself, trusting nothing",
	.options = options,
	.values_bytes = sizeof(struct inspect_values),
	.run = run,
};
