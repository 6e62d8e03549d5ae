/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record_json - a record as one line of JSON, byte for byte the same in a list and in an export: numbers and texts print
 * as record_text() has them. Errors are the sink's to keep.
 */
#ifndef DB_READ_RECORD_JSON_H
#define DB_READ_RECORD_JSON_H

#include "db/read/record_query.h"

#define RECORD_JSON_VERSION 1

/* Takes the line in parts. */
typedef void record_json_sink(void *ctx, const void *bytes, size_t size);

/* {"v":1,KEY:"attempt",...} of the cursor's row, or "unit", and a newline. `key` is one of our own words. */
void record_json_line(struct record_cursor *c, enum record_view view, const char *key, record_json_sink *put,
                      void *ctx);
/* A JSON string with its quotes; bytes that are no UTF-8 become U+FFFD. */
void record_json_string(const char *text, record_json_sink *put, void *ctx);

#endif /* DB_READ_RECORD_JSON_H */
