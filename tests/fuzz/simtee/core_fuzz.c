/* SPDX-License-Identifier: MIT
 *
 * The simulator's core between hosts and application processes that both are hostile: the input
 * says who sends which message, what lies in the shared buffer, and who hangs up when. Everything
 * is the core's own but the processes (fuzz_spawn) and early applications; sockets and shared
 * memory are real. In the end all that was given to the core must have come back.
 *
 * An input is a list of actions: a byte for what (low 3 bits) and for who (the next 2), then the
 * bytes that the action takes; what is missing reads as 0. Fields are small, so that messages are
 * often nearly right: places in steps of 64 bytes, sessions and applications by their number.
 */
#include "loop.c" /* its turn() and bury() are what a loop is made of */

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "memory_medium.h"
#include "simtee/ta/ta_head.h"
#include "store.h"

#define HOSTS_MAX     4u
#define PROCESSES_MAX 4u
#define SEEN_MAX      32u
#define ACTIONS_MAX   64u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
	const uint8_t *at;
	size_t left;
	struct core core;
	int hosts[HOSTS_MAX]; /* -1: none */
	struct {
		int fd; /* -1: none */
		pid_t pid;
	} processes[PROCESSES_MAX];
	int spawned; /* the next process's end */
	pid_t next_pid;
	uint32_t sessions[SEEN_MAX], session_count; /* that anybody was told of */
} fuzz;

static void require(bool holds)
{
	if (!holds)
		abort();
}

static uint8_t next(void)
{
	if (!fuzz.left)
		return 0;
	fuzz.left--;
	return *fuzz.at++;
}

/* --- what the core finds around itself --- */

/* Early applications, by their number: the CPM, which alone may open the image store; one instance
 * for all sessions; one for each; the last takes one session at a time. */
static const TEE_UUID known[] = {
	EDB_CPM_UUID, {.timeLow = 1}, {.timeLow = 2}, {.timeLow = 3}, EDB_IMAGE_STORE_UUID};
static const uint32_t known_flags[] = {TA_FLAG_SINGLE_INSTANCE | TA_FLAG_MULTI_SESSION,
	TA_FLAG_SINGLE_INSTANCE | TA_FLAG_MULTI_SESSION, 0, TA_FLAG_SINGLE_INSTANCE};
#define EARLY_COUNT (sizeof known_flags / sizeof known_flags[0])
#define KNOWN_COUNT (sizeof known / sizeof known[0])

bool early_has(const struct core *core, const TEE_UUID *uuid)
{
	(void)core;
	for (size_t i = 0; i < EARLY_COUNT; i++)
		if (core_same_uuid(&known[i], uuid))
			return true;
	return false;
}

TEE_Result image_find(const struct core *core, const TEE_UUID *uuid, struct image_ref *image)
{
	for (size_t i = 0; i < EARLY_COUNT; i++) {
		if (!core_same_uuid(&known[i], uuid))
			continue;
		*image = (struct image_ref){.flags = known_flags[i], .memory_bytes = 5u << 20};
		return TEE_SUCCESS;
	}
	return store_find(core, uuid, image);
}

TEE_Result image_open(struct core *core, const TEE_UUID *uuid, int *fd, uint64_t *size)
{
	if (!early_has(core, uuid))
		return store_read(core, uuid, fd, size);
	*size = 4096;
	*fd = wire_memory_make(*size);
	return *fd < 0 ? TEE_ERROR_OUT_OF_MEMORY : TEE_SUCCESS;
}

/* core/instance.c is compiled with these names for the C library's. */
int fuzz_adddup2(posix_spawn_file_actions_t *actions, int fd, int as);
int fuzz_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
	const posix_spawnattr_t *attributes, char *const argv[], char *const environment[]);
int fuzz_kill(pid_t pid, int signal);

int fuzz_adddup2(posix_spawn_file_actions_t *actions, int fd, int as)
{
	(void)actions, (void)as;
	fuzz.spawned = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return fuzz.spawned < 0;
}

