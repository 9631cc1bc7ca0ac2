/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <cpk/writer.h>
#include <jansson.h>
#include <openssl/crypto.h>

#include "commands.h"
#include "file.h"
#include "key_store.h"
#include "text.h"

/* All that a build needs, as the options have it. */
struct build {
	struct cpk_build_options options;
	struct cpk_reader_id readers[CPK_READERS_MAX];
	uint8_t key[CLASS_KEY_BYTES]; /* secret: wiped */
	struct utsname machine;
	char date[64];
	struct edb_signer *signer;
	struct edb_public_key *public;
	uint8_t *certificate;
	size_t certificate_size;
};

static enum edb_err take_version(struct cli *cli, struct build *b, struct edb_error *error)
{
	const char *text = cli_get(cli, "app-version"), *key_version = cli_get(cli, "key-version");
	int end = 0;

	b->options.maj = 1;
	if (text && (sscanf(text, "%u.%u.%u%n", &b->options.maj, &b->options.min, &b->options.rev,
			     &end) != 3 ||
			    text[end]))
		return edb_fail(
			error, EDB_E_USAGE, EDB_NO_OFFSET, "--app-version takes MAJ.MIN.REV");
	b->options.key_version = key_version ? (uint32_t)strtoul(key_version, NULL, 10) : 1;
	return EDB_OK;
}

static enum edb_err take_target(struct cli *cli, struct build *b, struct edb_error *error)
{
	const char *type = cli_get(cli, "type"), *arch = cli_get(cli, "target-arch"),
		   *os = cli_get(cli, "target-os");
	bool data = type && !strcmp(type, "data");

	if (type && !data && strcmp(type, "application"))
		return edb_fail(
			error, EDB_E_USAGE, EDB_NO_OFFSET, "--type takes application or data");
	if (uname(&b->machine))
		return edb_fail(error, EDB_E_INTERNAL, EDB_NO_OFFSET, "uname: %s", strerror(errno));
	b->options.type = data ? CPK_TYPE_DATA : CPK_TYPE_APPLICATION;
	b->options.arch = arch ? arch : data ? "any" : b->machine.machine;
	b->options.os = os ? os : data ? "any" : "simtee";
	return EDB_OK;
}

static enum edb_err take_readers(struct cli *cli, struct build *b, struct edb_error *error)
{
	const char *text;
	int at = 0;

	while ((text = cli_next(cli, "reader", &at))) {
		struct cpk_reader_id *reader = &b->readers[b->options.readers_count];
		uint8_t ignored[EDB_UUID_BYTES], vendor[32];

		if (b->options.readers_count++ == CPK_READERS_MAX)
			return edb_fail(error, EDB_E_USAGE, EDB_NO_OFFSET, "too many readers");
		if (strlen(text) != 36 + 1 + 64 || text[36] != ':')
			return edb_fail(error, EDB_E_USAGE, EDB_NO_OFFSET,
				"--reader takes UUID:KEY-ID (edb-policy id FILE)");
		memcpy(reader->id, text, 36);
		memcpy(reader->vendor, text + 37, 64);
		if (!edb_uuid_decode(reader->id, ignored) ||
			!edb_hex_decode(reader->vendor, vendor, sizeof vendor))
			return edb_fail(error, EDB_E_USAGE, EDB_NO_OFFSET,
				"--reader takes UUID:KEY-ID (edb-policy id FILE)");
	}
	b->options.readers = b->readers;
	return EDB_OK;
}

/* What the certificate file holds decides how it is embedded. */
static enum edb_err take_certificate(const char *path, struct build *b, struct edb_error *error)
{
	struct edb_public_key *key = NULL;
	enum edb_err err = edb_read_file(
		path, CPK_CERTIFICATE_MAX, &b->certificate, &b->certificate_size, error);

