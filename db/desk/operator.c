/* SPDX-License-Identifier: Apache-2.0 */
#include "db/desk/operator.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/digest.h"
#include "db/desk/operator_private.h"
#include "db/desk/pin.h"
#include "db/open/sql.h"

#define SALT_SIZE     16
#define SCRYPT_N      16384
#define SCRYPT_R      8
#define SCRYPT_P      1
#define SCRYPT_MEMORY (64u << 20)

static void hash_badge(const void *salt, const char *badge, uint8_t out[static SHA256_SIZE])
{
    uint8_t text[SALT_SIZE + 256];
    size_t len = strnlen(badge, 256);

    memcpy(text, salt, SALT_SIZE);
    memcpy(text + SALT_SIZE, badge, len);
    digest_sha256(text, SALT_SIZE + len, out);
}

static bool hash_pin(const void *salt, const char *pin, uint8_t out[static SHA256_SIZE])
{
    return EVP_PBE_scrypt(pin, strlen(pin), salt, SALT_SIZE, SCRYPT_N, SCRYPT_R, SCRYPT_P, SCRYPT_MEMORY, out,
                          SHA256_SIZE) == 1;
}

static void read_info(sqlite3_stmt *s, struct operator_info *out)
{
    out->id = sqlite3_column_int64(s, 0);
    sql_copy_text(s, 1, out->name, sizeof out->name);
    out->is_engineer = strcmp(sql_text(s, 2), "engineer") == 0;
    out->active = sqlite3_column_int(s, 3) != 0;
    out->has_badge = sqlite3_column_type(s, 4) != SQLITE_NULL;
    out->has_pin = sqlite3_column_type(s, 6) != SQLITE_NULL;
}

static const char select_sql[] =
    "SELECT id, name, role, active, badge_salt, badge_hash, pin_salt, pin_hash FROM operator";

static bool same(sqlite3_stmt *s, int column, const uint8_t hash[static SHA256_SIZE])
{
    return sqlite3_column_bytes(s, column) == SHA256_SIZE &&
           CRYPTO_memcmp(sqlite3_column_blob(s, column), hash, SHA256_SIZE) == 0;
}

static int read_failed(struct db *db, int rc, struct failure *f)
{
    return sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "read the operators", f);
}

static int find_badge(sqlite3 *h, const char *badge, bool any, struct operator_info *out)
{
    sqlite3_stmt *s = sql_prepare(h, select_sql, "");
    uint8_t hash[SHA256_SIZE];
    int rc;

    if (s == NULL)
        return sqlite3_errcode(h);
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
        if ((!any && sqlite3_column_int(s, 3) == 0) || sqlite3_column_bytes(s, 4) != SALT_SIZE)
            continue;
        hash_badge(sqlite3_column_blob(s, 4), badge, hash);
        if (same(s, 5, hash)) {
            read_info(s, out);
            break;
        }
    }
    sqlite3_finalize(s);
    return rc;
}

static int by_badge(struct db *db, const char *badge, bool any, struct operator_info *out, struct failure *f)
{
    db_lock(db);
    int rc = find_badge(db->h, badge, any, out);
    int answer = rc == SQLITE_ROW ? 0 : rc == SQLITE_DONE ? -ENOENT : read_failed(db, rc, f);
    db_unlock(db);
    return answer;
}

int operator_by_badge(struct db *db, const char *badge, struct operator_info *out, struct failure *f)
{
    return by_badge(db, badge, false, out, f);
}

int operator_by_any_badge(struct db *db, const char *badge, struct operator_info *out, struct failure *f)
{
    return by_badge(db, badge, true, out, f);
}

int operator_by_name(struct db *db, const char *name, struct operator_info *out, struct failure *f)
{
    char sql[sizeof select_sql + 32];

    snprintf(sql, sizeof sql, "%s WHERE name = ?", select_sql);
    db_lock(db);
    sqlite3_stmt *s = sql_prepare(db->h, sql, "t", name);
    int rc = s == NULL ? sqlite3_errcode(db->h) : sqlite3_step(s);
    if (rc == SQLITE_ROW)
        read_info(s, out);
    sqlite3_finalize(s);
    int answer = rc == SQLITE_ROW ? 0 : rc == SQLITE_DONE ? -ENOENT : read_failed(db, rc, f);
    db_unlock(db);
    return answer;
}

int operator_list(struct db *db, struct operator_info *out, int max, struct failure *f)
{
    char sql[sizeof select_sql + 32];
    int rows = 0, rc;

    snprintf(sql, sizeof sql, "%s ORDER BY name", select_sql);
    db_lock(db);
    sqlite3_stmt *s = sql_prepare(db->h, sql, "");
    rc = s == NULL ? sqlite3_errcode(db->h) : SQLITE_DONE;
    while (s != NULL && rows < max && (rc = sqlite3_step(s)) == SQLITE_ROW)
        read_info(s, &out[rows++]);
    sqlite3_finalize(s);
    if (rc != SQLITE_DONE && rc != SQLITE_ROW)
        rows = read_failed(db, rc, f);
    db_unlock(db);
    return rows;
}

