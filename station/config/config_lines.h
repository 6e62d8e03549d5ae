/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_lines - what stands between the parts of a YAML text: blanks, comments, dashes, commas and line breaks. For
 * config_edit.c. All positions are bytes; CONFIG_NO_PLACE: there is none. Pure.
 */
#ifndef STATION_CONFIG_CONFIG_LINES_H
#define STATION_CONFIG_CONFIG_LINES_H

#include <stddef.h>

#define CONFIG_NO_PLACE ((size_t)-1)

/* Past the blanks, and at most one line break with the blanks after it. */
size_t config_skip_blanks(const char *text, size_t size, size_t at);
/* The end of the line, where nothing but a comment stands before it; the break is not passed. */
size_t config_line_end(const char *text, size_t size, size_t at);
size_t config_line_end_any(const char *text, size_t size, size_t at); /* whatever stands there */
/* The start of the line, where nothing but blanks stand before `at`. */
size_t config_line_start(const char *text, size_t at);
size_t config_line_start_any(const char *text, size_t at);
size_t config_skip_break(const char *text, size_t size, size_t at);
size_t config_back_over_break(const char *text, size_t at);
/* The break that stands at `at`, else the text's first one, else "\n". Static storage. */
const char *config_line_break(const char *text, size_t size, size_t at);
/* The dash of the next entry of a block list: only properties, comments and blanks may stand before it. */
size_t config_dash(const char *text, size_t size, size_t at);
/* The comma behind an entry in brackets. */
size_t config_comma(const char *text, size_t size, size_t at);
/* Where the value of a key that ends at `key` could stand: behind its colon, or behind properties at `value`. */
size_t config_value_place(const char *text, size_t size, size_t key, size_t value);
/* A key's column; of an explicit one ("? key") that of its question mark. */
int config_key_column(const char *text, size_t at, int column);

#endif /* STATION_CONFIG_CONFIG_LINES_H */
