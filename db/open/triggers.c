/* SPDX-License-Identifier: Apache-2.0 */
#include "db/open/triggers.h"

#include <stdio.h>

#include "db/open/sql.h"

int triggers_drop(sqlite3 *h)
{
    for (;;) {
        sqlite3_stmt *s = sql_prepare(h, "SELECT name FROM sqlite_schema WHERE type = 'trigger' LIMIT 1", "");
        int rc = s == NULL ? sqlite3_errcode(h) : sqlite3_step(s);
        char drop[128];
        snprintf(drop, sizeof drop, "DROP TRIGGER \"%s\"", rc == SQLITE_ROW ? sql_text(s, 0) : "");
        sqlite3_finalize(s);
        if (rc != SQLITE_ROW)
            return rc == SQLITE_DONE ? SQLITE_OK : rc;
        if ((rc = sql_script(h, drop)) != SQLITE_OK)
            return rc;
    }
}
