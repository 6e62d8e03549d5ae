/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json - JSON Lines for every verb: one object a line, compact, keys in the order they were put, "v":1 first.
 *
 * Build with jansson's json_object_set_new() or the helpers here, then hand the object to json_line_write(). Text that
 * is not UTF-8 (a file name, a banner) is put with U+FFFD for each bad byte: a line is always valid JSON.
 */
#ifndef STATION_PRINT_JSON_H
#define STATION_PRINT_JSON_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "base/mac.h"

/* What "v" says: a line of another number is to be read otherwise. */
#define JSON_LINE_VERSION 1

/* {"v":1,"event":EVENT}. NULL: no memory; every call below takes NULL and does nothing. */
json_t *json_line_new(const char *event);
/* Writes and flushes the line, then frees `o`. 0, or -1: out of memory or the stream failed. */
int json_line_write(FILE *out, json_t *o);

void json_put_text(json_t *o, const char *key, const char *text); /* NULL text: null */
void json_put_int(json_t *o, const char *key, int64_t value);
void json_put_bool(json_t *o, const char *key, int value);
void json_put_mac(json_t *o, const char *key, const struct mac *mac);
void json_put_eui64(json_t *o, const char *key, const uint8_t eui64[static EUI64_SIZE]);
void json_put_hex(json_t *o, const char *key, const uint8_t *bytes, size_t len);
void json_put_time(json_t *o, const char *key, int64_t wall_ms); /* "2026-11-20T08:15:30.123Z" */

#endif /* STATION_PRINT_JSON_H */
