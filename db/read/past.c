/* SPDX-License-Identifier: Apache-2.0 */
#include "db/read/past.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/errno_text.h"
#include "base/file.h"
#include "db/open/db_inside.h"
#include "db/open/sql.h"
#include "db/open/triggers.h"

#define PATH_SIZE 4096

/* ?1 MAC, ?2 serial, ?3 lot: NULL where not asked for, all of them NULL: every file. */
static const char files_sql[] =
    "SELECT r.id, r.first_seq, r.last_seq, r.file_sha256, r.file, ?1 IS NOT NULL OR coalesce(?2, ?3) IS NULL"
    " OR EXISTS (SELECT 1 FROM tried_past t WHERE t.archive_id = r.id) FROM archive r WHERE CASE"
    " WHEN ?1 IS NOT NULL THEN EXISTS (SELECT 1 FROM unit u JOIN unit_past p ON p.unit_id = u.id"
    " WHERE u.mac = ?1 AND p.archive_id = r.id)"
    " WHEN coalesce(?2, ?3) IS NULL THEN 1"
    " WHEN NOT EXISTS (SELECT 1 FROM tried_past t WHERE t.archive_id = r.id) THEN 1"
    " WHEN ?2 IS NOT NULL THEN EXISTS (SELECT 1 FROM serial_past p WHERE p.archive_id = r.id AND p.serial = ?2)"
    " ELSE EXISTS (SELECT 1 FROM lot l JOIN tried_past t ON t.archive_id = r.id AND t.lot_id = l.id WHERE l.code = ?3)"
    " END ORDER BY r.first_seq LIMIT ?4";

static void bind_ask(sqlite3_stmt *s, const struct past_ask *ask)
{
    if (ask->mac != NULL)
        sqlite3_bind_blob(s, 1, ask->mac->bytes, sizeof ask->mac->bytes, SQLITE_TRANSIENT);
    if (ask->serial != NULL)
        sqlite3_bind_text(s, 2, ask->serial, -1, SQLITE_TRANSIENT);
    if (ask->lot != NULL)
        sqlite3_bind_text(s, 3, ask->lot, -1, SQLITE_TRANSIENT);
}

int past_files(struct db *db, const struct past_ask *ask, struct past_file *out, int max, struct failure *f)
{
    int rows = 0, rc;

    db_lock(db);
    sqlite3_stmt *s = sql_prepare(db->h, files_sql, "");
    rc = s == NULL ? sqlite3_errcode(db->h) : SQLITE_DONE;
    if (s != NULL) {
        bind_ask(s, ask);
        sqlite3_bind_int(s, 4, max);
    }
    while (s != NULL && rows < max && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        struct past_file *p = &out[rows++];
        p->id = sqlite3_column_int64(s, 0);
        p->first_seq = sqlite3_column_int64(s, 1);
        p->last_seq = sqlite3_column_int64(s, 2);
        sql_hash(s, 3, p->sha256);
        sql_copy_text(s, 4, p->name, sizeof p->name);
        p->certain = sqlite3_column_int(s, 5) != 0;
    }
    sqlite3_finalize(s);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        rows = sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "read which archives there are", f);
    db_unlock(db);
    return rows;
}

/* Beside the database, where retention puts it, and still what was made. 0, or -1 with *f. */
static int find_file(struct db *db, const struct past_file *p, char path[static PATH_SIZE], struct failure *f)
{
    const char *own = db->path, *slash = strrchr(own, '/');
    uint8_t sha256[SHA256_SIZE];
    uint64_t bytes;
    int folder = slash == NULL ? 0 : (int)(slash + 1 - own);

    if (strchr(p->name, '/') != NULL ||
        snprintf(path, PATH_SIZE, "%.*s%s", folder, own, p->name) >= PATH_SIZE)
        return failure_set(f, FAIL_DB_OPEN, STAGE_NONE, 0, "archive %s is no file beside the database",
                           p->name);
    int err = file_sha256(path, sha256, &bytes);
    if (err == -ENOENT)
        return failure_set(
            f, FAIL_DB_OPEN, STAGE_NONE, ENOENT,
            "archive %s is not beside the database: put it back there, or look into it where it is with"
            " --db FILE",
            p->name);
    if (err != 0)
        return failure_set(f, FAIL_DB_OPEN, STAGE_NONE, -err, "archive %s cannot be read: %s", p->name,
                           errno_text(-err));
    if (memcmp(sha256, p->sha256, SHA256_SIZE) != 0)
        return failure_set(
            f, FAIL_DB_OPEN, STAGE_NONE, 0,
            "archive %s is not the file that was made, its SHA-256 is another: look for a copy of it",
            p->name);
    return 0;
}

static const char pick_sql[] =
    "INSERT INTO pick SELECT id FROM past.attempt WHERE CASE WHEN ?1 IS NOT NULL THEN unit_id ="
    " (SELECT id FROM past.unit WHERE mac = ?1) WHEN ?2 IS NOT NULL THEN serial = ?2"
    " ELSE lot_id = (SELECT id FROM past.lot WHERE code = ?3) END";

