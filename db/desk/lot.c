/* SPDX-License-Identifier: Apache-2.0 */
#include "db/desk/lot.h"

#include <errno.h>
#include <string.h>

#include "db/desk/event.h"
#include "db/desk/lot_inside.h"
#include "db/open/kept_back.h"
#include "db/open/sql.h"

/* ?1 training. The counts of attempts run on attempt_lot(lot_id, kind, result, unit_id) alone. */
#define KINDS \
    ".kind IN (CASE WHEN ?1 THEN 'TRAINING' ELSE 'PRODUCTION' END, CASE WHEN ?1 THEN 'TRAINING' ELSE 'REWORK' END)"

/* Units that ever passed in the lot, archived ones too: counted at the PASS, so that it costs the same in any lot. */
#define PASSED  " coalesce((SELECT g.good FROM lot_count g WHERE g.lot_id = l.id AND g.training = ?1), 0)"
#define RUNNING " (SELECT count(*) FROM attempt a WHERE a.lot_id = l.id AND a" KINDS " AND a.result = 'OPEN')"
#define ALL                                                                          \
    " (SELECT count(*) FROM attempt a WHERE a.lot_id = l.id AND a" KINDS ")"         \
    " + (SELECT coalesce(sum(t.attempts), 0) FROM archive r CROSS JOIN tried_past t" \
    " ON t.archive_id = r.id AND t.lot_id = l.id AND t.training = ?1)"
#define NAMES \
    "SELECT l.id, l.code, l.work_order, l.planned, l.opened_ms, l.closed_ms, l.job_name, lower(hex(l.job_sha256)),"

static const char status_sql[] = NAMES PASSED "," RUNNING "," ALL " FROM lot l";

/* What reserving a place needs: the same cost in a large lot as in a small one. */
static const char brief_sql[] = NAMES PASSED "," RUNNING ", 0 FROM lot l";

/* What a name needs that is looked at, not counted in. ?1 is not asked for. */
static const char name_sql[] = NAMES " 0, 0, ?1 * 0 FROM lot l";

/*
 * Of the units that did not pass at their last attempt in the lot (?2): how many never did, and how many once had; and with
 * the latter those that passed and are kept back. Only what is not good is looked at, which is little.
 */
static const char fallen_sql[] =
    "WITH past(unit, last, result) AS (SELECT t.unit_id, t.last_attempt, t.last_result FROM archive r CROSS JOIN tried_past t"
    " ON t.archive_id = r.id AND t.lot_id = ?2 AND t.training = ?1 WHERE t.unit_id <> 0),"
    " bad(unit, last) AS (SELECT unit, max(last) FROM (SELECT a.unit_id AS unit, a.id AS last FROM attempt a"
    " WHERE a.lot_id = ?2 AND a" KINDS " AND a.result IN ('FAIL', 'ERROR', 'HOLD', 'ABORTED', 'INTERRUPTED')"
    " AND a.unit_id IS NOT NULL UNION ALL SELECT unit, last FROM past WHERE result <> 'PASS') GROUP BY unit),"
    " fallen(unit) AS MATERIALIZED (SELECT b.unit FROM bad b WHERE NOT EXISTS (SELECT 1 FROM attempt p WHERE p.lot_id = ?2"
    " AND p" KINDS " AND p.result = 'PASS' AND p.unit_id = b.unit AND p.id > b.last)"
    " AND NOT EXISTS (SELECT 1 FROM archive r CROSS JOIN tried_past t ON t.archive_id = r.id AND t.lot_id = ?2"
    " AND t.training = ?1 AND t.unit_id = b.unit WHERE t.last_result = 'PASS' AND t.last_attempt > b.last)),"
    " had(unit) AS MATERIALIZED (SELECT f.unit FROM fallen f JOIN lot_good g ON g.lot_id = ?2 AND g.training = ?1"
    " AND g.unit_id = f.unit)"
    " SELECT (SELECT count(*) FROM fallen) - (SELECT count(*) FROM had),"
    " (SELECT count(*) FROM (SELECT unit FROM had UNION SELECT g.unit_id FROM (" KEPT_BACK_SQL
    ") k CROSS JOIN lot_good g"
    " ON g.lot_id = ?2 AND g.training = ?1 AND g.unit_id = k.unit_id))";

