/* SPDX-License-Identifier: MIT
 *
 * Tells AddressSanitizer that the stack changes; nothing without it. Images never have it, tests
 * do.
 */
#ifndef EDB_FIBER_ASAN_H
#define EDB_FIBER_ASAN_H

#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define EDB_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define EDB_ASAN 1
#endif

#ifdef EDB_ASAN
void __sanitizer_start_switch_fiber(void **keep, const void *bottom, size_t size);
void __sanitizer_finish_switch_fiber(void *kept, const void **bottom, size_t *size);
void __asan_unpoison_memory_region(const volatile void *memory, size_t size);
#define asan_leave(keep, bottom, size)  __sanitizer_start_switch_fiber(keep, bottom, size)
#define asan_arrive(kept, bottom, size) __sanitizer_finish_switch_fiber(kept, bottom, size)
#define asan_forget(memory, size)       __asan_unpoison_memory_region(memory, size)
#else
#define asan_leave(keep, bottom, size)  ((void)(keep), (void)(bottom), (void)(size))
#define asan_arrive(kept, bottom, size) ((void)(kept), (void)(bottom), (void)(size))
#define asan_forget(memory, size)       ((void)(memory), (void)(size))
#endif

#endif
