/* SPDX-License-Identifier: MIT */
#include "names.h"

#include <stddef.h>
#include <string.h>

static const char *const words[] = {"alignas", "alignof", "asm", "auto", "bool", "break", "case",
	"char", "const", "constexpr", "continue", "default", "do", "double", "else", "enum",
	"extern", "false", "float", "for", "goto", "if", "inline", "int", "long", "main",
	"noreturn", "nullptr", "register", "restrict", "return", "short", "signed", "sizeof",
	"static", "static_assert", "struct", "switch", "thread_local", "true", "typedef", "typeof",
	"typeof_unqual", "union", "unsigned", "void", "volatile", "while", "NULL"};

/* linux and unix: of compilers that are not told to follow the standard alone. */
static const char *const macros[] = {"CHAR_BIT", "EDB_COMMAND_RESUME", "EDB_COMMAND_ROOM",
	"EDB_OCALL_REQUEST_MAX", "EDB_OCALL_ROOM", "EDB_OCALL_TOKEN_BYTES", "EOF", "assert",
	"errno", "i386", "linux", "offsetof", "stderr", "stdin", "stdout", "unix"};

/* What <stdint.h> and <limits.h> number: one of these, and an end. */
static const char *const numbered[] = {"ARG", "CHAR", "INT", "INT16", "INT32", "INT64", "INT8",
	"INTMAX", "INTPTR", "INT_FAST16", "INT_FAST32", "INT_FAST64", "INT_FAST8", "INT_LEAST16",
	"INT_LEAST32", "INT_LEAST64", "INT_LEAST8", "LLONG", "LONG", "MB_LEN", "NAME", "PATH",
	"PTRDIFF", "SCHAR", "SHRT", "SIG_ATOMIC", "SIZE", "SSIZE", "UCHAR", "UINT", "UINT16",
	"UINT32", "UINT64", "UINT8", "UINTMAX", "UINTPTR", "UINT_FAST16", "UINT_FAST32",
	"UINT_FAST64", "UINT_FAST8", "UINT_LEAST16", "UINT_LEAST32", "UINT_LEAST64", "UINT_LEAST8",
	"ULLONG", "ULONG", "USHRT", "WCHAR", "WINT"};
static const char *const number_ends[] = {"_MAX", "_MIN", "_C", "_WIDTH"};

static const char *const structures[] = {"edb_call", "edb_dispatch", "edb_ecall", "edb_enclave",
	"edb_fiber", "edb_host_call", "edb_host_ocalls", "edb_serve_call"};