	if (err)
		return err;
	if (strstr((char *)b->certificate, "-----BEGIN CERTIFICATE-----"))
		b->options.certificate_scheme = CPK_CERT_X509_PEM;
	else if (strstr((char *)b->certificate, "-----BEGIN PUBLIC KEY-----"))
		b->options.certificate_scheme = CPK_CERT_PUBLIC_KEY_PEM;
	else if (!edb_public_key_from_x509(b->certificate, b->certificate_size, &key, NULL))
		b->options.certificate_scheme = CPK_CERT_X509_DER;
	else
		b->options.certificate_scheme = CPK_CERT_PUBLIC_KEY_DER;
	edb_public_key_free(key);
	b->options.certificate = b->certificate;
	b->options.certificate_size = b->certificate_size;
	return EDB_OK;
}

/* Without --certificate: FILE.crt beside the key, as keygen makes it; else the bare public key. */
static enum edb_err take_default_certificate(
	const char *key, struct build *b, struct edb_error *error)
{
	char path[4096];
	size_t size = 0;

	if (key && strncmp(key, "pkcs11:", 7) &&
		snprintf(path, sizeof path, "%s.crt", key) < (int)sizeof path &&
		!access(path, R_OK))
		return take_certificate(path, b, error);
	b->options.certificate =
		edb_public_key_spki_borrow(edb_signer_public_borrow(b->signer), &size);
	b->options.certificate_size = size;
	b->options.certificate_scheme = CPK_CERT_PUBLIC_KEY_DER;
	return EDB_OK;
}

static enum edb_err take_signer(struct cli *cli, struct build *b, struct edb_error *error)
{
	const char *key = cli_get(cli, "signing-key"), *certificate = cli_get(cli, "certificate");
	bool elsewhere = cli_has(cli, "signature-request");
	enum edb_err err = EDB_OK;

	if (!key && !elsewhere)
		return edb_fail(error, EDB_E_UNSIGNED, EDB_NO_OFFSET,
			"no signing key: cpk-tool keygen --signing-key FILE makes one, for development; "
			"--signing-key names it, or a PKCS#11 URI");
	if (elsewhere && !certificate)
		return edb_fail(error, EDB_E_USAGE, EDB_NO_OFFSET,
			"--signature-request needs the signer's --certificate");
	if (key && !elsewhere)
		err = edb_signer_open(key, &b->signer, error);
	if (!err)
		err = certificate ? take_certificate(certificate, b, error)
				  : take_default_certificate(key, b, error);
	if (!err && elsewhere)
		err = edb_public_key_load(certificate, &b->public, error);
	b->options.signer = b->signer;
	b->options.signer_public = b->public;
	b->options.scheme = cli_has(cli, "pss") ? EDB_SCHEME_RSA_PSS : EDB_SCHEME_NONE;
	return err;
}

static enum edb_err take_options(struct cli *cli, struct build *b, struct edb_error *error)
{
	const char *wrapping = cli_get(cli, "wrapping-key-method");
	time_t now = time(NULL);
	struct tm utc;
	enum edb_err err = cli_need(cli, "application-id", &b->options.id, error);

	if (!err && wrapping && strcmp(wrapping, "local"))
		err = edb_fail(
			error, EDB_E_USAGE, EDB_NO_OFFSET, "-w %s: only local is there", wrapping);
	b->options.name = cli_get(cli, "application-name");
	b->options.vendor = cli_get(cli, "vendor");
	if (!gmtime_r(&now, &utc) ||
		!strftime(b->date, sizeof b->date, "%Y-%m-%d %H:%M:%S UTC", &utc))
		b->date[0] = 0;
	b->options.date = b->date;
	if (!err)
		err = take_version(cli, b, error);
	if (!err)
		err = take_target(cli, b, error);
	if (!err)
		err = take_readers(cli, b, error);
	if (!err)
		err = take_signer(cli, b, error);
	if (!err)
		err = key_store_from_options(cli, b->options.id, b->key, error);
	b->options.class_key = b->key;
	return err;
}

/* What an offline signer has to sign, and what with. */
static enum edb_err write_request(
	const char *path, const struct cpk_build_result *result, struct edb_error *error)
{
	char payload[65], package[65], text[512];
	int n;

	edb_hex_encode(result->payload_digest, sizeof result->payload_digest, payload);
	edb_hex_encode(result->package_digest, sizeof result->package_digest, package);
	n = snprintf(text, sizeof text,
		"{\n \"algorithm\": \"SHA-256\",\n \"payload_digest\": \"%s\",\n"
		" \"package_digest\": \"%s\"\n}\n",
		payload, package);
	return edb_write_file(path, 0644, text, (size_t)n, error);
}

