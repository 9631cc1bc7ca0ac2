/* SPDX-License-Identifier: MIT
 *
 * A pseudo-TA that is in OP-TEE of profile test only. It gives any trusted application a quote of
 * itself, with the functions and the key that the CPM's quotes come from; commands and parameters
 * are those of contract/edb_quote.h.
 */
#ifndef QUOTER_H
#define QUOTER_H

/* 7e57da7a-0000-4000-8000-0000000000c0 */
#define QUOTER_UUID                                                                                \
	{                                                                                          \
		0x7e57da7a, 0x0000, 0x4000,                                                        \
		{                                                                                  \
			0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xc0                             \
		}                                                                                  \
	}

#endif
