/* SPDX-License-Identifier: Apache-2.0 */
#include "db/desk/pool_work.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/desk/pool_block.h"
#include "db/desk/pool_inside.h"
#include "db/open/sql.h"

/* One block on its way in. */
struct intake {
    struct db *db;
    const struct pool_block *block;
    struct pool_said *said;
    struct pool_row pool;
    int64_t block_id, now;
    size_t known;
};

static int refuse(struct pool_said *said, const char *form, ...) __attribute__((format(printf, 2, 3)));

static int refuse(struct pool_said *said, const char *form, ...)
{
    va_list args;

    va_start(args, form);
    vsnprintf(said->why, sizeof said->why, form, args);
    va_end(args);
    return SQLITE_ABORT;
}

/* What is wrong with a value, at its place in the source. */
static int refuse_value(struct intake *i, const struct pool_entry *e, const char *why, const char *what)
{
    char at[16] = "";

    if (e->line > 0)
        snprintf(at, sizeof at, ":%d", e->line);
    return refuse(i->said, "%.200s%s: %.100s %s%.60s", i->block->source, at,
                  i->block->secret ? "the value" : e->text, why, what);
}

static int check_stations(struct intake *i)
{
    const struct pool_block *b = i->block;
    char name[PLAIN_NAME_SIZE] = "";
    int64_t known = 0;
    sqlite3_stmt *s = sql_prepare(i->db->h, "SELECT name FROM station", "");

    if (s != NULL && sqlite3_step(s) == SQLITE_ROW)
        sql_copy_text(s, 0, name, sizeof name);
    sqlite3_finalize(s);
    int rc = sql_int(i->db->h, &known, 0, "SELECT id FROM pool_block WHERE uuid = ?", "t", b->uuid);
    if (rc == SQLITE_ROW)
        return refuse(i->said, "block %s was taken in already, or was lent by this station", b->uuid);
    if (rc != SQLITE_DONE)
        return rc;
    if (b->to[0] != '\0' && strcmp(b->to, name) != 0)
        return refuse(i->said, "block %s was lent to station %s, and this is %s", b->uuid, b->to, name);
    return SQLITE_OK;
}

/* What a pool is never changes: what comes later must be of its kind. */
static int check_pool(struct intake *i)
{
    const struct pool_block *b = i->block;
    const struct pool_row *p = &i->pool;
    bool fixed = p->shape.kind == POOL_HEX;
    char kind[POOL_KIND_SIZE];

    pool_shape_text(&p->shape, kind);
    if (p->shape.kind != b->shape.kind || (fixed && p->shape.size != b->shape.size))
        return refuse(i->said, "the pool is of kind %s", kind);
    if (p->secret != b->secret)
        return refuse(i->said, p->secret ? "the pool's values are secret: --secret"
                                         : "the pool's values are no secrets");
    if (p->secret && memcmp(p->key_id, b->key_id, POOL_KEY_ID_SIZE) != 0)
        return refuse(i->said, "the pool's values are sealed with another key");
    if (strcmp(p->folder, b->folder) != 0)
        return refuse(i->said, "the pool's folder is %.300s", p->folder);
    return SQLITE_OK;
}

