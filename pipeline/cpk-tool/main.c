/* SPDX-License-Identifier: MIT
 *
 * cpk-tool: builds Confidential Packages, and hands them to devices. docs/man has a page for each
 * command; the options of 2021 keep their names and letters.
 */
#include <signal.h>

#include "commands.h"

#define KEY_METHOD                                                                                 \
	{                                                                                          \
		"encryption-key-method", 'e', "METHOD", "where class keys come from: file", NULL   \
	}
#define KEY_STORE                                                                                  \
	{                                                                                          \
		"key-store", 'k', "FILE", "the key store, JSON: key name to base64 key",           \
			"CP_FILE_KEY_SOURCE"                                                       \
	}
#define APPLICATION_ID                                                                             \
	{                                                                                          \
		"application-id", 'a', "ID", "UUID of the application", NULL                       \
	}
#define PACKAGE                                                                                    \
	{                                                                                          \
		"package", 'p', "FILE", "the package", NULL                                        \
	}
#define JSON                                                                                       \
	{                                                                                          \
		"json", 'j', NULL, "for machines", NULL                                            \
	}
#define END                                                                                        \
	{                                                                                          \
		NULL, 0, NULL, NULL, NULL                                                          \
	}

static const struct cli_option keygen_options[] = {
	APPLICATION_ID,
	KEY_STORE,
	{"signing-key", 's', "FILE", "instead: a new signing key, and its certificate FILE.crt",
		NULL},
	{"bits", 'b', "N", "of the signing key: 2048 (RSA, default), 3072, 4096, or 256 (P-256)",
		NULL},
	{"name", 'n', "NAME", "the certificate's common name", NULL},
	END,
};

static const struct cli_option build_options[] = {
	{"input-payload", 'i', "FILE", "application image or data; - is standard input", NULL},
	{"output-package", 'o', "FILE", "the package; - is standard output", NULL},
	APPLICATION_ID,
	KEY_METHOD,
	KEY_STORE,
	{"wrapping-key-method", 'w', "METHOD", "how a key travels from a key service: local", NULL},
	{"application-name", 'n', "NAME", "for people; default Unknown", NULL},
	{"vendor", 'v', "NAME", "for people; default Unknown", NULL},
	{"signing-key", 's', "KEY", "a file in PEM, or a PKCS#11 URI", "CP_SIGNING_KEY"},
	{"certificate", 'c', "FILE", "the signer's certificate or public key, PEM or DER",
		"CP_CERTIFICATE"},
	{"pss", 0, NULL, "sign with RSA-PSS instead of PKCS#1 v1.5", NULL},
	{"app-version", 'V', "MAJ.MIN.REV", "default 1.0.0", NULL},
	{"key-version", 0, "N", "version of the class key, default 1; 0: as in 2021", NULL},
	{"type", 't', "TYPE", "application (default) or data", NULL},
	{"target-arch", 0, "ARCH", "default: this machine's; data: any", NULL},
	{"target-os", 0, "TEE", "simtee (default) or OP-TEE; data: any", NULL},
	{"reader", 0, "ID:VENDOR", "application (UUID) and vendor (key id) that may read the data",
		NULL},
	{"signature-request", 0, "FILE", "sign elsewhere: write here what is to be signed", NULL},
	{"payload-signature", 0, "FILE", "come back: the payload digest's signature", NULL},
	{"package-signature", 0, "FILE", "come back: the package digest's signature", NULL},
	END,
};

static const struct cli_option inspect_options[] = {PACKAGE, JSON, END};
static const struct cli_option verify_options[] = {
	PACKAGE,
	{"anchor", 'A', "FILE", "key or certificate to trust; may be given several times", NULL},
	END,
};
static const struct cli_option unpack_options[] = {
	PACKAGE,
	{"output", 'o', "FILE", "where to; - is standard output", NULL},
	{"stream", 's', "N", "one stream as it is", NULL},
	{"payload", 0, NULL, "the payload, decrypted and checked", NULL},
	KEY_METHOD,
	KEY_STORE,
	{"anchor", 'A', "FILE", "trust this signer; otherwise the class key alone is the proof",
		NULL},
	END,
};
static const struct cli_option install_options[] = {PACKAGE, END};
static const struct cli_option sync_options[] = {
	APPLICATION_ID,
	{"key-method", 'm', "METHOD", "file, bundle or commandline", NULL},
	{"key-store", 'k', "FILE|KEY", "key store, bundle, or base64 wrapped key",
		"CP_FILE_KEY_SOURCE"},
	{"service-key", 's', "KEY", "development key service: signs the bundle", NULL},
	{"vendor-key", 'v', "FILE", "whose packages the key opens: key or certificate", NULL},
	{"key-version", 0, "N", "default 1", NULL},
	{"lowest-version", 0, "N", "older keys are wiped; default 0", NULL},
	END,
};
static const struct cli_option provision_options[] = {
	{"root", 'r', "FILE", "the maker's root: public key, PEM or DER", NULL},
	{"policy", 'P', "FILE", "device policy, signed by it", NULL},
	END,
};
static const struct cli_option status_options[] = {JSON, END};
static const struct cli_option remove_options[] = {APPLICATION_ID, END};
static const struct cli_option no_options[] = {END};

static const struct cli_command commands[] = {
	{"keygen", "make a class key, or a signing key", NULL, keygen_options, cmd_keygen},
	{"build", "encrypt and sign a payload into a package", NULL, build_options, cmd_build},
	{"inspect", "show what a package says; proves nothing", NULL, inspect_options, cmd_inspect},
	{"verify", "prove who made a package, and that no byte changed", NULL, verify_options,
		cmd_verify},
	{"unpack", "take a stream, or the decrypted payload, out of a package", NULL,
		unpack_options, cmd_unpack},
	{"provision", "give a blank device its root and first policy", NULL, provision_options,
		cmd_provision},
	{"policy", "hand the device a newer policy", "FILE…", no_options, cmd_policy},
	{"sync", "hand the device a class key", NULL, sync_options, cmd_sync},
	{"install", "install a package on the device", NULL, install_options, cmd_install},
	{"list", "what is installed", NULL, status_options, cmd_list},
	{"remove", "remove an application", NULL, remove_options, cmd_remove},
	{"status", "the device's state", NULL, status_options, cmd_status},
	{"pub-key", "the device's public key for 2021 keys, base64", NULL, no_options, cmd_pub_key},
	{NULL, NULL, NULL, NULL, NULL},
};

int main(int argc, char **argv)
{
	static const struct cli_program program = {
		"cpk-tool", "Confidential Packages: build, check, install", commands};

	signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error to report, not an end */
	return cli_main(&program, argc, argv);
}
