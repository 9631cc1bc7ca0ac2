/* SPDX-License-Identifier: MIT
 *
 * simtee-ta: the process of one application. Started by the core only, with a socket as descriptor
 * 3. It loads the image, gives up all that it does not need, and only then runs it.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "attack.h"
#include "confine.h"
#include "fiber_asan.h"
#include "heap.h"
#include "process.h"

/* Stack for what TEE_* functions need; on a device that would be the TEE's own. */
#ifdef SIMTEE_INSTRUMENTED
#define STACK_EXTRA (1u << 20)
#else
#define STACK_EXTRA (64u << 10)
#endif

/* Keys of open objects: far more than an application's memory has room to handle. */
#define KEY_MEMORY       (256u << 10)
#define KEY_MEMORY_PIECE 32u

struct process process;

static struct {
	uint8_t *bottom; /* above the guard page */
	size_t size;
} stack;

#ifdef SIMTEE_INSTRUMENTED
/* The leak checker wants to be a debugger; what the application leaves is counted anyway. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

_Noreturn void process_end(int status)
{
	exit(status); /* writes what coverage counted */
}
#else
_Noreturn void process_end(int status)
{
	_exit(status);
}
#endif

/* The filter lets through what OpenSSL needs once it is warm, not what it does at its start. Where
 * not all memory can be locked, at least that of keys is. */
static bool warm_up(void)
{
	uint8_t byte;

	(void)CRYPTO_secure_malloc_init(KEY_MEMORY, KEY_MEMORY_PIECE);
	return OPENSSL_init_crypto(
		       OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_LOAD_CRYPTO_STRINGS, NULL) == 1 &&
	       RAND_priv_bytes(&byte, 1) == 1 && RAND_bytes(&byte, 1) == 1;
}

static bool make_stack(void)
{
	size_t size = (process.image.head.stack_size + STACK_EXTRA + ELF_PAGE_BYTES - 1) &
		      ~(size_t)(ELF_PAGE_BYTES - 1);
	uint8_t *pages = mmap(NULL, size + ELF_PAGE_BYTES, PROT_NONE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);

	if (pages == MAP_FAILED || mprotect(pages + ELF_PAGE_BYTES, size, PROT_READ | PROT_WRITE))
		return false;
	stack.bottom = pages + ELF_PAGE_BYTES;
	stack.size = size;
	(void)mlock(stack.bottom, stack.size);
	return true;
}

static TEE_Result load(int image_fd, size_t image_size, int buffer_fd)
{
	void *bytes = mmap(NULL, image_size, PROT_READ, MAP_PRIVATE, image_fd, 0);
	void *buffer =
		mmap(NULL, WIRE_BUFFER_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, buffer_fd, 0);

	close(image_fd);
	close(buffer_fd);
	if (bytes == MAP_FAILED || buffer == MAP_FAILED || !warm_up())
		return TEE_ERROR_OUT_OF_MEMORY;
	process.buffer = buffer;
	if (elf_image_read(bytes, image_size, &process.image) ||
		elf_load(&process.image, &process.loaded))
		return TEE_ERROR_BAD_FORMAT;
	munmap(bytes, image_size);
	elf_lock(&process.image, &process.loaded);
	simtee_heap_limit(process.image.heap_bytes);
	return make_stack() ? TEE_SUCCESS : TEE_ERROR_OUT_OF_MEMORY;
}

static void on_stack(void)
{
	asan_arrive(NULL, NULL, NULL);
	process_serve();
}

/* Descriptors that the core did not mean to give; in a sanitizer's build 2 is for its reports. */
static void close_others(void)
{
#ifndef SIMTEE_INSTRUMENTED
	for (int fd = 0; fd < PROCESS_SOCKET; fd++)
		close(fd);
#endif
	(void)close_range(PROCESS_SOCKET + 1, ~0u, 0);
}

int main(void)
{
	struct wire_up failed = {.kind = WIRE_DONE};
	struct wire_down start;
	size_t size = sizeof start, fd_count;
	int fds[WIRE_FDS_MAX];
	ucontext_t here, there;
	void *kept = NULL;

	close_others();
	confine_early();
	if (wire_receive(PROCESS_SOCKET, &start, &size, fds, &fd_count, 0) ||
		size != sizeof start || start.kind != WIRE_START || fd_count != 2)
		return 2;
	process.self = start.self;
	if (start.flags & WIRE_START_FLIP)
		attack_enable();
	failed.result = load(fds[0], start.size, fds[1]);
	if (!failed.result && !confine_for_ever())
		failed.result = TEE_ERROR_SECURITY;
	if (failed.result) {
		process_send(&failed);
		process_end(1);
	}
	if (getcontext(&there))
		process_end(1);
	there.uc_stack.ss_sp = stack.bottom;
	there.uc_stack.ss_size = stack.size;
	makecontext(&there, on_stack, 0);
	asan_leave(&kept, stack.bottom, stack.size);
	swapcontext(&here, &there);
	return 1; /* not reached: serving ends the process */
}