int operator_lock_closed(struct db *db, struct failure *f)
{
    int64_t engineers = 0;

    db_lock(db);
    int rc = sql_int(
        db->h, &engineers, 0,
        "SELECT count(*) FROM operator WHERE role = 'engineer' AND active = 1 AND pin_hash IS NOT NULL", "");
    int answer = rc == SQLITE_ROW ? engineers > 0 : read_failed(db, rc, f);
    db_unlock(db);
    return answer;
}

struct candidate {
    struct operator_info info;
    uint8_t salt[SALT_SIZE], hash[SHA256_SIZE];
};

#define CANDIDATES_MAX 32

/* Read first, computed outside the lock: scrypt is slow, and the recorder must not wait for it. */
static int read_candidates(struct db *db, const char *name, struct candidate *out)
{
    sqlite3_stmt *s = sql_prepare(db->h, select_sql, "");
    int rows = 0, rc = s == NULL ? sqlite3_errcode(db->h) : SQLITE_DONE;

    while (s != NULL && rows < CANDIDATES_MAX && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        struct candidate *c = &out[rows];
        read_info(s, &c->info);
        if (!c->info.active || !c->info.is_engineer || sqlite3_column_bytes(s, 6) != SALT_SIZE ||
            sqlite3_column_bytes(s, 7) != SHA256_SIZE || (name != NULL && strcmp(name, c->info.name) != 0))
            continue;
        memcpy(c->salt, sqlite3_column_blob(s, 6), SALT_SIZE);
        memcpy(c->hash, sqlite3_column_blob(s, 7), SHA256_SIZE);
        rows++;
    }
    sqlite3_finalize(s);
    return rc == SQLITE_DONE || rc == SQLITE_ROW ? rows : -1;
}

/* `arg`: the name a wrong PIN was given for. */
static int note_wrong(struct db *db, void *arg)
{
    return pin_note_wrong(db, arg);
}

static int note_right(struct db *db, void *arg)
{
    (void)arg;
    return pin_note_right(db);
}

int operator_by_pin(struct db *db, const char *name, const char *pin, struct operator_info *out,
                    struct failure *f)
{
    struct candidate candidates[CANDIDATES_MAX];
    uint8_t hash[SHA256_SIZE];

    db_lock(db);
    bool wait = pin_must_wait(db), ends_series = pin_has_wrong(db);
    int rows = wait ? 0 : read_candidates(db, name, candidates);
    db_unlock(db);
    if (wait)
        return -EAGAIN;
    if (rows < 0)
        return read_failed(db, sqlite3_errcode(db->h), f);
    int found = -1;
    for (int i = 0; i < rows && found < 0 && strlen(pin) <= PIN_MAX; i++) {
        if (hash_pin(candidates[i].salt, pin, hash) &&
            CRYPTO_memcmp(hash, candidates[i].hash, SHA256_SIZE) == 0)
            found = i;
    }
    if (found >= 0)
        *out = candidates[found].info;
    OPENSSL_cleanse(hash, sizeof hash);
    OPENSSL_cleanse(candidates, sizeof candidates);
    if (found < 0 && db->mode == DB_STATION)
        db_transact(db, note_wrong, (void *)(uintptr_t)name);
    else if (ends_series && db->mode == DB_STATION)
        db_transact(db, note_right, NULL);
    return found >= 0 ? 0 : -EACCES;
}

static int set_secret(struct db *db, const char *name, const char *badge, const char *pin)
{
    uint8_t salt[SALT_SIZE], hash[SHA256_SIZE];
    int rc = SQLITE_OK;

    if (getrandom(salt, sizeof salt, 0) != (ssize_t)sizeof salt)
        return SQLITE_IOERR;
    if (badge != NULL) {
        hash_badge(salt, badge, hash);
        rc = sql_run(db->h, "UPDATE operator SET badge_salt = ?, badge_hash = ? WHERE name = ?", "bbt", salt,
                     SALT_SIZE, hash, SHA256_SIZE, name);
    }
    if (rc == SQLITE_OK && pin != NULL) {
        if (!hash_pin(salt, pin, hash))
            return SQLITE_NOMEM;
        rc = sql_run(db->h, "UPDATE operator SET pin_salt = ?, pin_hash = ? WHERE name = ?", "bbt", salt,
                     SALT_SIZE, hash, SHA256_SIZE, name);
    }
    OPENSSL_cleanse(hash, sizeof hash);
    return rc;
}

int operator_enrol(struct db *db, const char *name, const char *role, const char *badge, const char *pin)
{
    int rc = sql_run(db->h,
                     "INSERT INTO operator(name, role, created_ms) VALUES (?1, coalesce(?2, 'operator'), ?3)"
                     " ON CONFLICT (name) DO UPDATE SET role = coalesce(?2, role), active = 1",
                     "tTl", name, role != NULL ? role : "", db_wall_ms(db));

    return rc == SQLITE_OK ? set_secret(db, name, badge, pin) : rc;
}

int operator_set_active(struct db *db, const char *name, bool active)
{
    int rc = sql_run(db->h, "UPDATE operator SET active = ? WHERE name = ?", "it", active ? 1 : 0, name);

    return rc == SQLITE_OK && sqlite3_changes(db->h) == 0 ? SQLITE_NOTFOUND : rc;
}

const char *operator_pin_trouble(const char *pin)
{
    return pin_trouble(pin);
}
