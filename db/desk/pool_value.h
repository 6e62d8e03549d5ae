/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool_value - one value of a pool: what kinds there are, how each is written, and what practice gets instead. Pure.
 *
 * Text is the one form of each kind: MAC and EUI-64 as base/mac.h writes them, bytes in lower-case hex, text as it came.
 */
#ifndef DB_DESK_POOL_VALUE_H
#define DB_DESK_POOL_VALUE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mac.h"

#define POOL_BYTES_MAX 256
#define POOL_TEXT_SIZE (2 * POOL_BYTES_MAX + 1) /* bytes in hex, and the NUL */
#define POOL_NAME_SIZE 32
#define POOL_KIND_SIZE 16 /* "eui64", "hex:256" */

/* FILE: the name of a file or folder in the pool's folder, one a unit. */
enum pool_kind { POOL_TEXT, POOL_HEX, POOL_MAC, POOL_EUI64, POOL_FILE, POOL_KIND_COUNT };

struct pool_shape {
    enum pool_kind kind;
    size_t size; /* bytes: of every value; TEXT and FILE: of the longest one so far */
};

/* FREE .. VERIFIED in this order; SPOILED and LENT never come back. */
enum pool_state {
    POOL_FREE,
    POOL_RESERVED, /* for one board, before a byte of it could reach the board */
    POOL_WRITTEN,  /* it may have reached the board */
    POOL_VERIFIED, /* it is on a board that passed */
    POOL_SPOILED,  /* an engineer said so; nobody gets it */
    POOL_LENT,     /* to another station, with its block */
    POOL_STATE_COUNT
};

/* What a board is given. Secret ones: pool_value_wipe() when they are used. */
struct pool_value {
    enum pool_kind kind;
    bool secret;
    bool practice;             /* made up, of the pool's shape: no value was taken */
    char text[POOL_TEXT_SIZE]; /* NUL terminated */
    uint8_t bytes[POOL_BYTES_MAX];
    size_t size; /* of `bytes`: the address or the bytes themselves, of text its characters without the NUL */
    char path[PATH_MAX]; /* POOL_FILE: folder and name; else "" */
};

const char *pool_kind_name(enum pool_kind kind);    /* in the database: "EUI64"; static storage */
enum pool_kind pool_kind_named(const char *name);   /* POOL_KIND_COUNT: none */
const char *pool_state_name(enum pool_state state); /* "RESERVED" */
enum pool_state pool_state_named(const char *name); /* POOL_STATE_COUNT: none */

/* As people write kinds: text, hex:16 (bytes), mac, eui64, file. False: it is none. */
bool pool_shape_parse(const char *text, struct pool_shape *out);
void pool_shape_text(const struct pool_shape *shape, char out[static POOL_KIND_SIZE]);

/* The one form of what somebody wrote. NULL, or what is wrong with it: "is no EUI-64"; static storage. */
const char *pool_value_normal(const struct pool_shape *shape, const char *text,
                              char out[static POOL_TEXT_SIZE]);
/* `text` in its one form. */
void pool_value_fill(struct pool_value *v, enum pool_kind kind, const char *text);
/*
 * Of the shape, the same for the same board, and no value of production where its text can show that; not for POOL_FILE.
 * `digits`, of POOL_TEXT: all its values are numbers. So is this one, with a 0 before it where there is room: it fits
 * wherever the longest of them does.
 */
void pool_value_practice(struct pool_value *v, const struct pool_shape *shape, bool digits, const char *pool,
                         const struct mac *mac);
void pool_value_wipe(struct pool_value *v);

/* NULL, or what is wrong with the name of a pool: letters, digits, - and _. */
const char *pool_name_trouble(const char *name);

/* Lower-case hex into bytes; false: it is none, or not `size` of them. */
bool pool_bytes(const char *hex, uint8_t *out, size_t size);

#endif /* DB_DESK_POOL_VALUE_H */
