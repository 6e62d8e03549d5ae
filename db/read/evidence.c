/* SPDX-License-Identifier: Apache-2.0 */
#include "db/read/evidence.h"

#include <string.h>

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

int evidence_read(struct db *db, int64_t attempt, struct attempt_result *out, struct failure *f)
{
    int error = 0;

    out->tx_evidence_len = out->rx_evidence_len = 0;
    db_lock(db);
    sqlite3_stmt *s = sql_prepare(db->h, "SELECT tx, rx FROM evidence WHERE attempt_id = ?", "l", attempt);
    int rc = s == NULL ? sqlite3_errcode(db->h) : sqlite3_step(s);
    if (rc == SQLITE_ROW) {
        out->tx_evidence_len = copy_bytes(s, 0, out->tx_evidence);
        out->rx_evidence_len = copy_bytes(s, 1, out->rx_evidence);
    } else if (rc != SQLITE_DONE) {
        error = sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "read the wire's last bytes", f);
    }
    sqlite3_finalize(s);
    db_unlock(db);
    return error;
}
