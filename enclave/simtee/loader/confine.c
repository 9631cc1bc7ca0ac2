/* SPDX-License-Identifier: MIT */
#include "confine.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define DATA_MAX (256u << 20) /* bytes of private memory: no application fills the machine's */

static void limit(__rlimit_resource_t resource, rlim_t value)
{
	const struct rlimit both = {.rlim_cur = value, .rlim_max = value};

	(void)setrlimit(resource, &both);
}

/* Where the limit is not infinite, locking all would make a later mmap fail: elf_lock does some. */
static void lock_memory(void)
{
	struct rlimit now;

	limit(RLIMIT_MEMLOCK, RLIM_INFINITY);
	if (!getrlimit(RLIMIT_MEMLOCK, &now) && now.rlim_cur == RLIM_INFINITY)
		(void)mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}

#ifdef SIMTEE_INSTRUMENTED

/* Sanitizers and coverage read and write files of their own, so only the worst is forbidden. */
void confine_early(void)
{
	limit(RLIMIT_CORE, 0);
	(void)lock_memory;
}

static bool add_rules(scmp_filter_ctx filter)
{
	static const int forbidden[] = {SCMP_SYS(socket), SCMP_SYS(connect), SCMP_SYS(execve),
		SCMP_SYS(execveat), SCMP_SYS(ptrace), SCMP_SYS(mount)};

	for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++)
		if (seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, forbidden[i], 0))
			return false;
	return true;
}

#define OTHERWISE SCMP_ACT_ALLOW

#else

void confine_early(void)
{
	(void)prctl(PR_SET_DUMPABLE, 0);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_FSIZE, 0);
	limit(RLIMIT_DATA, DATA_MAX);
	lock_memory();
	/* A network with nothing in it, and nobody's rights on files. Not all systems allow it; the
	 * filter takes sockets and files away in any case. */
	(void)unshare(CLONE_NEWUSER | CLONE_NEWNET);
}

static bool add_rules(scmp_filter_ctx filter)
{
	static const int allowed[] = {/* the core */
		SCMP_SYS(recvmsg), SCMP_SYS(sendmsg), SCMP_SYS(close),
		/* memory; without PROT_EXEC, below */
		SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(madvise),
		/* what the C library and OpenSSL do by themselves */
		SCMP_SYS(futex), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getrandom),
		SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sched_yield),
		/* time */
		SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(clock_nanosleep),
		SCMP_SYS(restart_syscall),
		/* the end */
		SCMP_SYS(exit), SCMP_SYS(exit_group)};
	static const int without_exec[] = {SCMP_SYS(mmap), SCMP_SYS(mprotect)};

	for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0))
			return false;
	for (size_t i = 0; i < sizeof without_exec / sizeof without_exec[0]; i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, without_exec[i], 1,
			    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)))
			return false;
	/* The allocator asks for this and can do without. */
	return !seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOMEM), SCMP_SYS(mremap), 0);
}

#define OTHERWISE SCMP_ACT_KILL_PROCESS

#endif

bool confine_for_ever(void)
{
	scmp_filter_ctx filter;
	bool ok;

	/* Should the core end without a word. Not earlier: a change of credentials takes it back.
	 */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return false;
	filter = seccomp_init(OTHERWISE);
	ok = filter && add_rules(filter) && !seccomp_load(filter);
	seccomp_release(filter);
	return ok;
}
