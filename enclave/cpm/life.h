/* SPDX-License-Identifier: MIT
 *
 * The CPM's life as an application: what is read and put right when it starts, and the one thing
 * that may have to be finished before any call: taking away what an earlier operator had here.
 */
#ifndef CPM_LIFE_H
#define CPM_LIFE_H

#include "cpm.h"

/** EDB_OK: the CPM may serve. Otherwise what keeps it from doing so; asking again tries again. */
enum edb_err life_ready(void);

/** The same, of a device that is provisioned: what most calls need. EDB_E_NOT_PROVISIONED. */
enum edb_err life_serving(void);

/** The same, where the policy allows 2021 keys: contract 0.1's. EDB_E_LEGACY. */
enum edb_err life_serving_2021_keys(void);

#endif
