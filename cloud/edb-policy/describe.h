/* SPDX-License-Identifier: MIT
 *
 * Policies as people write them: a JSON file. docs/policies.md has the members.
 */
#ifndef EDB_POLICY_DESCRIBE_H
#define EDB_POLICY_DESCRIBE_H

#include "policy.h"

/** Read a description. Keys are named by files, relative to where the tool runs. EDB_E_ARG: what of
 *  it cannot be used. */
enum edb_err describe_device(
	const char *path, struct edb_device_policy *policy, struct edb_error *error);
enum edb_err describe_operator(
	const char *path, struct edb_operator_policy *policy, struct edb_error *error);

#endif
