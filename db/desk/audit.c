/* SPDX-License-Identifier: Apache-2.0 */
#include "db/desk/audit.h"

#include <string.h>

#include "db/open/canon.h"
#include "db/open/db_inside.h"
#include "db/open/journal.h"
#include "db/open/sql.h"

static const char form[] = "SELECT id AS id, at_ms AS at_ms, actor AS actor, role AS role, action AS action,"
                           " object AS object, old AS old, new AS new, reason AS reason, facts AS facts,"
                           " facts_sha256 AS facts_sha256";

#define COLUMNS 11
#define LATER \
    9 /* columns from here on stand in the form only where they hold something: rows of before have none */

static int hash_stmt(sqlite3_stmt *s, const uint8_t prev[static SHA256_SIZE],
                     uint8_t hash[static SHA256_SIZE])
{
    struct canon c = {0};

    canon_bytes(&c, prev, SHA256_SIZE);
    canon_text(&c, "flashline audit 1\n");
    for (int i = 0; i < COLUMNS; i++) {
        if (i < LATER || sqlite3_column_type(s, i) != SQLITE_NULL)
            canon_column(&c, s, i);
    }
    return canon_finish(&c, hash);
}

static int last_row(sqlite3 *h, int64_t *id, uint8_t hash[static SHA256_SIZE])
{
    sqlite3_stmt *s = sql_prepare(h, "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1", "");
    int rc = s == NULL ? sqlite3_errcode(h) : sqlite3_step(s);

    if (rc == SQLITE_ROW) {
        *id = sqlite3_column_int64(s, 0);
        if (!sql_hash(s, 1, hash))
            rc = SQLITE_CORRUPT; /* nothing can follow what is no hash */
    }
    sqlite3_finalize(s);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int audit_append(struct db *db, int64_t at_ms, const struct actor *actor, const struct audit_entry *e)
{
    uint8_t prev[SHA256_SIZE] = {0}, hash[SHA256_SIZE];
    struct journal_facts facts;
    sqlite3 *h = db->h;
    int64_t id = 0;
    int rc = journal_write(db->journal, &facts);
    const void *facts_sha256 = facts.count > 0 ? facts.sha256 : NULL;

    if (rc == SQLITE_OK)
        rc = last_row(h, &id, prev);
    if (rc != SQLITE_OK)
        return rc;
    /* The same expression as at the check, over the values instead of the row. */
    sqlite3_stmt *s = sql_prepare(
        h,
        "SELECT ?1 AS id, ?2 AS at_ms, ?3 AS actor, ?4 AS role, ?5 AS action, ?6 AS object, ?7 AS old, ?8 AS new,"
        " ?9 AS reason, ?10 AS facts, ?11 AS facts_sha256",
        "lltttttttlb", sql_sum(id, 1), at_ms, actor->name, actor->role, e->action, e->object, e->old,
        e->fresh, e->reason, facts.count, facts_sha256, SHA256_SIZE);
    rc = s == NULL ? sqlite3_errcode(h) : sqlite3_step(s);
    if (rc == SQLITE_ROW)
        rc = hash_stmt(s, prev, hash);
    sqlite3_finalize(s);
    if (rc != SQLITE_OK)
        return rc;
    return sql_run(
        h,
        "INSERT INTO audit(id, at_ms, actor, role, action, object, old, new, reason, facts, facts_sha256, prev_hash, hash)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        "lltttttttlbbb", sql_sum(id, 1), at_ms, actor->name, actor->role, e->action, e->object, e->old,
        e->fresh, e->reason, facts.count, facts_sha256, SHA256_SIZE, prev, SHA256_SIZE, hash, SHA256_SIZE);
}

int audit_check(sqlite3 *h, int64_t *row)
{
    uint8_t prev[SHA256_SIZE] = {0}, hash[SHA256_SIZE];
    char sql[sizeof form + 64];
    int64_t want = 0;
    int rc;

    *row = 0;
    sqlite3_snprintf((int)sizeof sql, sql, "%s, prev_hash, hash FROM audit ORDER BY id", form);
    sqlite3_stmt *s = sql_prepare(h, sql, "");
    if (s == NULL)
        return sqlite3_errcode(h);
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
        want++;
        if (hash_stmt(s, prev, hash) != SQLITE_OK)
            rc = SQLITE_NOMEM;
        bool good = rc == SQLITE_ROW && sqlite3_column_int64(s, 0) == want &&
                    sqlite3_column_bytes(s, COLUMNS) == SHA256_SIZE &&
                    memcmp(sqlite3_column_blob(s, COLUMNS), prev, SHA256_SIZE) == 0 &&
                    sqlite3_column_bytes(s, COLUMNS + 1) == SHA256_SIZE &&
                    memcmp(sqlite3_column_blob(s, COLUMNS + 1), hash, SHA256_SIZE) == 0;
        if (!good)
            *row = want;
        if (rc != SQLITE_ROW || *row != 0)
            break;
        memcpy(prev, hash, SHA256_SIZE);
    }
    sqlite3_finalize(s);
    return rc == SQLITE_DONE || *row != 0 ? SQLITE_OK : rc;
}
