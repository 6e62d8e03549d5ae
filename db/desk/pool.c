/* SPDX-License-Identifier: Apache-2.0 */
#include "db/desk/pool.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "db/desk/event.h"
#include "db/desk/pool_inside.h"
#include "db/open/sql.h"

#define PRACTICE_FILE "practice"

int pool_find(sqlite3 *h, const char *name, struct pool_row *out)
{
    sqlite3_stmt *s = sql_prepare(
        h, "SELECT id, name, kind, size, key_id, folder, low_water FROM pool WHERE name = ?", "t", name);
    int rc = s == NULL ? sqlite3_errcode(h) : sqlite3_step(s);

    memset(out, 0, sizeof *out);
    if (rc == SQLITE_ROW) {
        out->id = sqlite3_column_int64(s, 0);
        sql_copy_text(s, 1, out->name, sizeof out->name);
        out->shape.kind = pool_kind_named(sql_text(s, 2));
        out->shape.size = (size_t)sqlite3_column_int64(s, 3);
        out->secret = sqlite3_column_bytes(s, 4) == POOL_KEY_ID_SIZE;
        if (out->secret)
            memcpy(out->key_id, sqlite3_column_blob(s, 4), POOL_KEY_ID_SIZE);
        sql_copy_text(s, 5, out->folder, sizeof out->folder);
        out->low_water = sqlite3_column_int64(s, 6);
        if (out->shape.kind == POOL_KIND_COUNT)
            rc = SQLITE_CORRUPT;
    }
    sqlite3_finalize(s);
    return rc;
}

