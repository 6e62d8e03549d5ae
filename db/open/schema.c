/* SPDX-License-Identifier: Apache-2.0 */
#include "db/open/schema.h"

#include <stdio.h>
#include <string.h>

#include "db/open/journal.h"
#include "db/open/schema_v1.h"
#include "db/open/schema_v10.h"
#include "db/open/schema_v2.h"
#include "db/open/schema_v3.h"
#include "db/open/schema_v4.h"
#include "db/open/schema_v5.h"
#include "db/open/schema_v6.h"
#include "db/open/schema_v7.h"
#include "db/open/schema_v8.h"
#include "db/open/schema_v9.h"
#include "db/open/sql.h"

#define PARTS_MAX 8

static const char *const scripts[][PARTS_MAX] = {SCHEMA_V1, SCHEMA_V2, SCHEMA_V3, SCHEMA_V4, SCHEMA_V5,
                                                 SCHEMA_V6, SCHEMA_V7, SCHEMA_V8, SCHEMA_V9, SCHEMA_V10};

#define JOURNAL_VERSION 5 /* from here on every row that states a fact stands in the journal */

#define NEWEST ((int)(sizeof scripts / sizeof scripts[0]))

int schema_newest(void)
{
    return NEWEST;
}

/* SQLite's own tables, which come as they are needed, and the indexes that a table's own text makes. */
#define OURS                                                                     \
    " FROM sqlite_schema WHERE name NOT IN ('sqlite_sequence', 'sqlite_stat1', " \
    "'sqlite_stat4') AND NOT (type = 'index' AND sql IS NULL) ORDER BY type, name"

/* How `a` stands to `b` in the order of OURS; a statement at its end comes after everything. */
static int order(sqlite3_stmt *a, bool a_row, sqlite3_stmt *b, bool b_row)
{
    if (!a_row || !b_row)
        return b_row - a_row;
    int types = strcmp(sql_text(a, 0), sql_text(b, 0));

    return types != 0 ? types : strcmp(sql_text(a, 1), sql_text(b, 1));
}

static int compare_lists(sqlite3_stmt *want, sqlite3_stmt *have, schema_tell *tell, void *ctx)
{
    int w = sqlite3_step(want), g = sqlite3_step(have);

    while (w == SQLITE_ROW || g == SQLITE_ROW) {
        int side = order(want, w == SQLITE_ROW, have, g == SQLITE_ROW);
        sqlite3_stmt *s = side <= 0 ? want : have;
        bool same = side == 0 && strcmp(sql_text(want, 2), sql_text(have, 2)) == 0;
        if (!same)
            tell(ctx,
                 side < 0   ? SCHEMA_MISSING
                 : side > 0 ? SCHEMA_ADDED
                            : SCHEMA_CHANGED,
                 sql_text(s, 0), sql_text(s, 1), side <= 0 ? sql_text(want, 2) : NULL);
        w = side <= 0 ? sqlite3_step(want) : w;
        g = side >= 0 ? sqlite3_step(have) : g;
    }
    return w != SQLITE_DONE ? w : g != SQLITE_DONE ? g : SQLITE_OK;
}

int schema_compare(sqlite3 *h, int version, schema_tell *tell, void *ctx)
{
    sqlite3 *format = NULL;
    int rc = sqlite3_open(":memory:", &format);

    if (rc == SQLITE_OK)
        rc = schema_migrate(format, 0, version);
    sqlite3_stmt *want = rc == SQLITE_OK ? sql_prepare(format, "SELECT type, name, sql" OURS, "") : NULL;
    sqlite3_stmt *have = want != NULL ? sql_prepare(h, "SELECT type, name, sql" OURS, "") : NULL;
    if (have != NULL)
        rc = compare_lists(want, have, tell, ctx);
    else if (rc == SQLITE_OK)
        rc = sqlite3_errcode(want == NULL ? format : h);
    sqlite3_finalize(want);
    sqlite3_finalize(have);
    sqlite3_close(format);
    return rc;
}

/* What the triggers of an old file need, said by the comparison and done after it. */
struct mending {
    char *script;
    int count;
    char first[96];
};

static void append(struct mending *m, const char *form, const char *text)
{
    char *more = sqlite3_mprintf(form, text);
    char *all = more == NULL || m->script == NULL ? NULL : sqlite3_mprintf("%s%s", m->script, more);

    sqlite3_free(more);
    sqlite3_free(m->script);
    m->script = all;
}

static void mend(void *ctx, enum schema_difference d, const char *type, const char *name, const char *sql)
{
    struct mending *m = ctx;

    if (strcmp(type, "trigger") != 0)
        return;
    if (m->count++ == 0)
        snprintf(m->first, sizeof m->first, "%.90s", name);
    if (d != SCHEMA_MISSING)
        append(m, "DROP TRIGGER \"%w\";", name);
    if (sql != NULL)
        append(m, "%s;", sql);
}

static int put_triggers(sqlite3 *h, int version, struct mending *m)
{
    *m = (struct mending){.script = sqlite3_mprintf("")};
    int rc = schema_compare(h, version, mend, m);

    if (rc == SQLITE_OK)
        rc = m->script == NULL ? SQLITE_NOMEM : sql_script(h, m->script);
    sqlite3_free(m->script);
    m->script = NULL;
    return rc;
}

int schema_put_triggers(sqlite3 *h, int version)
{
    struct mending m;

    return put_triggers(h, version, &m);
}

/*
 * A file of an earlier format comes under the rules of this one. Its triggers are made what they ought to be: those of an
 * archive were taken off when it was made, those of a station's file by somebody, and that is noted.
 */
static int take_over(sqlite3 *h, int from)
{
    struct mending m;
    int rc = put_triggers(h, JOURNAL_VERSION, &m);

    if (rc == SQLITE_OK && m.count > 0)
        rc = sql_run(
            h,
            "INSERT INTO event(at_ms, kind, amount, text) VALUES (strftime('%s', 'now') * 1000, 'SCHEMA', ?1,"
            " printf('%d triggers were not those of the format and were put right, the first: %s', ?1, ?2))",
            "it", m.count, m.first);
    return rc == SQLITE_OK ? journal_begin(h, from) : rc;
}

/* user_version and application_id live in the file's header and roll back with the transaction. */
static int migrate_one(sqlite3 *h, int from, int version)
{
    char mark[96];

    snprintf(mark, sizeof mark, "PRAGMA application_id=%d; PRAGMA user_version=%d;", SCHEMA_APPLICATION_ID,
             version);
    int rc = sql_script(h, "BEGIN IMMEDIATE");
    for (int i = 0; scripts[version - 1][i] != NULL && rc == SQLITE_OK; i++)
        rc = sql_script(h, scripts[version - 1][i]);
    if (rc == SQLITE_OK && version == JOURNAL_VERSION && from > 0)
        rc = take_over(h, from);
    if (rc == SQLITE_OK)
        rc = sql_script(h, mark);
    if (rc == SQLITE_OK)
        rc = sql_script(h, "COMMIT");
    if (rc != SQLITE_OK && sqlite3_get_autocommit(h) == 0)
        sqlite3_exec(h, "ROLLBACK", NULL, NULL, NULL);
    return rc;
}

int schema_migrate(sqlite3 *h, int from, int to)
{
    int rc = SQLITE_OK;

    for (int version = from + 1; version <= to && rc == SQLITE_OK; version++)
        rc = migrate_one(h, from, version);
    return rc;
}