int fuzz_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
	const posix_spawnattr_t *attributes, char *const argv[], char *const environment[])
{
	(void)path, (void)actions, (void)attributes, (void)argv, (void)environment;
	for (size_t i = 0; i < PROCESSES_MAX; i++) {
		if (fuzz.processes[i].fd >= 0)
			continue;
		*pid = fuzz.processes[i].pid = ++fuzz.next_pid;
		fuzz.processes[i].fd = fuzz.spawned;
		return 0;
	}
	close(fuzz.spawned);
	return EAGAIN;
}

int fuzz_kill(pid_t pid, int signal)
{
	(void)pid, (void)signal;
	return 0; /* its end is an action of its own */
}

/* --- what the others do --- */

static void see_session(uint32_t session)
{
	if (session && fuzz.session_count < SEEN_MAX)
		fuzz.sessions[fuzz.session_count++] = session;
}

/* Read what was sent; a host and an application learn of their sessions. */
static void listen_to(int fd, bool host)
{
	union {
		struct wire_reply reply;
		struct wire_down down;
		char bytes[sizeof(struct wire_reply) + WIRE_TEXT_MAX];
	} message;
	size_t size, fd_count;
	int fds[WIRE_FDS_MAX];

	for (;;) {
		size = sizeof message;
		if (wire_receive(fd, &message, &size, fds, &fd_count, MSG_DONTWAIT) || !size)
			return;
		for (size_t i = 0; i < fd_count; i++)
			close(fds[i]);
		require(size >= (host ? sizeof message.reply : sizeof message.down));
		if (host)
			see_session(message.reply.session);
		else if (message.down.kind == WIRE_SYS_REPLY)
			see_session(message.down.session);
	}
}

static void settle(void)
{
	while (turn(&fuzz.core, 0))
		;
	for (size_t i = 0; i < HOSTS_MAX; i++)
		if (fuzz.hosts[i] >= 0)
			listen_to(fuzz.hosts[i], true);
	for (size_t i = 0; i < PROCESSES_MAX; i++)
		if (fuzz.processes[i].fd >= 0)
			listen_to(fuzz.processes[i].fd, false);
}

static struct instance *instance_of(pid_t pid)
{
	struct instance *i = fuzz.core.instances;

	while (i && i->pid != pid)
		i = i->next;
	return i;
}

static uint32_t next_session(void)
{
	uint8_t n = next();

	return n < fuzz.session_count ? fuzz.sessions[n] : n;
}

static TEE_UUID next_uuid(void)
{
	uint8_t n = next();

	return n < KNOWN_COUNT ? known[n] : (TEE_UUID){.timeLow = n};
}

static uint32_t next_types(void)
{
	uint8_t low = next(), high = next();

	return (uint32_t)high << 8 | low;
}

static void next_params(struct wire_param params[4])
{
	for (int i = 0; i < 4; i++) {
		params[i].memory = next();
		params[i].offset = params[i].a = 64u * next();
		params[i].size = params[i].b = 4u * next();
	}
}

/* A descriptor to come along: good memory, memory that may change, a file, none. */
static int next_fd(void)
{
	switch (next()) {
	case 1: return wire_memory_make(4096);
	case 2: return memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	case 3: return open("/dev/null", O_RDONLY | O_CLOEXEC);
	default: return -1;
	}
}

static void post(int to, const void *message, size_t size, int fd)
{
	if (to >= 0)
		(void)wire_send(to, message, size, &fd, fd >= 0, MSG_DONTWAIT);
	if (fd >= 0)
		close(fd);
}

static void host_comes(size_t who)
{
	int pair[2];

	if (fuzz.hosts[who] >= 0)
		return;
	require(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair));
	fuzz.hosts[who] = pair[0];
	client_accept(&fuzz.core, pair[1]);
}

static void host_asks(size_t who)
{
	struct wire_request request = {.kind = next(), .tag = next()};

	request.session = next_session();
	request.command = next();
	request.types = next_types();
	request.login = next();
	request.memory = next();
	request.uuid = next_uuid();
	int fd = next_fd();
	next_params(request.params);
	post(fuzz.hosts[who], &request, sizeof request, fd);
}

