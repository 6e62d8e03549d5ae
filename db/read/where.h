/* SPDX-License-Identifier: Apache-2.0 */
/* where - a record_filter as an SQL condition on `attempt a` and the values to bind. Private to this room. */
#ifndef DB_READ_WHERE_H
#define DB_READ_WHERE_H

#include <stddef.h>

#include <sqlite3.h>

#include "db/read/record_filter.h"

#define WHERE_SIZE 3072

/* Of a row of `firmware`: is it the one that :firmware names? */
#define WHERE_FIRMWARE \
    "(version = :firmware OR source = :firmware OR (length(:firmware) >= 8 AND lower(hex(sha256)) GLOB lower(:firmware) || '*'))"

struct where {
    char sql[WHERE_SIZE]; /* "a.kind <> 'TRAINING' AND a.lot_id = (SELECT ...:lot)": never empty */
};

enum where_part {
    WHERE_ALL,
    WHERE_BUT_OUTCOME, /* without result, code and loader, and */
    WHERE_OUTCOME      /* only those: for views that judge a unit by its last attempt */
};

void where_make(struct where *w, const struct record_filter *filter, enum where_part part);
/* The chosen attempts, named `a`, as what stands behind FROM: "attempt a WHERE ..", or the newest of them where the filter says so. */
void where_chosen(struct where *w, const struct record_filter *filter);
/* Binds by name, so one filter may stand in a statement twice. An SQLite code. */
int where_bind(sqlite3_stmt *s, const struct record_filter *filter);

#endif /* DB_READ_WHERE_H */