static const char *const library[] = {
	/* C11, by header: ctype, math, setjmp, signal */
	"isalnum", "isalpha", "isblank", "iscntrl", "isdigit", "isgraph", "islower", "isprint",
	"ispunct", "isspace", "isupper", "isxdigit", "tolower", "toupper", "acos", "acosh", "asin",
	"asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "copysign", "cos", "cosh", "erf", "erfc",
	"exp", "exp2", "expm1", "fabs", "fdim", "floor", "fma", "fmax", "fmin", "fmod", "frexp",
	"hypot", "ilogb", "j0", "j1", "jn", "ldexp", "lgamma", "llrint", "llround", "log", "log10",
	"log1p", "log2", "logb", "lrint", "lround", "modf", "nan", "nearbyint", "nextafter",
	"nexttoward", "pow", "remainder", "remquo", "rint", "round", "scalbln", "scalbn", "sin",
	"sinh", "sqrt", "tan", "tanh", "tgamma", "trunc", "y0", "y1", "yn", "gamma", "setjmp",
	"longjmp", "signal", "raise",
	/* stdio */
	"clearerr", "fclose", "feof", "ferror", "fflush", "fgetc", "fgetpos", "fgets", "fopen",
	"fprintf", "fputc", "fputs", "fread", "freopen", "fscanf", "fseek", "fsetpos", "ftell",
	"fwrite", "getc", "getchar", "gets", "perror", "printf", "putc", "putchar", "puts",
	"remove", "rename", "rewind", "scanf", "setbuf", "setvbuf", "snprintf", "sprintf", "sscanf",
	"tmpfile", "tmpnam", "ungetc", "vfprintf", "vfscanf", "vprintf", "vscanf", "vsnprintf",
	"vsprintf", "vsscanf",
	/* stdlib */
	"abort", "abs", "aligned_alloc", "at_quick_exit", "atexit", "atof", "atoi", "atol", "atoll",
	"bsearch", "calloc", "div", "exit", "free", "getenv", "labs", "ldiv", "llabs", "lldiv",
	"malloc", "mblen", "mbstowcs", "mbtowc", "qsort", "quick_exit", "rand", "realloc", "srand",
	"strtod", "strtof", "strtol", "strtold", "strtoll", "strtoul", "strtoull", "system",
	"wcstombs", "wctomb",
	/* string, time */
	"memchr", "memcmp", "memcpy", "memmove", "memset", "strcat", "strchr", "strcmp", "strcoll",
	"strcpy", "strcspn", "strerror", "strlen", "strncat", "strncmp", "strncpy", "strpbrk",
	"strrchr", "strspn", "strstr", "strtok", "strxfrm", "asctime", "clock", "ctime", "difftime",
	"gmtime", "localtime", "mktime", "strftime", "time", "timespec_get",
	/* POSIX and glibc: what a host's other libraries call, and gcc knows */
	"accept", "access", "alarm", "alloca", "bcmp", "bcopy", "bind", "bzero", "chdir", "chmod",
	"chown", "close", "connect", "creat", "dup", "dup2", "environ", "execv", "execve", "execvp",
	"explicit_bzero", "fchmod", "fchown", "fcntl", "fdopen", "ffs", "fileno", "fork", "fstat",
	"fsync", "ftruncate", "getline", "getopt", "getpid", "gettimeofday", "index", "ioctl",
	"isatty", "kill", "link", "listen", "lseek", "lstat", "mempcpy", "mkdir", "mkstemp", "mmap",
	"mprotect", "munmap", "nanosleep", "open", "openat", "optarg", "opterr", "optind", "optopt",
	"pause", "pipe", "poll", "pread", "pwrite", "random", "read", "readlink", "recv", "rindex",
	"rmdir", "select", "send", "setenv", "sigaction", "sleep", "socket", "srandom", "stat",
	"stpcpy", "stpncpy", "strcasecmp", "strdup", "strncasecmp", "strndup", "strnlen",
	"strtok_r", "symlink", "sync", "truncate", "umask", "unlink", "unsetenv", "usleep", "vfork",
	"wait", "waitpid", "write"};

#define IS_ONE_OF(name, list) is_one_of(name, list, sizeof(list) / sizeof(list)[0])

static bool is_one_of(const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(name, list[i]))
			return true;
	}
	return false;
}

bool name_starts_with(const char *name, const char *prefix)
{
	return !strncmp(name, prefix, strlen(prefix));
}

bool name_ends_with(const char *name, const char *suffix)
{
	size_t size = strlen(name), suffix_size = strlen(suffix);

	return size >= suffix_size && !strcmp(&name[size - suffix_size], suffix);
}

bool name_is_word(const char *name)
{
	return IS_ONE_OF(name, words);
}

static bool is_numbered(const char *name)
{
	for (size_t i = 0; i < sizeof numbered / sizeof numbered[0]; i++) {
		if (!name_starts_with(name, numbered[i]))
			continue;
		if (IS_ONE_OF(&name[strlen(numbered[i])], number_ends))
			return true;
	}
	return false;
}

/* Guards are the only macros that headers of any origin have for certain. */
static bool is_guard(const char *name)
{
	if (!name_ends_with(name, "_H"))
		return false;
	for (; *name; name++) {
		if (*name >= 'a' && *name <= 'z')
			return false;
	}
	return true;
}

bool name_is_macro(const char *name)
{
	return IS_ONE_OF(name, macros) || is_numbered(name) || is_guard(name);
}

bool name_is_library(const char *name)
{
	return IS_ONE_OF(name, library);
}

bool name_is_structure(const char *name)
{
	return IS_ONE_OF(name, structures);
}
