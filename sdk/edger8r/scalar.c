/* SPDX-License-Identifier: MIT */
#include "scalar.h"

#include <string.h>

static const struct edl_scalar plain_char = {.spelling = "char", .bytes = 1, .is_char = true};
static const struct edl_scalar enumeration = {
	.spelling = "enum", .bytes = 4, .is_signed = true, .is_enum = true};

static const struct edl_scalar named[] = {
	{.spelling = "void", .bytes = 0},
	{.spelling = "bool", .bytes = 1, .is_bool = true},
	{.spelling = "size_t", .bytes = 8},
	{.spelling = "int8_t", .bytes = 1, .is_signed = true},
	{.spelling = "int16_t", .bytes = 2, .is_signed = true},
	{.spelling = "int32_t", .bytes = 4, .is_signed = true},
	{.spelling = "int64_t", .bytes = 8, .is_signed = true},
	{.spelling = "uint8_t", .bytes = 1},
	{.spelling = "uint16_t", .bytes = 2},
	{.spelling = "uint32_t", .bytes = 4},
	{.spelling = "uint64_t", .bytes = 8},
};

/* [signed, unsigned] */
static const struct edl_scalar chars[] = {
	{.spelling = "signed char", .bytes = 1, .is_signed = true},
	{.spelling = "unsigned char", .bytes = 1}};
static const struct edl_scalar shorts[] = {{.spelling = "short", .bytes = 2, .is_signed = true},
	{.spelling = "unsigned short", .bytes = 2}};
static const struct edl_scalar ints[] = {{.spelling = "int", .bytes = 4, .is_signed = true},
	{.spelling = "unsigned int", .bytes = 4}};
/* Both worlds are 64-bit; the generated code makes the compiler check it. */
static const struct edl_scalar longs[] = {{.spelling = "long", .bytes = 8, .is_signed = true},
	{.spelling = "unsigned long", .bytes = 8}};
static const struct edl_scalar long_longs[] = {
	{.spelling = "long long", .bytes = 8, .is_signed = true},
	{.spelling = "unsigned long long", .bytes = 8}};

static bool is_word(const char *text, size_t size, const char *word)
{
	return size == strlen(word) && !strncmp(text, word, size);
}

bool scalar_add_word(struct scalar_words *words, const char *text, size_t size)
{
	if (is_word(text, size, "signed"))
		words->is_signed++;
	else if (is_word(text, size, "unsigned"))
		words->is_unsigned++;
	else if (is_word(text, size, "char"))
		words->is_char++;
	else if (is_word(text, size, "short"))
		words->is_short++;
	else if (is_word(text, size, "int"))
		words->is_int++;
	else if (is_word(text, size, "long"))
		words->is_long++;
	else
		return false;
	return true;
}

const struct edl_scalar *scalar_of_words(const struct scalar_words *words)
{
	unsigned int sign = words->is_unsigned;

	if (words->is_signed + words->is_unsigned > 1 || words->is_char > 1 ||
		words->is_short > 1 || words->is_int > 1 || words->is_long > 2)
		return NULL;
	if (words->is_char) {
		if (words->is_short || words->is_int || words->is_long)
			return NULL;
		return words->is_signed || words->is_unsigned ? &chars[sign] : &plain_char;
	}
	if (words->is_short)
		return words->is_long ? NULL : &shorts[sign];
	if (words->is_long)
		return words->is_long == 2 ? &long_longs[sign] : &longs[sign];
	return &ints[sign];
}

const struct edl_scalar *scalar_by_name(const char *text, size_t size)
{
	for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
		if (is_word(text, size, named[i].spelling))
			return &named[i];
	}
	return NULL;
}

const struct edl_scalar *scalar_of_enum(void)
{
	return &enumeration;
}
