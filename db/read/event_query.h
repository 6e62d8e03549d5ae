/* SPDX-License-Identifier: Apache-2.0 */
/* event_query - what happened to the station itself, oldest first, a row at a time. One thread a cursor. */
#ifndef DB_READ_EVENT_QUERY_H
#define DB_READ_EVENT_QUERY_H

#include "db/open/db.h"

struct event_row {
    int64_t at_ms, amount;
    char kind[16], text[512];
};

struct event_cursor;

struct event_cursor *event_query(struct db *db,
                                 struct failure *f); /* NULL: *f. Caller: event_cursor_free() */
int event_next(struct event_cursor *c, struct event_row *out,
               struct failure *f);              /* 1 a row, 0 the end, -1 *f */
void event_cursor_free(struct event_cursor *c); /* NULL is fine */

#endif /* DB_READ_EVENT_QUERY_H */
