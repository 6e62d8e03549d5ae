/* SPDX-License-Identifier: Apache-2.0 */
/* tar_make - a tar or tar.gz in memory, the same bytes for the same members (no times, no owners). */
#ifndef PROFILES_FIRMWARE_TAR_MAKE_H
#define PROFILES_FIRMWARE_TAR_MAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tar_kind { TAR_FILE, TAR_FOLDER, TAR_SYMLINK, TAR_HARDLINK };

struct tar_member {
    const char *name; /* written as given */
    const void *data; /* of a link: its target, as text */
    size_t size;
    enum tar_kind kind;
};

/* Caller frees *out. Returns 0 or -errno. */
int tar_make(const struct tar_member *members, size_t count, bool gzip, uint8_t **out, size_t *size);

#endif /* PROFILES_FIRMWARE_TAR_MAKE_H */
