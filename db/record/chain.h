/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain - tamper evidence: each closed attempt carries SHA-256 over its predecessor's hash and its own canonical form,
 * in closing order. docs/database.md gives the form byte for byte. Private to this room; answers SQLite codes.
 */
#ifndef DB_RECORD_CHAIN_H
#define DB_RECORD_CHAIN_H

#include <stdint.h>

#include <sqlite3.h>

#include "base/digest.h"

/* Adds the closed attempt's link, inside the caller's transaction. */
int chain_append(sqlite3 *h, int64_t attempt);
/* Reads attempts in their canonical form; its statements are prepared once, for whoever hashes many. */
struct chain_reader;

struct chain_reader *chain_reader_new(sqlite3 *h); /* NULL: sqlite3_errcode(). Caller: chain_reader_free() */
void chain_reader_free(struct chain_reader *r);    /* NULL is fine */
/* The hash attempt `attempt` has after `prev`. SQLITE_NOTFOUND: there is no such attempt. */
int chain_hash(struct chain_reader *r, int64_t attempt, const uint8_t prev[static SHA256_SIZE],
               uint8_t out[static SHA256_SIZE]);
/* Last link: *seq 0 and zeros when there is none. Looks into `archive` when all links are archived. */
int chain_head(sqlite3 *h, int64_t *seq, uint8_t hash[static SHA256_SIZE]);

#endif /* DB_RECORD_CHAIN_H */