static void process_says(size_t who)
{
	struct wire_up message = {.kind = next(), .result = next() * 0x01010101u, .sys = next()};

	message.handle = next();
	message.flags = next_types();
	message.offset = 64u * next();
	message.size = 64u * next();
	message.attr_size = next();
	message.data_size = 64u * next();
	message.session = next_session();
	message.command = next();
	message.types = next_types();
	message.id_size = next();
	message.id[0] = next();
	message.uuid = next_uuid();
	next_params(message.params);
	post(fuzz.processes[who].fd, &message, sizeof message, -1);
}

static void process_writes(size_t who)
{
	struct instance *instance = instance_of(fuzz.processes[who].pid);
	size_t at = 64u * next(), count = next();

	while (count--) {
		uint8_t byte = next();

		if (fuzz.processes[who].fd >= 0 && instance && instance->buffer)
			instance->buffer[at++] = byte;
	}
}

static void send_bytes(int to)
{
	uint8_t bytes[256];
	size_t count = next();
	int fd = next_fd();

	for (size_t i = 0; i < count; i++)
		bytes[i] = next();
	post(to, bytes, count, fd);
}

/* Its socket closes, and only then, as far as the core can see, it is gone. */
static void process_ends(size_t who)
{
	if (fuzz.processes[who].fd < 0)
		return;
	close(fuzz.processes[who].fd);
	fuzz.processes[who].fd = -1;
	settle();
	on_exit_of(&fuzz.core, fuzz.processes[who].pid, SIGSEGV);
	bury(&fuzz.core);
}

static void act(uint8_t action)
{
	size_t who = action >> 3 & 3;

	switch (action & 7) {
	case 0: host_comes(who); break;
	case 1: host_asks(who); break;
	case 2: process_says(who); break;
	case 3: process_writes(who); break;
	case 4:
		if (fuzz.hosts[who] >= 0)
			close(fuzz.hosts[who]);
		fuzz.hosts[who] = -1;
		break;
	case 5: process_ends(who); break;
	case 6: send_bytes(fuzz.hosts[who]); break;
	default: send_bytes(fuzz.processes[who].fd); break;
	}
	settle();
}

static void begin(struct medium *medium)
{
	static const uint8_t device_key[STORAGE_KEY_BYTES] = {1};
	static const uint32_t changes;
	struct core *core = &fuzz.core;

	*core = (struct core){.loader = "none", .storage_changes = &changes};
	core->epoll = epoll_create1(EPOLL_CLOEXEC);
	require(core->epoll >= 0);
	require(!storage_open(medium, device_key, &core->storage));
	require(!store_start(core));
	for (size_t i = 0; i < HOSTS_MAX; i++)
		fuzz.hosts[i] = -1;
	for (size_t i = 0; i < PROCESSES_MAX; i++)
		fuzz.processes[i].fd = -1;
	fuzz.session_count = 0;
}

static void end(struct medium *medium)
{
	struct core *core = &fuzz.core;

	for (struct client *c = core->clients; c; c = c->next)
		client_fail(c);
	for (size_t i = 0; i < PROCESSES_MAX; i++)
		process_ends(i);
	for (struct instance *i = core->instances; i; i = i->next)
		instance_fail(i);
	bury(core);
	require(!core->clients && !core->client_count && !core->instances);
	require(!core->sessions && !core->calls);
	store_stop(core);
	require(!memory_medium_open_files(medium));
	storage_free(core->storage);
	close(core->epoll);
	for (size_t i = 0; i < HOSTS_MAX; i++)
		if (fuzz.hosts[i] >= 0)
			close(fuzz.hosts[i]);
}

/* What is left open does not come back by itself. */
static unsigned open_files(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned files = open_files();
	struct medium *medium = memory_medium_new();

	require(medium != NULL);
	fuzz.at = data;
	fuzz.left = size;
	begin(medium);
	for (unsigned i = 0; fuzz.left && i < ACTIONS_MAX; i++)
		act(next());
	end(medium);
	medium_free(medium);
	require(open_files() == files);
	return 0;
}
