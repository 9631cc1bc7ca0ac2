/* SPDX-License-Identifier: MIT
 *
 * edger8r: EDL to C. See docs/edl.md and docs/man/edger8r.1.
 */
#include "gen.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Exit codes, as of every tool here: enum edb_err. */
enum {
	EXIT_OK = 0,
	EXIT_USAGE = 2,
	EXIT_EDL = 10,
	EXIT_IO = 81
};

struct options {
	const char *file, *folder;
	bool trusted, untrusted, no_ocalls;
};

static const char usage[] =
	"Usage: edger8r [--output-dir DIR] [--trusted | --untrusted] [--no-ocalls] FILE.edl\n"
	"Writes FILE_u.h and FILE_u.c (host), FILE_t.h and FILE_t.c (enclave).\n"
	"\n"
	"  -o, --output-dir DIR  where to write (default: the current folder)\n"
	"      --trusted         write the enclave's side only\n"
	"      --untrusted       write the host's side only\n"
	"      --no-ocalls       leave ocalls out: calls are plain, no second stack\n"
	"  -h, --help            this text\n"
	"      --version         the version\n";

static int complain(int code, const char *what, const char *on)
{
	fprintf(stderr, "edger8r: %s %s: %s\n", what, on, strerror(errno));
	return code;
}

static int misused(const char *why)
{
	if (why)
		fprintf(stderr, "edger8r: %s\n", why);
	fputs("Usage: edger8r [OPTION…] FILE.edl; all of it: edger8r --help\n", stderr);
	return EXIT_USAGE;
}

/* The whole file, and a NUL. NULL: see errno. */
static char *read_file(const char *name, size_t *size)
{
	FILE *file = fopen(name, "rb");
	char *text = NULL;
	size_t room = EDL_FILE_BYTES_MAX + 1; /* one more: edl_read says that it is too much */

	if (!file)
		return NULL;
	text = malloc(room + 1);
	if (text) {
		*size = fread(text, 1, room, file);
		text[*size] = '\0';
		if (ferror(file)) {
			free(text);
			text = NULL;
		}
	}
	fclose(file);
	return text;
}

/* One of the files to be written. */
struct output {
	char *name, *temporary; /* owned */
	bool made, renamed;     /* made, but not renamed: to be deleted */
};

static int write_temporary(struct gen *gen, const char *folder, const char *suffix,
	void (*generate)(struct gen *gen), struct output *output)
{
	if (asprintf(&output->name, "%s/%s_%s", folder, gen->stem, suffix) < 0 ||
		asprintf(&output->temporary, "%s.tmp%ld", output->name, (long)getpid()) < 0)
		return complain(EXIT_IO, "cannot write", folder);
	gen->to = fopen(output->temporary, "wb");
	if (!gen->to)
		return complain(EXIT_IO, "cannot write", output->name);
	output->made = true;
	generate(gen);

	bool failed = ferror(gen->to);

	if (fclose(gen->to) || failed)
		return complain(EXIT_IO, "cannot write", output->name);
	return EXIT_OK;
}

/* All files whole under temporary names first: a build never sees half a file, nor two halves that
 * do not go together because the disk was full. */
static int generate(struct gen *gen, const struct options *options)
{
	static const struct {
		const char *suffix;
		void (*generate)(struct gen *gen);
		bool trusted;
	} files[] = {{"u.h", gen_untrusted_h, false}, {"u.c", gen_untrusted_c, false},
		{"t.h", gen_trusted_h, true}, {"t.c", gen_trusted_c, true}};
	enum {
		COUNT = sizeof files / sizeof files[0]
	};
	struct output outputs[COUNT] = {0};
	int code = EXIT_OK;

	for (size_t i = 0; !code && i < COUNT; i++) {
		if (!(files[i].trusted ? options->untrusted : options->trusted))
			code = write_temporary(gen, options->folder, files[i].suffix,
				files[i].generate, &outputs[i]);
	}
	for (size_t i = 0; !code && i < COUNT; i++) {
		if (!outputs[i].made)
			continue;
		if (rename(outputs[i].temporary, outputs[i].name))
			code = complain(EXIT_IO, "cannot write", outputs[i].name);
		outputs[i].renamed = !code;
	}
	for (size_t i = 0; i < COUNT; i++) {
		if (outputs[i].made && !outputs[i].renamed)
			unlink(outputs[i].temporary);
		free(outputs[i].temporary);
		free(outputs[i].name);
	}
	return code;
}

static int run(const struct options *options)
{
	const char *slash = strrchr(options->file, '/');
	const char *base = slash ? &slash[1] : options->file;
	size_t base_size = strlen(base);
	char stem[EDL_NAME_BYTES];
	struct edl edl;
	struct diags diags;
	size_t size = 0;
	int code = EXIT_EDL;

	if (base_size < 5 || strcmp(&base[base_size - 4], ".edl") != 0 ||
		base_size - 4 >= sizeof stem) {
		fprintf(stderr,
			"edger8r: %s: the name must end in .edl and have at most %d "
			"characters before it\n",
			base, EDL_NAME_BYTES - 1);
		return EXIT_USAGE;
	}
	snprintf(stem, sizeof stem, "%.*s", (int)(base_size - 4), base);

	char *text = read_file(options->file, &size);

	if (!text)
		return complain(EXIT_IO, "cannot read", options->file);
	if (edl_read(text, size, &edl, &diags)) {
		struct gen gen = {.edl = &edl,
			.text = text,
			.file_name = base,
			.stem = stem,
			.no_ocalls = options->no_ocalls};

		code = generate(&gen, options);
		edl_clear(&edl);
	} else {
		diag_print(&diags, options->file, text, size, stderr);
	}
	free(text);
	return code;
}

int main(int argc, char **argv)
{
	enum {
		TRUSTED = 256,
		UNTRUSTED,
		NO_OCALLS,
		VERSION
	};
	static const struct option longs[] = {{"output-dir", required_argument, NULL, 'o'},
		{"trusted", no_argument, NULL, TRUSTED},
		{"untrusted", no_argument, NULL, UNTRUSTED},
		{"no-ocalls", no_argument, NULL, NO_OCALLS}, {"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, VERSION}, {NULL, 0, NULL, 0}};
	struct options options = {.folder = "."};
	int option;

	while ((option = getopt_long(argc, argv, "o:h", longs, NULL)) != -1) {
		switch (option) {
		case 'o': options.folder = optarg; break;
		case TRUSTED: options.trusted = true; break;
		case UNTRUSTED: options.untrusted = true; break;
		case NO_OCALLS: options.no_ocalls = true; break;
		case 'h': fputs(usage, stdout); return EXIT_OK;
		case VERSION: printf("edger8r %s\n", EDB_VERSION); return EXIT_OK;
		default: return misused(NULL); /* getopt has said it */
		}
	}
	if (options.trusted && options.untrusted)
		return misused("--trusted and --untrusted exclude each other");
	if (optind == argc)
		return misused("no file named");
	if (optind + 1 < argc)
		return misused("one file at a time");
	options.file = argv[optind];
	return run(&options);
}
