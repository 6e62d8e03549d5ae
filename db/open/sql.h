/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sql - a few helpers over SQLite, private to this room: one statement, its arguments, its answer.
 *
 * `args` names the types of the values that follow, one letter each: i int, l int64_t, t text, T text stored as NULL
 * when empty, b blob (const void *, int length; NULL pointer stores NULL), n NULL. Results are SQLite codes
 * (SQLITE_OK, SQLITE_BUSY..), turned into a struct failure at the edge of the room by sql_failure().
 * Threads: whoever holds the connection.
 */
#ifndef DB_OPEN_SQL_H
#define DB_OPEN_SQL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/digest.h"
#include "base/failure.h"

/* Prepares and binds. NULL: see sqlite3_errcode(). Caller finalizes. */
sqlite3_stmt *sql_prepare(sqlite3 *h, const char *sql, const char *args, ...);
/* Runs a statement that answers no rows. */
int sql_run(sqlite3 *h, const char *sql, const char *args, ...);
/* One integer. SQLITE_ROW when there was a row (NULL is `missing`), SQLITE_DONE with *out = missing when there was none. */
int sql_int(sqlite3 *h, int64_t *out, int64_t missing, const char *sql, const char *args, ...);
/* A script without arguments. */
int sql_script(sqlite3 *h, const char *sql);
/* Column as text, "" for NULL. Valid until the next step. */
const char *sql_text(sqlite3_stmt *s, int column);
/* Copies a text column, truncating at a whole UTF-8 character. */
void sql_copy_text(sqlite3_stmt *s, int column, char *out, size_t size);
/* Column as a hash; false, with zeros, when it is none: a file may hold anything, whatever its format says. */
bool sql_hash(sqlite3_stmt *s, int column, uint8_t out[static SHA256_SIZE]);

/* Sums of numbers that a file holds, which may be any: the nearest that 64 bits hold. */
int64_t sql_sum(int64_t a, int64_t b);
int64_t sql_difference(int64_t a, int64_t b);

/* Fills *f with the connection's last error: "cannot <doing>: disk is full (SQLITE_FULL)". Returns -1. */
int sql_failure(sqlite3 *h, int rc, enum failure_code code, enum stage stage, const char *doing,
                struct failure *f);
const char *sql_error_words(int rc); /* "disk is full"; static storage */

#endif /* DB_OPEN_SQL_H */
