/* SPDX-License-Identifier: Apache-2.0 */
/* utf8 - text for a terminal or a file: repaired, measured in columns, as base/plain.h decodes it. Pure. */
#ifndef STATION_PRINT_UTF8_H
#define STATION_PRINT_UTF8_H

/* A copy with U+FFFD for each bad byte. Caller frees; NULL: no memory. */
char *utf8_repair(const char *text);
/*
 * The same, with '?' for what would do something to a terminal: control characters, and those that change the direction
 * of the text around them (a name may be written from right to left, but not turn its neighbours round).
 */
char *utf8_plain(const char *text);
/* Terminal columns the text takes (wide characters 2, combining marks 0). */
int utf8_columns(const char *text);

#endif /* STATION_PRINT_UTF8_H */
