/* SPDX-License-Identifier: Apache-2.0 */
#include "db/desk/stop_rule.h"

#include <stdio.h>

#include "base/record.h"
#include "db/desk/stop_inside.h"
#include "db/open/sql.h"

/* A slot that was idle for so many attempts starts its row anew; it bounds the search. */
#define NEWEST_LINKS "10000"

#define PORT_SIZE sizeof((struct attempt_start){0}.port)

#define HOLDING " s.id NOT IN (SELECT stop_id FROM stop_release) AND s.training = "

int stop_list(struct db *db, bool training, struct stop_info *out, int max, struct failure *f)
{
    int rows = 0, rc;

    db_lock(db);
    sqlite3_stmt *s =
        sql_prepare(db->h, "SELECT s.id, s.at_ms, s.slot, s.text FROM stop s WHERE" HOLDING "? ORDER BY s.id",
                    "i", training);
    rc = s == NULL ? sqlite3_errcode(db->h) : SQLITE_DONE;
    while (s != NULL && rows < max && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        struct stop_info *o = &out[rows++];
        o->id = sqlite3_column_int64(s, 0);
        o->at_ms = sqlite3_column_int64(s, 1);
        o->slot = sqlite3_column_int(s, 2);
        sql_copy_text(s, 3, o->text, sizeof o->text);
    }
    sqlite3_finalize(s);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        rows = sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "read the stops", f);
    db_unlock(db);
    return rows;
}

/* A slot is a place: its number on another port is another one (`flash --port` has slot 1 whatever the port). */
int stop_check(struct db *db, int slot, const char *port, bool training, struct failure *refusal)
{
    char text[160];
    sqlite3_stmt *s =
        sql_prepare(db->h,
                    "SELECT s.text FROM stop s WHERE" HOLDING
                    "?1 AND (s.slot IS NULL OR s.slot = ?2 AND coalesce((SELECT a.port FROM attempt a"
                    " WHERE a.id = s.attempt_id), ?3) = ?3) ORDER BY s.id LIMIT 1",
                    "iit", training, slot, port);
    int rc = s == NULL ? sqlite3_errcode(db->h) : sqlite3_step(s);

    if (rc == SQLITE_ROW)
        sql_copy_text(s, 0, text, sizeof text);
    sqlite3_finalize(s);
    if (rc == SQLITE_DONE)
        return SQLITE_OK;
    if (rc != SQLITE_ROW)
        return rc;
    failure_set(refusal, FAIL_STOP_RULE, STAGE_OPEN, 0, "%s", text);
    return SQLITE_ABORT;
}

