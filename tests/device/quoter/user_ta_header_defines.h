/* SPDX-License-Identifier: MIT */
#ifndef QUOTER_TA_HEADER_H
#define QUOTER_TA_HEADER_H

/* 7e57da7a-0000-4000-8000-0000000000c1 */
#define TA_UUID                                                                                    \
	{                                                                                          \
		0x7e57da7a, 0x0000, 0x4000,                                                        \
		{                                                                                  \
			0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xc1                             \
		}                                                                                  \
	}

/* The other image differs from the first in this number, and in nothing else. */
#ifdef QUOTER_OTHER
#define TA_STACK_SIZE (20 * 1024)
#else
#define TA_STACK_SIZE (16 * 1024)
#endif
#define TA_FLAGS     0
#define TA_DATA_SIZE (64 * 1024)

#endif
