/* SPDX-License-Identifier: Apache-2.0 */
/* packed - archives as other programmes make them, by libarchive's writer, so that our reader meets foreign hands. */
#ifndef TESTS_SUPPORT_PACKED_H
#define TESTS_SUPPORT_PACKED_H

#include <stddef.h>
#include <stdint.h>

#include "profiles/firmware/tar_make.h"

enum packed_form {
    PACKED_TAR,
    PACKED_TAR_GZ,
    PACKED_TAR_XZ,
    PACKED_TAR_BZIP2,
    PACKED_TAR_ZSTD,
    PACKED_ZIP,
    PACKED_ZIP_STORED, /* not compressed */
    PACKED_ZIP_LOCKED, /* with a password */
    PACKED_XZ          /* the first member alone, in no archive */
};

/*
 * `folder` goes before every name ("" : none). Caller frees. Ends the test programme when it fails; NULL: this system's
 * libarchive writes no such form.
 */
uint8_t *packed_make(enum packed_form form, const char *folder, const struct tar_member *members,
                     size_t count, size_t *size);

#endif /* TESTS_SUPPORT_PACKED_H */
