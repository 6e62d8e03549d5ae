/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_schema - a YAML file read strictly by a table of rules. Every complaint is `file:line: key: what; what to do`.
 *
 * Strict means: unknown and duplicate keys, wrong types (12abc, 0700, 1e3, a number in quotes), missing keys, tabs, an
 * empty file and a second document are all refused. Numbers are 0, decimal without leading zero, or 0x hex.
 */
#ifndef PROFILES_TEXT_YAML_SCHEMA_H
#define PROFILES_TEXT_YAML_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "profiles/text/complaint.h"

enum schema_type {
    SCHEMA_TEXT,   /* min, max bound its bytes; max 0 means 255 */
    SCHEMA_NUMBER, /* whole, bounds inclusive; max 0 means 0xFFFFFFFF */
    SCHEMA_SIZE,   /* number of bytes: 4096, 0x1000, 512KB, 4MB */
    SCHEMA_BOOL,   /* yes, no, true, false */
    SCHEMA_CHOICE, /* one of `choices` or `choice` */
    SCHEMA_MAP     /* a section with the rules of `map` */
};

/* Where a value stands, for programmes that edit the text. Lines and columns (in characters) count from 0. */
struct schema_spot {
    int key_column;
    int line, column, end_line, end_column;
    bool flow; /* its section is written {in braces} */
};

struct schema_value {
    const char *file;
    int line;
    const char *key;
    const char *text; /* TEXT, CHOICE; "" for a MAP */
    int64_t number;   /* NUMBER, SIZE; BOOL 0 or 1; CHOICE: its index */
    struct schema_spot spot;
};

struct schema_rule {
    const char *key; /* NULL ends the table */
    enum schema_type type;
    bool required;
    bool may_be_empty; /* the list: "[]" is written where none of its items is left */
    bool list;         /* a list of such values; a single value outside a list counts as one (not for MAP) */
    int64_t min, max;
    const char *const *choices; /* NULL ended */
    const char *(*choice)(
        size_t n); /* or, where a table has them: the `n`-th (0..), NULL: there are no more */
    const struct schema_rule *map;
    /*
     * Called for each value in the file's order, for a MAP once at its start. Returns 0, or -1 after complaining.
     * `value` is valid during the call only; it may keep value->line. NULL: nothing to set.
     */
    int (*set)(void *target, const struct schema_value *value, struct complaint *c);
};

/* `code` is the complaint's: FAIL_JOB or FAIL_CONFIG. Returns 0, or -1 with *c filled. */
int schema_read(const char *file, const void *bytes, size_t size, const struct schema_rule *rules,
                void *target, enum failure_code code, struct complaint *c);

/* Strict numbers, as above. Return 0 or -EINVAL. */
int schema_parse_number(const char *text, int64_t *out);
int schema_parse_size(const char *text, int64_t *out);

#endif /* PROFILES_TEXT_YAML_SCHEMA_H */
