/* SPDX-License-Identifier: Apache-2.0 */
#include "db/desk/rules.h"

#include <stdio.h>
#include <string.h>

#include "db/desk/audit.h"
#include "db/open/db_inside.h"
#include "db/open/sql.h"

#define RULES_ACTION "rules.change"

struct rules {
    const char *source, *text, *usual;
};

static int steps(struct db *db, void *arg)
{
    static const struct actor station = {.role = "station"};
    const struct rules *r = arg;
    char before[512];
    sqlite3_stmt *s = sql_prepare(
        db->h, "SELECT new FROM audit WHERE action = '" RULES_ACTION "' ORDER BY id DESC LIMIT 1", "");
    int rc = s == NULL ? sqlite3_errcode(db->h) : sqlite3_step(s);

    snprintf(before, sizeof before, "%s", rc == SQLITE_ROW ? sql_text(s, 0) : r->usual);
    sqlite3_finalize(s);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return rc;
    if (strcmp(before, r->text) == 0)
        return SQLITE_OK;
    const struct audit_entry entry = {RULES_ACTION, r->source, before, r->text, NULL};
    return audit_append(db, db_wall_ms(db), &station, &entry);
}

int rules_record(struct db *db, const char *source, const char *text, const char *usual, struct failure *f)
{
    struct rules r = {source, text, usual};
    int rc = db_transact(db, steps, &r);

    return rc == SQLITE_OK ? 0
                           : sql_failure(db->h, rc, FAIL_RECORD, STAGE_NONE, "note the station's rules", f);
}