static int open_input(const char *path)
{
	return strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : dup(STDIN_FILENO);
}

static enum edb_err build_to(
	struct cli *cli, struct build *b, int in_fd, const char *out, struct edb_error *error)
{
	struct cpk_progress progress = {cli_progress, (void *)(uintptr_t) "encrypting"};
	const char *request = cli_get(cli, "signature-request");
	struct cpk_build_result result;
	struct edb_output *output = NULL;
	bool to_stdout = !strcmp(out, "-");
	enum edb_err err = to_stdout ? EDB_OK : edb_output_open(out, 0644, &output, error);

	if (err)
		return err;
	err = cpk_build(in_fd, to_stdout ? STDOUT_FILENO : edb_output_fd(output), &b->options,
		cli_is_quiet(cli) ? NULL : &progress, &result, error);
	if (!err && request)
		err = write_request(request, &result, error);
	if (to_stdout)
		return err;
	if (err) {
		edb_output_drop(output);
		return err;
	}
	return edb_output_commit(output, error);
}

/* A signature as openssl and tokens write it: raw, or DER for ECDSA. */
static enum edb_err read_signature(
	const char *path, uint8_t **signature, size_t *size, struct edb_error *error)
{
	uint8_t raw[EDB_ECDSA_SIG_BYTES];
	enum edb_err err = edb_read_file(path, EDB_SIGNATURE_MAX, signature, size, error);

	if (!err && *size != EDB_ECDSA_SIG_BYTES &&
		!edb_ecdsa_from_der(*signature, *size, raw, NULL)) {
		memcpy(*signature, raw, sizeof raw);
		*size = sizeof raw;
	}
	return err;
}

/* Second step of signing elsewhere: the package that the first step wrote gets its signatures. */
static enum edb_err attach(struct cli *cli, const char *package, struct edb_error *error)
{
	const char *payload_path, *package_path, *certificate = cli_get(cli, "certificate");
	struct edb_public_key *key = NULL;
	uint8_t *first = NULL, *second = NULL;
	size_t first_size = 0, second_size = 0;
	int fd = -1;
	enum edb_err err = cli_need(cli, "payload-signature", &payload_path, error);

	if (!err)
		err = cli_need(cli, "package-signature", &package_path, error);
	if (!err)
		err = read_signature(payload_path, &first, &first_size, error);
	if (!err)
		err = read_signature(package_path, &second, &second_size, error);
	if (!err && certificate)
		err = edb_public_key_load(certificate, &key, error);
	if (!err) {
		fd = open(package, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			err = edb_fail(error, EDB_E_IO, EDB_NO_OFFSET, "cannot open %s: %s",
				package, strerror(errno));
	}
	if (!err)
		err = cpk_attach_signatures(fd, key, first, first_size, second, second_size, error);
	if (fd >= 0)
		close(fd);
	free(first);
	free(second);
	edb_public_key_free(key);
	return err;
}

enum edb_err cmd_build(struct cli *cli, struct edb_error *error)
{
	struct build b = {0};
	const char *in, *out;
	int in_fd = -1;
	enum edb_err err = cli_need(cli, "output-package", &out, error);

	if (!err && cli_has(cli, "payload-signature"))
		return attach(cli, out, error);
	if (!err)
		err = cli_need(cli, "input-payload", &in, error);
	if (!err)
		err = take_options(cli, &b, error);
	if (!err) {
		in_fd = open_input(in);
		if (in_fd < 0)
			err = edb_fail(error, EDB_E_IO, EDB_NO_OFFSET, "cannot open %s: %s", in,
				strerror(errno));
	}
	if (!err)
		err = build_to(cli, &b, in_fd, out, error);
	if (in_fd >= 0)
		close(in_fd);
	OPENSSL_cleanse(b.key, sizeof b.key);
	edb_signer_free(b.signer);
	edb_public_key_free(b.public);
	free(b.certificate);
	return err;
}
