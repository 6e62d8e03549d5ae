/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool_key - the key file of a station, under which the secrets of its pools stand in the database: AES-256-GCM, a random
 * nonce each (NIST SP 800-38D, 96 bits), the pool's name beside them. Its loss is theirs: keep a copy apart from backups.
 */
#ifndef DB_DESK_POOL_KEY_H
#define DB_DESK_POOL_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/failure.h"
#include "db/desk/pool_value.h"

#define POOL_KEY_ID_SIZE 8
#define POOL_SEALED_MAX  (12 + POOL_TEXT_SIZE + 16) /* nonce, text, tag */

/* Plain data; pool_key_wipe() when it is used. */
struct pool_key {
    uint8_t id[POOL_KEY_ID_SIZE]; /* tells two keys apart, and nothing of them */
    uint8_t seal[32], mark[32];
};

/* Makes the file, 0600, where none is. 0, or -1 with *f. */
int pool_key_new(const char *path, struct failure *f);
/* 0, or -1 with *f: missing, no key, or others may read it. */
int pool_key_read(const char *path, struct pool_key *key, struct failure *f);
void pool_key_wipe(struct pool_key *key);

/* `out` and *size, and `mark`: the same for the same text of the pool, which it does not tell. 0, or -1: libcrypto failed. */
int pool_key_seal(const struct pool_key *key, const char *pool, const char *text,
                  uint8_t out[static POOL_SEALED_MAX], size_t *size, uint8_t mark[static SHA256_SIZE]);
void pool_key_mark(const struct pool_key *key, const char *pool, const char *text,
                   uint8_t mark[static SHA256_SIZE]);
/* -1: another key, another pool, or somebody changed it. */
int pool_key_open(const struct pool_key *key, const char *pool, const uint8_t *sealed, size_t size,
                  char text[static POOL_TEXT_SIZE]);

#endif /* DB_DESK_POOL_KEY_H */
