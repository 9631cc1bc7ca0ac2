/* SPDX-License-Identifier: MIT
 *
 * What each enum edb_err means to a person, and what to do about it. docs/errors.md says more.
 */
#include "cli.h"

struct explanation {
	enum edb_err code;
	const char *meaning, *remedy; /* remedy NULL: nothing that is always right */
};

static const char damaged[] = "the file is damaged, or no Confidential Package; fetch it again";
static const char rebuilt[] = "the package does not follow docs/format.md; build it again";

static const struct explanation table[] = {
	{EDB_OK, "success", NULL},
	{EDB_E_INTERNAL, "a defect of this software", "please report it, with the command"},
	{EDB_E_USAGE, "the command line is wrong", NULL},
	{EDB_E_TRUNCATED, "the file ends too early", damaged},
	{EDB_E_MAGIC, "not a Confidential Package", damaged},
	{EDB_E_FRAME_VERSION, "an unknown version of the package format", damaged},
	{EDB_E_FRAME_FLAG, "an unknown flag in the package's frame", damaged},
	{EDB_E_STREAM_COUNT, "the package has no streams", damaged},
	{EDB_E_MANIFEST_INDEX, "the manifest's place does not exist", damaged},
	{EDB_E_MANIFEST_TYPE, "an unknown type of manifest", damaged},
	{EDB_E_MANIFEST_VERSION, "an unknown version of the manifest", damaged},
	{EDB_E_STREAM_RANGE, "a stream lies outside the file", damaged},
	{EDB_E_STREAM_OVERLAP, "two streams share bytes", damaged},
	{EDB_E_JSON, "the manifest is not valid JSON", rebuilt},
	{EDB_E_JSON_DUPLICATE, "the manifest has a member twice", rebuilt},
	{EDB_E_JSON_DEPTH, "the manifest is nested too deep", rebuilt},
	{EDB_E_MEMBER_MISSING, "the manifest lacks a member", rebuilt},
	{EDB_E_MEMBER_TYPE, "a member of the manifest has the wrong type", rebuilt},
	{EDB_E_MEMBER_VALUE, "a member of the manifest is out of its range", rebuilt},
	{EDB_E_SCHEME, "the manifest names an unknown scheme", rebuilt},
	{EDB_E_STREAM_INDEX, "the manifest names a stream that does not exist", rebuilt},
	{EDB_E_STREAM_ROLE, "one stream has two roles", rebuilt},
	{EDB_E_STREAM_SIZE, "a stream's size does not fit its role", rebuilt},
	{EDB_E_MAP, "package.map is not as it must be", rebuilt},
	{EDB_E_SIZES, "the streams do not have the sizes that were signed", damaged},
	{EDB_E_DIGEST, "a digest does not match: bytes were changed", damaged},
	{EDB_E_SIGNATURE, "a signature does not verify",
		"the package was changed, or signed by another key than it says"},
	{EDB_E_TAG, "the payload does not decrypt: another class key, or changed bytes",
		"use the class key that the package was built with"},
	{EDB_E_UNSIGNED, "a signature is missing",
		"build it with --signing-key, or attach the signatures with --signature"},
	{EDB_E_CERTIFICATE, "a certificate or key cannot be used",
		"RSA of 2048 to 4096 bits or ECDSA P-256, in PEM or DER"},
	{EDB_E_LIMIT, "beyond a limit of docs/contract.md", NULL},
	{EDB_E_IMAGE, "the payload is no application that this TEE can load",
		"build it with the SDK (sdk/samples); its own UUID must be the application id"},
	{EDB_E_NOT_PROVISIONED, "the device is blank", "cpk-tool provision it first"},
	{EDB_E_PROVISIONED, "the device is provisioned already", "a new policy: cpk-tool policy"},
	{EDB_E_ROOT, "this device takes another root", NULL},
	{EDB_E_DOCUMENT, "the document is malformed, or not meant for this device",
		"edb-policy show tells what it says; cpk-tool status, which device this is"},
	{EDB_E_DOCUMENT_SIGNER, "the device does not trust the document's signer for this",
		"who may sign: docs/contract.md; what the device knows: its policies"},
	{EDB_E_DOCUMENT_VERSION, "the device has seen this version or number, or a higher one",
		"versions only grow: make a document with a higher one (cpk-tool status)"},
	{EDB_E_SIGNER, "the package's signer is no vendor of this device's operator",
		"the operator lists it: edb-policy operator, then cpk-tool policy"},
	{EDB_E_OWNER, "the id belongs to another vendor, or was not granted to this one",
		"the operator grants ids: edb-policy operator"},
	{EDB_E_ROLLBACK, "the device has seen this version, or a higher one",
		"build it with a higher --app-version"},
	{EDB_E_TARGET, "the package was made for another kind of device",
		"cpk-tool inspect shows its target, cpk-tool status this TEE; "
		"build with --target-arch and --target-os"},
	{EDB_E_KEY_MISSING, "the class key is not on the device",
		"hand it over with cpk-tool sync, for this id, vendor and key version"},
	{EDB_E_KEY, "the wrapped key cannot be used", "wrap it anew for this device"},
	{EDB_E_LEGACY, "the device's policy does not allow packages or keys of 2021",
		"build a signed package and hand the key over in a bundle, "
		"or have the device maker allow it"},
	{EDB_E_QUOTA, "the vendor's quota or a limit of the device is used up",
		"cpk-tool list shows what is there; cpk-tool remove makes room"},
	{EDB_E_BUSY, "it is in use", "end what uses the application, then try again"},
	{EDB_E_NOT_FOUND, "there is no such thing", NULL},
	{EDB_E_STATE, "not possible in this state", NULL},
	{EDB_E_ARG, "a value is out of its bounds", NULL},
	{EDB_E_SPACE, "more data than there is room for", NULL},
	{EDB_E_NOMEM, "out of memory", "try again when there is more"},
	{EDB_E_IO, "a file cannot be read or written", NULL},
	{EDB_E_STORAGE_FULL, "no room left", "make room, then try again"},
	{EDB_E_STORAGE, "secure storage is damaged, or was rolled back",
		"the device needs service: docs/threat-model.md"},
	{EDB_E_TEE, "no TEE to talk to, or it did not answer",
		"is it running? Simulator: simtee status; OP-TEE: tee-supplicant"},
	{EDB_E_NETWORK, "no connection", "check address and network, then try again"},
	{EDB_E_KEY_STORE, "the key store has no such key, or refused", NULL},
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
