/* SPDX-License-Identifier: MIT */
#include "build_options.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "text.h"

#define OS_DEFAULT "simtee"

static enum edb_err fill_version(struct cli *cli, const char *text, struct cpk_build_options *o)
{
	uint32_t *parts[] = {&o->maj, &o->min, &o->rev};
	unsigned long long n = 0;
	char part[16];

	if (!text)
		text = "1.0.0";
	for (size_t i = 0; i < 3; i++) {
		size_t size = strcspn(text, ".");

		if (size >= sizeof part || (text[size] == '.') != (i < 2))
			goto wrong;
		memcpy(part, text, size);
		part[size] = 0;
		if (!cli_number(part, 0, UINT32_MAX, &n))
			goto wrong;
		*parts[i] = (uint32_t)n;
		text += size + (i < 2);
	}
	return EDB_OK;
wrong:
	return cli_fail(cli, EDB_E_USAGE, NULL,
		"--app-version is MAJOR.MINOR.REVISION, three numbers up to 4294967295");
}

/* ID:VENDOR, the vendor as key file or as its id in hex. */
static enum edb_err fill_reader(struct cli *cli, const char *text, struct cpk_reader_id *reader)
{
	const char *vendor = strchr(text, ':');
	size_t size = vendor ? (size_t)(vendor - text) : 0;
	uint8_t id[EDB_KEY_ID_BYTES], uuid[EDB_UUID_BYTES];
	enum edb_err err;

	if (!size || size > CPK_ID_MAX)
		return cli_fail(cli, EDB_E_USAGE, NULL,
			"--reader is ID:VENDOR, the vendor being its certificate or key id");
	err = key_id_load(cli, vendor + 1, id);
	if (err)
		return err;
	memcpy(reader->id, text, size);
	if (!edb_uuid_decode(reader->id, uuid))
		cli_note(cli,
			"no application can read it as %s: ids on devices are UUIDs in "
			"lower case",
			reader->id);
	edb_hex_encode(id, sizeof id, reader->vendor);
	return EDB_OK;
}

static enum edb_err fill_target(
	struct cli *cli, const struct build_values *v, struct build_job *job)
{
	struct cpk_build_options *o = &job->options;
	struct utsname machine = {0};
	enum edb_err err = EDB_OK;

	o->type = v->type && !strcmp(v->type, "data") ? CPK_TYPE_DATA : CPK_TYPE_APPLICATION;
	o->os = v->os ? v->os : o->type == CPK_TYPE_DATA ? "any" : OS_DEFAULT;
	o->arch = v->arch ? v->arch : !strcmp(o->os, "any") ? "any" : "aarch64";
	if (!v->arch && !strcmp(o->os, "simtee") && !uname(&machine)) {
		snprintf(job->arch, sizeof job->arch, "%.32s", machine.machine);
		o->arch = job->arch;
	}
	if (strcmp(o->os, "simtee") && strcmp(o->os, "OP-TEE") && strcmp(o->os, "any"))
		cli_note(cli, "no device calls its TEE '%s': simtee, OP-TEE; any for data", o->os);
	if (v->readers.count > CPK_READERS_MAX || (v->readers.count && o->type != CPK_TYPE_DATA))
		return cli_fail(cli, EDB_E_USAGE, NULL, "--reader: up to %d, for --type data only",
			CPK_READERS_MAX);
	for (size_t i = 0; i < v->readers.count && !err; i++)
		err = fill_reader(cli, v->readers.items[i], &job->readers[i]);
	o->readers = job->readers;
	o->readers_count = v->readers.count;
	return err;
}

/* For people. SOURCE_DATE_EPOCH makes builds comparable. */
static enum edb_err fill_date(struct cli *cli, struct build_job *job)
{
	const char *fixed = getenv("SOURCE_DATE_EPOCH");
	struct timespec now = {0};
	unsigned long long seconds = 0;
	struct tm utc = {0};

