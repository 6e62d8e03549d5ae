/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain - text that people give: which of it may stand in a record and on a screen. UTF-8, NUL terminated. Pure.
 *
 * A name or a reason must read the same everywhere: control characters act on a terminal, marks of direction turn round
 * what stands beside them (Unicode 15, UAX 9: 061C, 200E, 200F, 202A to 202E, 2066 to 2069).
 */
#ifndef BASE_PLAIN_H
#define BASE_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Decodes one character of `text` into *out and returns its length in bytes; 0 at the end. A byte that begins no valid
 * sequence (overlong, surrogate, cut off) is one U+FFFD of length 1.
 */
size_t plain_next(const char *text, uint32_t *out);
/* Was that such a byte, and not the character U+FFFD itself? `length`: what plain_next() returned. */
bool plain_is_broken(uint32_t code, size_t length);
/* The second or a later byte of a character. */
bool plain_continues(char byte);
/* Would this character do something, rather than be seen: a control character, a line separator, a mark of direction? */
bool plain_acts(uint32_t code);
/*
 * Would nobody see it, or tell it from a plain space? What Unicode has fonts leave out (15.0, Default_Ignorable_Code_Point: soft
 * hyphen, zero width, fillers, selectors, tags), and the other blanks (Zs), but for the wide one between names in Japanese.
 */
bool plain_is_hidden(uint32_t code);
/* NULL when `text` (NULL: "") is plain; else what is wrong with it: "has a control character"; static storage. */
const char *plain_trouble(const char *text);
/*
 * A name that stands in the records: of a lot, an operator, a job, a work order, a serial number. NULL when it may; else
 * what is wrong with it: "is blank" (also NULL and ""), "has a character that cannot be seen" (plain_hides()), "is longer
 * than 63 bytes", or as above. Nothing is ever cut to fit.
 * That a spreadsheet would compute some names is for exports to guard against (db/read/export_csv.c).
 */
const char *plain_name_trouble(const char *name);
/*
 * Are there hidden characters in it, or the wide blank at an end? Two names that read alike would be two: a serial number
 * that passed could pass again.
 */
bool plain_hides(const char *name);
/* Nothing in it (NULL: "") that takes ink: not even a dot. */
bool plain_is_blank(const char *name);
#define PLAIN_NAME_SIZE 64 /* room for a name with its NUL */
/* Plain, and with a letter in it: not blank, not figures or punctuation alone. */
bool plain_is_words(const char *text);

#endif /* BASE_PLAIN_H */
