/* SPDX-License-Identifier: Apache-2.0 */
#include "db/open/sql.h"

#include <string.h>

#include "base/plain.h"

static int bind_text(sqlite3_stmt *s, int at, const char *text, bool empty_is_null)
{
    if (text == NULL || (empty_is_null && text[0] == '\0'))
        return sqlite3_bind_null(s, at);
    return sqlite3_bind_text(s, at, text, -1, SQLITE_TRANSIENT);
}

static int bind_all(sqlite3_stmt *s, const char *args, va_list list)
{
    int rc = SQLITE_OK, at = 1;

    for (const char *a = args; *a != '\0' && rc == SQLITE_OK; a++, at++) {
        switch (*a) {
        case 'i':
            rc = sqlite3_bind_int(s, at, va_arg(list, int));
            break;
        case 'l':
            rc = sqlite3_bind_int64(s, at, va_arg(list, int64_t));
            break;
        case 't':
            rc = bind_text(s, at, va_arg(list, const char *), false);
            break;
        case 'T':
            rc = bind_text(s, at, va_arg(list, const char *), true);
            break;
        case 'b': {
            const void *bytes = va_arg(list, const void *);
            int len = va_arg(list, int);
            rc = bytes == NULL ? sqlite3_bind_null(s, at)
                               : sqlite3_bind_blob(s, at, len == 0 ? "" : bytes, len, SQLITE_TRANSIENT);
            break;
        }
        case 'n':
            rc = sqlite3_bind_null(s, at);
            break;
        default:
            rc = SQLITE_MISUSE;
        }
    }
    return rc;
}

static sqlite3_stmt *sql_prepare_list(sqlite3 *h, const char *sql, const char *args, va_list list)
{
    sqlite3_stmt *s = NULL;

    if (sqlite3_prepare_v2(h, sql, -1, &s, NULL) != SQLITE_OK)
        return NULL;
    if (bind_all(s, args, list) != SQLITE_OK) {
        sqlite3_finalize(s);
        return NULL;
    }
    return s;
}

sqlite3_stmt *sql_prepare(sqlite3 *h, const char *sql, const char *args, ...)
{
    va_list list;

    va_start(list, args);
    sqlite3_stmt *s = sql_prepare_list(h, sql, args, list);
    va_end(list);
    return s;
}

/* The first row's first column in `out` (may be NULL) if there is one: ROW or DONE, else SQLite's error. */
static int step_once(sqlite3 *h, int64_t *out, const char *sql, const char *args, va_list list)
{
    sqlite3_stmt *s = sql_prepare_list(h, sql, args, list);

    if (s == NULL)
        return sqlite3_errcode(h) == SQLITE_OK ? SQLITE_MISUSE : sqlite3_extended_errcode(h);
    int rc = sqlite3_step(s);
    if (out != NULL && rc == SQLITE_ROW && sqlite3_column_type(s, 0) != SQLITE_NULL)
        *out = sqlite3_column_int64(s, 0);
    /* finalize repeats the step's error, with its extended code. */
    int end = sqlite3_finalize(s);
    return end != SQLITE_OK ? end : rc;
}

int sql_run(sqlite3 *h, const char *sql, const char *args, ...)
{
    va_list list;

    va_start(list, args);
    int rc = step_once(h, NULL, sql, args, list);
    va_end(list);
    return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}

int sql_int(sqlite3 *h, int64_t *out, int64_t missing, const char *sql, const char *args, ...)
{
    va_list list;

    *out = missing;
    va_start(list, args);
    int rc = step_once(h, out, sql, args, list);
    va_end(list);
    return rc;
}

int sql_script(sqlite3 *h, const char *sql)
{
    return sqlite3_exec(h, sql, NULL, NULL, NULL) == SQLITE_OK ? SQLITE_OK : sqlite3_extended_errcode(h);
}

const char *sql_text(sqlite3_stmt *s, int column)
{
    const unsigned char *text = sqlite3_column_text(s, column);

    return text == NULL ? "" : (const char *)text;
}

void sql_copy_text(sqlite3_stmt *s, int column, char *out, size_t size)
{
    const char *text = sql_text(s, column);
    size_t len = strlen(text);

    if (size == 0)
        return;
    if (len >= size) {
        len = size - 1;
        while (len > 0 && plain_continues(text[len]))
            len--;
    }
    memcpy(out, text, len);
    out[len] = '\0';
}

bool sql_hash(sqlite3_stmt *s, int column, uint8_t out[static SHA256_SIZE])
{
    const void *bytes = sqlite3_column_blob(s, column);
    bool good = bytes != NULL && sqlite3_column_bytes(s, column) == SHA256_SIZE;

    if (good)
        memcpy(out, bytes, SHA256_SIZE);
    else
        memset(out, 0, SHA256_SIZE);
    return good;
}

int64_t sql_sum(int64_t a, int64_t b)
{
    int64_t sum;

    return __builtin_add_overflow(a, b, &sum) ? (a < 0 ? INT64_MIN : INT64_MAX) : sum;
}

int64_t sql_difference(int64_t a, int64_t b)
{
    int64_t difference;

    return __builtin_sub_overflow(a, b, &difference) ? (a < 0 ? INT64_MIN : INT64_MAX) : difference;
}

const char *sql_error_words(int rc)
{
    if (rc == SQLITE_READONLY_DBMOVED)
        return "its file is no longer the one at its place, or another programme wrote into it: stop, and put it back";
    switch (rc & 0xff) {
    case SQLITE_FULL:
        return "disk is full";
    case SQLITE_IOERR:
        return "disk reported an error";
    case SQLITE_READONLY:
        return "file is read-only";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "another program holds the database locked";
    case SQLITE_CORRUPT:
        return "database is damaged: restore the last backup";
    case SQLITE_NOTADB:
        return "file is not a database";
    case SQLITE_CANTOPEN:
        return "file cannot be opened";
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return "no permission";
    case SQLITE_NOMEM:
        return "out of memory";
    default:
        return "database refused";
    }
}

int sql_failure(sqlite3 *h, int rc, enum failure_code code, enum stage stage, const char *doing,
                struct failure *f)
{
    int sys = h == NULL ? 0 : sqlite3_system_errno(h);

    return failure_set(f, code, stage, sys, "cannot %s: %s (%s)", doing, sql_error_words(rc),
                       h == NULL ? sqlite3_errstr(rc) : sqlite3_errmsg(h));
}
