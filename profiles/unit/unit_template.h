/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unit_template - a text with words in braces that differ from unit to unit: "{serial}", "EUI {pool:eui}".
 *
 *     {mac}        the chip's base MAC, 24:0a:c4:00:00:03
 *     {mac:hex}    the same as 12 hex digits, 240ac4000003
 *     {serial}     the board's scanned serial number
 *     {lot}        the lot it is made in
 *     {pool:NAME}  the value that the pool NAME has for this unit
 *     {{ and }}    a brace
 *
 * Pure. What is filled in may be secret: no failure that is made here holds any of it.
 */
#ifndef PROFILES_UNIT_UNIT_TEMPLATE_H
#define PROFILES_UNIT_UNIT_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/failure.h"
#include "base/mac.h"

#define UNIT_VALUE_SIZE 4096 /* room for a filled text with its NUL */
#define UNIT_POOL_SIZE  64   /* room for a pool's name */
#define UNIT_WORDS      "{mac}, {mac:hex}, {serial}, {lot}, {pool:NAME}"

enum unit_source { UNIT_SERIAL, UNIT_LOT, UNIT_POOL };

/* Where values come from that the board does not tell itself. */
struct unit_filler {
    void *ctx;
    const struct mac *mac;
    /* `pool`: of UNIT_POOL, else "". Fills `out` with a text of 1 to size - 1 bytes: 0, or -1 and *f. */
    int (*value)(void *ctx, enum unit_source source, const char *pool, char *out, size_t size,
                 struct failure *f);
};

/* NULL: it may be used. Else what is wrong with it, in `why`. */
const char *unit_template_trouble(const char *text, char *why, size_t size);
/* Has it words, so that it differs from unit to unit? */
bool unit_template_has_words(const char *text);
/* Has it a {pool:..}, {serial}, {lot}: what somebody has to give? */
bool unit_template_uses(const char *text, enum unit_source source);
/* The name of its `n`-th pool (0..) in `out`; false: it has no more. */
bool unit_template_pool(const char *text, size_t n, char out[static UNIT_POOL_SIZE]);
/* 0, or -1 and *f: no value, or a text that does not fit. `filler` may be NULL for one without words. */
int unit_template_fill(const char *text, const struct unit_filler *filler, char out[static UNIT_VALUE_SIZE],
                       struct failure *f);

#endif /* PROFILES_UNIT_UNIT_TEMPLATE_H */
