/* SPDX-License-Identifier: Apache-2.0 */
/* file_bytes - a whole regular file in memory, with a limit. */
#ifndef PROFILES_TEXT_FILE_BYTES_H
#define PROFILES_TEXT_FILE_BYTES_H

#include <stddef.h>
#include <stdint.h>

#include "profiles/text/complaint.h"

struct arena;

/*
 * Reads `path` into the arena. More than `limit` bytes, a folder, a pipe, an unreadable or an empty file: -1, *c says
 * so with `code` at `at`. Returns 0 and *data, *size.
 */
int file_bytes_read(const char *path, size_t limit, struct arena *a, const uint8_t **data, size_t *size,
                    enum failure_code code, const struct place *at, struct complaint *c);

#endif /* PROFILES_TEXT_FILE_BYTES_H */
