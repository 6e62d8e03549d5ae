/* SPDX-License-Identifier: Apache-2.0 */
#include "db/schema.h"

#include <stdio.h>

#include "db/schema_v1.h"
#include "db/schema_v2.h"
#include "db/schema_v3.h"
#include "db/schema_v4.h"
#include "db/sql.h"

#define PARTS_MAX 8

static const char *const scripts[][PARTS_MAX] = {SCHEMA_V1, SCHEMA_V2, SCHEMA_V3, SCHEMA_V4};

#define NEWEST ((int)(sizeof scripts / sizeof scripts[0]))

int schema_newest(void)
{
    return NEWEST;
}

/* user_version and application_id live in the file's header and roll back with the transaction. */
static int migrate_one(sqlite3 *h, int version)
{
    char mark[96];

    snprintf(mark, sizeof mark, "PRAGMA application_id=%d; PRAGMA user_version=%d;", SCHEMA_APPLICATION_ID,
             version);
    int rc = sql_script(h, "BEGIN IMMEDIATE");
    for (int i = 0; scripts[version - 1][i] != NULL && rc == SQLITE_OK; i++)
        rc = sql_script(h, scripts[version - 1][i]);
    if (rc == SQLITE_OK)
        rc = sql_script(h, mark);
    if (rc == SQLITE_OK)
        rc = sql_script(h, "COMMIT");
    if (rc != SQLITE_OK && sqlite3_get_autocommit(h) == 0)
        sqlite3_exec(h, "ROLLBACK", NULL, NULL, NULL);
    return rc;
}

int schema_migrate(sqlite3 *h, int from, int to)
{
    int rc = SQLITE_OK;

    for (int version = from + 1; version <= to && rc == SQLITE_OK; version++)
        rc = migrate_one(h, version);
    return rc;
}
