/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journal_form - which tables stand in the journal, and the digest of one of their rows. docs/database.md gives the form byte
 * for byte. Private to this room; answers SQLite codes.
 */
#ifndef DB_OPEN_JOURNAL_FORM_H
#define DB_OPEN_JOURNAL_FORM_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/digest.h"

/*
 * X(table, its columns, key first, what stood there before format 5). By name, which is the order of the check. A column of
 * a later migration is appended with '+': it stands in the form only where it holds something (where the table has none yet,
 * while an old file is updated, it holds nothing); a table that a file of an earlier format lacks has no rows. HASH: the table is a chain of
 * its own, the row's hash is its digest. ALL: old rows are held by one digest of them all (rows that only ever grow in
 * number, by their key); EACH: every old row got an entry of its own; LAST: the hash of the last one.
 */
#define HASH "hash"
/* clang-format off */
#define JOURNAL_TABLES(X) \
    X(archive, "id at_ms file file_sha256 first_seq last_seq last_hash rows", EACH) /* with what it left behind: journal_form.c */ \
    X(audit, "id " HASH, LAST) \
    X(backup, "id attempt_id unit_id kind offset sha256 at_ms", ALL) \
    X(chain, "seq " HASH, LAST) \
    X(correction, "id attempt_id at_ms actor action reason +unit_id", EACH) \
    X(event, "id at_ms run_id kind amount text", ALL) \
    X(firmware, "id source version sha256 first_used_ms", EACH) \
    X(identity_act, "id unit_id at_ms after_attempt before_id put", EACH) \
    X(identity_act_done, "act_id at_ms", EACH) \
    X(job, "id name sha256 first_used_ms", EACH) \
    X(lot, "id code work_order planned opened_ms closed_ms +job_name +job_sha256", EACH) \
    X(operator, "id name role badge_salt badge_hash pin_salt pin_hash active created_ms", EACH) \
    X(pool, "id name kind size key_id folder low_water created_ms", EACH) \
    X(pool_block, "id uuid pool_id at_ms way station source amount", EACH) \
    X(pool_value, "id pool_id block_id value sealed mark eui state lent_id mac attempt_id changed_ms", EACH) \
    X(run, "id uuid version host pid boot_id tz_min started_ms", ALL) \
    X(slot, "number port adapter_serial first_used_ms", EACH) \
    X(station, "id uuid name created_ms", EACH) \
    X(stop, "id at_ms slot training rule text attempt_id", EACH) \
    X(stop_release, "stop_id at_ms actor reason after_seq", EACH) \
    X(unit, "id mac chip revision flash_id flash_size first_seen_ms", ALL) \
    X(unit_address, "id unit_id kind address first_seen_ms", EACH)
/* clang-format on */

enum journal_table {
#define X(name, columns, before) J_##name,
    JOURNAL_TABLES(X)
#undef X
        J_COUNT
};

enum journal_before { JOURNAL_EACH, JOURNAL_ALL, JOURNAL_LAST };

const char *journal_table_name(enum journal_table t); /* static storage */
enum journal_before journal_table_before(enum journal_table t);
enum journal_table journal_table_find(const char *name); /* J_COUNT: stands in no journal */

/* Rows of the tables as digests; its statements are prepared as they are needed. */
struct journal_rows;

struct journal_rows *journal_rows_new(sqlite3 *h); /* NULL: out of memory. Caller: journal_rows_free() */
void journal_rows_free(struct journal_rows *r);    /* NULL is fine */
/* SQLITE_NOTFOUND: there is no such row. */
int journal_rows_one(struct journal_rows *r, enum journal_table t, int64_t row,
                     uint8_t digest[static SHA256_SIZE]);
/* The rows of `t` by key: SQLITE_ROW with *row and its digest, SQLITE_DONE, or an error. After DONE it starts anew. */
int journal_rows_next(struct journal_rows *r, enum journal_table t, int64_t *row,
                      uint8_t digest[static SHA256_SIZE]);
/* The digest an operator or lot has that nobody enrolled or opened: as the recorder makes it when it first meets the name. */
int journal_rows_unannounced(struct journal_rows *r, enum journal_table t, int64_t row,
                             uint8_t digest[static SHA256_SIZE]);

/* SHA-256 of an entry after `prev`. SQLITE_OK or SQLITE_NOMEM. */
int journal_entry_hash(const uint8_t prev[static SHA256_SIZE], int64_t seq, const char *table, int64_t row,
                       const uint8_t digest[static SHA256_SIZE], uint8_t hash[static SHA256_SIZE]);

#endif /* DB_OPEN_JOURNAL_FORM_H */
