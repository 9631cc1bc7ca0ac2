/* SPDX-License-Identifier: MIT
 *
 * The one list of what can go wrong, grouped by who is to blame.
 *
 * The numbers are a contract: libcpk returns them, the CPM answers with them and the tools exit
 * with them (so all stay below 100). Append only; a number is never given a second meaning. The
 * meaning of each for a person is in docs/errors.md. Plain data: both worlds include this file.
 */
#ifndef EDB_ERR_H
#define EDB_ERR_H

enum edb_err {
	EDB_OK = 0,
	EDB_E_INTERNAL = 1, /* a defect of ours, never caused by input */
	EDB_E_USAGE = 2,    /* the command line is wrong */

	/* 10-49: the package is bad. Hostile input may cause these. */
	EDB_E_TRUNCATED = 10,	   /* the file ends before its header, table or streams do */
	EDB_E_MAGIC = 11,	   /* not a Confidential Package */
	EDB_E_FRAME_VERSION = 12,  /* frame version is not 1 */
	EDB_E_FRAME_FLAG = 13,	   /* frame flag is not 0 */
	EDB_E_STREAM_COUNT = 14,   /* no streams */
	EDB_E_MANIFEST_INDEX = 15, /* manifest index is not below the stream count */
	EDB_E_MANIFEST_TYPE = 16,  /* manifest type is not 1 (JSON) */
	EDB_E_MANIFEST_VERSION = 17,
	EDB_E_STREAM_RANGE = 18,   /* a stream's offset + size overflows or passes the file's end */
	EDB_E_STREAM_OVERLAP = 19, /* two streams share bytes */
	EDB_E_JSON = 20,	   /* manifest is not UTF-8 JSON with an object at its top */
	EDB_E_JSON_DUPLICATE = 21, /* a member occurs twice in one object */
	EDB_E_JSON_DEPTH = 22,	   /* nested deeper than 8 */
	EDB_E_MEMBER_MISSING = 23, /* a known member is absent */
	EDB_E_MEMBER_TYPE = 24,	   /* a known member has the wrong JSON type, or is no integer */
	EDB_E_MEMBER_VALUE = 25,   /* a known member's value is out of its range */
	EDB_E_SCHEME = 26,	   /* an unknown scheme name, or not exactly one scheme */
	EDB_E_STREAM_INDEX = 27,   /* the manifest names a stream that does not exist */
	EDB_E_STREAM_ROLE = 28,	   /* one stream has two roles */
	EDB_E_STREAM_SIZE = 29,	   /* a stream's size does not fit its role (nonce, tag, digest, …) */
	EDB_E_MAP = 30,		   /* package.map: a duplicate, its own digest or signature, wrong order */
	EDB_E_SIZES = 31,	   /* package.sizes differs from the streams' sizes */
	EDB_E_DIGEST = 32,	   /* a digest does not match */
	EDB_E_SIGNATURE = 33,	   /* a signature does not verify */
	EDB_E_TAG = 34,		   /* the authentication tag does not match: wrong key or changed bytes */
	EDB_E_UNSIGNED = 35,	   /* a signature is required and there is none */
	EDB_E_CERTIFICATE = 36,	   /* the signer's certificate or public key cannot be read or is unfit */
	EDB_E_LIMIT = 37,	   /* beyond a limit of docs/contract.md */
	EDB_E_IMAGE = 38,	   /* the payload is not an image that this TEE can load */

	/* 50-69: refused by the CPM's state or policy */
	EDB_E_NOT_PROVISIONED = 50,
	EDB_E_PROVISIONED = 51,	  /* already provisioned */
	EDB_E_ROOT = 52,	  /* not the root this device takes */
	EDB_E_DOCUMENT = 53,	  /* a signed document is malformed, or not meant for this device */
	EDB_E_DOCUMENT_SIGNER = 54, /* signed by the wrong key, or the signature does not verify */
	EDB_E_DOCUMENT_VERSION = 55, /* version or number not higher than the last one */
	EDB_E_SIGNER = 56,	  /* the package's signer is no vendor that the operator lists */
	EDB_E_OWNER = 57,	  /* the id belongs to another vendor, or was not granted to this one */
	EDB_E_ROLLBACK = 58,	  /* version below the highest seen or the floor, or equal with other bytes */
	EDB_E_TARGET = 59,	  /* made for another architecture or TEE */
	EDB_E_KEY_MISSING = 60,	  /* the class key is not on the device */
	EDB_E_KEY = 61,		  /* the wrapped key cannot be used; no detail, on purpose */
	EDB_E_LEGACY = 62,	  /* the policy does not allow 2021 packages or keys */
	EDB_E_QUOTA = 63,	  /* the vendor's quota, or a limit of the device, is used up */
	EDB_E_BUSY = 64,	  /* in use: an instance is loaded, or a deployment of this id is open */
	EDB_E_NOT_FOUND = 65,
	EDB_E_STATE = 66,	  /* the call does not fit the state: wrong order, no deployment open */

	/* 70-79: the caller is wrong */
	EDB_E_ARG = 70,
	EDB_E_SPACE = 71, /* the caller's buffer is too small */

	/* 80-89: the environment; a retry may help */
	EDB_E_NOMEM = 80,
	EDB_E_IO = 81,
	EDB_E_STORAGE_FULL = 82,
	EDB_E_STORAGE = 83,	  /* secure storage is corrupt, or was rolled back */
	EDB_E_TEE = 84,		  /* no TEE to talk to, or it did not answer */
	EDB_E_NETWORK = 85,
	EDB_E_KEY_STORE = 86,	  /* the key store refused or does not know the key */
	EDB_E_TOKEN = 87,	  /* PKCS#11 token: absent, locked, no such key */
	EDB_E_STORAGE_OLD = 88,	  /* secure storage is older than the device's counter: rolled back */
};

#endif
