/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/file.h"
#include "db/open/db_inside.h"
#include "db/open/sql.h"
#include "db/open/triggers.h"
#include "db/read/export_private.h"
#include "db/read/record_ids.h"
#include "db/read/where.h"

/* A mark is a unit's: it stays with the unit, whatever attempt it was made on. */
static const char words_to_units[] =
    "CREATE TEMP TABLE word AS SELECT id, unit_id FROM unit_word;"
    "UPDATE correction SET unit_id = (SELECT unit_id FROM word WHERE word.id = correction.id);";
static const char units_only[] =
    "DELETE FROM unit WHERE id NOT IN (SELECT unit_id FROM attempt WHERE unit_id IS NOT NULL)"
    " AND id NOT IN (SELECT unit_id FROM identification);"
    "DELETE FROM unit_address WHERE unit_id NOT IN (SELECT id FROM unit);"
    "DELETE FROM correction WHERE CASE WHEN unit_id IS NULL THEN attempt_id NOT IN (SELECT id FROM attempt)"
    " ELSE unit_id NOT IN (SELECT id FROM unit) END;";

/* The attempts of the rows that were asked for: of units the last one each, as every other format of them tells it. */
static int keep_attempts(sqlite3 *h, const struct export_request *q)
{
    char *ids = record_ids_sql(q->view, &q->filter), *sql = NULL;
    sqlite3_stmt *s = NULL;

    if (ids == NULL || asprintf(&sql, "DELETE FROM attempt WHERE id NOT IN (%s)", ids) < 0) {
        free(ids);
        return SQLITE_NOMEM;
    }
    int rc = sqlite3_prepare_v2(h, sql, -1, &s, NULL);
    if (rc == SQLITE_OK)
        rc = where_bind(s, &q->filter);
    if (rc == SQLITE_OK && sqlite3_step(s) != SQLITE_DONE)
        rc = sqlite3_errcode(h);
    sqlite3_finalize(s);
    free(ids);
    free(sql);
    return rc;
}

static int keep_only(sqlite3 *h, const struct export_request *q)
{
    static const char *const others[] = {"identification", "chain"};
    char sql[128];
    int rc = keep_attempts(h, q);

    for (size_t i = 0; i < sizeof others / sizeof others[0] && rc == SQLITE_OK; i++) {
        snprintf(sql, sizeof sql, "DELETE FROM %s WHERE attempt_id NOT IN (SELECT id FROM attempt)",
                 others[i]);
        rc = sql_script(h, sql);
    }
    return rc == SQLITE_OK ? sql_script(h, units_only) : rc;
}

static int strip(const char *path, const struct export_request *q, int64_t *rows)
{
    sqlite3 *h = NULL;
    int rc = sqlite3_open_v2(path, &h, SQLITE_OPEN_READWRITE, NULL);

    if (rc == SQLITE_OK)
        rc = sql_script(h, "PRAGMA foreign_keys=OFF; PRAGMA journal_mode=DELETE; PRAGMA secure_delete=ON;");
    if (rc == SQLITE_OK)
        rc = triggers_drop(
            h); /* a report, not a station's database: nothing guards its rows, no secret stays */
    if (rc == SQLITE_OK)
        rc = sql_script(h, "BEGIN;");
    if (rc == SQLITE_OK)
        rc = sql_script(h, words_to_units);
    if (rc == SQLITE_OK)
        rc = sql_script(
            h,
            "DROP TABLE backup; DROP TABLE sector; DROP TABLE unit_past; DROP TABLE evidence; DROP TABLE lot_good; DROP TABLE lot_count;"
            "DROP TABLE identity_act_done; DROP TABLE identity_act; DROP TABLE lot_past; DROP TABLE journal;"
            "DROP TABLE pool_value; DROP TABLE pool_block; DROP TABLE pool;"
            "DELETE FROM word_past; DROP TABLE serial_past; DROP TABLE tried_past;"
            "UPDATE operator SET badge_salt = NULL, badge_hash = NULL, pin_salt = NULL, pin_hash = NULL;");
    if (rc == SQLITE_OK)
        rc = keep_only(h, q);
    if (rc == SQLITE_OK)
        rc = sql_script(h, "COMMIT; VACUUM;");
    if (rc == SQLITE_OK && sql_int(h, rows, 0, "SELECT count(*) FROM attempt", "") != SQLITE_ROW)
        rc = sqlite3_errcode(h);
    int end = sqlite3_close(h);
    return rc != SQLITE_OK ? rc : end;
}

static int cannot(const struct export_request *q, const char *temp, int sys, const char *why,
                  struct failure *f)
{
    unlink(temp);
    return failure_set(f, FAIL_RECORD, STAGE_NONE, sys, "cannot write %s: %s", q->path, why);
}

int export_sqlite_stage(struct db *db, const struct export_request *q, char temp[static EXPORT_TEMP_SIZE],
                        struct export_report *report, struct failure *f)
{
    if (file_check_target(&db->own, q->path, f) != 0)
        return -1;
    if (snprintf(temp, EXPORT_TEMP_SIZE, "%s.%ld.tmp", q->path, (long)getpid()) >= EXPORT_TEMP_SIZE)
        return failure_set(f, FAIL_RECORD, STAGE_NONE, ENAMETOOLONG, "the file name is too long");
    int err = file_prepare(temp);
    if (err != 0)
        return failure_set(f, FAIL_RECORD, STAGE_NONE, -err, "cannot write %s: %s", q->path,
                           errno_text(-err));
    db_lock(db);
    int rc = db_vacuum_into(db, temp);
    db_unlock(db);
    if (rc == SQLITE_OK)
        rc = strip(temp, q, &report->rows);
    if (rc != SQLITE_OK)
        return cannot(q, temp, 0, sql_error_words(rc), f);
    err = file_sync(temp);
    if (err == 0)
        err = file_sha256(temp, report->sha256, &report->bytes);
    return err == 0 ? 0 : cannot(q, temp, -err, errno_text(-err), f);
}

int export_sqlite_place(struct db *db, const struct export_request *q, const char *temp, struct failure *f)
{
    if (file_check_target(&db->own, q->path, f) != 0) {
        unlink(temp);
        return -1;
    }
    int err = file_replace(temp, q->path);
    return err == 0 ? 0 : cannot(q, temp, -err, errno_text(-err), f);
}
