/* SPDX-License-Identifier: Apache-2.0 */
/*
 * disk_guard - room to finish: a floor of free space below which no board starts, and a reserve file beside the
 * database whose blocks are given up when a running board's result no longer fits.
 */
#ifndef DB_OPEN_DISK_GUARD_H
#define DB_OPEN_DISK_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#define DISK_RESERVE_SIZE (4LL << 20)

/* Free bytes for us where `path` lies, or -errno. */
int64_t disk_free(const char *path);
/* Makes PATH.reserve when there is room for it beyond `floor`. 0 when it is there, else -errno (-ENOSPC: no room). */
int disk_reserve_keep(const char *path, int64_t floor);
/* Gives the reserve up. True when there was one. */
bool disk_reserve_release(const char *path);

#endif /* DB_OPEN_DISK_GUARD_H */