/* Are there more than `n` free ones? Without counting them all. */
static int free_beyond(sqlite3 *h, int64_t pool, int64_t n, bool *more)
{
    int64_t one = 0;
    int rc =
        sql_int(h, &one, 0,
                "SELECT 1 FROM pool_value WHERE pool_id = ? AND state = 'FREE' ORDER BY id LIMIT 1 OFFSET ?",
                "ll", pool, n);

    *more = rc == SQLITE_ROW;
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int pool_note_low(struct db *db, int64_t pool, int64_t taken)
{
    int64_t low = 0, left = 0;
    bool is_above = false, was_above = false;
    char name[POOL_NAME_SIZE] = "";
    int rc = sql_int(db->h, &low, 0, "SELECT low_water FROM pool WHERE id = ?", "l", pool);

    rc = rc == SQLITE_ROW ? free_beyond(db->h, pool, low, &is_above) : rc;
    if (rc == SQLITE_OK && !is_above)
        rc = low < taken ? SQLITE_OK : free_beyond(db->h, pool, low - taken, &was_above);
    if (rc != SQLITE_OK || is_above || (low >= taken && !was_above))
        return rc;
    rc = sql_int(db->h, &left, 0, "SELECT count(*) FROM pool_value WHERE pool_id = ? AND state = 'FREE'", "l",
                 pool);
    sqlite3_stmt *s = sql_prepare(db->h, "SELECT name FROM pool WHERE id = ?", "l", pool);
    if (s != NULL && sqlite3_step(s) == SQLITE_ROW)
        sql_copy_text(s, 0, name, sizeof name);
    sqlite3_finalize(s);
    if (rc != SQLITE_ROW)
        return rc;
    return event_note(db, "POOL", left, "pool %s: %lld values are left: flashline pool import %s", name,
                      (long long)left, name);
}

struct reservation {
    const char *pool;
    const struct mac *mac;
    int64_t attempt;
    const struct pool_key *key;
    struct pool_value *out;
    struct pool_row row;
    struct failure refusal;
};

static int refuse(struct reservation *r, enum failure_code code, const char *why)
{
    char mac[MAC_TEXT_SIZE];

    mac_text(r->mac, mac);
    failure_set(&r->refusal, code, STAGE_GATE, 0, "pool %.31s, MAC %s: %s", r->pool, mac, why);
    return SQLITE_ABORT;
}

/* The board must be the one that this open attempt found: the name on the record is this board's. */
static int check_attempt(struct db *db, struct reservation *r, bool *training)
{
    int64_t is_training = 0;
    int rc = sql_int(
        db->h, &is_training, 0,
        "SELECT a.kind = 'TRAINING' FROM attempt a JOIN identification i ON i.attempt_id = a.id AND i.n = 0"
        " JOIN unit u ON u.id = i.unit_id WHERE a.id = ? AND a.result = 'OPEN' AND u.mac = ?",
        "lb", r->attempt, r->mac->bytes, (int)sizeof r->mac->bytes);

    *training = is_training != 0 || mac_is_training(r->mac);
    if (rc == SQLITE_DONE)
        return refuse(r, FAIL_POOL, "no attempt on this board is open");
    if (rc != SQLITE_ROW)
        return rc;
    return mac_is_blank(r->mac)
               ? refuse(r, HOLD_MAC_BLANK, "a board without an address cannot be given a value of its own")
               : SQLITE_OK;
}

static int file_there(struct reservation *r, const char *name)
{
    int n = snprintf(r->out->path, sizeof r->out->path, "%s/%s", r->row.folder, name);

    if (n < 0 || (size_t)n >= sizeof r->out->path || access(r->out->path, R_OK) != 0) {
        char mac[MAC_TEXT_SIZE];
        mac_text(r->mac, mac);
        failure_set(&r->refusal, FAIL_POOL, STAGE_GATE, 0, "pool %.31s, MAC %s: %.300s/%.100s cannot be read",
                    r->pool, mac, r->row.folder, name);
        return SQLITE_ABORT;
    }
    return SQLITE_OK;
}

/* What only numbers come out of may be for a place that takes nothing else. Of sealed values nobody knows. */
static int all_digits(sqlite3 *h, int64_t pool, bool *digits)
{
    int64_t other = 0;
    int rc = sql_int(
        h, &other, 0,
        "SELECT 1 FROM pool_value WHERE pool_id = ? AND (value IS NULL OR value GLOB '*[^0-9]*') LIMIT 1",
        "l", pool);

    *digits = rc == SQLITE_DONE;
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Nothing of the pool is used up, and nothing real stands on a board that was for practice. */
static int practise(struct db *db, struct reservation *r)
{
    if (r->row.shape.kind != POOL_FILE) {
        bool digits = false;
        int rc = r->row.shape.kind == POOL_TEXT ? all_digits(db->h, r->row.id, &digits) : SQLITE_OK;
        if (rc == SQLITE_OK)
            pool_value_practice(r->out, &r->row.shape, digits, r->row.name, r->mac);
        return rc;
    }
    pool_value_fill(r->out, POOL_FILE, PRACTICE_FILE);
    r->out->practice = true;
    return file_there(r, PRACTICE_FILE);
}

static int open_secret(struct reservation *r, const void *sealed, int size)
{
    char text[POOL_TEXT_SIZE];

    if (r->key == NULL)
        return refuse(r, FAIL_POOL, "its values are sealed: station.yaml names no pool_key");
    if (memcmp(r->key->id, r->row.key_id, POOL_KEY_ID_SIZE) != 0)
        return refuse(r, FAIL_POOL, "its values are sealed with another key than the one of this station");
    if (pool_key_open(r->key, r->row.name, sealed, (size_t)size, text) != 0)
        return refuse(r, FAIL_POOL, "the value does not open: somebody changed it");
    pool_value_fill(r->out, r->row.shape.kind, text);
    r->out->secret = true;
    memset(text, 0, sizeof text);
    return SQLITE_OK;
}

static int read_value(struct reservation *r, sqlite3_stmt *s)
{
    if (r->row.secret)
        return open_secret(r, sqlite3_column_blob(s, 2), sqlite3_column_bytes(s, 2));
    pool_value_fill(r->out, r->row.shape.kind, sql_text(s, 1));
    return r->row.shape.kind == POOL_FILE ? file_there(r, r->out->text) : SQLITE_OK;
}

/* The board's own, asked for by the newest attempt; what passed stays as it passed. */
static int again(struct db *db, struct reservation *r, int64_t id, int64_t by)
{
    if (by == r->attempt)
        return SQLITE_OK;
    return sql_run(db->h,
                   "UPDATE pool_value SET attempt_id = ?2, changed_ms = ?3 WHERE id = ?1"
                   " AND state IN ('RESERVED','WRITTEN')",
                   "lll", id, r->attempt, db_wall_ms(db));
}

static int take(struct db *db, struct reservation *r, int64_t id)
{
    int rc = sql_run(db->h,
                     "UPDATE pool_value SET state = 'RESERVED', mac = ?2, attempt_id = ?3, changed_ms = ?4"
                     " WHERE id = ?1 AND state = 'FREE'",
                     "lbll", id, r->mac->bytes, (int)sizeof r->mac->bytes, r->attempt, db_wall_ms(db));

    return rc == SQLITE_OK ? pool_note_low(db, r->row.id, 1) : rc;
}

static int reserve_real(struct db *db, struct reservation *r)
{
    sqlite3_stmt *s = sql_prepare(
        db->h,
        "SELECT id, value, sealed, attempt_id, state = 'FREE' FROM pool_value WHERE id = coalesce("
        "(SELECT id FROM pool_value WHERE pool_id = ?1 AND mac = ?2 AND state <> 'SPOILED'),"
        "(SELECT id FROM pool_value WHERE pool_id = ?1 AND state = 'FREE' ORDER BY id LIMIT 1))",
        "lb", r->row.id, r->mac->bytes, (int)sizeof r->mac->bytes);
    int rc = s == NULL ? sqlite3_errcode(db->h) : sqlite3_step(s);
    int64_t id = 0, by = 0;
    bool is_new = false;

    if (rc == SQLITE_ROW) {
        id = sqlite3_column_int64(s, 0);
        by = sqlite3_column_int64(s, 3);
        is_new = sqlite3_column_int(s, 4) != 0;
        rc = read_value(r, s);
    } else if (rc == SQLITE_DONE) {
        rc = refuse(r, HOLD_POOL_EMPTY, "no free value is left: flashline pool import brings more in");
    }
    sqlite3_finalize(s);
    if (rc != SQLITE_OK)
        return rc;
    return is_new ? take(db, r, id) : again(db, r, id, by);
}

static int reserve_steps(struct db *db, void *arg)
{
    struct reservation *r = arg;
    bool training = false;

    failure_clear(&r->refusal);
    memset(r->out, 0, sizeof *r->out);
    int rc = pool_find(db->h, r->pool, &r->row);
    if (rc == SQLITE_DONE)
        return refuse(r, FAIL_POOL,
                      "there is no such pool: flashline pool import makes one, for practice with --training");
    rc = rc == SQLITE_ROW ? check_attempt(db, r, &training) : rc;
    if (rc != SQLITE_OK)
        return rc;
    return training ? practise(db, r) : reserve_real(db, r);
}

int pool_reserve(struct db *db, const char *pool, const struct mac *mac, int64_t attempt,
                 const struct pool_key *key, struct pool_value *out, struct failure *f)
{
    struct reservation r = {.pool = pool, .mac = mac, .attempt = attempt, .key = key, .out = out};
    int rc = db_transact(db, reserve_steps, &r);

    if (rc == SQLITE_OK)
        return 0;
    pool_value_wipe(out);
    if (r.refusal.code == FAILURE_NONE)
        return failure_set(f, FAIL_RECORD, STAGE_GATE, 0, "cannot reserve a value of pool %.31s: %s (%d)",
                           pool, sql_error_words(rc), rc);
    if (f != NULL)
        *f = r.refusal;
    return -1;
}

int pool_note_written(struct db *db, int64_t attempt)
{
    return sql_run(db->h,
                   "UPDATE pool_value SET state = 'WRITTEN', changed_ms = ?2 WHERE attempt_id = ?1"
                   " AND state = 'RESERVED'",
                   "ll", attempt, db_wall_ms(db));
}

int pool_note_verified(struct db *db, int64_t attempt)
{
    return sql_run(db->h,
                   "UPDATE pool_value SET state = 'VERIFIED', changed_ms = ?2 WHERE attempt_id = ?1"
                   " AND state IN ('RESERVED','WRITTEN')",
                   "ll", attempt, db_wall_ms(db));
}
