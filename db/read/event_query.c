/* SPDX-License-Identifier: Apache-2.0 */
#include "db/read/event_query.h"

#include <stdlib.h>

#include "db/open/db_inside.h"
#include "db/open/sql.h"

struct event_cursor {
    struct db *db;
    sqlite3_stmt *s;
};

struct event_cursor *event_query(struct db *db, struct failure *f)
{
    struct event_cursor *c = calloc(1, sizeof *c);

    if (c == NULL) {
        failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, 0, "reading events");
        return NULL;
    }
    c->db = db;
    db_lock(db);
    c->s = sql_prepare(db->h, "SELECT at_ms, amount, kind, text FROM event ORDER BY id", "");
    if (c->s == NULL) {
        sql_failure(db->h, sqlite3_errcode(db->h), FAIL_DB_OPEN, STAGE_NONE, "read events", f);
        event_cursor_free(c);
        return NULL;
    }
    return c;
}

int event_next(struct event_cursor *c, struct event_row *out, struct failure *f)
{
    int rc = sqlite3_step(c->s);

    if (rc != SQLITE_ROW)
        return rc == SQLITE_DONE ? 0 : sql_failure(c->db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "read events", f);
    out->at_ms = sqlite3_column_int64(c->s, 0);
    out->amount = sqlite3_column_int64(c->s, 1);
    sql_copy_text(c->s, 2, out->kind, sizeof out->kind);
    sql_copy_text(c->s, 3, out->text, sizeof out->text);
    return 1;
}

void event_cursor_free(struct event_cursor *c)
{
    if (c == NULL)
        return;
    sqlite3_finalize(c->s);
    db_unlock(c->db);
    free(c);
}
