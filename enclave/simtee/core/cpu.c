/* SPDX-License-Identifier: MIT
 *
 * On which CPU a call runs. As in TrustZone it stays on one: while it is the only one, core and
 * application work in turn, never at once, and to wake each other across CPUs takes longer than
 * many a system call. As soon as there is a second call, everything may go where there is room.
 * Where the kernel refuses, calls are slower and nothing else.
 */
#include "core.h"

static void let_core_go(struct core *core)
{
	if (core->is_bound)
		(void)sched_setaffinity(0, sizeof core->cpus, &core->cpus);
	core->is_bound = false;
}

static bool is_alone(const struct instance *instance)
{
	for (const struct instance *i = instance->core->instances; i; i = i->next)
		if (i != instance && i->state != INSTANCE_IDLE && !i->waits_for)
			return false;
	return true;
}

void cpu_call_begins(struct instance *instance)
{
	struct core *core = instance->core;
	int cpu = is_alone(instance) && CPU_COUNT(&core->cpus) > 1 ? sched_getcpu() : CPU_ANY;
	cpu_set_t one;

	CPU_ZERO(&one);
	if (cpu == CPU_ANY) {
		let_core_go(core);
	} else {
		CPU_SET((size_t)cpu, &one);
		core->is_bound = !sched_setaffinity(0, sizeof one, &one);
	}
	if (cpu != instance->cpu && instance->pid)
		(void)sched_setaffinity(
			instance->pid, sizeof one, cpu == CPU_ANY ? &core->cpus : &one);
	instance->cpu = cpu;
}

void cpu_call_ends(struct core *core)
{
	let_core_go(core);
}
