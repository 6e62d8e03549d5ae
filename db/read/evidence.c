/* SPDX-License-Identifier: Apache-2.0 */
#include "db/read/evidence.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/wire_record.h"
#include "db/open/db_inside.h"
#include "db/open/sql.h"

static uint16_t copy_bytes(sqlite3_stmt *s, int column, uint8_t out[static EVIDENCE_SIZE])
{
    const void *bytes = sqlite3_column_blob(s, column);
    int length = sqlite3_column_bytes(s, column);

    if (bytes == NULL || length <= 0)
        return 0;
    length = length < EVIDENCE_SIZE ? length : EVIDENCE_SIZE;
    memcpy(out, bytes, (size_t)length);
    return (uint16_t)length;
}

/* The last bytes sent, out of the record of the wire where there is one; of a damaged one none. */
static uint16_t copy_sent(sqlite3_stmt *s, uint8_t out[static EVIDENCE_SIZE])
{
    const uint8_t *bytes = sqlite3_column_blob(s, 0);
    size_t length = (size_t)sqlite3_column_bytes(s, 0);
    struct wire_record r;

    if (bytes == NULL || !wire_record_is(bytes, length))
        return copy_bytes(s, 0, out);
    if (!wire_record_decode(bytes, length, &r))
        return 0;
    memcpy(out, r.tx.bytes, r.tx.len);
    return (uint16_t)r.tx.len;
}

int evidence_wire(struct db *db, int64_t attempt, uint8_t **out, size_t *len, struct failure *f)
{
    int answer = 1;

    *out = NULL;
    *len = 0;
    db_lock(db);
    sqlite3_stmt *s = sql_prepare(db->h, "SELECT tx FROM evidence WHERE attempt_id = ?", "l", attempt);
    int rc = s == NULL ? sqlite3_errcode(db->h) : sqlite3_step(s);
    if (rc == SQLITE_ROW) {
        const void *bytes = sqlite3_column_blob(s, 0);
        *len = (size_t)sqlite3_column_bytes(s, 0);
        if (bytes != NULL && wire_record_is(bytes, *len)) {
            *out = malloc(*len);
            answer =
                *out == NULL ? failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, ENOMEM, "record of the wire") : 0;
            if (*out != NULL)
                memcpy(*out, bytes, *len);
        }
    } else if (rc != SQLITE_DONE) {
        answer = sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "read the record of the wire", f);
    }
    sqlite3_finalize(s);
    db_unlock(db);
    return answer;
}

int evidence_read(struct db *db, int64_t attempt, struct attempt_result *out, struct failure *f)
{
    int error = 0;

    out->tx_evidence_len = out->rx_evidence_len = 0;
    db_lock(db);
    sqlite3_stmt *s = sql_prepare(db->h, "SELECT tx, rx FROM evidence WHERE attempt_id = ?", "l", attempt);
    int rc = s == NULL ? sqlite3_errcode(db->h) : sqlite3_step(s);
    if (rc == SQLITE_ROW) {
        out->tx_evidence_len = copy_sent(s, out->tx_evidence);
        out->rx_evidence_len = copy_bytes(s, 1, out->rx_evidence);
    } else if (rc != SQLITE_DONE) {
        error = sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "read the wire's last bytes", f);
    }
    sqlite3_finalize(s);
    db_unlock(db);
    return error;
}
