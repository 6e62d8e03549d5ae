/* SPDX-License-Identifier: Apache-2.0 */
/*
 * firmware_archive - the members of a firmware archive, all in memory: tar, plain or in gzip, xz, bzip2 or zstd, or zip.
 *
 * Nothing is ever unpacked to disk. Expanded size and number of members are bounded; names that could lead anywhere
 * ('..', absolute, links, duplicates) are refused by name. A leading "./" is dropped; where everything lies in one folder,
 * so is its name; folders, and what file managers add ("__MACOSX/", ".DS_Store"), are passed over.
 */
#ifndef PROFILES_FIRMWARE_FIRMWARE_ARCHIVE_H
#define PROFILES_FIRMWARE_FIRMWARE_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "profiles/text/complaint.h"

struct arena;

#define ARCHIVE_EXPANDED_MAX (64u * 1024 * 1024) /* four times the largest flash of any board known here */
#define ARCHIVE_FILE_MAX     ARCHIVE_EXPANDED_MAX
#define ARCHIVE_MEMBERS_MAX  256

struct archive_member {
    const char *name;
    const uint8_t *data;
    size_t size;
};

struct firmware_archive {
    struct archive_member *members;
    size_t count;
};

/* Whether the bytes begin like one of the forms above (file_kind.h). */
bool firmware_archive_is(const uint8_t *bytes, size_t size);

/* Reads all members; memory comes from the arena. Returns 0, or -1 with *c filled (FAIL_FIRMWARE). */
int firmware_archive_read(const uint8_t *bytes, size_t size, struct arena *a, struct firmware_archive *out,
                          const struct place *at, struct complaint *c);

const struct archive_member *firmware_archive_find(const struct firmware_archive *archive, const char *name);

#endif /* PROFILES_FIRMWARE_FIRMWARE_ARCHIVE_H */
