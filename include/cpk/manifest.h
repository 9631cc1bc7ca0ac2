/* SPDX-License-Identifier: MIT
 *
 * The manifest of a Confidential Package, typed. Source: docs/format.md, "Manifest".
 */
#ifndef CPK_MANIFEST_H
#define CPK_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <edb/error.h>
#include <edb/public_key.h> /* enum edb_scheme */

/* Limits of docs/format.md, in bytes of UTF-8 without the NUL, or in entries. */
#define CPK_MANIFEST_MAX     16384 /* the JSON text */
#define CPK_ID_MAX           64    /* cp-id; 1 at least */
#define CPK_NAME_MAX         128   /* cp-name, cp-vendor; 0 allowed */
#define CPK_TARGET_MAX       32    /* arch, os; 1 at least */
#define CPK_DATE_MAX         64    /* 0 allowed */
#define CPK_KEY_NAME_MIN     5
#define CPK_KEY_NAME_MAX     36
#define CPK_LOCATION_MAX     1024 /* domain, url; 1 at least */
#define CPK_MAP_MAX          32   /* entries of package.map */
#define CPK_READERS_MAX      16
#define CPK_CERTIFICATE_MAX  16384               /* an embedded certificate or key */
#define CPK_PLAINTEXT_MAX    ((1ull << 36) - 32) /* AES-GCM: SP 800-38D, 5.2.1.1 */
#define CPK_CLASS_KEY_BYTES  32
#define CPK_NONCE_BYTES      12
#define CPK_TAG_BYTES        16
#define CPK_VENDOR_HEX_BYTES 64 /* SHA-256 of a SubjectPublicKeyInfo, lower-case hex */

enum cpk_enc_scheme {
	CPK_ENC_NONE = 0,
	CPK_ENC_AES_GCM
};
enum cpk_dig_scheme {
	CPK_DIG_NONE = 0,
	CPK_DIG_SHA256
};
enum cpk_cert_scheme {
	CPK_CERT_NONE = 0,
	CPK_CERT_TARGET, /* the device already holds the certificate of a domain */
	CPK_CERT_URL,    /* to be fetched */
	CPK_CERT_X509_PEM,
	CPK_CERT_X509_DER,
	CPK_CERT_PUBLIC_KEY_PEM,
	CPK_CERT_PUBLIC_KEY_DER, /* SubjectPublicKeyInfo */
};
enum cpk_type {
	CPK_TYPE_ABSENT = 0, /* packages of 2021: an application */
	CPK_TYPE_APPLICATION,
	CPK_TYPE_DATA,
};

struct cpk_enc {
	enum cpk_enc_scheme scheme;
	struct { /* CPK_ENC_AES_GCM */
		char key_name[CPK_KEY_NAME_MAX + 1];
		uint16_t key_strength; /* bits; 256 */
		uint32_t key_version;  /* 0: absent, as in 2021 */
		uint16_t nonce, tag;   /* stream indexes */
	} aes_gcm;
};

struct cpk_dig {
	enum cpk_dig_scheme scheme;
	uint16_t data; /* stream index; CPK_DIG_SHA256 */
};

struct cpk_sig {
	enum edb_scheme scheme;
	uint16_t key_strength; /* bits; all but EDB_SCHEME_NONE */
	uint16_t data;         /* stream index; all but EDB_SCHEME_NONE */
};

struct cpk_cert {
	enum cpk_cert_scheme scheme;
	union {
		uint16_t data;                       /* stream index; the four embedded ones */
		char location[CPK_LOCATION_MAX + 1]; /* domain of TARGET, url of URL */
	};
};

/* Who may read a data payload: an application of a vendor. */
struct cpk_reader_id {
	char id[CPK_ID_MAX + 1];
	char vendor[CPK_VENDOR_HEX_BYTES + 1]; /* edb_public_key_id, lower-case hex */
};

struct cpk_version {
	uint32_t maj, min, rev;
	char date[CPK_DATE_MAX + 1]; /* for people; not compared */
};

/* Plain data but for `unknown`; start from `struct cpk_manifest m = {0}`. Strings end in NUL. */
struct cpk_manifest {
	char id[CPK_ID_MAX + 1];
	char name[CPK_NAME_MAX + 1];
	char vendor[CPK_NAME_MAX + 1]; /* for people; the vendor's identity is its key */

	struct {
		uint16_t data; /* stream index */
		char arch[CPK_TARGET_MAX + 1], os[CPK_TARGET_MAX + 1];
		struct cpk_version ver;
		struct cpk_enc enc;
		struct cpk_dig dig;
		struct cpk_sig sig;
		struct cpk_cert cert;
		enum cpk_type type;
		struct cpk_reader_id readers[CPK_READERS_MAX];
		size_t readers_count;
	} payload;

	struct {
		uint16_t map[CPK_MAP_MAX];
		size_t map_count;
		uint64_t sizes[CPK_MAP_MAX]; /* of map[1], map[2], … */
		size_t sizes_count;          /* map_count - 1 where sizes_present */
		bool sizes_present;
		struct cpk_dig dig;
		struct cpk_sig sig;
		struct cpk_cert cert;
	} package;

	void *unknown; /* the members we do not know; owned; not for callers */
};

/**
 * Parse a manifest: every rule that needs no stream table.
 *
 * @param text  size bytes of JSON, no NUL needed; borrowed
 * @param m     overwritten on success, untouched otherwise; then cpk_manifest_clear it
 * @return EDB_E_JSON…, EDB_E_MEMBER_…, EDB_E_SCHEME, EDB_E_MAP, EDB_E_STREAM_ROLE, EDB_E_SIZES,
 *         EDB_E_LIMIT, EDB_E_NOMEM
 * Threads: any, on different manifests.
 */
enum edb_err cpk_manifest_parse(
	const uint8_t *text, size_t size, struct cpk_manifest *m, struct edb_error *error);

/**
 * Compact JSON: known members in the order of docs/format.md, then those that were unknown to
 * cpk_manifest_parse, each in the object that it was found in.
 *
 * @param text  malloc'ed, *size bytes and a NUL; free() it
 * @return what cpk_manifest_parse has to say about the result; EDB_E_NOMEM
 * Threads: any.
 */
enum edb_err cpk_manifest_encode(
	const struct cpk_manifest *m, char **text, size_t *size, struct edb_error *error);

/** Drop what `m` owns and zero it. */
void cpk_manifest_clear(struct cpk_manifest *m);

/** The name of a scheme in the manifest, such as "aes-gcm"; "none" for none. */
const char *cpk_enc_name(enum cpk_enc_scheme scheme);
const char *cpk_dig_name(enum cpk_dig_scheme scheme);
const char *cpk_sig_name(enum edb_scheme scheme);
const char *cpk_cert_name(enum cpk_cert_scheme scheme);
const char *cpk_type_name(enum cpk_type type); /* "application" where absent */

/** True for the four schemes that keep certificate or key in a stream. */
bool cpk_cert_is_embedded(enum cpk_cert_scheme scheme);

#endif
