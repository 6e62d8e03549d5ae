/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record_query - attempts or units, a row at a time, oldest first; the fields are a table that lists, exports and their
 * documentation share. Memory does not grow with the number of rows.
 *
 * Threads: a cursor belongs to the thread that made it; on a DB_STATION handle it holds the writer up until it is freed.
 */
#ifndef DB_READ_RECORD_QUERY_H
#define DB_READ_RECORD_QUERY_H

#include "db/open/db.h"
#include "db/read/record_filter.h"

enum record_view {
    RECORD_ATTEMPTS, /* one row an attempt */
    RECORD_UNITS     /* one row an identified unit: its last attempt among those the filter allows. With
                        filter.newest the newest come first; otherwise, and for attempts always, the oldest */
};

enum field_type {
    FIELD_INT,
    FIELD_BOOL,
    FIELD_TEXT,     /* may hold anything a person or a file said */
    FIELD_WORD,     /* one of our own words: PASS, write, board */
    FIELD_MAC,      /* 24:0a:c4:00:00:03 */
    FIELD_HASH,     /* lower-case hex */
    FIELD_TIME,     /* 2026-11-20T08:15:30.123Z */
    FIELD_SECONDS,  /* 30.512 */
    FIELD_FLASH_ID, /* 0x1640c8 */
    FIELD_OBJECT    /* JSON */
};

struct record_field {
    const char *name;
    enum field_type type;
};

struct record_cursor;

/* The fields of a view, ending with a NULL name. Static storage. */
const struct record_field *record_fields(enum record_view view);
int record_field_index(enum record_view view, const char *name); /* -1: no such field */

/* NULL: *f is filled. Caller: record_cursor_free(). */
struct record_cursor *record_query(struct db *db, enum record_view view, const struct record_filter *filter,
                                   struct failure *f);
/* 1: a row stands ready, 0: the end, -1: *f is filled. */
int record_next(struct record_cursor *c, struct failure *f);
bool record_is_null(const struct record_cursor *c, int field);
/* As text, in the form its type documents; "" for NULL. Valid until the next call for the same field or row. */
const char *record_text(struct record_cursor *c, int field);
int64_t record_int(const struct record_cursor *c, int field); /* 0 for NULL and text */
void record_cursor_free(struct record_cursor *c);             /* NULL is fine */

/*
 * A name in the filter that nothing here has ever had: a list of it is no empty list but a slip of the pen. `*kind` is what
 * there is none of: "lot", "operator", "job", "firmware" or "unit"; NULL: all are known. 0, or -1 with *f.
 */
int record_filter_unknown(struct db *db, const struct record_filter *filter, const char **kind,
                          struct failure *f);

/* How many closed training attempts the same filter leaves out. 0 or more, -1 on an error. */
int64_t record_count_training(struct db *db, const struct record_filter *filter);

#endif /* DB_READ_RECORD_QUERY_H */
