/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prose - sentences for people: on a terminal broken between words at its width, elsewhere a line each, as programmes read them.
 *
 * A line that begins with blanks goes on below itself: what it breaks into begins as deep, and `hang` deeper. A word is never
 * broken, so that a path or a command can be copied. Any thread; a stream is one thread's.
 */
#ifndef STATION_PRINT_PROSE_H
#define STATION_PRINT_PROSE_H

#include <stdio.h>

/* Columns of the terminal that `out` is; 0: it is none, or does not tell. */
int prose_columns(FILE *out);

/* `text` in lines of less than `columns` (0: as it is). A text without a newline at its end is a question: none is added. */
void prose_put(FILE *out, int columns, int hang, const char *text);
/*
 * The same of several lines of one paragraph: where they are broken for `columns`, a newline within a sentence is a blank.
 * What ends with a point, and what a blank follows, stays a line.
 */
void prose_put_paragraph(FILE *out, int columns, const char *text);

/* To the width of `out`. */
void prose_print(FILE *out, int hang, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif /* STATION_PRINT_PROSE_H */
