/* SPDX-License-Identifier: MIT
 *
 * What an application's process can still do once its own code runs: compute, get memory, talk to
 * the core over the socket it has. No file, no network, no other process, no new executable memory.
 */
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "loader.h"

/*
 * A build that measures coverage has to write files when it ends: there, and only there, system
 * calls are not filtered. docs/simtee.md says so.
 */
#ifdef SIMTEE_COVERAGE

void __gcov_dump(void);

void leave(int code)
{
	__gcov_dump();
	_exit(code);
}

static bool filter(void)
{
	return true;
}

#else

void leave(int code)
{
	_exit(code);
}

static const int allowed[] = {
	SCMP_SYS(brk),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(close),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(futex),
	SCMP_SYS(getpid),
	SCMP_SYS(getrandom),
	SCMP_SYS(gettid),
	SCMP_SYS(madvise),
	SCMP_SYS(munmap),
	SCMP_SYS(mlock),
	SCMP_SYS(mremap),
	SCMP_SYS(munlock),
	SCMP_SYS(recvmsg),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sched_yield),
	SCMP_SYS(sendmsg),
	SCMP_SYS(sigaltstack),
};

static bool filter(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int failed = !ctx;

	for (size_t i = 0; !failed && i < sizeof allowed / sizeof allowed[0]; i++)
		failed = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
	/* Memory, but none that can be executed. */
	if (!failed)
		failed = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (!failed)
		failed = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	/* What sanitizers write when they have something to say, and nothing else. */
	if (!failed)
		failed = seccomp_rule_add(
			ctx, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, SCMP_A0(SCMP_CMP_EQ, 2, 0));
	if (!failed)
		failed = seccomp_load(ctx);
	seccomp_release(ctx);
	return !failed;
}

#endif

bool confine(void)
{
	const struct rlimit none = {0};

	/* A network of its own where the kernel lets it have one; seccomp forbids sockets anyway.
	 */
	(void)unshare(CLONE_NEWUSER | CLONE_NEWNET);
	(void)mlockall(MCL_CURRENT); /* as far as the limit goes */
	return !setrlimit(RLIMIT_CORE, &none) && !prctl(PR_SET_DUMPABLE, 0) &&
	       !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && filter();
}
