/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unit_data - bytes of one unit's own that go into its flash beside the job's firmware: a serial number, an address, keys.
 *
 * Who makes it for an attempt fills it and seals it; whoever was given it owns it from then on and ends it with
 * unit_data_wipe(), since keys may be inside. One thread. Offsets and sizes are bytes of flash.
 */
#ifndef BASE_UNIT_DATA_H
#define BASE_UNIT_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

#define UNIT_WRITES_MAX 32
#define UNIT_NAME_SIZE  32 /* room for a name with its NUL */
#define UNIT_BYTES_MAX \
    (1024 * 1024) /* of one unit in all: they are held in memory for each slot, and go over the line plain */

enum unit_write_kind {
    UNIT_PATCH, /* these bytes alone; the rest of their sectors stays as the board has it */
    UNIT_IMAGE  /* whole sectors: begins on one, and what is left of the last is FF */
};

struct unit_write {
    char name[UNIT_NAME_SIZE]; /* as the job calls it; no secret */
    enum unit_write_kind kind;
    uint32_t offset, size;
    uint8_t *data; /* owned */
};

/* Zeroed: nothing. */
struct unit_data {
    size_t count;
    struct unit_write writes[UNIT_WRITES_MAX];
    size_t bytes; /* of all */
    uint8_t sha256[SHA256_SIZE];
};

/*
 * Copies `size` bytes. 0; -EINVAL: a name that does not fit, no bytes, or an offset beyond 32 bits; -ENOSPC: more than
 * UNIT_WRITES_MAX, or than UNIT_BYTES_MAX in all; -ENOMEM.
 */
int unit_data_add(struct unit_data *d, const char *name, enum unit_write_kind kind, uint32_t offset,
                  const uint8_t *data, size_t size);
/*
 * Fills sha256, once all is added: of every write in its order the offset and the size as four bytes each, the lowest first, a
 * byte for the kind (0 or 1), the data. The names are not part of it.
 */
void unit_data_seal(struct unit_data *d);
/* Overwrites and frees what it holds; it is nothing then. */
void unit_data_wipe(struct unit_data *d);

#endif /* BASE_UNIT_DATA_H */
