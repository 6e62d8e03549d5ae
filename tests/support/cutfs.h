/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cutfs - a disk in memory as an SQLite VFS, whose power can be cut. Every write since a file's last sync is pending;
 * a cut loses all of them (CUT_ALL) or a random half of their 512-byte sectors, last ones torn too (CUT_SOME).
 * A file that was never synced is gone after CUT_ALL and may be gone after CUT_SOME.
 *
 * Shared memory is in memory and never survives. One connection at a time: locks are not modelled.
 * Threads: safe while SQLite serialises a connection's calls; cutfs_* from one thread when nobody is inside.
 */
#ifndef TESTS_CUTFS_H
#define TESTS_CUTFS_H

#include <stdbool.h>
#include <stdint.h>

struct cutfs;

enum cut_model { CUT_ALL, CUT_SOME };

struct cutfs *cutfs_new(const char *name,
                        uint64_t seed); /* registers the VFS `name`; aborts without memory */
void cutfs_free(struct cutfs *fs);
/* After `calls` more writes, truncations and syncs, the power is gone: these and all later calls fail. 0: never. */
void cutfs_cut_after(struct cutfs *fs, int64_t calls);
bool cutfs_is_cut(const struct cutfs *fs);
int64_t cutfs_calls(const struct cutfs *fs); /* writes, truncations and syncs so far */
/* The power comes back: files are what the model leaves. No handle may be open. */
void cutfs_restart(struct cutfs *fs, enum cut_model model);
/* Makes call number `calls` from now fail once with this SQLite code (SQLITE_FULL, SQLITE_IOERR_FSYNC..); no power cut. */
void cutfs_fail_once(struct cutfs *fs, int64_t calls, int code);
void cutfs_wipe(struct cutfs *fs); /* a new, empty disk */

#endif /* TESTS_CUTFS_H */
