/* SPDX-License-Identifier: Apache-2.0 */
#include "db/read/numbers_by.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/open/db_inside.h"
#include "db/open/sql.h"
#include "db/read/numbers_private.h"
#include "db/read/where.h"

/* The part of an attempt as a whole number, and a part's name. */
static const struct {
    const char *key, *name;
} kinds[] = {
    [NUMBERS_BY_SLOT] = {"a.slot", "SELECT ?1"},
    [NUMBERS_BY_OPERATOR] = {"coalesce(a.operator_id, 0)", "SELECT name FROM operator WHERE id = ?1"},
    [NUMBERS_BY_FIRMWARE] = {"a.firmware_id",
                             "SELECT version || ' ' || source || ' ' || lower(hex(substr(sha256, 1, 4)))"
                             " FROM firmware WHERE id = ?1"},
    [NUMBERS_BY_JOB] = {"a.job_id",
                        "SELECT name || ' ' || lower(hex(substr(sha256, 1, 4))) FROM job WHERE id = ?1"},
    /* The first unit with a chip of that name stands for all of them. */
    [NUMBERS_BY_CHIP] = {"coalesce((SELECT min(y.id) FROM unit x JOIN unit y ON y.chip = x.chip"
                         " WHERE x.id = a.unit_id), 0)",
                         "SELECT chip FROM unit WHERE id = ?1"},
    [NUMBERS_BY_SPAN] = {"span_of(a.opened_ms)", NULL},
};

struct spans {
    const struct numbers_span *spans;
    size_t count;
};

struct parts {
    struct numbers_part *parts; /* by key */
    size_t count, size, last;   /* last: the one found last, for rows that follow each other */
};

/* -1: none. */
static int64_t find_span(const struct spans *s, int64_t ms)
{
    size_t low = 0, high = s->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->spans[middle].to_ms <= ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low < s->count && s->spans[low].from_ms <= ms ? (int64_t)low : -1;
}

static void span_of(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    sqlite3_result_int64(context, find_span(sqlite3_user_data(context), sqlite3_value_int64(values[0])));
}

