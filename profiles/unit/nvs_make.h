/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nvs_make - the bytes of a NVS partition out of keys and their values, as ESP-IDF's library reads it.
 *
 * Version 2 of the page format (blobs over several pages), from Espressif, "Non-Volatile Storage Library" (ESP-IDF
 * programming guide), "Internals". Pages are used from the first on, in the order of the list; the last one stays free, since the
 * library needs an empty page to move entries into. The same list gives the same bytes: those of Espressif's generator
 * (esp-idf-nvs-partition-gen 0.2.0), but for the two cases that it does not master and docs/nvs.md names.
 *
 * Pure: one pass that counts, one that writes into the caller's buffer; no allocation, nothing is kept. A complaint names
 * namespaces and keys, never a value: values may be secret. Time is quadratic in the count of keys, for hundreds of them.
 */
#ifndef PROFILES_UNIT_NVS_MAKE_H
#define PROFILES_UNIT_NVS_MAKE_H

#include <stddef.h>
#include <stdint.h>

#include "profiles/text/complaint.h"
#include "profiles/unit/nvs_value.h"

#define NVS_PAGE_SIZE  4096u
#define NVS_SIZE_MIN   (3 * NVS_PAGE_SIZE) /* what the library can work in */
#define NVS_NAME_MAX   15                  /* bytes of a key or of a namespace's name */
#define NVS_SPACE_MAX  254     /* namespaces: a byte's values but 0 and 255, which mean none and any */
#define NVS_STRING_MAX 3999    /* bytes of a string, its NUL apart: 4000 with it */
#define NVS_BLOB_MAX   508000u /* 127 chunks of 4000 bytes: the index counts to 127 */

/* One key. Everything is borrowed for the call. */
struct nvs_entry {
    const char *space; /* the namespace: of 1 to NVS_NAME_MAX printable ASCII characters, as is the key */
    const char *key;   /* once in its namespace */
    enum nvs_type type;
    const void
        *value;  /* an integer: little-endian, its width; a string: without its NUL, and with none in it */
    size_t size; /* bytes of the value */
    int line;    /* where it is written, for a complaint; 0: nowhere */
};

/*
 * Fills all of `out` with the partition of `size` bytes, a multiple of NVS_PAGE_SIZE from NVS_SIZE_MIN on. An empty list is an
 * empty partition: all FF. Returns 0, or -1 and *c (FAIL_JOB, at `at` with the entry's line): what is wrong with which key, or
 * that they do not fit and how large a partition would do; `out` is then untouched.
 */
int nvs_make(const struct nvs_entry *entries, size_t count, uint8_t *out, size_t size, const struct place *at,
             struct complaint *c);

#endif /* PROFILES_UNIT_NVS_MAKE_H */
