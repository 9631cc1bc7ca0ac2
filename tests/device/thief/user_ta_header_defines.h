/* SPDX-License-Identifier: MIT */
#ifndef THIEF_TA_HEADER_H
#define THIEF_TA_HEADER_H

/* 7e57da7a-0000-4000-8000-0000000000d1 */
#define TA_UUID                                                                                    \
	{                                                                                          \
		0x7e57da7a, 0x0000, 0x4000,                                                        \
		{                                                                                  \
			0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xd1                             \
		}                                                                                  \
	}
#define TA_FLAGS      0
#define TA_STACK_SIZE (16 * 1024)
#define TA_DATA_SIZE  (64 * 1024)

#endif
