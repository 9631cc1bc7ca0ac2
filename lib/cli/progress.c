/* SPDX-License-Identifier: MIT
 *
 * The progress bar.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "inside.h"

#define BAR_WIDTH   30
#define INTERVAL_MS 100

static long long now_ms(void)
{
	struct timespec t = {0};

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void cli_progress_start(const struct cli *cli, const char *what, struct cli_progress *progress)
{
	const char *terminal = getenv("TERM");

	*progress = (struct cli_progress){.what = what, .percent = -1};
	progress->shown =
		!cli->quiet && isatty(STDERR_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
	progress->started_ms = now_ms();
}

void cli_progress_tell(void *context, uint64_t done_bytes, uint64_t total_bytes)
{
	static const char full[] = "##############################";
	struct cli_progress *p = context;
	long long now, passed;
	int percent, filled;

	if (!p->shown)
		return;
	now = now_ms();
	percent = total_bytes ? (int)(100 * (done_bytes / 1024) / (total_bytes / 1024 + 1)) : 0;
	if (percent == p->percent || now - p->last_ms < INTERVAL_MS)
		return;
	p->percent = percent;
	p->last_ms = now;
	passed = now > p->started_ms ? now - p->started_ms : 1;
	filled = percent * BAR_WIDTH / 100;
	if (total_bytes)
		fprintf(stderr, "\r%s [%.*s%*s] %3d %%", p->what, filled, full, BAR_WIDTH - filled,
			"", percent);
	else
		fprintf(stderr, "\r%s %llu MiB", p->what, (unsigned long long)(done_bytes >> 20));
	fprintf(stderr, "  %llu MiB/s\033[K",
		(unsigned long long)(done_bytes / 1024 * 1000 / 1024) / (unsigned long long)passed);
	fflush(stderr);
}

void cli_progress_end(struct cli_progress *progress)
{
	if (progress->shown && progress->percent >= 0)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}
