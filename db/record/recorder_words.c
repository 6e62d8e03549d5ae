/* SPDX-License-Identifier: Apache-2.0 */
/* recorder_words - what the record of an open attempt says that goes onto its board. */
#include <stdio.h>
#include <string.h>

#include "db/open/sql.h"
#include "db/record/recorder_private.h"

static const char words_sql[] =
    "SELECT a.slot, l.code FROM attempt a LEFT JOIN lot l ON l.id = a.lot_id WHERE a.id = ? AND a.result = 'OPEN'";

/* The desk's word, for on the row it stands when the board is begun; of a slot that still waits there is none. */
static void look_at_desk(struct db_recorder *r, int slot, char serial[static SERIAL_SIZE])
{
    struct serial_view v;

    serial_desk_look(r->serials, slot, &v);
    if (v.state == SERIAL_GIVEN || v.state == SERIAL_BOUND)
        snprintf(serial, SERIAL_SIZE, "%s", v.serial);
}

int db_recorder_words_of(struct db_recorder *r, int64_t attempt, struct attempt_words *out, struct failure *f)
{
    int slot = 0, rc;

    memset(out, 0, sizeof *out);
    db_lock(r->db);
    sqlite3_stmt *s = sql_prepare(r->db->h, words_sql, "l", attempt);
    rc = s == NULL ? sqlite3_errcode(r->db->h) : sqlite3_step(s);
    if (rc == SQLITE_ROW) {
        slot = sqlite3_column_int(s, 0);
        sql_copy_text(s, 1, out->lot, sizeof out->lot);
    }
    sqlite3_finalize(s);
    db_unlock(r->db);
    if (rc != SQLITE_ROW)
        return failure_set(f, FAIL_RECORD, STAGE_GATE, 0, "the attempt's own record cannot be read: %s",
                           sql_error_words(rc));
    look_at_desk(r, slot, out->serial);
    return 0;
}
