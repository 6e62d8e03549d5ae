/* SPDX-License-Identifier: Apache-2.0 */
#include "db/desk/identity.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "db/desk/identity_inside.h"
#include "db/open/sql.h"

#define SAVED_MAX  256
#define FROM_LEAST 8 /* hex digits */

/*
 * A board does not know for what it is flashed: practice and production count alike here. Up to this attempt all is
 * settled: the unit passed, or the engineer spoke.
 */
#define SETTLED(words)                                                                              \
    "SELECT max(coalesce((SELECT max(id) FROM attempt WHERE unit_id = ?1 AND result = 'PASS'), 0)," \
    " coalesce((SELECT max(last_pass) FROM unit_past WHERE unit_id = ?1), 0),"                      \
    " coalesce((SELECT max(after_attempt) FROM identity_act WHERE unit_id = ?1" words "), 0))"

#define MAY_HAVE_WRITTEN \
    "(a.result IN ('OPEN','INTERRUPTED') OR a.stage_ms LIKE '%\"erase\"%' OR a.stage_ms LIKE '%\"write\"%')"

/* The engineer's last word, when no PASS came after it and it was not carried out: the order still stands. */
static const char ordered_sql[] =
    "SELECT s.data, s.sha256 FROM identity_act i JOIN sector s ON s.sha256 = i.put WHERE i.unit_id = ?1 AND i.after_attempt = ?2"
    " AND i.id = (SELECT max(id) FROM identity_act WHERE unit_id = ?1)"
    " AND NOT EXISTS (SELECT 1 FROM identity_act_done WHERE act_id = i.id)";

/* Other sectors that a job protected are saved as CONFIG too, at their own offsets: no identity. */
#define IDENTITY_OFFSET 4190208 /* 0x3FF000 */

/*
 * Those saved since then, the oldest first: a later one may show what an attempt destroyed. An attempt that ended before it
 * erased or wrote anything let its board run on, which may have changed its settings since. Of attempts that were archived
 * with a PASS, by a format that did not note which, none counts: the PASS is taken for the last.
 */
static const char saved_sql[] =
    "SELECT s.data, s.sha256, b.attempt_id FROM backup b JOIN sector s ON s.sha256 = b.sha256"
    " WHERE b.unit_id = ?1 AND b.kind = 'CONFIG'"
    " AND b.offset = ?4 AND b.attempt_id > ?2 AND b.attempt_id <> ?3"
    " AND (EXISTS (SELECT 1 FROM attempt a WHERE a.id = b.attempt_id AND " MAY_HAVE_WRITTEN ")"
    " OR NOT EXISTS (SELECT 1 FROM attempt a WHERE a.id = b.attempt_id) AND b.at_ms >"
    " (SELECT coalesce(max(r.at_ms), -1) FROM unit_past p JOIN archive r ON r.id = p.archive_id"
    " WHERE p.unit_id = ?1 AND p.passes > 0 AND p.last_pass IS NULL)) ORDER BY b.id";

/* None of these passed. */
static const char left_sql[] =
    "SELECT identity_left_md5 FROM attempt WHERE unit_id = ?1 AND id > ?2 AND id <> ?3"
    " AND identity_left_md5 IS NOT NULL ORDER BY id DESC LIMIT 1";

/* Erased, or zeroed by what went over it: no identity. */
static bool is_blank(const uint8_t data[static BACKUP_SIZE])
{
    return memcmp(data, data + 1, BACKUP_SIZE - 1) == 0;
}

int sector_copy(sqlite3_stmt *s, uint8_t out[static BACKUP_SIZE])
{
    uint8_t sha256[SHA256_SIZE];

    if (sqlite3_column_bytes(s, 0) != BACKUP_SIZE || sqlite3_column_bytes(s, 1) != SHA256_SIZE)
        return SQLITE_CORRUPT;
    memcpy(out, sqlite3_column_blob(s, 0), BACKUP_SIZE);
    digest_sha256(out, BACKUP_SIZE, sha256);
    return memcmp(sha256, sqlite3_column_blob(s, 1), SHA256_SIZE) == 0 ? SQLITE_OK : SQLITE_CORRUPT;
}