	clock_gettime(CLOCK_REALTIME, &now);
	if (fixed && *fixed) {
		if (!cli_number(fixed, 0, INT32_MAX, &seconds))
			return cli_fail(cli, EDB_E_ARG,
				"set it to seconds since 1970, or not at all, for now",
				"SOURCE_DATE_EPOCH is %s, and no number of seconds", fixed);
		now = (struct timespec){.tv_sec = (time_t)seconds};
	}
	gmtime_r(&now.tv_sec, &utc);
	snprintf(job->date, sizeof job->date, "%04d-%02d-%02d %02d:%02d:%02d.%06ld UTC",
		utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min,
		utc.tm_sec, now.tv_nsec / 1000);
	job->options.date = job->date;
	return EDB_OK;
}

/* A token may have the private key alone; then the certificate says which public key that is. */
static enum edb_err open_signing_key(
	struct cli *cli, const struct build_values *v, struct build_job *job)
{
	struct edb_public_key *known = NULL;
	enum edb_err err = EDB_OK;

	if (v->certificate)
		err = edb_public_key_load(v->certificate, &known, &cli->error);
	if (!err)
		err = edb_signer_open_known(v->signing_key, known, &job->signer, &cli->error);
	edb_public_key_free(known);
	job->options.signer = job->signer;
	if (err == EDB_E_ARG)
		cli_hint(cli,
			"a URI as in RFC 7512, which names a private key; its PIN comes from the "
			"file of pin-source, or from EDB_PKCS11_PIN");
	if (err == EDB_E_TOKEN && !v->certificate)
		cli_hint(cli,
			"is the token there, and the PIN in pin-source or EDB_PKCS11_PIN? If it "
			"has the private key alone: --certificate FILE");
	return err;
}

static enum edb_err open_signer(
	struct cli *cli, const struct build_values *v, struct build_job *job)
{
	enum edb_err err;

	if (v->signing_key && v->signature)
		return cli_fail(cli, EDB_E_USAGE, NULL,
			"--signing-key signs here, --signature elsewhere: not both");
	if (v->signing_key)
		return open_signing_key(cli, v, job);
	if (!v->signature) {
		cli_hint(cli,
			"for development: cpk-tool keygen --signing-key vendor.key, then build "
			"with --signing-key vendor.key; to sign elsewhere: --signature DIR");
		return cli_fail(cli, EDB_E_UNSIGNED, NULL, "no signing key");
	}
	if (!v->certificate)
		return cli_fail(cli, EDB_E_USAGE, NULL,
			"--signature: --certificate must say which key will sign");
	err = edb_public_key_load(v->certificate, &job->signer_public, &cli->error);
	job->options.signer_public = job->signer_public;
	return err;
}

static enum cpk_cert_scheme form_of(const char *name)
{
	static const struct {
		const char *name;
		enum cpk_cert_scheme scheme;
	} forms[] = {
		{"x509-pem", CPK_CERT_X509_PEM},
		{"x509-der", CPK_CERT_X509_DER},
		{"public-key-pem", CPK_CERT_PUBLIC_KEY_PEM},
		{"public-key-der", CPK_CERT_PUBLIC_KEY_DER},
		{"url", CPK_CERT_URL},
		{"target", CPK_CERT_TARGET},
	};

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
		if (!strcmp(name, forms[i].name))
			return forms[i].scheme;
	return CPK_CERT_NONE;
}

/* Without --certificate: KEY.crt beside the key, as keygen makes it; NULL: there is none. */
static const char *certificate_file(const struct build_values *v, struct build_job *job)
{
	if (v->certificate)
		return v->certificate;
	if (!v->signing_key || !strncmp(v->signing_key, "pkcs11:", 7) ||
		snprintf(job->certificate_path, sizeof job->certificate_path, "%s.crt",
			v->signing_key) >= (int)sizeof job->certificate_path)
		return NULL;
	return access(job->certificate_path, R_OK) ? NULL : job->certificate_path;
}

