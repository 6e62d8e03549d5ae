/* SPDX-License-Identifier: Apache-2.0 */
#include "db/open/archive_file.h"

#include "db/open/schema.h"
#include "db/open/sql.h"
#include "db/open/triggers.h"

int archive_file_is(sqlite3 *h, bool *archive)
{
    int64_t rows = 1;
    int rc = sql_int(
        h, &rows, 1,
        "SELECT EXISTS (SELECT 1 FROM journal) + EXISTS (SELECT 1 FROM audit) + EXISTS (SELECT 1 FROM event)"
        " + EXISTS (SELECT 1 FROM stop) + EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'trigger')",
        "");

    *archive = rc == SQLITE_ROW && rows == 0;
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

/* A migration may change a trigger, and so needs those of the format before. */
int archive_file_update(sqlite3 *h)
{
    int64_t version = 0;
    int rc = sql_int(h, &version, 0, "PRAGMA user_version", "");

    if (rc == SQLITE_ROW)
        rc = schema_put_triggers(h, (int)version);
    if (rc == SQLITE_OK)
        rc = schema_migrate(h, (int)version, schema_newest());
    return rc == SQLITE_OK ? triggers_drop(h) : rc;
}