static void read_status(sqlite3_stmt *s, struct lot_status *out)
{
    out->id = sqlite3_column_int64(s, 0);
    sql_copy_text(s, 1, out->code, sizeof out->code);
    sql_copy_text(s, 2, out->work_order, sizeof out->work_order);
    out->planned = sqlite3_column_int64(s, 3);
    out->opened_ms = sqlite3_column_int64(s, 4);
    out->closed_ms = sqlite3_column_int64(s, 5);
    sql_copy_text(s, 6, out->job_name, sizeof out->job_name);
    sql_copy_text(s, 7, out->job_sha256, sizeof out->job_sha256);
    out->good = out->units = sqlite3_column_int64(s, 8);
    out->running = sqlite3_column_int64(s, 9);
    out->attempts = sql_difference(sqlite3_column_int64(s, 10), out->running);
}

/* Who ever passed is counted already: from there to who is good now, and to all. SQLITE_ROW like find(). */
static int count_fallen(sqlite3 *h, bool training, struct lot_status *l)
{
    sqlite3_stmt *s = sql_prepare(h, fallen_sql, "il", training, l->id);
    int rc = s == NULL ? sqlite3_errcode(h) : sqlite3_step(s);

    if (rc == SQLITE_ROW) {
        l->units = sql_sum(l->units, sqlite3_column_int64(s, 0));
        l->good = sql_difference(l->good, sqlite3_column_int64(s, 1));
    }
    sqlite3_finalize(s);
    return rc;
}

static int find(sqlite3 *h, const char *select, const char *code, bool training, struct lot_status *out)
{
    char sql[sizeof status_sql + 64];

    sqlite3_snprintf((int)sizeof sql, sql, "%s WHERE l.code = ?2", select);
    sqlite3_stmt *s = sql_prepare(h, sql, "it", training, code);
    int rc = s == NULL ? sqlite3_errcode(h) : sqlite3_step(s);
    if (rc == SQLITE_ROW)
        read_status(s, out);
    sqlite3_finalize(s);
    return rc == SQLITE_ROW && select == status_sql ? count_fallen(h, training, out) : rc;
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

static int list(struct db *db, const char *select, bool closed, bool training, struct lot_status *out,
                int max, struct failure *f)
{
    char sql[sizeof status_sql + 96];
    int rows = 0, rc;

    sqlite3_snprintf((int)sizeof sql, sql, "%s%s ORDER BY l.id DESC", select,
                     closed ? "" : " WHERE l.closed_ms IS NULL");
    db_lock(db);
    sqlite3_stmt *s = sql_prepare(db->h, sql, "i", training);
    rc = s == NULL ? sqlite3_errcode(db->h) : SQLITE_DONE;
    while (s != NULL && rows < max && (rc = sqlite3_step(s)) == SQLITE_ROW)
        read_status(s, &out[rows++]);
    sqlite3_finalize(s);
    for (int i = 0; i < rows && select == status_sql && (rc == SQLITE_ROW || rc == SQLITE_DONE); i++)
        rc = count_fallen(db->h, training, &out[i]);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        rows = sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "read the lots", f);
    db_unlock(db);
    return rows;
}

int lot_list(struct db *db, bool closed, bool training, struct lot_status *out, int max, struct failure *f)
{
    return list(db, status_sql, closed, training, out, max, f);
}

int lot_list_brief(struct db *db, bool closed, struct lot_status *out, int max, struct failure *f)
{
    return list(db, name_sql, closed, false, out, max, f);
}

int lot_reserve(struct db *db, const char *code, bool training, struct failure *refusal)
{
    struct lot_status l = {0};

    if (code[0] == '\0')
        return SQLITE_OK;
    int rc = find(db->h, brief_sql, code, training, &l);
    if (rc == SQLITE_DONE)
        return SQLITE_OK; /* a new, open-ended lot */
    /* No more can be good than ever passed: who fell since is looked for where that alone would fill the lot. */
    if (rc == SQLITE_ROW && l.planned > 0 && sql_sum(l.good, l.running) >= l.planned)
        rc = count_fallen(db->h, training, &l);
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

int lot_taken(struct db *db, const char *code, int64_t *taken)
{
    struct lot_status work = {0}, practice = {0};
    int rc = find(db->h, status_sql, code, false, &work);

    if (rc == SQLITE_ROW)
        rc = find(db->h, status_sql, code, true, &practice);
    int64_t a = sql_sum(work.good, work.running), b = sql_sum(practice.good, practice.running);
    *taken = a > b ? a : b;
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
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
    rc = find(db->h, brief_sql, code, training != 0, &l);
    if (rc == SQLITE_ROW && sql_difference(l.planned, l.good) <= warn_left)
        rc = count_fallen(db->h, training != 0, &l);
    if (rc != SQLITE_ROW)
        return rc;
    int64_t left = sql_difference(l.planned, l.good);
    if (left != 0 && left != warn_left)
        return SQLITE_OK;
    return event_note(db, "LOT", left, "lot %s: %lld of %lld boards left", code, (long long)left,
                      (long long)l.planned);
}