/* Whatever of the file gets into the package: it must hold the key that signs. */
static enum edb_err check_certificate(
	struct cli *cli, const char *file, const struct edb_public_key *signer)
{
	uint8_t id[EDB_KEY_ID_BYTES], signer_id[EDB_KEY_ID_BYTES];
	struct edb_public_key *key = NULL;
	enum edb_err err = edb_public_key_load(file, &key, &cli->error);

	if (err)
		return err;
	edb_public_key_id(key, id);
	edb_public_key_id(signer, signer_id);
	edb_public_key_free(key);
	if (memcmp(id, signer_id, sizeof id))
		return cli_fail(cli, EDB_E_CERTIFICATE,
			"--certificate FILE with the certificate or public key of the signing key",
			"the certificate in %s is not that of the signing key", file);
	return EDB_OK;
}

static enum edb_err fill_signer(
	struct cli *cli, const struct build_values *v, struct build_job *job)
{
	struct cpk_build_options *o = &job->options;
	const struct edb_public_key *key;
	const char *file;
	enum edb_err err = open_signer(cli, v, job);

	if (err)
		return err;
	key = job->signer ? edb_signer_public_borrow(job->signer) : job->signer_public;
	o->scheme = edb_public_key_default_scheme(key);
	if (v->pss && o->scheme != EDB_SCHEME_RSA_PKCS1V15)
		return cli_fail(cli, EDB_E_USAGE, NULL, "--pss is for RSA keys");
	if (v->pss)
		o->scheme = EDB_SCHEME_RSA_PSS;
	file = certificate_file(v, job);
	err = file ? check_certificate(cli, file, key) : EDB_OK;
	if (err)
		return err;
	o->certificate_scheme = v->form ? form_of(v->form) : certificate_form(file);
	if (cpk_cert_is_embedded(o->certificate_scheme)) {
		if (v->location)
			return cli_fail(cli, EDB_E_USAGE, NULL,
				"--certificate-location is for the forms url and target");
		err = certificate_make(cli, file, o->certificate_scheme, key, &job->certificate,
			&o->certificate_size);
		o->certificate = job->certificate;
		return err;
	}
	if (!v->location)
		return cli_fail(cli, EDB_E_USAGE, NULL,
			"--certificate-form %s needs --certificate-location", v->form);
	if (o->certificate_scheme == CPK_CERT_URL && !strstr(v->location, "://"))
		cli_note(cli, "--certificate-location %s: no address like https://…", v->location);
	o->certificate_location = v->location;
	return EDB_OK;
}

enum edb_err build_job_fill(struct cli *cli, const struct build_values *v, struct build_job *job)
{
	struct cpk_build_options *o = &job->options;
	unsigned long long key_version = 1;
	uint8_t uuid[EDB_UUID_BYTES];
	enum edb_err err;

	if (v->key_version && !cli_number(v->key_version, 0, UINT32_MAX, &key_version))
		return cli_fail(
			cli, EDB_E_USAGE, NULL, "--key-version: not a number up to 4294967295");
	if (strlen(v->id) < CPK_KEY_NAME_MIN || strlen(v->id) > CPK_KEY_NAME_MAX)
		return cli_fail(cli, EDB_E_ARG, "normally it is a UUID: uuidgen makes one",
			"the application id, which names the class key too, has %d to %d characters",
			CPK_KEY_NAME_MIN, CPK_KEY_NAME_MAX);
	if (!edb_uuid_decode(v->id, uuid))
		cli_note(cli, "a device installs only applications whose id is a UUID");
	o->id = v->id;
	o->name = v->name;
	o->vendor = v->vendor;
	o->key_version = (uint32_t)key_version;
	o->class_key = job->class_key;
	if (!key_version)
		cli_note(cli, "no device takes it: a class key there has a key version, 1 or more");
	err = fill_date(cli, job);
	if (!err)
		err = fill_version(cli, v->version, o);
	if (!err)
		err = fill_target(cli, v, job);
	return err ? err : fill_signer(cli, v, job);
}

void build_job_clear(struct build_job *job)
{
	edb_signer_free(job->signer);
	edb_public_key_free(job->signer_public);
	free(job->certificate);
	OPENSSL_cleanse(job, sizeof *job);
}
