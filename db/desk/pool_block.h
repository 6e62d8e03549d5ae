/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool_block - values on their way into a pool: what a source gave, or what another station lent. In memory, and as a file of
 * text lines that ends with the SHA-256 of them, by which a station takes them in whole or not at all. Secrets in it are sealed.
 */
#ifndef DB_DESK_POOL_BLOCK_H
#define DB_DESK_POOL_BLOCK_H

#include "base/plain.h"
#include "db/desk/pool_key.h"

#define POOL_UUID_SIZE   37
#define POOL_SOURCE_SIZE 512
#define POOL_BLOCK_MAX   10000 /* values at once: about a second, in which nothing else is recorded */

struct pool_entry {
    char *text; /* in its one form; of a secret one what is sealed, in hex */
    uint8_t mark[SHA256_SIZE];
    enum pool_state state; /* FREE, VERIFIED or SPOILED */
    bool has_mac;
    struct mac mac; /* of the board that has it */
    int line;       /* of the source; 0: none */
};

/* Begun by pool_block_begin(), which gives it a uuid of its own, ended by pool_block_free(). */
struct pool_block {
    char uuid[POOL_UUID_SIZE];
    char pool[POOL_NAME_SIZE];
    struct pool_shape shape;
    bool secret;
    uint8_t key_id[POOL_KEY_ID_SIZE];
    char folder[PATH_MAX];                           /* POOL_FILE */
    char source[POOL_SOURCE_SIZE];                   /* file, range or folder */
    char from[PLAIN_NAME_SIZE], to[PLAIN_NAME_SIZE]; /* stations, of a lent block; else "" */
    int64_t low_water;                               /* -1: as it was */
    struct pool_entry *entries;
    size_t count, room;
};

void pool_block_begin(struct pool_block *b, const char *pool, const struct pool_shape *shape);
void pool_block_free(struct pool_block *b); /* wipes it */

/* `text` as it was written, at `line` of the source. 0, or -1 with *f, which names file and line. `mac` may be NULL. */
int pool_block_add(struct pool_block *b, const char *text, enum pool_state state, const struct mac *mac,
                   int line, struct failure *f);
/* One that is sealed already, in hex. */
int pool_block_add_sealed(struct pool_block *b, const char *hex, const uint8_t mark[static SHA256_SIZE],
                          struct failure *f);
/* No value twice, no board with two. 0, or -1 with *f. */
int pool_block_check(const struct pool_block *b, struct failure *f);
/* Seals every value. 0, or -1 with *f. */
int pool_block_seal(struct pool_block *b, const struct pool_key *key, struct failure *f);

/* Made or replaced as base/file.h does. 0, or -1 with *f. */
int pool_block_write(const struct pool_block *b, const char *path, struct failure *f);
/* -1 with *f: it is none, it was cut or changed. Begins `b`; free it in either case. */
int pool_block_read(const char *path, struct pool_block *b, struct failure *f);

#endif /* DB_DESK_POOL_BLOCK_H */
