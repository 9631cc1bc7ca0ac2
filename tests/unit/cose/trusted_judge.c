/* SPDX-License-Identifier: MIT */
#include "trusted_judge.h"

#include <string.h>

#include "policy.h"
#include "sign1.h"
#include "spki.h"

static enum edb_err read_payload(const struct sign1 *s)
{
	static const uint8_t this_device[DEVICE_ID_BYTES];
	struct device_policy device;
	struct operator_view operator_ = {0};
	struct key_bundle bundle;

	if (sign1_type_is(s, DEVICE_POLICY_TYPE))
		return device_policy_read(s->payload, s->payload_size, this_device, &device);
	if (sign1_type_is(s, OPERATOR_POLICY_TYPE))
		return operator_policy_read(s->payload, s->payload_size, &operator_);
	if (sign1_type_is(s, KEY_BUNDLE_TYPE))
		return key_bundle_read(s->payload, s->payload_size, &bundle);
	return EDB_E_DOCUMENT;
}

/* The one it has, so that the signature decides; any, where it has none. */
static const char *type_of(const struct sign1 *s)
{
	return sign1_type_is(s, OPERATOR_POLICY_TYPE) ? OPERATOR_POLICY_TYPE
	       : sign1_type_is(s, KEY_BUNDLE_TYPE)    ? KEY_BUNDLE_TYPE
						      : DEVICE_POLICY_TYPE;
}

enum edb_err trusted_read(const uint8_t *document, size_t size)
{
	struct sign1 s;
	enum edb_err err = sign1_parse(document, size, &s);

	return err ? err : read_payload(&s);
}

enum edb_err trusted_judge(
	const uint8_t *document, size_t size, const uint8_t *spki, size_t spki_size)
{
	struct p256_point point;
	struct spki key;
	struct sign1 s;
	enum edb_err err = spki_parse(spki, spki_size, false, &key);

	if (!err)
		err = sign1_parse(document, size, &s);
	if (err)
		return err;
	memcpy(point.x, key.first, sizeof point.x);
	memcpy(point.y, key.second, sizeof point.y);
	err = sign1_verify(&s, type_of(&s), &point);
	return err ? err : read_payload(&s);
}
