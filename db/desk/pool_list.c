/* SPDX-License-Identifier: Apache-2.0 */
#include "db/desk/pool_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/desk/pool_inside.h"
#include "db/open/sql.h"

static int cannot(struct db *db, int rc, struct failure *f)
{
    return sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "read the pools", f);
}

static int count_states(sqlite3 *h, int64_t pool, struct pool_status *out)
{
    sqlite3_stmt *s =
        sql_prepare(h, "SELECT state, count(*) FROM pool_value WHERE pool_id = ? GROUP BY state", "l", pool);
    int rc = s == NULL ? sqlite3_errcode(h) : SQLITE_DONE;

    while (s != NULL && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        enum pool_state state = pool_state_named(sql_text(s, 0));
        if (state != POOL_STATE_COUNT)
            out->counts[state] = sqlite3_column_int64(s, 1);
    }
    sqlite3_finalize(s);
    return rc;
}

/* SQLITE_ROW, SQLITE_DONE, or an error. */
static int read_status(sqlite3 *h, const char *name, struct pool_status *out)
{
    struct pool_row row;
    int rc = pool_find(h, name, &row);

    memset(out, 0, sizeof *out);
    if (rc != SQLITE_ROW)
        return rc;
    memcpy(out->name, row.name, sizeof out->name);
    out->shape = row.shape;
    out->secret = row.secret;
    memcpy(out->key_id, row.key_id, sizeof out->key_id);
    memcpy(out->folder, row.folder, sizeof out->folder);
    out->low_water = row.low_water;
    rc = sql_int(h, &out->created_ms, 0, "SELECT created_ms FROM pool WHERE id = ?", "l", row.id);
    if (rc == SQLITE_ROW)
        rc = count_states(h, row.id, out);
    return rc == SQLITE_DONE ? SQLITE_ROW : rc;
}

int pool_status(struct db *db, const char *name, struct pool_status *out, struct failure *f)
{
    db_lock(db);
    int rc = read_status(db->h, name, out);
    int answer = rc == SQLITE_ROW ? 0 : rc == SQLITE_DONE ? -ENOENT : cannot(db, rc, f);
    db_unlock(db);
    return answer;
}

int pool_list(struct db *db, struct pool_status *out, int max, struct failure *f)
{
    int count = 0;

    db_lock(db);
    sqlite3_stmt *s = sql_prepare(db->h, "SELECT name FROM pool ORDER BY name", "");
    int rc = s == NULL ? sqlite3_errcode(db->h) : SQLITE_DONE;
    while (s != NULL && count < max && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        rc = read_status(db->h, sql_text(s, 0), &out[count]);
        if (rc != SQLITE_ROW)
            break;
        count++;
    }
    sqlite3_finalize(s);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        count = cannot(db, rc, f);
    db_unlock(db);
    return count;
}

static const char items_sql[] =
    "SELECT v.id, v.value, v.sealed, v.state, v.mac, v.attempt_id, v.changed_ms, b.station FROM pool_value v"
    " JOIN pool p ON p.id = v.pool_id LEFT JOIN pool_block b ON b.id = v.lent_id WHERE p.name = ?1"
    " AND (?2 IS NULL OR v.value = ?2 OR v.mark = ?6 OR '#' || v.id = ?2) AND (?3 IS NULL OR v.mac = ?3) AND (?4 IS NULL OR v.state = ?4)"
    " AND (NOT ?5 OR v.mac IS NOT NULL) ORDER BY v.id";

static int read_item(sqlite3_stmt *s, const char *pool, const struct pool_key *key, struct pool_item *out)
{
    memset(out, 0, sizeof *out);
    out->id = sqlite3_column_int64(s, 0);
    if (sqlite3_column_type(s, 2) == SQLITE_NULL)
        sql_copy_text(s, 1, out->value, sizeof out->value);
    else if (key == NULL)
        snprintf(out->value, sizeof out->value, "#%lld", (long long)out->id);
    else if (pool_key_open(key, pool, sqlite3_column_blob(s, 2), (size_t)sqlite3_column_bytes(s, 2),
                           out->value) != 0)
        return -1;
    out->state = pool_state_named(sql_text(s, 3));
    out->has_mac = sqlite3_column_bytes(s, 4) == (int)sizeof out->mac.bytes;
    if (out->has_mac)
        memcpy(out->mac.bytes, sqlite3_column_blob(s, 4), sizeof out->mac.bytes);
    out->attempt = sqlite3_column_int64(s, 5);
    out->changed_ms = sqlite3_column_int64(s, 6);
    sql_copy_text(s, 7, out->station, sizeof out->station);
    return out->state == POOL_STATE_COUNT ? -1 : 0;
}

