/* SPDX-License-Identifier: Apache-2.0 */
/* audit_query - who changed what, oldest first, a row at a time (docs/audit.md). One thread a cursor. */
#ifndef DB_READ_AUDIT_QUERY_H
#define DB_READ_AUDIT_QUERY_H

#include "db/open/db.h"

/* Texts are valid until the next call; old, fresh and reason are NULL where there is none. */
struct audit_row {
    int64_t id, at_ms;
    const char *actor, *role, *action, *object, *old, *fresh, *reason;
};

struct audit_cursor;

struct audit_cursor *audit_query(struct db *db,
                                 struct failure *f); /* NULL: *f. Caller: audit_cursor_free() */
int audit_next(struct audit_cursor *c, struct audit_row *out,
               struct failure *f);              /* 1 a row, 0 the end, -1 *f */
void audit_cursor_free(struct audit_cursor *c); /* NULL is fine */

#endif /* DB_READ_AUDIT_QUERY_H */
