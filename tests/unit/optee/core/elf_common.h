/* SPDX-License-Identifier: MIT */
#include "optee_core.h"
