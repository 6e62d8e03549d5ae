/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "db/desk/lot_inside.h"
#include "db/desk/pool_inside.h"
#include "db/desk/stop_inside.h"
#include "db/open/sql.h"
#include "db/record/chain.h"
#include "db/record/recorder_private.h"

/* {"connect":212,"erase":1800}: milliseconds of the stages that ran. */
static void stage_text(const struct attempt_result *result, char *out, size_t size)
{
    size_t len = (size_t)snprintf(out, size, "{");

    for (int i = STAGE_OPEN; i < STAGE_COUNT && len + 48 < size; i++) {
        if (result->stage_us[i] > 0)
            len +=
                (size_t)snprintf(out + len, size - len, "%s\"%s\":%lld", len > 1 ? "," : "",
                                 stage_name((enum stage)i), (long long)((result->stage_us[i] + 500) / 1000));
    }
    snprintf(out + len, size - len, "}");
}

/* Which try of this unit it is; stopped attempts are no tries, and what is not identified cannot be counted. */
static int count_tries(sqlite3 *h, int64_t attempt, int64_t unit, int64_t *try_no)
{
    *try_no = 0;
    if (unit == 0)
        return SQLITE_ROW;
    return sql_int(
        h, try_no, 0,
        "SELECT 1 + (SELECT count(*) FROM attempt a WHERE a.unit_id = ?1 AND a.try_no IS NOT NULL"
        " AND (a.kind = 'TRAINING') = (me.kind = 'TRAINING'))"
        " + (SELECT coalesce(sum(CASE WHEN me.kind = 'TRAINING' THEN training_attempts ELSE attempts END), 0)"
        " FROM unit_past WHERE unit_id = ?1) FROM attempt me WHERE me.id = ?2",
        "ll", unit, attempt);
}

static bool is_try(enum result result)
{
    return result == RESULT_PASS || result == RESULT_FAIL || result == RESULT_ERROR || result == RESULT_HOLD;
}

#define RESETS_UNKNOWN (-1) /* of an attempt nobody saw the end of */

static const char close_sql[] =
    "UPDATE attempt SET result = ?2, closed_ms = ?3, closed_mono_us = ?4, duration_us = ?5, unit_id = nullif(?6, 0),"
    " try_no = nullif(?7, 0), code = ?8, stage = ?9, blame = ?10, sys = ?11, detail = ?12, retries = ?13, baud = ?14,"
    " used_stub = ?15, stub_note = ?16, bytes_written = ?17, bytes_wire = ?18, stage_ms = ?19, overrun = ?20,"
    " parity = ?21, framing = ?22, stub_sha256 = ?23, chip_resets = nullif(?24, -1), identity_left_md5 = ?25,"
    " unit_data_sha256 = ?26 WHERE id = ?1 AND result = 'OPEN'";

static int update_row(struct db_recorder *r, int64_t attempt, int64_t unit, int64_t try_no,
                      const struct attempt_result *e)
{
    const struct failure *f = &e->failure;
    char stages[512];

    stage_text(e, stages, sizeof stages);
    int rc = sql_run(r->db->h, close_sql, "ltllllliTTiTiliTlltlllbibb", attempt, result_name(e->result),
                     db_wall_ms(r->db), db_mono_us(r->db), e->duration_us, unit, try_no, (int)f->code,
                     f->code == FAILURE_NONE ? "" : stage_name(f->stage),
                     f->code == FAILURE_NONE ? "" : blame_name(f->blame), f->sys, f->detail, e->retries,
                     (int64_t)e->baud, (int)e->used_stub, e->stub_note, (int64_t)e->bytes_written,
                     (int64_t)e->bytes_wire, stages, (int64_t)e->line.overrun, (int64_t)e->line.parity,
                     (int64_t)e->line.framing, e->has_stub_sha256 ? e->stub_sha256 : NULL, SHA256_SIZE,
                     e->chip_resets, e->has_identity_left ? e->identity_left_md5 : NULL, MD5_SIZE,
                     e->has_unit_data ? e->unit_data_sha256 : NULL, SHA256_SIZE);
    if (rc == SQLITE_OK && sqlite3_changes(r->db->h) != 1)
        return SQLITE_CONSTRAINT; /* closed already, or never opened */
    return rc;
}

/* Of failures only: of good boards it would be most of the database. The whole record of the wire stands where there is one. */
static int store_evidence(sqlite3 *h, int64_t attempt, const struct attempt_result *e)
{
    if (e->result == RESULT_PASS || (e->tx_evidence_len == 0 && e->rx_evidence_len == 0))
        return SQLITE_OK;
    return sql_run(h, "INSERT INTO evidence(attempt_id, tx, rx) VALUES (?, ?, ?)", "lbb", attempt,
                   e->wire != NULL ? e->wire : e->tx_evidence,
                   e->wire != NULL ? (int)e->wire_len : (int)e->tx_evidence_len, e->rx_evidence,
                   (int)e->rx_evidence_len);
}

int recorder_close_attempt(struct db_recorder *r, int64_t attempt, const struct attempt_result *result)
{
    struct attempt_result interrupted = {.result = RESULT_INTERRUPTED, .chip_resets = RESETS_UNKNOWN};
    sqlite3 *h = r->db->h;
    int64_t unit = 0, try_no = 0;
    int rc = sql_int(h, &unit, 0, "SELECT unit_id FROM identification WHERE attempt_id = ? AND n = 0", "l",
                     attempt);

    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return rc;
    if (result == NULL) {
        failure_set(&interrupted.failure, FAIL_INTERRUPTED, STAGE_NONE, 0,
                    "found open when the station started");
        result = &interrupted;
    }
    if (is_try(result->result) && (rc = count_tries(h, attempt, unit, &try_no)) != SQLITE_ROW)
        return rc;
    if ((rc = update_row(r, attempt, unit, try_no, result)) != SQLITE_OK)
        return rc;
    if ((rc = store_evidence(h, attempt, result)) != SQLITE_OK)
        return rc;
    if ((rc = chain_append(h, attempt)) != SQLITE_OK)
        return rc;
    if (result->result == RESULT_PASS)
        return (rc = pool_note_verified(r->db, attempt)) != SQLITE_OK
                   ? rc
                   : lot_note_progress(r->db, attempt, r->policy.lot_warn_left);
    return stop_judge(r->db, &r->policy, attempt);
}