int pool_items(struct db *db, const char *pool, const struct pool_wanted *want,
               int (*tell)(void *ctx, const struct pool_item *item), void *ctx, struct failure *f)
{
    uint8_t mark[SHA256_SIZE] = {0};
    struct pool_item item;
    int ended = 0, bad = 0;

    if (want->key != NULL && want->value != NULL)
        pool_key_mark(want->key, pool, want->value, mark);
    db_lock(db);
    sqlite3_stmt *s = sql_prepare(db->h, items_sql, "ttbtib", pool, want->value,
                                  want->mac != NULL ? want->mac->bytes : NULL, (int)sizeof want->mac->bytes,
                                  want->state < 0 ? NULL : pool_state_name((enum pool_state)want->state),
                                  (int)want->paired, mark, SHA256_SIZE);
    int rc = s == NULL ? sqlite3_errcode(db->h) : SQLITE_DONE;
    while (s != NULL && ended == 0 && bad == 0 && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        bad = read_item(s, pool, want->key, &item);
        ended = bad == 0 ? tell(ctx, &item) : 0;
    }
    sqlite3_finalize(s);
    int answer = rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : cannot(db, rc, f);
    db_unlock(db);
    memset(item.value, 0, sizeof item.value);
    return bad == 0
               ? answer
               : failure_set(
                     f, FAIL_POOL, STAGE_NONE, 0,
                     "value #%lld of pool %.31s does not open: it was sealed with another key, or somebody changed it",
                     (long long)item.id, pool);
}

static int add_lent(struct pool_block *b, sqlite3_stmt *s, struct failure *f)
{
    char hex[2 * POOL_SEALED_MAX + 1];

    if (!b->secret)
        return pool_block_add(b, sql_text(s, 0), POOL_FREE, NULL, 0, f);
    int size = sqlite3_column_bytes(s, 1);
    if (size > POOL_SEALED_MAX)
        return failure_set(f, FAIL_DB_OPEN, STAGE_NONE, 0, "a sealed value is too long");
    digest_hex(sqlite3_column_blob(s, 1), (size_t)size, hex);
    return pool_block_add_sealed(b, hex, sqlite3_column_blob(s, 2), f);
}

static int read_lent(struct db *db, const char *uuid, struct pool_block *b, struct failure *f)
{
    sqlite3_stmt *s = sql_prepare(
        db->h,
        "SELECT v.value, v.sealed, v.mark FROM pool_value v JOIN pool_block b ON b.id = v.lent_id WHERE b.uuid = ? ORDER BY v.id",
        "t", uuid);
    int rc = s == NULL ? sqlite3_errcode(db->h) : SQLITE_DONE, bad = 0;

    while (s != NULL && bad == 0 && (rc = sqlite3_step(s)) == SQLITE_ROW)
        bad = add_lent(b, s, f);
    sqlite3_finalize(s);
    return bad != 0 ? -1 : rc == SQLITE_DONE ? 0 : cannot(db, rc, f);
}

int pool_lent_block(struct db *db, const char *uuid, struct pool_block *b, struct failure *f)
{
    struct pool_status p = {0};
    char pool[POOL_NAME_SIZE] = "", to[PLAIN_NAME_SIZE] = "", from[PLAIN_NAME_SIZE] = "";
    const struct pool_shape none = {POOL_TEXT, 1};

    pool_block_begin(b, "", &none);
    db_lock(db);
    sqlite3_stmt *s = sql_prepare(
        db->h,
        "SELECT p.name, b.station, (SELECT name FROM station) FROM pool_block b JOIN pool p ON p.id = b.pool_id"
        " WHERE b.uuid = ? AND b.way = 'LENT'",
        "t", uuid);
    int rc = s == NULL ? sqlite3_errcode(db->h) : sqlite3_step(s);
    if (rc == SQLITE_ROW) {
        sql_copy_text(s, 0, pool, sizeof pool);
        sql_copy_text(s, 1, to, sizeof to);
        sql_copy_text(s, 2, from, sizeof from);
    }
    sqlite3_finalize(s);
    if (rc == SQLITE_ROW)
        rc = read_status(db->h, pool, &p);
    int answer = rc == SQLITE_ROW ? 0 : rc == SQLITE_DONE ? -ENOENT : cannot(db, rc, f);
    if (answer == 0) {
        pool_block_begin(b, pool, &p.shape);
        b->secret = p.secret;
        memcpy(b->key_id, p.key_id, sizeof b->key_id);
        snprintf(b->folder, sizeof b->folder, "%s", p.folder);
        snprintf(b->uuid, sizeof b->uuid, "%s", uuid);
        snprintf(b->source, sizeof b->source, "station %s", from);
        snprintf(b->from, sizeof b->from, "%s", from);
        snprintf(b->to, sizeof b->to, "%s", to);
        answer = read_lent(db, uuid, b, f);
    }
    db_unlock(db);
    return answer;
}

int64_t pool_block_amount(struct db *db, const char *uuid, struct failure *f)
{
    int64_t amount = 0;

    db_lock(db);
    int rc = sql_int(db->h, &amount, 0, "SELECT amount FROM pool_block WHERE uuid = ?", "t", uuid);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        amount = cannot(db, rc, f);
    db_unlock(db);
    return amount;
}
