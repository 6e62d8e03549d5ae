/* SPDX-License-Identifier: Apache-2.0 */
#include "db/read/story.h"

#include <string.h>

#include "db/open/db_inside.h"
#include "db/open/sql.h"
#include "db/read/address.h"

static const char unit_sql[] =
    "SELECT u.chip, u.revision, u.flash_id, u.flash_size, u.first_seen_ms, " ADDRESS_CUSTOM_MAC_SQL
    ", " ADDRESS_EUI64_SQL " FROM unit u WHERE u.mac = ?";

static bool take_bytes(sqlite3_stmt *s, int column, uint8_t *out, int size)
{
    if (sqlite3_column_bytes(s, column) != size)
        return false;
    memcpy(out, sqlite3_column_blob(s, column), (size_t)size);
    return true;
}

int story_unit(struct db *db, const uint8_t mac[6], struct story_unit *out, struct failure *f)
{
    struct unit_identity *u = &out->is;

    memset(out, 0, sizeof *out);
    memcpy(u->mac.bytes, mac, sizeof u->mac.bytes);
    db_lock(db);
    sqlite3_stmt *s = sql_prepare(db->h, unit_sql, "b", mac, 6);
    int rc = s == NULL ? sqlite3_errcode(db->h) : sqlite3_step(s);
    if (rc == SQLITE_ROW) {
        sql_copy_text(s, 0, u->chip, sizeof u->chip);
        u->revision = sqlite3_column_int(s, 1);
        u->flash_id = (uint32_t)sqlite3_column_int64(s, 2);
        u->flash_size = (uint32_t)sqlite3_column_int64(s, 3);
        out->first_seen_ms = sqlite3_column_int64(s, 4);
        u->has_custom_mac = take_bytes(s, 5, u->custom_mac.bytes, sizeof u->custom_mac.bytes);
        u->has_eui64 = take_bytes(s, 6, u->eui64, sizeof u->eui64);
    }
    sqlite3_finalize(s);
    int found = rc == SQLITE_ROW    ? 1
                : rc == SQLITE_DONE ? 0
                                    : sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "read the unit", f);
    db_unlock(db);
    return found;
}

static const char notes_sql[] =
    "SELECT b.at_ms, b.attempt_id, b.kind, lower(hex(b.sha256)), b.offset, 0, b.id FROM backup b"
    " WHERE b.unit_id = (SELECT id FROM unit WHERE mac = ?1)"
    " UNION ALL SELECT c.at_ms, c.attempt_id, c.action, c.actor || ': ' || c.reason, 0, 1, c.id FROM unit_word c"
    " WHERE c.unit_id = (SELECT id FROM unit WHERE mac = ?1)"
    " UNION ALL SELECT i.at_ms, i.after_attempt, CASE WHEN i.put IS NULL THEN 'ACCEPTED' WHEN d.act_id IS NULL"
    " THEN 'ORDERED' ELSE 'RESTORED' END, lower(hex(i.put)), 0, 2, i.id FROM identity_act i"
    " LEFT JOIN identity_act_done d ON d.act_id = i.id WHERE i.unit_id = (SELECT id FROM unit WHERE mac = ?1)"
    " UNION ALL SELECT e.at_ms, a.id, e.kind, substr(e.text, length(a.said) + 1), 0, 3, e.id FROM"
    " (SELECT t.id, t.run_id, 'job ' || j.name || ' ' || lower(hex(substr(j.sha256, 1, 4))) || ': ' AS said"
    "  FROM attempt t JOIN identification i ON i.attempt_id = t.id AND i.n = 0 JOIN job j ON j.id = t.job_id"
    "  WHERE i.unit_id = (SELECT id FROM unit WHERE mac = ?1)) a"
    " JOIN event e ON e.kind = 'JOB' AND e.run_id = a.run_id AND substr(e.text, 1, length(a.said)) = a.said"
    " GROUP BY a.id, e.text" /* a job that was chosen again in the same run said it again */
    " ORDER BY 1, 6, 7";

int story_notes(struct db *db, const uint8_t mac[6], struct story_note *out, int max, struct failure *f)
{
    int rows = 0, rc;

    db_lock(db);
    sqlite3_stmt *s = sql_prepare(db->h, notes_sql, "b", mac, 6);
    rc = s == NULL ? sqlite3_errcode(db->h) : SQLITE_DONE;
    while (s != NULL && rows < max && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        struct story_note *n = &out[rows++];
        n->at_ms = sqlite3_column_int64(s, 0);
        n->attempt = sqlite3_column_int64(s, 1);
        sql_copy_text(s, 2, n->kind, sizeof n->kind);
        sql_copy_text(s, 3, n->text, sizeof n->text);
        n->offset = (uint32_t)sqlite3_column_int64(s, 4);
        n->what = (enum story_what)sqlite3_column_int(s, 5);
    }
    sqlite3_finalize(s);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        rows = sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "read the unit's story", f);
    db_unlock(db);
    return rows;
}

static int64_t one(struct db *db, const char *sql, const uint8_t mac[6], struct failure *f)
{
    int64_t n = 0;

    db_lock(db);
    int rc = sql_int(db->h, &n, 0, sql, "b", mac, 6);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        n = sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "read the unit's story", f);
    db_unlock(db);
    return n;
}

int64_t story_newest_attempt(struct db *db, const uint8_t mac[6], struct failure *f)
{
    return one(db, "SELECT max(id) FROM attempt WHERE unit_id = (SELECT id FROM unit WHERE mac = ?)", mac, f);
}
