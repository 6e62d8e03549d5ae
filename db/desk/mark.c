/* SPDX-License-Identifier: Apache-2.0 */
#include "db/desk/mark.h"

#include <string.h>

#include "db/open/sql.h"

int mark_read(sqlite3 *h, int64_t unit, struct mark *out)
{
    sqlite3_stmt *s = sql_prepare(h,
                                  "SELECT action, actor, reason, attempt_id FROM unit_word WHERE unit_id = ?"
                                  " AND action <> 'NOTE' ORDER BY id DESC LIMIT 1",
                                  "l", unit);
    int rc = s == NULL ? sqlite3_errcode(h) : sqlite3_step(s);

    memset(out, 0, sizeof *out);
    if (rc == SQLITE_ROW) {
        sql_copy_text(s, 0, out->word, sizeof out->word);
        sql_copy_text(s, 1, out->actor, sizeof out->actor);
        sql_copy_text(s, 2, out->reason, sizeof out->reason);
        out->attempt = sqlite3_column_int64(s, 3);
    }
    sqlite3_finalize(s);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

bool mark_keeps_back(const struct mark *m)
{
    return strcmp(m->word, "SCRAP") == 0 || strcmp(m->word, "QUARANTINE") == 0;
}
