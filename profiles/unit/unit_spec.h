/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unit_spec - what a job writes into each board of the board's own: places, and how the bytes there are made. Filled while a job
 * file is read, then read-only as the job is; docs/unit-data.md describes the keys.
 */
#ifndef PROFILES_UNIT_UNIT_SPEC_H
#define PROFILES_UNIT_UNIT_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "profiles/plan/plan.h"
#include "profiles/text/complaint.h"
#include "profiles/unit/unit_template.h"

#define UNIT_ITEMS_MAX UNIT_WRITES_MAX
#define UNIT_TEXT_SIZE 256  /* room for a template with its NUL */
#define UNIT_FIELD_MAX 1024 /* bytes of a field */
#define UNIT_KEYS_MAX  128  /* of all NVS partitions of a job */

enum unit_form {
    UNIT_FORM_NONE,
    UNIT_FORM_TEXT,    /* the bytes of the text, 00 behind it */
    UNIT_FORM_HEX,     /* two digits a byte */
    UNIT_FORM_INTEGER, /* 1, 2, 4 or 8 bytes */
    UNIT_FORM_NVS,     /* a partition of key-value pairs */
    UNIT_FORM_FILE     /* the bytes of a file, FF behind them */
};

/* A pair of a NVS partition. */
struct unit_key {
    char space[16], key[16], type[8]; /* as written */
    bool has_value, is_file;          /* the value is in the file that it names */
    char value[UNIT_TEXT_SIZE];
    int line;
};

struct unit_item {
    enum unit_form form;
    bool big_endian, has_endian; /* of an integer */
    bool has_at, has_offset, has_size;
    char value[UNIT_TEXT_SIZE]; /* template of the value, or of the file's path */
    size_t first_key, key_count;
};

struct unit_spec {
    size_t count;
    struct unit_word places[UNIT_ITEMS_MAX]; /* as the plan takes them; of each an item */
    struct unit_item items[UNIT_ITEMS_MAX];
    size_t key_count;
    struct unit_key keys[UNIT_KEYS_MAX];
};

/* The next item, zeroed but for its line; NULL: there is no room for more. */
struct unit_item *unit_spec_add(struct unit_spec *s, int line);
/* The same for a key of the newest item. */
struct unit_key *unit_spec_add_key(struct unit_spec *s, int line);
/*
 * All of it, once it is filled: also completes what the plan is told of each place. A value without words in braces is tried
 * here. 0, or -1 with *c (FAIL_JOB, at `file` and the item's line).
 */
int unit_spec_check(struct unit_spec *s, const char *file, struct complaint *c);
/* Does anything in it use such a word? */
bool unit_spec_uses(const struct unit_spec *s, enum unit_source source);

#endif /* PROFILES_UNIT_UNIT_SPEC_H */
