/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit - who did what to the station's work, when, and why: a chain of its own, append only (docs/audit.md).
 * Private to this room, inside the caller's transaction; answers SQLite codes.
 */
#ifndef DB_DESK_AUDIT_H
#define DB_DESK_AUDIT_H

#include <stdint.h>

#include <sqlite3.h>

#include "db/open/db.h"

/* Who acts: a name from the operator table (or "" for nobody logged in) and the role the station checked. */
struct actor {
    char name[64];
    char role[16]; /* "operator", "engineer", "station" */
};

struct audit_entry {
    const char *action, *object;      /* "lot.extend", "A-17" */
    const char *old, *fresh, *reason; /* NULL: none */
};

/*
 * Last in its transaction: the row says how many rows the transaction wrote until then, and carries their digest
 * (db/open/journal.h). So whoever changes one of them must rewrite the audit, which names the person.
 */
int audit_append(struct db *db, int64_t at_ms, const struct actor *actor, const struct audit_entry *entry);
/* Walks the chain: *row is the first row that is not as it was written; 0: none. */
int audit_check(sqlite3 *h, int64_t *row);

#endif /* DB_DESK_AUDIT_H */