static int pick(sqlite3 *h, const struct past_ask *ask)
{
    int rc = sql_script(h, "CREATE TEMP TABLE pick(id INTEGER PRIMARY KEY);"
                           "CREATE TEMP TABLE overtaken(unit INTEGER PRIMARY KEY)");
    sqlite3_stmt *s = rc == SQLITE_OK ? sql_prepare(h, pick_sql, "") : NULL;

    if (s == NULL)
        return rc != SQLITE_OK ? rc : sqlite3_errcode(h);
    bind_ask(s, ask);
    rc = sqlite3_step(s);
    sqlite3_finalize(s);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* An attempt's own rows, and the names that it is told with. */
static const struct {
    const char *table, *condition;
} parts[] = {
    {"attempt", "id IN (SELECT id FROM pick)"},
    {"identification", "attempt_id IN (SELECT id FROM pick)"},
    {"evidence", "attempt_id IN (SELECT id FROM pick)"},
    {"chain", "attempt_id IN (SELECT id FROM pick)"},
    {"correction", "attempt_id IN (SELECT id FROM pick)"},
    {"unit", "id IN (SELECT unit_id FROM main.identification)"},
    {"run", "id IN (SELECT run_id FROM main.attempt)"},
    {"job", "1"},
    {"firmware", "1"},
    {"lot", "1"},
    {"operator", "1"},
    {"station", "1"},
};

/* A file of an earlier format has fewer columns: what it does not know is NULL. */
static int copy_part(sqlite3 *h, const char *table, const char *condition)
{
    sqlite3_stmt *s =
        sql_prepare(h,
                    "SELECT group_concat('\"' || m.name || '\"', ', ') FROM pragma_table_info(?1, 'main') m"
                    " JOIN pragma_table_info(?1, 'past') p ON p.name = m.name",
                    "t", table);
    int rc = s == NULL ? sqlite3_errcode(h) : sqlite3_step(s);
    char *sql = rc != SQLITE_ROW
                    ? NULL
                    : sqlite3_mprintf("INSERT INTO main.\"%w\"(%s) SELECT %s FROM past.\"%w\" WHERE %s",
                                      table, sql_text(s, 0), sql_text(s, 0), table, condition);
    sqlite3_finalize(s);
    if (sql != NULL)
        rc = sql_script(h, sql);
    else if (rc == SQLITE_ROW)
        rc = SQLITE_NOMEM;
    sqlite3_free(sql);
    return rc;
}

static int copy_rows(sqlite3 *h, const struct past_ask *ask)
{
    int rc = pick(h, ask);

    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && rc == SQLITE_OK; i++)
        rc = copy_part(h, parts[i].table, parts[i].condition);
    return rc;
}

/* What stays in the database that goes on, which knows more than the file: what was said of a unit, and its addresses. */
static const struct {
    const char *from, *into;
} live_rows[] = {
    {"SELECT id, attempt_id, at_ms, actor, action, reason, unit_id FROM unit_word WHERE unit_id = ?",
     "INSERT OR REPLACE INTO correction(id, attempt_id, at_ms, actor, action, reason, unit_id)"
     " VALUES (?, ?, ?, ?, ?, ?, ?)"},
    {"SELECT id, unit_id, kind, address, first_seen_ms FROM unit_address WHERE unit_id = ?",
     "INSERT OR REPLACE INTO unit_address(id, unit_id, kind, address, first_seen_ms) VALUES (?, ?, ?, ?, ?)"},
};

