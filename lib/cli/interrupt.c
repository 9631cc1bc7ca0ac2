/* SPDX-License-Identifier: MIT
 *
 * Signals that end a program. Their handlers have nothing but static variables.
 */
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inside.h"

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

static char removes[PATH_MAX]; /* empty: nothing */
static volatile sig_atomic_t caught;

static void on_signal_remove(int number)
{
	if (*removes)
		unlink(removes);
	signal(number, SIG_DFL);
	raise(number);
}

static void on_signal_note(int number)
{
	caught = number;
}

/* Who was started with a signal ignored (nohup) keeps it so. */
static void handle(void (*handler)(int))
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART}, old;

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
		if (!sigaction(signals[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
}

void cli_interrupt_removes(const char *path)
{
	sigset_t all, old;

	/* No handler may see half a name. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	snprintf(removes, sizeof removes, "%s", path ? path : "");
	handle(path ? on_signal_remove : SIG_DFL);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

void cli_interrupt_catch(void)
{
	handle(on_signal_note);
}

int cli_interrupted(void)
{
	return caught;
}

void cli_interrupt_finish(void)
{
	if (!caught)
		return;
	signal(caught, SIG_DFL);
	raise(caught);
}