/* The first row's sector that holds something, or the first at all; *by (may be NULL) its third column. Takes the statement. */
static int first_sector(sqlite3 *h, sqlite3_stmt *s, bool holds_something, uint8_t out[static BACKUP_SIZE],
                        bool *found, int64_t *by)
{
    int rc = s == NULL ? sqlite3_errcode(h) : SQLITE_ROW;

    *found = false;
    while (rc == SQLITE_ROW && !*found && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        int bad = sector_copy(s, out);
        rc = bad != SQLITE_OK ? bad : rc;
        *found = rc == SQLITE_ROW && !(holds_something && is_blank(out));
        if (*found && by != NULL)
            *by = sqlite3_column_int64(s, 2);
    }
    sqlite3_finalize(s);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int read_left(sqlite3 *h, int64_t unit, int64_t settled, int64_t attempt, struct recorder_verdict *v)
{
    sqlite3_stmt *s = sql_prepare(h, left_sql, "lll", unit, settled, attempt);
    int rc = s == NULL ? sqlite3_errcode(h) : sqlite3_step(s);

    v->has_identity_left = rc == SQLITE_ROW && sqlite3_column_bytes(s, 0) == MD5_SIZE;
    if (v->has_identity_left)
        memcpy(v->identity_left_md5, sqlite3_column_blob(s, 0), MD5_SIZE);
    sqlite3_finalize(s);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int identity_known(sqlite3 *h, int64_t unit, int64_t attempt, struct recorder_verdict *v)
{
    int64_t settled = 0;
    int rc = sql_int(h, &settled, 0, SETTLED(""), "l", unit);

    if (rc != SQLITE_ROW)
        return rc;
    rc = first_sector(h, sql_prepare(h, ordered_sql, "ll", unit, settled), false, v->identity,
                      &v->has_identity, NULL);
    if (rc == SQLITE_OK && !v->has_identity)
        rc = first_sector(h,
                          sql_prepare(h, saved_sql, "llll", unit, settled, attempt, (int64_t)IDENTITY_OFFSET),
                          true, v->identity, &v->has_identity, NULL);
    return rc == SQLITE_OK && v->has_identity ? read_left(h, unit, settled, attempt, v) : rc;
}

/* Who has no address has no past: what is saved under it is any board's. */
static const char unit_of_sql[] =
    "SELECT u.id FROM identification i JOIN unit u ON u.id = i.unit_id WHERE i.attempt_id = ? AND i.n = 0"
    " AND u.mac NOT IN (x'000000000000', x'FFFFFFFFFFFF')";

/* Another job's attempt that may have written, and had not to keep this sector. */
static const char doubt_sql[] =
    "SELECT EXISTS (SELECT 1 FROM identification i JOIN attempt a ON a.id = i.attempt_id WHERE i.unit_id = ?1"
    " AND i.n = 0 AND a.id > ?2 AND a.id <> ?3 AND " MAY_HAVE_WRITTEN
    " AND a.job_id IS NOT (SELECT job_id FROM attempt WHERE id = ?2)"
    " AND NOT EXISTS (SELECT 1 FROM backup b WHERE b.attempt_id = a.id AND b.offset = ?4))";

int identity_saved_at(sqlite3 *h, int64_t attempt, uint32_t offset, struct saved_sector *out)
{
    int64_t unit = 0, settled = 0, by = 0, doubt = 0, at = offset;
    int rc = sql_int(h, &unit, 0, unit_of_sql, "l", attempt);

    out->found = out->in_doubt = false;
    if (rc == SQLITE_DONE)
        return SQLITE_OK;
    if (rc != SQLITE_ROW ||
        (rc = sql_int(h, &settled, 0, SETTLED(" AND put IS NULL"), "l", unit)) != SQLITE_ROW)
        return rc;
    rc = first_sector(h, sql_prepare(h, saved_sql, "llll", unit, settled, attempt, at), true, out->data,
                      &out->found, &by);
    if (rc != SQLITE_OK || !out->found)
        return rc;
    rc = sql_int(h, &doubt, 0, doubt_sql, "llll", unit, by, attempt, at);
    out->in_doubt = doubt != 0;
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static int store_sector(sqlite3 *h, const struct backup *b)
{
    return sql_run(h, "INSERT OR IGNORE INTO sector(sha256, data) VALUES (?, ?)", "bb", b->sha256,
                   SHA256_SIZE, b->data, BACKUP_SIZE);
}

int identity_unit(struct db *db, const struct unit_identity *u, int64_t now, int64_t *id)
{
    int rc = sql_run(db->h,
                     "INSERT OR IGNORE INTO unit(mac, chip, revision, flash_id, flash_size, first_seen_ms)"
                     " VALUES (?, ?, ?, ?, ?, ?)",
                     "btilll", u->mac.bytes, 6, u->chip, u->revision, (int64_t)u->flash_id,
                     (int64_t)u->flash_size, now);

    return rc != SQLITE_OK ? rc
                           : sql_int(db->h, id, 0, "SELECT id FROM unit WHERE mac = ?", "b", u->mac.bytes, 6);
}

/* No attempt read it: its number in `backup` is 0. */
static int store_before(struct db *db, int64_t unit, const struct identity_act *act, int64_t *id)
{
    int rc = store_sector(db->h, act->before);

    if (rc == SQLITE_OK)
        rc = store_sector(db->h, act->put);
    if (rc == SQLITE_OK)
        rc = sql_run(db->h,
                     "INSERT INTO backup(attempt_id, unit_id, kind, offset, sha256, at_ms)"
                     " VALUES (0, ?, 'CONFIG', ?, ?, ?)",
                     "llbl", unit, (int64_t)act->before->offset, act->before->sha256, SHA256_SIZE,
                     db_wall_ms(db));
    *id = sqlite3_last_insert_rowid(db->h);
    return rc;
}

/* Every attempt on this unit so far: no other's, one of those may still be on its way to this unit. */
static const char act_sql[] =
    "INSERT INTO identity_act(unit_id, at_ms, after_attempt, before_id, put) VALUES (?1, ?2,"
    " max(coalesce((SELECT max(attempt_id) FROM identification WHERE unit_id = ?1), 0),"
    " coalesce((SELECT max(attempt_id) FROM backup WHERE unit_id = ?1), 0),"
    " coalesce((SELECT max(last_pass) FROM unit_past WHERE unit_id = ?1), 0)), nullif(?3, 0), ?4)";

static const char under_way_sql[] =
    "SELECT 1 FROM attempt a JOIN identification i ON i.attempt_id = a.id WHERE a.result = 'OPEN' AND a.run_id = ?"
    " AND i.unit_id = ?";

int identity_note_act(struct db *db, const struct mac *mac, const struct identity_act *act)
{
    int64_t unit = 0, before = 0;
    int rc = act != NULL && act->unit != NULL
                 ? identity_unit(db, act->unit, db_wall_ms(db), &unit)
                 : sql_int(db->h, &unit, 0, "SELECT id FROM unit WHERE mac = ?", "b", mac->bytes, 6);

    if (rc != SQLITE_ROW)
        return rc == SQLITE_DONE ? SQLITE_NOTFOUND : rc;
    if ((rc = sql_int(db->h, &before, 0, under_way_sql, "ll", db->run_id, unit)) != SQLITE_DONE)
        return rc == SQLITE_ROW ? SQLITE_LOCKED : rc;
    if (act != NULL && (rc = store_before(db, unit, act, &before)) != SQLITE_OK)
        return rc;
    return sql_run(db->h, act_sql, "lllb", unit, db_wall_ms(db), before,
                   act != NULL ? act->put->sha256 : NULL, SHA256_SIZE);
}

static int done_steps(struct db *db, void *arg)
{
    const struct mac *mac = arg;

    return sql_run(db->h,
                   "INSERT INTO identity_act_done(act_id, at_ms) SELECT max(i.id), ? FROM identity_act i"
                   " JOIN unit u ON u.id = i.unit_id WHERE u.mac = ?",
                   "lb", db_wall_ms(db), mac->bytes, 6);
}

int identity_done(struct db *db, const struct mac *mac, struct failure *f)
{
    struct mac of = *mac;
    int rc = db_transact(db, done_steps, &of);

    return rc == SQLITE_OK
               ? 0
               : failure_set(f, FAIL_RECORD, STAGE_RECORD, 0,
                             "cannot record that the identity sector is back: %s", sql_error_words(rc));
}

/* What the next attempt would put back; false: nothing. */
static int find_due(sqlite3 *h, const struct mac *mac, bool *has, uint8_t sha256[static SHA256_SIZE])
{
    struct recorder_verdict v = {0};
    int64_t unit = 0;
    int rc = sql_int(h, &unit, 0, "SELECT id FROM unit WHERE mac = ?", "b", mac->bytes, 6);

    if (rc == SQLITE_ROW)
        rc = identity_known(h, unit, 0, &v);
    *has = v.has_identity;
    if (v.has_identity)
        digest_sha256(v.identity, BACKUP_SIZE, sha256);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int identity_due(struct db *db, const struct mac *mac, uint8_t sha256[static SHA256_SIZE], struct failure *f)
{
    bool has;

    db_lock(db);
    int rc = find_due(db->h, mac, &has, sha256);
    if (rc != SQLITE_OK)
        sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "read the unit's saved sectors", f);
    db_unlock(db);
    return rc != SQLITE_OK ? -1 : has;
}

static const char like_sql[] =
    "SELECT u.mac FROM (SELECT unit_id, sha256, at_ms FROM backup WHERE kind = 'CONFIG' AND offset = ?4"
    " UNION ALL SELECT unit_id, put, at_ms FROM identity_act WHERE put IS NOT NULL) b"
    " JOIN sector s ON s.sha256 = b.sha256 JOIN unit u ON u.id = b.unit_id"
    " WHERE u.mac <> ?1 AND substr(s.data, 1, ?3) = ?2 ORDER BY b.at_ms DESC LIMIT 1";

int identity_like(struct db *db, const struct mac *mac, const uint8_t *begin, int size, struct mac *other,
                  struct failure *f)
{
    int found = 0;

    db_lock(db);
    sqlite3_stmt *s = sql_prepare(db->h, like_sql, "bbll", mac->bytes, 6, begin, size, (int64_t)size,
                                  (int64_t)IDENTITY_OFFSET);
    int rc = s == NULL ? sqlite3_errcode(db->h) : sqlite3_step(s);
    if (rc == SQLITE_ROW && sqlite3_column_bytes(s, 0) == 6) {
        memcpy(other->bytes, sqlite3_column_blob(s, 0), 6);
        found = 1;
    }
    sqlite3_finalize(s);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        found = sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "read the saved sectors of other units", f);
    db_unlock(db);
    return found;
}

static const char list_sql[] =
    "SELECT b.sha256, b.at_ms, g.newest, g.times, b.attempt_id, b.offset, s.data FROM (SELECT min(b.id) AS first,"
    " max(b.at_ms) AS newest, count(*) AS times FROM backup b JOIN unit u ON u.id = b.unit_id WHERE u.mac = ?"
    " AND b.kind = 'CONFIG' AND b.offset = ?2"
    " GROUP BY b.sha256) g JOIN backup b ON b.id = g.first JOIN sector s ON s.sha256 = b.sha256 ORDER BY b.id";

static int list_rows(sqlite3 *h, const struct mac *mac, struct identity_saved *out, int max, int *rows)
{
    uint8_t due[SHA256_SIZE];
    bool has_due;
    int rc = find_due(h, mac, &has_due, due);
    sqlite3_stmt *s =
        rc != SQLITE_OK ? NULL : sql_prepare(h, list_sql, "bl", mac->bytes, 6, (int64_t)IDENTITY_OFFSET);

    if (s == NULL)
        return rc != SQLITE_OK ? rc : sqlite3_errcode(h);
    while (*rows < max && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        struct identity_saved *i = &out[(*rows)++];
        *i = (struct identity_saved){.first_ms = sqlite3_column_int64(s, 1),
                                     .last_ms = sqlite3_column_int64(s, 2),
                                     .times = sqlite3_column_int(s, 3),
                                     .attempt = sqlite3_column_int64(s, 4),
                                     .offset = (uint32_t)sqlite3_column_int64(s, 5)};
        memcpy(i->sha256, sqlite3_column_blob(s, 0), SHA256_SIZE);
        i->blank = sqlite3_column_bytes(s, 6) == BACKUP_SIZE && is_blank(sqlite3_column_blob(s, 6));
        i->due = has_due && memcmp(i->sha256, due, SHA256_SIZE) == 0;
    }
    sqlite3_finalize(s);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* What was ordered and never read from the board stands in no backup: it is the last row. */
static int add_ordered(sqlite3 *h, const struct mac *mac, struct identity_saved *out, int max, int *rows)
{
    uint8_t due[SHA256_SIZE];
    bool has_due;
    int rc = find_due(h, mac, &has_due, due);

    for (int i = 0; i < *rows; i++)
        has_due = has_due && !out[i].due;
    if (rc != SQLITE_OK || !has_due || *rows == max)
        return rc;
    struct identity_saved *i = &out[(*rows)++];
    *i = (struct identity_saved){.offset = IDENTITY_OFFSET, .due = true, .ordered = true};
    memcpy(i->sha256, due, SHA256_SIZE);
    return sql_int(h, &i->first_ms, 0,
                   "SELECT max(at_ms) FROM identity_act a JOIN unit u ON u.id = a.unit_id WHERE u.mac = ?",
                   "b", mac->bytes, 6) == SQLITE_ROW
               ? SQLITE_OK
               : SQLITE_CORRUPT;
}

int identity_list(struct db *db, const struct mac *mac, struct identity_saved *out, int max,
                  struct failure *f)
{
    int rows = 0;

    db_lock(db);
    int rc = list_rows(db->h, mac, out, max, &rows);
    if (rc == SQLITE_OK)
        rc = add_ordered(db->h, mac, out, max, &rows);
    if (rc != SQLITE_OK)
        rows = sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "read the unit's saved sectors", f);
    db_unlock(db);
    return rows;
}

static bool begins_with(const struct identity_saved *i, const char *from)
{
    char hex[SHA256_TEXT_SIZE];

    digest_hex(i->sha256, SHA256_SIZE, hex);
    return strlen(from) >= FROM_LEAST && strncasecmp(hex, from, strlen(from)) == 0;
}

/* The one row that is meant, or NULL with *matches telling how many were. */
static const struct identity_saved *pick(const struct identity_saved *all, int count, const char *from,
                                         int *matches)
{
    const struct identity_saved *found = NULL;

    *matches = 0;
    for (int i = 0; i < count; i++) {
        if (from == NULL && all[i].due) {
            *matches = 1;
            return &all[i];
        }
        if (from != NULL ? begins_with(&all[i], from) : !all[i].blank) {
            found = &all[i];
            ++*matches;
        }
    }
    return *matches == 1 ? found : NULL;
}

static int refuse_choice(const struct mac *mac, const char *from, int count, int matches, struct failure *f)
{
    char text[MAC_TEXT_SIZE];

    mac_text(mac, text);
    if (from == NULL && matches == 0)
        return failure_set(f, FAIL_WORK, STAGE_NONE, 0, "no identity sector of %s is saved%s", text,
                           count > 0 ? " that is not blank" : "");
    if (from == NULL)
        return failure_set(f, FAIL_WORK, STAGE_NONE, 0,
                           "%d different identity sectors of %s are saved: say which with --from HASH",
                           matches, text);
    return failure_set(f, FAIL_WORK, STAGE_NONE, 0,
                       "%s saved identity sector of %s has a hash that begins %.64s%s",
                       matches == 0 ? "no" : "more than one", text, from,
                       strlen(from) < FROM_LEAST ? ": give 8 digits or more" : "");
}

static int read_sector(struct db *db, const struct identity_saved *i, struct backup *out, struct failure *f)
{
    bool found;

    *out = (struct backup){.kind = BACKUP_IDENTITY, .offset = i->offset};
    memcpy(out->sha256, i->sha256, SHA256_SIZE);
    db_lock(db);
    int rc = first_sector(
        db->h,
        sql_prepare(db->h, "SELECT data, sha256 FROM sector WHERE sha256 = ?", "b", i->sha256, SHA256_SIZE),
        false, out->data, &found, NULL);
    db_unlock(db);
    if (rc == SQLITE_OK && found)
        return 0;
    return failure_set(f, FAIL_DB_OPEN, STAGE_NONE, 0, "the saved sector cannot be read: %s",
                       sql_error_words(rc == SQLITE_OK ? SQLITE_CORRUPT : rc));
}

int identity_choose(struct db *db, const struct mac *mac, const char *from, struct backup *out,
                    struct failure *f)
{
    struct identity_saved all[SAVED_MAX] = {0};
    int matches, count = identity_list(db, mac, all, SAVED_MAX, f);

    if (count < 0)
        return -1;
    const struct identity_saved *i = pick(all, count, from, &matches);
    return i == NULL ? refuse_choice(mac, from, count, matches, f) : read_sector(db, i, out, f);
}
