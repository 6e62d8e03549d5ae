/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table - rows and columns of plain text for a terminal, columns as wide as their widest cell.
 *
 * Cells are copied; control and direction characters in them are shown as '?', so that nothing read from a board or a
 * file can move the cursor or turn a row round. A column whose title begins with '>' is set flush right (the '>' is not printed).
 * On a terminal that is narrower than the rows the columns stand closer; where that is not enough, each row is a record of a field a
 * line, "NAME  value", with an empty line between records: nothing is cut, and no word is broken that fits on a line.
 */
#ifndef STATION_PRINT_TABLE_H
#define STATION_PRINT_TABLE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct table;

/* `titles` ends with NULL and is borrowed until table_free(). Caller owns: table_free(). NULL: no memory. */
struct table *table_new(const char *const *titles);
void table_free(struct table *t); /* NULL is fine */
/* The next cell, left to right; the first cell after a full row begins the next one. NULL text: empty. */
int table_text(struct table *t, const char *text);
int table_format(struct table *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A moment, in the local zone with its offset (base/time_text.h). */
int table_time(struct table *t, int64_t wall_ms);
size_t table_rows(const struct table *t);
/*
 * Prints titles and rows, as wide as they are or, on a terminal, for its columns. 0, or -1: a cell was lost for want of memory, or
 * the stream failed.
 */
int table_print(const struct table *t, FILE *out);
/* The same for so many columns; 0: as wide as it is. */
int table_print_within(const struct table *t, int columns, FILE *out);

#endif /* STATION_PRINT_TABLE_H */
