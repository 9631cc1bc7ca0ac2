/* SPDX-License-Identifier: MIT
 *
 * What each enum edb_err means to a person, and what to do about it.
 */
#include "cli.h"

struct explanation {
	enum edb_err code;
	const char *meaning, *remedy; /* remedy NULL: only of EDB_OK */
};

static const char again[] = "fetch it again; if it stays so, its vendor has to build it again";
static const char newer[] = "fetch it again, or take a newer version of this tool";
static const char rebuilt[] = "it does not follow docs/format.md: its vendor has to build it again";

/* docs/errors.md has the same words: tests/errors compares. */
static const struct explanation table[] = {
	{EDB_OK, "success", NULL},
	{EDB_E_INTERNAL, "a defect of this software", "please report it, with the command"},
	{EDB_E_USAGE, "the command line is wrong", "--help explains"},
	{EDB_E_TRUNCATED, "the file ends too early", again},
	{EDB_E_MAGIC, "not a Confidential Package",
		"is it the right file? Otherwise fetch it again"},
	{EDB_E_FRAME_VERSION, "an unknown version of the package format", newer},
	{EDB_E_FRAME_FLAG, "an unknown flag in the package's frame", newer},
	{EDB_E_STREAM_COUNT, "the package has no streams", again},
	{EDB_E_MANIFEST_INDEX, "the manifest's place does not exist", again},
	{EDB_E_MANIFEST_TYPE, "an unknown type of manifest", newer},
	{EDB_E_MANIFEST_VERSION, "an unknown version of the manifest", newer},
	{EDB_E_STREAM_RANGE, "a stream lies outside the file", again},
	{EDB_E_STREAM_OVERLAP, "two streams share bytes", again},
	{EDB_E_JSON, "the manifest is not valid JSON", rebuilt},
	{EDB_E_JSON_DUPLICATE, "the manifest has a member twice", rebuilt},
	{EDB_E_JSON_DEPTH, "the manifest is nested too deep", rebuilt},
	{EDB_E_MEMBER_MISSING, "the manifest lacks a member", rebuilt},
	{EDB_E_MEMBER_TYPE, "a member of the manifest has the wrong type", rebuilt},
	{EDB_E_MEMBER_VALUE, "a member of the manifest is out of its range", rebuilt},
	{EDB_E_SCHEME, "the manifest names an unknown scheme", newer},
	{EDB_E_STREAM_INDEX, "the manifest names a stream that does not exist", rebuilt},
	{EDB_E_STREAM_ROLE, "one stream has two roles", rebuilt},
	{EDB_E_STREAM_SIZE, "a stream's size does not fit its role", rebuilt},
	{EDB_E_MAP, "package.map is not as it must be", rebuilt},
	{EDB_E_SIZES, "the streams do not have the sizes that were signed", again},
	{EDB_E_DIGEST, "a digest does not match: bytes were changed", again},
	{EDB_E_SIGNATURE, "a signature does not verify",
		"fetch it again; if it stays so, another key signed it than it says: ask its vendor"},
	{EDB_E_TAG, "the payload does not decrypt: another class key, or changed bytes",
		"use the class key, of the key version, that the package was built with; otherwise "
		"fetch it again"},
	{EDB_E_UNSIGNED, "a signature is missing",
		"its vendor has to sign it: cpk-tool build with --signing-key, or with --signature"},
	{EDB_E_CERTIFICATE, "a certificate or key cannot be used",
		"RSA of 2048 to 4096 bits, or P-256 as a named curve; certificates and public keys "
		"in PEM or DER, private keys in PEM without a password"},
	{EDB_E_LIMIT, "beyond a limit of docs/contract.md", "make it smaller, or split it"},
	{EDB_E_IMAGE, "the payload is no application that this TEE can load",
		"build it with edb-sdk; its own UUID must be the application id"},
	{EDB_E_NOT_PROVISIONED, "the device is blank", "cpk-tool provision it first"},
	{EDB_E_PROVISIONED, "the device is provisioned already",
		"hand a new policy over with cpk-tool policy; the root stays"},
	{EDB_E_ROOT, "this device takes another root",
		"provision it with the root that its maker built into it"},
	{EDB_E_DOCUMENT, "the document is malformed, or not meant for this device",
		"edb-policy show tells what it says; cpk-tool status, which device this is"},
	{EDB_E_DOCUMENT_SIGNER, "the device does not trust the document's signer for this",
		"edb-policy verify it with the key that the device's policies name; "
		"docs/contract.md says who signs what"},
	{EDB_E_DOCUMENT_VERSION, "the device has seen this version or number, or a higher one",
		"versions only grow: make a document with a higher one (cpk-tool status)"},
	{EDB_E_SIGNER, "the package's signer is no vendor of this device's operator",
		"the operator lists it: edb-policy operator, then cpk-tool policy"},
	{EDB_E_OWNER, "the id belongs to another vendor, or was not granted to this one",
		"the operator grants ids: edb-policy operator, then cpk-tool policy"},
	{EDB_E_ROLLBACK,
		"a version below the operator's floor, or not above what the device has had",
		"build it with a higher --app-version; cpk-tool list shows what the device has had, "
		"edb-policy show the floors of a policy"},
	{EDB_E_TARGET, "the package was made for another kind of device",
		"cpk-tool inspect shows its target, cpk-tool status this TEE; "
		"build with --target-arch and --target-os"},
	{EDB_E_KEY_MISSING, "the class key is not on the device",
		"hand it over with cpk-tool sync, for this id, vendor and key version"},
	{EDB_E_KEY, "the wrapped key cannot be used", "wrap it anew for this device"},
	{EDB_E_LEGACY,
		"the device's policy does not allow packages or keys of 2021, or the id has had a "
		"signed package",
		"build a signed package and hand the key over in a bundle; what 2021 made, the "
		"device's maker can allow"},
	{EDB_E_QUOTA, "the vendor's quota or a limit of the device is used up",
		"a quota the operator raises: edb-policy operator; cpk-tool list shows what counts, "
		"and removed ids do; the device's limits are in docs/contract.md"},
	{EDB_E_BUSY, "it is in use", "end what uses the application, then try again"},
	{EDB_E_NOT_FOUND, "there is no such thing", "cpk-tool list shows what is there"},
	{EDB_E_STATE, "not possible in this state",
		"cpk-tool list shows the state; data does not take an application's place, nor the "
		"other way round, before cpk-tool remove"},
	{EDB_E_ARG, "a value cannot be used", "--help and the manual page say what is taken"},
	{EDB_E_SPACE, "more data than there is room for", "take a newer version of this tool"},
	{EDB_E_NOMEM, "out of memory", "try again when there is more"},
	{EDB_E_IO, "a file cannot be read or written",
		"is it there, under this name, and may you read or write it?"},
	{EDB_E_STORAGE_FULL, "no room left",
		"make room, then try again; what was there is unchanged"},
	{EDB_E_STORAGE, "secure storage is damaged, or was rolled back",
		"the device has to be set up anew by its maker: docs/storage.md"},
	{EDB_E_TEE, "no TEE to talk to, or it did not answer",
		"is it running? Simulator: simtee status, with its SIMTEE_DIR; OP-TEE: tee-supplicant"},
	{EDB_E_NETWORK, "no connection", "check address and network, then try again"},
	{EDB_E_KEY_STORE, "the key store has no such key, or refused",
		"is --key-store the right one? A key service may want an --access-code-file, too"},
	{EDB_E_TOKEN, "the PKCS#11 token cannot be used",
		"is it there, and the PIN in pin-source or EDB_PKCS11_PIN?"},
	{EDB_E_STORAGE_OLD, "secure storage is an older copy of itself: it was rolled back",
		"put the newest disk in again; what else there is: docs/trustzone.md"},
};

static const struct explanation *explain(enum edb_err code)
{
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (table[i].code == code)
			return &table[i];
	return NULL;
}

const char *cli_meaning(enum edb_err code)
{
	const struct explanation *e = explain(code);

	return e ? e->meaning : "an error that this version does not know";
}

const char *cli_remedy(enum edb_err code)
{
	const struct explanation *e = explain(code);

	return e ? e->remedy : NULL;
}
