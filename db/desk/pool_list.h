/* SPDX-License-Identifier: Apache-2.0 */
/* pool_list - what stands in pools, to be looked at. Any mode of db/open/db.h. */
#ifndef DB_DESK_POOL_LIST_H
#define DB_DESK_POOL_LIST_H

#include "db/desk/pool_block.h"
#include "db/open/db.h"

struct pool_status {
    char name[POOL_NAME_SIZE];
    struct pool_shape shape;
    bool secret;
    uint8_t key_id[POOL_KEY_ID_SIZE];
    char folder[PATH_MAX];
    int64_t low_water, created_ms;
    int64_t counts[POOL_STATE_COUNT];
};

/* By name. How many, or -1 with *f. */
int pool_list(struct db *db, struct pool_status *out, int max, struct failure *f);
/* 0, -ENOENT, or -1 with *f. */
int pool_status(struct db *db, const char *name, struct pool_status *out, struct failure *f);

struct pool_item {
    int64_t id;
    char value[POOL_TEXT_SIZE]; /* of a secret one "#ID", unless a key was given */
    enum pool_state state;
    bool has_mac;
    struct mac mac;
    int64_t attempt; /* 0: none */
    int64_t changed_ms;
    char station[PLAIN_NAME_SIZE]; /* that it is lent to; "" */
};

/* Which of them; zero: all. */
struct pool_wanted {
    const char *value;          /* in its one form, or "#ID"; NULL: any */
    const struct mac *mac;      /* NULL: any board's */
    int state;                  /* of enum pool_state, -1: any */
    bool paired;                /* a board's only */
    const struct pool_key *key; /* opens secrets; NULL: nobody asked */
};

/* In the order of import. `tell` may end it: not 0. 0, or -1 with *f. */
int pool_items(struct db *db, const char *pool, const struct pool_wanted *want,
               int (*tell)(void *ctx, const struct pool_item *item), void *ctx, struct failure *f);
/* A block that was lent, for its file; secrets stay sealed. 0, -ENOENT, or -1 with *f. Free it in any case. */
int pool_lent_block(struct db *db, const char *uuid, struct pool_block *b, struct failure *f);
/* How many new values came with a block; 0: none did. -1 with *f. */
int64_t pool_block_amount(struct db *db, const char *uuid, struct failure *f);

#endif /* DB_DESK_POOL_LIST_H */