/* Where the part of `key` stands, or is to stand. */
static size_t place_of(const struct parts *p, int64_t key)
{
    size_t low = 0, high = p->count;

    if (p->last < p->count && p->parts[p->last].key == key)
        return p->last;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (p->parts[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct numbers_part *part_of(struct parts *p, int64_t key)
{
    size_t at = place_of(p, key);

    p->last = at;
    if (at < p->count && p->parts[at].key == key)
        return &p->parts[at];
    if (p->count == p->size) {
        size_t size = p->size == 0 ? 32 : 2 * p->size;
        struct numbers_part *parts = realloc(p->parts, size * sizeof *parts);
        if (parts == NULL)
            return NULL;
        p->parts = parts;
        p->size = size;
    }
    memmove(&p->parts[at + 1], &p->parts[at], (p->count - at) * sizeof *p->parts);
    p->parts[at] = (struct numbers_part){.key = key};
    p->count++;
    return &p->parts[at];
}

static int count_rows(sqlite3 *h, const struct record_filter *filter, const char *key, struct parts *p)
{
    char sql[WHERE_SIZE + 256];
    struct numbers_row row;
    struct where w;

    where_chosen(&w, filter);
    snprintf(sql, sizeof sql, "SELECT " NUMBERS_COLUMNS ", %s FROM %s", key, w.sql);
    sqlite3_stmt *s = numbers_prepare(h, filter, sql);
    int rc = s == NULL ? sqlite3_errcode(h) : SQLITE_ROW;
    while (s != NULL && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        if ((rc = numbers_read(s, &row)) != SQLITE_OK)
            break;
        int64_t part_key = sqlite3_column_int64(s, NUMBERS_WIDTH);
        struct numbers_part *part = part_key < 0 ? NULL : part_of(p, part_key);
        if (part_key >= 0 && part == NULL) {
            rc = SQLITE_NOMEM;
            break;
        }
        if (part != NULL)
            numbers_count(&part->n, &row);
    }
    sqlite3_finalize(s);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int count_units(sqlite3 *h, const struct record_filter *filter, const char *key, bool kept_back,
                       struct parts *p)
{
    sqlite3_stmt *s = numbers_units(h, filter, key, kept_back);
    int rc = s == NULL ? sqlite3_errcode(h) : SQLITE_ROW;

    while (s != NULL && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        size_t at = place_of(p, sqlite3_column_int64(s, 0));
        if (at < p->count && p->parts[at].key == sqlite3_column_int64(s, 0))
            numbers_take_units(s, kept_back, &p->parts[at].n);
    }
    sqlite3_finalize(s);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int name_parts(sqlite3 *h, const char *sql, struct parts *p)
{
    int rc = SQLITE_DONE;

    for (size_t i = 0; i < p->count && sql != NULL && (rc == SQLITE_ROW || rc == SQLITE_DONE); i++) {
        sqlite3_stmt *s = sql_prepare(h, sql, "l", p->parts[i].key);
        rc = s == NULL ? sqlite3_errcode(h) : sqlite3_step(s);
        if (rc == SQLITE_ROW)
            sql_copy_text(s, 0, p->parts[i].name, sizeof p->parts[i].name);
        sqlite3_finalize(s);
    }
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int by_name(const void *a, const void *b)
{
    const struct numbers_part *x = a, *y = b;
    int order = strcmp(x->name, y->name);

    return order != 0 ? order : (x->key > y->key) - (x->key < y->key);
}

int numbers_by(struct db *db, const struct record_filter *filter, enum numbers_by by,
               const struct numbers_span *spans, size_t span_count, struct numbers_part **out,
               struct failure *f)
{
    struct spans all = {spans, span_count};
    struct parts p = {0};

    *out = NULL;
    db_lock(db);
    int rc = sqlite3_create_function(db->h, "span_of", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, &all, span_of,
                                     NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sql_script(db->h, "BEGIN"); /* all questions about one moment */
    if (rc == SQLITE_OK)
        rc = count_rows(db->h, filter, kinds[by].key, &p);
    if (rc == SQLITE_OK)
        rc = count_units(db->h, filter, kinds[by].key, false, &p);
    if (rc == SQLITE_OK)
        rc = count_units(db->h, filter, kinds[by].key, true, &p);
    if (rc == SQLITE_OK)
        rc = name_parts(db->h, kinds[by].name, &p);
    if (rc == SQLITE_OK && p.count > INT_MAX)
        rc = SQLITE_TOOBIG;
    if (rc != SQLITE_OK)
        sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "compute the yield", f);
    sql_script(db->h, "ROLLBACK");
    sqlite3_create_function(db->h, "span_of", 1, SQLITE_UTF8, NULL, NULL, NULL, NULL);
    db_unlock(db);
    if (rc != SQLITE_OK) {
        free(p.parts);
        return -1;
    }
    if (by != NUMBERS_BY_SLOT && by != NUMBERS_BY_SPAN && p.count > 0)
        qsort(p.parts, p.count, sizeof *p.parts, by_name);
    *out = p.parts;
    return (int)p.count;
}

int numbers_range(struct db *db, const struct record_filter *filter, int64_t *first_ms, int64_t *last_ms,
                  struct failure *f)
{
    char sql[WHERE_SIZE + 64];
    struct where w;

    where_chosen(&w, filter);
    snprintf(sql, sizeof sql, "SELECT min(a.opened_ms), max(a.opened_ms) FROM %s", w.sql);
    db_lock(db);
    sqlite3_stmt *s = numbers_prepare(db->h, filter, sql);
    int rc = s == NULL ? sqlite3_errcode(db->h) : sqlite3_step(s);
    if (rc == SQLITE_ROW) {
        *first_ms = sqlite3_column_int64(s, 0);
        *last_ms = sqlite3_column_int64(s, 1);
    } else {
        sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "compute the yield", f);
    }
    sqlite3_finalize(s);
    db_unlock(db);
    return rc == SQLITE_ROW ? 0 : -1;
}
