/* SPDX-License-Identifier: Apache-2.0 */
/* file_save - a file that is either the old one or the new one, whatever happens: temporary file, fsync, rename. */
#ifndef BASE_FILE_SAVE_H
#define BASE_FILE_SAVE_H

#include <stddef.h>

/* Durable on return. An existing file keeps its mode, owner and group; a new one gets base/own_file.h's. Returns 0 or
 * -errno; -EOPNOTSUPP: a device or a pipe, which is not replaced; -EPERM: its owner or group cannot be kept. */
int file_save(const char *path, const void *data, size_t size);

#endif /* BASE_FILE_SAVE_H */