static int copy_live_of(sqlite3 *live, const char *from, int64_t unit, sqlite3_stmt *in)
{
    sqlite3_stmt *s = sql_prepare(live, from, "l", unit);
    int rc = s == NULL ? sqlite3_errcode(live) : SQLITE_DONE;

    while (s != NULL && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(s); i++)
            sqlite3_bind_value(in, i + 1, sqlite3_column_value(s, i));
        rc = sqlite3_step(in);
        sqlite3_reset(in);
        if (rc != SQLITE_DONE)
            break;
    }
    sqlite3_finalize(s);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int copy_live(sqlite3 *live, const char *from, const char *into, sqlite3 *h)
{
    sqlite3_stmt *in = sql_prepare(h, into, "");
    sqlite3_stmt *units = in == NULL ? NULL : sql_prepare(h, "SELECT id FROM unit", "");
    int rc = units == NULL ? sqlite3_errcode(h) : SQLITE_OK;

    while (rc == SQLITE_OK && (rc = sqlite3_step(units)) == SQLITE_ROW)
        rc = copy_live_of(live, from, sqlite3_column_int64(units, 0), in);
    sqlite3_finalize(units);
    sqlite3_finalize(in);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* ?1 unit, ?2 its last attempt in the file, ?3 that one's serial. */
static const char since_sql[] =
    "SELECT EXISTS (SELECT 1 FROM attempt WHERE unit_id = ?1 AND id > ?2)"
    " OR EXISTS (SELECT 1 FROM identification i JOIN attempt a ON a.id = i.attempt_id WHERE i.unit_id = ?1"
    " AND a.result = 'OPEN')"
    " OR EXISTS (SELECT 1 FROM unit_past p JOIN tried_past t ON t.archive_id = p.archive_id AND t.unit_id = p.unit_id"
    " WHERE p.unit_id = ?1 AND t.last_attempt > ?2)"
    " OR EXISTS (SELECT 1 FROM attempt WHERE serial = ?3 AND result = 'PASS' AND kind <> 'TRAINING' AND unit_id <> ?1)"
    " OR EXISTS (SELECT 1 FROM serial_past WHERE serial = ?3 AND passes > 0 AND training = 0 AND unit_id <> ?1)";

/* Is anything known of the unit since, or has another one its serial? SQLITE_ROW: it is, SQLITE_DONE: nothing. */
static int is_overtaken(sqlite3 *live, sqlite3_stmt *unit)
{
    sqlite3_stmt *s = sql_prepare(live, since_sql, "");
    int rc = s == NULL ? sqlite3_errcode(live) : SQLITE_OK;

    for (int i = 0; i < 3 && rc == SQLITE_OK; i++)
        rc = sqlite3_bind_value(s, i + 1, sqlite3_column_value(unit, i));
    if (rc == SQLITE_OK)
        rc = sqlite3_step(s);
    if (rc == SQLITE_ROW && sqlite3_column_int(s, 0) == 0)
        rc = SQLITE_DONE;
    sqlite3_finalize(s);
    return rc;
}

static int drop_overtaken(sqlite3 *live, sqlite3 *h)
{
    /* SQLite gives a bare column the row that max() came from. */
    sqlite3_stmt *s = sql_prepare(
        h, "SELECT unit_id, max(id), serial FROM attempt WHERE unit_id IS NOT NULL GROUP BY unit_id", "");
    int rc = s == NULL ? sqlite3_errcode(h) : SQLITE_DONE;

    while (s != NULL && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        rc = is_overtaken(live, s);
        if (rc == SQLITE_ROW)
            rc = sql_run(h, "INSERT INTO overtaken VALUES (?)", "l", sqlite3_column_int64(s, 0));
        if (rc != SQLITE_OK && rc != SQLITE_DONE)
            break;
    }
    sqlite3_finalize(s);
    if (rc != SQLITE_DONE || (rc = triggers_drop(h)) != SQLITE_OK)
        return rc;
    return sql_script(h, "DELETE FROM attempt WHERE unit_id IN (SELECT unit FROM overtaken)");
}

struct db *past_rows(struct db *db, const struct past_file *file, const struct past_ask *ask,
                     struct failure *f)
{
    char path[PATH_SIZE];

    if (find_file(db, file, path, f) != 0)
        return NULL;
    struct db *rows = db_open_beside(path, f);
    if (rows == NULL)
        return NULL;
    int rc = copy_rows(rows->h, ask);
    db_lock(db);
    for (size_t i = 0; i < sizeof live_rows / sizeof live_rows[0] && rc == SQLITE_OK; i++)
        rc = copy_live(db->h, live_rows[i].from, live_rows[i].into, rows->h);
    if (rc == SQLITE_OK && ask->still_last)
        rc = drop_overtaken(db->h, rows->h);
    db_unlock(db);
    if (rc == SQLITE_OK)
        rc = sql_script(rows->h, "DROP TABLE pick; DROP TABLE overtaken; DETACH past; PRAGMA query_only=ON");
    if (rc == SQLITE_OK)
        return rows;
    failure_set(f, FAIL_DB_OPEN, STAGE_NONE, 0, "archive %s cannot be read: %s", file->name,
                sql_error_words(rc));
    db_close(rows);
    return NULL;
}

int past_serial_unit(struct db *db, const char *serial, struct mac *mac, struct failure *f)
{
    int found = 0;

    db_lock(db);
    sqlite3_stmt *s =
        sql_prepare(db->h,
                    "SELECT u.mac FROM serial_past p JOIN unit u ON u.id = p.unit_id WHERE p.serial = ?"
                    " ORDER BY p.last_attempt DESC LIMIT 1",
                    "t", serial);
    int rc = s == NULL ? sqlite3_errcode(db->h) : sqlite3_step(s);
    if (rc == SQLITE_ROW && sqlite3_column_bytes(s, 0) == (int)sizeof mac->bytes) {
        memcpy(mac->bytes, sqlite3_column_blob(s, 0), sizeof mac->bytes);
        found = 1;
    }
    sqlite3_finalize(s);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        found = sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "read which archives there are", f);
    db_unlock(db);
    return found;
}

int64_t past_last_attempt(struct db *db, const struct mac *mac, struct failure *f)
{
    int64_t last = 0;

    db_lock(db);
    int rc = sql_int(db->h, &last, 0,
                     "SELECT max(t.last_attempt) FROM unit u JOIN unit_past p ON p.unit_id = u.id"
                     " JOIN tried_past t ON t.archive_id = p.archive_id AND t.unit_id = u.id WHERE u.mac = ?",
                     "b", mac->bytes, (int)sizeof mac->bytes);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        last = sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "read which archives there are", f);
    db_unlock(db);
    return last;
}