/* The newest `limit` tries of one slot on one port (0: all) since the last release, from the end of the chain. */
static int newest_tries(struct db *db, int slot, const char *port, bool training, int limit, int64_t *tries,
                        int64_t *passes)
{
    sqlite3_stmt *s = sql_prepare(
        db->h,
        "SELECT count(*), coalesce(sum(result = 'PASS'), 0) FROM (SELECT a.result AS result FROM chain c"
        " JOIN attempt a ON a.id = c.attempt_id WHERE (a.kind = 'TRAINING') = ?1 AND (?2 = 0 OR a.slot = ?2 AND a.port = ?4)"
        " AND a.result IN ('PASS', 'FAIL', 'ERROR') AND c.seq > (SELECT max(seq) FROM chain) - " NEWEST_LINKS
        " AND c.seq > (SELECT coalesce(max(r.after_seq), 0) FROM stop_release r"
        " JOIN stop s ON s.id = r.stop_id WHERE s.training = ?1 AND (s.slot IS NULL OR s.slot = ?2))"
        " ORDER BY c.seq DESC LIMIT ?3)",
        "iiit", training, slot, limit, port);
    int rc = s == NULL ? sqlite3_errcode(db->h) : sqlite3_step(s);

    if (rc == SQLITE_ROW) {
        *tries = sqlite3_column_int64(s, 0);
        *passes = sqlite3_column_int64(s, 1);
    }
    sqlite3_finalize(s);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static int record_stop(struct db *db, int slot, const char *port, bool training, const char *rule,
                       const char *text, int64_t attempt)
{
    struct failure already = {0};
    int rc = stop_check(db, slot, port, training, &already);

    if (rc != SQLITE_OK)
        return rc == SQLITE_ABORT ? SQLITE_OK : rc; /* one stop at a time is enough to say so */
    return sql_run(
        db->h,
        "INSERT INTO stop(at_ms, slot, training, rule, text, attempt_id) VALUES (?, nullif(?, 0), ?, ?, ?, ?)",
        "liittl", db_wall_ms(db), slot, training, rule, text, attempt);
}

static int judge_row(struct db *db, int slot, const char *port, bool training, int limit, int64_t attempt)
{
    int64_t tries = 0, passes = 0;
    char text[160];
    int rc = limit <= 0 ? SQLITE_OK : newest_tries(db, slot, port, training, limit, &tries, &passes);

    if (rc != SQLITE_OK || limit <= 0 || tries < limit || passes > 0)
        return rc;
    if (slot != 0)
        snprintf(text, sizeof text, "slot %d failed %d times in a row", slot, limit);
    else
        snprintf(text, sizeof text, "%d failures in a row on this station", limit);
    return record_stop(db, slot, port, training, slot != 0 ? "slot_failures" : "station_failures", text,
                       attempt);
}

static int judge_yield(struct db *db, const struct db_policy *p, bool training, int64_t attempt)
{
    int64_t tries = 0, passes = 0;
    char text[160];

    if (p->stop_yield_percent <= 0 || p->stop_yield_window <= 0)
        return SQLITE_OK;
    int rc = newest_tries(db, 0, "", training, p->stop_yield_window, &tries, &passes);
    if (rc != SQLITE_OK || tries < p->stop_yield_window || passes * 100 >= tries * p->stop_yield_percent)
        return rc;
    snprintf(text, sizeof text, "yield of the last %lld boards is %lld %%, the limit is %d %%",
             (long long)tries, (long long)(passes * 100 / tries), p->stop_yield_percent);
    return record_stop(db, 0, "", training, "yield", text, attempt);
}

/* Who failed; SQLITE_DONE: nobody did. */
static int read_failed(struct db *db, int64_t attempt, int *slot, bool *training, char port[static PORT_SIZE])
{
    sqlite3_stmt *s = sql_prepare(db->h,
                                  "SELECT slot, kind = 'TRAINING', port FROM attempt"
                                  " WHERE id = ? AND result IN ('FAIL', 'ERROR')",
                                  "l", attempt);
    int rc = s == NULL ? sqlite3_errcode(db->h) : sqlite3_step(s);

    if (rc == SQLITE_ROW) {
        *slot = sqlite3_column_int(s, 0);
        *training = sqlite3_column_int(s, 1) != 0;
        sql_copy_text(s, 2, port, PORT_SIZE);
    }
    sqlite3_finalize(s);
    return rc;
}

int stop_judge(struct db *db, const struct db_policy *p, int64_t attempt)
{
    char port[PORT_SIZE];
    bool training;
    int slot, rc = read_failed(db, attempt, &slot, &training, port);

    if (rc != SQLITE_ROW)
        return rc == SQLITE_DONE ? SQLITE_OK : rc;
    rc = judge_row(db, slot, port, training, p->stop_slot_failures, attempt);
    if (rc == SQLITE_OK)
        rc = judge_row(db, 0, "", training, p->stop_station_failures, attempt);
    return rc == SQLITE_OK ? judge_yield(db, p, training, attempt) : rc;
}

int stop_release(struct db *db, int slot, const char *actor, const char *reason, int *released)
{
    int rc = sql_run(db->h,
                     "INSERT INTO stop_release(stop_id, at_ms, actor, reason, after_seq)"
                     " SELECT s.id, ?1, ?2, ?3, (SELECT coalesce(max(seq), 0) FROM chain) FROM stop s"
                     " WHERE s.id NOT IN (SELECT stop_id FROM stop_release) AND coalesce(s.slot, 0) = ?4",
                     "ltti", db_wall_ms(db), actor, reason, slot);

    *released = rc == SQLITE_OK ? sqlite3_changes(db->h) : 0;
    return rc;
}

int stop_release_training(struct db *db)
{
    return sql_run(db->h,
                   "INSERT INTO stop_release(stop_id, at_ms, actor, reason, after_seq)"
                   " SELECT s.id, ?, '', 'a new run', (SELECT coalesce(max(seq), 0) FROM chain) FROM stop s"
                   " WHERE s.training = 1 AND s.id NOT IN (SELECT stop_id FROM stop_release)",
                   "l", db_wall_ms(db));
}