static int make_pool(struct intake *i)
{
    const struct pool_block *b = i->block;
    int rc = sql_run(
        i->db->h,
        "INSERT INTO pool(name, kind, size, key_id, folder, low_water, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
        "ttlbTll", b->pool, pool_kind_name(b->shape.kind), (int64_t)b->shape.size,
        b->secret ? b->key_id : NULL, POOL_KEY_ID_SIZE, b->folder,
        b->low_water < 0 ? (int64_t)0 : b->low_water, i->now);

    if (rc == SQLITE_OK)
        rc = pool_find(i->db->h, b->pool, &i->pool);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static int meet_pool(struct intake *i)
{
    const struct pool_block *b = i->block;
    int rc = pool_find(i->db->h, b->pool, &i->pool);

    if (rc == SQLITE_DONE)
        return make_pool(i);
    if (rc == SQLITE_ROW)
        rc = check_pool(i);
    if (rc != SQLITE_OK || (b->low_water < 0 && b->shape.size <= i->pool.shape.size))
        return rc;
    return sql_run(i->db->h, "UPDATE pool SET size = max(size, ?2), low_water = ?3 WHERE id = ?1", "lll",
                   i->pool.id, (int64_t)b->shape.size, b->low_water < 0 ? i->pool.low_water : b->low_water);
}

static bool as_here(sqlite3_stmt *s, const struct pool_entry *e)
{
    bool here = sqlite3_column_bytes(s, 1) == (int)sizeof e->mac.bytes;

    if (e->state != POOL_FREE && strcmp(sql_text(s, 0), "FREE") == 0)
        return false;
    return !e->has_mac || (here && memcmp(sqlite3_column_blob(s, 1), e->mac.bytes, sizeof e->mac.bytes) == 0);
}

/* SQLITE_ROW: it is here already, as the source has it. SQLITE_DONE: it is new. */
static int find_known(struct intake *i, const struct pool_entry *e)
{
    const char *sql = i->block->secret
                          ? "SELECT state, mac FROM pool_value WHERE pool_id = ?1 AND mark = ?2"
                          : "SELECT state, mac FROM pool_value WHERE pool_id = ?1 AND value = ?3";
    sqlite3_stmt *s =
        sql_prepare(i->db->h, sql, i->block->secret ? "lb" : "lnt", i->pool.id,
                    i->block->secret ? (const void *)e->mark : (const void *)e->text, SHA256_SIZE);
    int rc = s == NULL ? sqlite3_errcode(i->db->h) : sqlite3_step(s);

    if (rc == SQLITE_ROW && i->block->from[0] != '\0')
        rc = refuse_value(i, e, "is in this pool already, ", "of another block than the one that was lent");
    else if (rc == SQLITE_ROW && !as_here(s, e))
        rc = refuse_value(i, e, "is here in state ", sql_text(s, 0));
    sqlite3_finalize(s);
    return rc;
}

/* One owner each: no board has two values of a pool, and an EUI is in one pool. */
static int check_free_for(struct intake *i, const struct pool_entry *e, const void *eui, int size)
{
    sqlite3_stmt *s = sql_prepare(
        i->db->h,
        "SELECT p.name, v.eui IS NOT NULL AND v.eui = ?1 FROM pool_value v JOIN pool p ON p.id = v.pool_id WHERE v.eui = ?1"
        " OR (v.pool_id = ?2 AND v.mac = ?3 AND v.state <> 'SPOILED' AND ?4) ORDER BY 2 DESC LIMIT 1",
        "blbi", eui, size, i->pool.id, e->has_mac ? e->mac.bytes : NULL, (int)sizeof e->mac.bytes,
        (int)(e->state != POOL_SPOILED));
    int rc = s == NULL ? sqlite3_errcode(i->db->h) : sqlite3_step(s);

    if (rc == SQLITE_ROW)
        rc = sqlite3_column_int(s, 1) != 0
                 ? refuse_value(i, e, "is in another pool: ", sql_text(s, 0))
                 : refuse_value(i, e, "is of a board that has another value here", "");
    sqlite3_finalize(s);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int put_in(struct intake *i, const struct pool_entry *e)
{
    const bool secret = i->block->secret,
               is_address = !secret && (i->pool.shape.kind == POOL_MAC || i->pool.shape.kind == POOL_EUI64);
    uint8_t sealed[POOL_SEALED_MAX];
    struct pool_value v = {0};
    size_t size = strlen(e->text) / 2;

    if (secret && !pool_bytes(e->text, sealed, size))
        return SQLITE_MISUSE;
    if (is_address)
        pool_value_fill(&v, i->pool.shape.kind, e->text);
    int rc = check_free_for(i, e, is_address ? v.bytes : NULL, (int)v.size);
    if (rc != SQLITE_OK)
        return rc;
    return sql_run(
        i->db->h,
        "INSERT INTO pool_value(pool_id, block_id, value, sealed, mark, eui, state, mac, changed_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        "llTbbbtbl", i->pool.id, i->block_id, secret ? "" : e->text, secret ? sealed : NULL, (int)size,
        secret ? e->mark : NULL, SHA256_SIZE, is_address ? v.bytes : NULL, (int)v.size,
        pool_state_name(e->state), e->has_mac ? e->mac.bytes : NULL, (int)sizeof e->mac.bytes, i->now);
}

/* How many are new: the block's row says so before its values refer to it. */
static int count_known(struct intake *i, bool *is_known)
{
    for (size_t n = 0; n < i->block->count; n++) {
        int rc = find_known(i, &i->block->entries[n]);
        if (rc != SQLITE_ROW && rc != SQLITE_DONE)
            return rc;
        is_known[n] = rc == SQLITE_ROW;
        i->known += is_known[n];
    }
    return SQLITE_OK;
}

static int put_all(struct intake *i, const bool *is_known)
{
    const struct pool_block *b = i->block;
    size_t fresh = b->count - i->known;

    if (fresh == 0)
        return SQLITE_OK;
    int rc = sql_run(
        i->db->h,
        "INSERT INTO pool_block(uuid, pool_id, at_ms, way, station, source, amount) VALUES (?, ?, ?, ?, ?, ?, ?)",
        "tlltTTl", b->uuid, i->pool.id, i->now, b->from[0] != '\0' ? "TAKEN" : "IMPORTED", b->from, b->source,
        (int64_t)fresh);
    i->block_id = sqlite3_last_insert_rowid(i->db->h);
    for (size_t n = 0; n < b->count && rc == SQLITE_OK; n++) {
        if (!is_known[n])
            rc = put_in(i, &b->entries[n]);
    }
    return rc;
}

static int take_in(struct intake *i)
{
    bool *is_known = calloc(i->block->count + 1, sizeof *is_known);
    char kind[POOL_KIND_SIZE];
    int rc = is_known == NULL ? SQLITE_NOMEM : check_stations(i);

    i->known = 0;
    if (rc == SQLITE_OK)
        rc = meet_pool(i);
    if (rc == SQLITE_OK)
        rc = count_known(i, is_known);
    if (rc == SQLITE_OK)
        rc = put_all(i, is_known);
    free(is_known);
    pool_shape_text(&i->pool.shape, kind);
    snprintf(i->said->fresh, sizeof i->said->fresh,
             "%zu values of kind %s%s from %.200s, %zu were there already", i->block->count - i->known, kind,
             i->block->secret ? ", secret," : "", i->block->source, i->known);
    return rc;
}

static int import(struct db *db, const struct work_call *c, struct pool_said *said)
{
    struct pool_block b;
    struct failure f = {0};
    int rc;

    if (pool_block_read(c->text != NULL ? c->text : "", &b, &f) != 0)
        rc = refuse(said, "%s", f.detail);
    else if (c->object == NULL || strcmp(b.pool, c->object) != 0)
        rc = refuse(said, "the block is of pool %s", b.pool);
    else if ((b.from[0] != '\0') != (c->action == WORK_POOL_TAKE))
        rc = refuse(said, b.from[0] != '\0' ? "a block that was lent is taken: pool take"
                                            : "this is no block that was lent");
    else
        rc = take_in(&(struct intake){.db = db, .block = &b, .said = said, .now = db_wall_ms(db)});
    pool_block_free(&b);
    return rc;
}

/* A running attempt may be writing it this moment. */
static int check_spoil(struct db *db, const struct work_call *c, struct pool_said *said)
{
    sqlite3_stmt *s = sql_prepare(
        db->h,
        "SELECT v.state, coalesce(v.value, ''), lower(hex(v.mac)), a.result = 'OPEN' FROM pool_value v"
        " JOIN pool p ON p.id = v.pool_id LEFT JOIN attempt a ON a.id = v.attempt_id WHERE v.id = ? AND p.name = ?",
        "lt", c->number, c->object);
    int rc = s == NULL ? sqlite3_errcode(db->h) : sqlite3_step(s);

    if (rc == SQLITE_DONE)
        rc = refuse(said, "there is no such value in it");
    else if (rc == SQLITE_ROW && strcmp(sql_text(s, 0), "SPOILED") == 0)
        rc = refuse(said, "the value is spoiled already");
    else if (rc == SQLITE_ROW && strcmp(sql_text(s, 0), "LENT") == 0)
        rc = refuse(said, "the value was lent: it is the other station's to spoil");
    else if (rc == SQLITE_ROW && sqlite3_column_int(s, 3) != 0)
        rc = refuse(said, "its board is being flashed: wait until that is done");
    else if (rc == SQLITE_ROW) {
        const char *mac = sql_text(s, 2);
        snprintf(said->old, sizeof said->old, "%s%s%s", sql_text(s, 0), mac[0] != '\0' ? ", MAC " : "", mac);
        snprintf(said->fresh, sizeof said->fresh, "SPOILED%s%.260s", sql_text(s, 1)[0] != '\0' ? ": " : "",
                 sql_text(s, 1));
        rc = SQLITE_OK;
    }
    sqlite3_finalize(s);
    return rc;
}

static int spoil(struct db *db, const struct work_call *c, struct pool_said *said)
{
    struct pool_row pool;
    int rc = check_spoil(db, c, said);

    if (rc == SQLITE_OK)
        rc = sql_run(db->h, "UPDATE pool_value SET state = 'SPOILED', changed_ms = ?2 WHERE id = ?1", "ll",
                     c->number, db_wall_ms(db));
    if (rc != SQLITE_OK)
        return rc;
    if (strcmp(said->old, "FREE") != 0)
        return SQLITE_OK;
    rc = pool_find(db->h, c->object, &pool);
    return rc == SQLITE_ROW ? pool_note_low(db, pool.id, 1) : rc;
}

/* The newest ones go: the oldest free are the ones that this station hands out next. */
static int lend_values(struct db *db, int64_t pool, const char *uuid, const char *station, int64_t count)
{
    int64_t now = db_wall_ms(db);
    int rc = sql_run(db->h,
                     "INSERT INTO pool_block(uuid, pool_id, at_ms, way, station, source, amount)"
                     " VALUES (?, ?, ?, 'LENT', ?, NULL, ?)",
                     "tlltl", uuid, pool, now, station, count);
    int64_t block = sqlite3_last_insert_rowid(db->h);

    if (rc == SQLITE_OK)
        rc = sql_run(
            db->h,
            "UPDATE pool_value SET state = 'LENT', lent_id = ?2, changed_ms = ?3 WHERE id IN (SELECT id FROM"
            " pool_value WHERE pool_id = ?1 AND state = 'FREE' ORDER BY id DESC LIMIT ?4)",
            "llll", pool, block, now, count);
    return rc == SQLITE_OK && sqlite3_changes(db->h) != count ? SQLITE_CONSTRAINT : rc;
}

/* call->text: the block's uuid, a blank, the station's name. */
static int lend(struct db *db, const struct work_call *c, struct pool_said *said)
{
    const char *text = c->text != NULL ? c->text : "", *station = strchr(text, ' ');
    char uuid[POOL_UUID_SIZE] = "";
    struct pool_row pool;
    int64_t left = 0, own = 0;
    int rc = pool_find(db->h, c->object != NULL ? c->object : "", &pool);

    if (rc == SQLITE_DONE)
        return refuse(said, "there is no such pool");
    if (station == NULL || station - text != POOL_UUID_SIZE - 1 || plain_name_trouble(station + 1) != NULL)
        return refuse(said, "to which station?");
    snprintf(uuid, sizeof uuid, "%.36s", text);
    if (rc == SQLITE_ROW)
        rc = sql_int(db->h, &left, 0, "SELECT count(*) FROM pool_value WHERE pool_id = ? AND state = 'FREE'",
                     "l", pool.id);
    if (rc == SQLITE_ROW)
        rc = sql_int(db->h, &own, 0, "SELECT count(*) FROM station WHERE name = ?", "t", station + 1);
    if (rc != SQLITE_ROW)
        return rc;
    if (own != 0)
        return refuse(said, "this station is %s itself", station + 1);
    if (c->number < 1 || c->number > left || c->number > POOL_BLOCK_MAX)
        return refuse(said, "%lld values can be lent, at most %d at once", (long long)left, POOL_BLOCK_MAX);
    rc = lend_values(db, pool.id, uuid, station + 1, c->number);
    snprintf(said->fresh, sizeof said->fresh, "%lld values lent to station %s, block %s",
             (long long)c->number, station + 1, uuid);
    return rc == SQLITE_OK ? pool_note_low(db, pool.id, c->number) : rc;
}

int pool_work(struct db *db, const struct work_call *call, struct pool_said *said)
{
    memset(said, 0, sizeof *said);
    switch (call->action) {
    case WORK_POOL_IMPORT:
    case WORK_POOL_TAKE:
        return import(db, call, said);
    case WORK_POOL_SPOIL:
        return spoil(db, call, said);
    default:
        return lend(db, call, said);
    }
}
