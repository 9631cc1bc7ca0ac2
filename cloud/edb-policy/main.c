/* SPDX-License-Identifier: MIT
 *
 * edb-policy: makes, signs, shows and verifies policies.
 */
#include "cli.h"
#include "commands.h"

static const struct cli_option keygen_options[] = {
	{"output", 'o', "FILE", "the new private key; FILE.pub gets its public half", NULL},
	{0},
};

static const struct cli_option make_options[] = {
	{"input", 'i', "FILE", "description, JSON (docs/policies.md)", NULL},
	{"signing-key", 's', "KEY", "a file in PEM, or a PKCS#11 URI", NULL},
	{"output", 'o', "FILE", "the signed policy", NULL},
	{0},
};

static const struct cli_option verify_options[] = {
	{"signer", 's', "KEY", "public key, certificate or private key of who must have signed",
		NULL},
	{0},
};

static const struct cli_command commands[] = {
	{"keygen", "make a P-256 key for signing documents", NULL, keygen_options, cmd_keygen},
	{"device", "make a device policy, signed by the root", NULL, make_options, cmd_device},
	{"operator", "make an operator policy, signed by the operator", NULL, make_options,
		cmd_operator},
	{"show", "show a signed document, unverified", "FILE", NULL, cmd_show},
	{"verify", "was it signed by this key?", "FILE", verify_options, cmd_verify},
	{"id", "the id of a key: SHA-256 of its SubjectPublicKeyInfo", "FILE", NULL, cmd_id},
	{0},
};

int main(int argc, char **argv)
{
	static const struct cli_program program = {
		"edb-policy", "policies for enclave devices", commands};

	return cli_main(&program, argc, argv);
}
