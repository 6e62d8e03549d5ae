/* SPDX-License-Identifier: Apache-2.0 */
#include "db/desk/lot.h"

#include <errno.h>
#include <string.h>

#include "db/desk/event.h"
#include "db/desk/lot_inside.h"
#include "db/open/sql.h"

/* ?1 training. The counts of attempts run on attempt_lot(lot_id, kind, result, unit_id) alone. */
#define KINDS \
    "a.kind IN (CASE WHEN ?1 THEN 'TRAINING' ELSE 'PRODUCTION' END, CASE WHEN ?1 THEN 'TRAINING' ELSE 'REWORK' END)"

#define GOOD    " coalesce((SELECT g.good FROM lot_count g WHERE g.lot_id = l.id AND g.training = ?1), 0)"
#define RUNNING " (SELECT count(*) FROM attempt a WHERE a.lot_id = l.id AND " KINDS " AND a.result = 'OPEN')"

static const char status_sql[] =
    "SELECT l.code, l.work_order, l.planned," GOOD "," RUNNING
    ", l.opened_ms, l.closed_ms, l.job_name, lower(hex(l.job_sha256)),"
    " (SELECT count(DISTINCT a.unit_id) FROM attempt a WHERE a.lot_id = l.id AND " KINDS "),"
    " (SELECT count(*) FROM attempt a WHERE a.lot_id = l.id AND " KINDS ") FROM lot l";

/* What reserving a place needs: the same cost in a large lot as in a small one. */
static const char brief_sql[] = "SELECT l.code, l.work_order, l.planned," GOOD "," RUNNING
                                ", l.opened_ms, l.closed_ms, l.job_name, lower(hex(l.job_sha256)),"
                                " 0, 0 FROM lot l";

/* What a name needs that is looked at, not counted in. ?1 is not asked for. */
static const char name_sql[] =
    "SELECT l.code, l.work_order, l.planned, 0, 0, l.opened_ms, l.closed_ms, l.job_name,"
    " lower(hex(l.job_sha256)), 0, ?1 * 0 FROM lot l";

static void read_status(sqlite3_stmt *s, struct lot_status *out)
{
    sql_copy_text(s, 0, out->code, sizeof out->code);
    sql_copy_text(s, 1, out->work_order, sizeof out->work_order);
    out->planned = sqlite3_column_int64(s, 2);
    out->good = sqlite3_column_int64(s, 3);
    out->running = sqlite3_column_int64(s, 4);
    out->opened_ms = sqlite3_column_int64(s, 5);
    out->closed_ms = sqlite3_column_int64(s, 6);
    sql_copy_text(s, 7, out->job_name, sizeof out->job_name);
    sql_copy_text(s, 8, out->job_sha256, sizeof out->job_sha256);
    out->units = sqlite3_column_int64(s, 9);
    out->attempts = sqlite3_column_int64(s, 10);
}

static int find(sqlite3 *h, const char *select, const char *code, bool training, struct lot_status *out)
{
    char sql[sizeof status_sql + 32];

    sqlite3_snprintf((int)sizeof sql, sql, "%s WHERE l.code = ?2", select);
    sqlite3_stmt *s = sql_prepare(h, sql, "it", training, code);
    int rc = s == NULL ? sqlite3_errcode(h) : sqlite3_step(s);
    if (rc == SQLITE_ROW)
        read_status(s, out);
    sqlite3_finalize(s);
    return rc;
}

static int look(struct db *db, const char *select, const char *code, bool training, struct lot_status *out,
                struct failure *f)
{
    db_lock(db);
    int rc = find(db->h, select, code, training, out);
    int answer = rc == SQLITE_ROW    ? 0
                 : rc == SQLITE_DONE ? -ENOENT
                                     : sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "read the lot", f);
    db_unlock(db);
    return answer;
}

int lot_status(struct db *db, const char *code, bool training, struct lot_status *out, struct failure *f)
{
    return look(db, status_sql, code, training, out, f);
}

int lot_brief(struct db *db, const char *code, struct lot_status *out, struct failure *f)
{
    return look(db, name_sql, code, false, out, f);
}

int lot_list(struct db *db, bool closed, bool training, struct lot_status *out, int max, struct failure *f)
{
    char sql[sizeof status_sql + 96];
    int rows = 0, rc;

    sqlite3_snprintf((int)sizeof sql, sql, "%s%s ORDER BY l.id DESC", status_sql,
                     closed ? "" : " WHERE l.closed_ms IS NULL");
    db_lock(db);
    sqlite3_stmt *s = sql_prepare(db->h, sql, "i", training);
    rc = s == NULL ? sqlite3_errcode(db->h) : SQLITE_DONE;
    while (s != NULL && rows < max && (rc = sqlite3_step(s)) == SQLITE_ROW)
        read_status(s, &out[rows++]);
    sqlite3_finalize(s);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        rows = sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "read the lots", f);
    db_unlock(db);
    return rows;
}

int lot_reserve(struct db *db, const char *code, bool training, struct failure *refusal)
{
    struct lot_status l = {0};

    if (code[0] == '\0')
        return SQLITE_OK;
    int rc = find(db->h, brief_sql, code, training, &l);
    if (rc == SQLITE_DONE)
        return SQLITE_OK; /* a new, open-ended lot */
    if (rc != SQLITE_ROW)
        return rc;
    if (l.closed_ms != 0)
        failure_set(refusal, HOLD_LOT_FULL, STAGE_OPEN, 0, "lot %s is closed", code);
    else if (l.planned > 0 && l.good >= l.planned)
        failure_set(refusal, HOLD_LOT_FULL, STAGE_OPEN, 0, "lot %s has all its %lld boards", code,
                    (long long)l.planned);
    else if (l.planned > 0 && sql_sum(l.good, l.running) >= l.planned)
        failure_set(refusal, HOLD_LOT_FULL, STAGE_OPEN, EAGAIN,
                    "lot %s: the last %lld of %lld places are being flashed", code, (long long)l.running,
                    (long long)l.planned);
    else
        return SQLITE_OK;
    return SQLITE_ABORT;
}

int lot_note_progress(struct db *db, int64_t attempt, int warn_left)
{
    struct lot_status l;
    int64_t training = 0;
    char code[64] = "";
    sqlite3_stmt *s =
        sql_prepare(db->h,
                    "SELECT l.code, a.kind = 'TRAINING' FROM attempt a JOIN lot l ON l.id = a.lot_id"
                    " WHERE a.id = ? AND a.result = 'PASS' AND l.planned > 0",
                    "l", attempt);
    int rc = s == NULL ? sqlite3_errcode(db->h) : sqlite3_step(s);

    if (rc == SQLITE_ROW) {
        sql_copy_text(s, 0, code, sizeof code);
        training = sqlite3_column_int64(s, 1);
    }
    sqlite3_finalize(s);
    if (rc != SQLITE_ROW)
        return rc == SQLITE_DONE ? SQLITE_OK : rc;
    if ((rc = find(db->h, brief_sql, code, training != 0, &l)) != SQLITE_ROW)
        return rc;
    int64_t left = sql_difference(l.planned, l.good);
    if (left != 0 && left != warn_left)
        return SQLITE_OK;
    return event_note(db, "LOT", left, "lot %s: %lld of %lld boards left", code, (long long)left,
                      (long long)l.planned);
}
