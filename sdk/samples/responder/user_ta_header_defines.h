/* SPDX-License-Identifier: MIT
 *
 * What the loader is told about the responder; see enclave/simtee/ta/ta_head.c.
 */
#ifndef RESPONDER_TA_HEADER_H
#define RESPONDER_TA_HEADER_H

/* Also the application's id in packages: 5f3c1d6e-2b74-4c8f-9a51-7d0e6b3f8c24 */
#define TA_UUID                                                                                    \
	{                                                                                          \
		0x5f3c1d6e, 0x2b74, 0x4c8f,                                                        \
		{                                                                                  \
			0x9a, 0x51, 0x7d, 0x0e, 0x6b, 0x3f, 0x8c, 0x24                             \
		}                                                                                  \
	}

#define TA_FLAGS      0 /* an instance of its own for each session */
#define TA_STACK_SIZE (16 * 1024)
#define TA_DATA_SIZE  (64 * 1024)

#endif
