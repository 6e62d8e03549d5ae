/* SPDX-License-Identifier: Apache-2.0 */
/* unit_nvs - a job's keys of a NVS partition, made entries of nvs_make. Values are wiped with the rest: keys may be among them. */
#ifndef PROFILES_UNIT_UNIT_NVS_H
#define PROFILES_UNIT_UNIT_NVS_H

#include "profiles/unit/unit_encode.h"
#include "profiles/unit/unit_spec.h"

/* A value's bytes. */
struct unit_bytes {
    uint8_t *data; /* owned */
    size_t size;
};

void unit_bytes_wipe(struct unit_bytes *b);
/* What a filled text is as a value of that type ("u8" .. "blob"). NULL and *out, or what is wrong with it. */
const char *unit_nvs_value(const char *type, const char *text, struct unit_bytes *out,
                           char why[static UNIT_WHY_SIZE]);
/*
 * Names and types of an item's keys, and the values that are the same for every board, held against what a partition takes.
 * 0, or -1 and *c (FAIL_JOB) with the key's line.
 */
int unit_nvs_check(const struct unit_spec *s, const struct unit_item *item, const struct place *at,
                   struct complaint *c);
/* All `size` bytes of the partition, of one value a key in the item's order. NULL, or what is wrong, in `why`. */
const char *unit_nvs_make(const struct unit_spec *s, const struct unit_item *item,
                          const struct unit_bytes *values, uint8_t *out, size_t size, char *why,
                          size_t why_size);

#endif /* PROFILES_UNIT_UNIT_NVS_H */
