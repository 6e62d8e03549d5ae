/* SPDX-License-Identifier: Apache-2.0 */
#include "db/read/audit_query.h"

#include <stdlib.h>

#include "db/open/db_inside.h"
#include "db/open/sql.h"

struct audit_cursor {
    struct db *db;
    sqlite3_stmt *s;
};

struct audit_cursor *audit_query(struct db *db, struct failure *f)
{
    struct audit_cursor *c = calloc(1, sizeof *c);

    if (c == NULL) {
        failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, 0, "reading the audit");
        return NULL;
    }
    c->db = db;
    db_lock(db);
    c->s = sql_prepare(
        db->h, "SELECT id, at_ms, actor, role, action, object, old, new, reason FROM audit ORDER BY id", "");
    if (c->s == NULL) {
        sql_failure(db->h, sqlite3_errcode(db->h), FAIL_DB_OPEN, STAGE_NONE, "read the audit", f);
        audit_cursor_free(c);
        return NULL;
    }
    return c;
}

static const char *text_or_null(sqlite3_stmt *s, int column)
{
    return sqlite3_column_type(s, column) == SQLITE_NULL ? NULL : sql_text(s, column);
}

int audit_next(struct audit_cursor *c, struct audit_row *out, struct failure *f)
{
    int rc = sqlite3_step(c->s);

    if (rc != SQLITE_ROW)
        return rc == SQLITE_DONE ? 0
                                 : sql_failure(c->db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "read the audit", f);
    out->id = sqlite3_column_int64(c->s, 0);
    out->at_ms = sqlite3_column_int64(c->s, 1);
    out->actor = sql_text(c->s, 2);
    out->role = sql_text(c->s, 3);
    out->action = sql_text(c->s, 4);
    out->object = sql_text(c->s, 5);
    out->old = text_or_null(c->s, 6);
    out->fresh = text_or_null(c->s, 7);
    out->reason = text_or_null(c->s, 8);
    return 1;
}

void audit_cursor_free(struct audit_cursor *c)
{
    if (c == NULL)
        return;
    sqlite3_finalize(c->s);
    db_unlock(c->db);
    free(c);
}
