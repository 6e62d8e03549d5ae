/* SPDX-License-Identifier: Apache-2.0 */
/*
 * faultvfs - the real files, with one call on a WAL that ends in an error: before it did anything, or after it did it
 * all. So a COMMIT that failed is there or not, and whoever asked cannot know. Process-wide, single-threaded.
 */
#ifndef TESTS_SUPPORT_FAULTVFS_H
#define TESTS_SUPPORT_FAULTVFS_H

#include <stdbool.h>

void faultvfs_install(void); /* the default VFS from now on */
void faultvfs_remove(void);
/* Write or sync number `n` of any file whose name ends in "-wal", counted from now, fails with `code`. 0: none. */
void faultvfs_fail(int n, int code, bool after);
bool faultvfs_failed(void); /* did it come to that call? */

#endif /* TESTS_SUPPORT_FAULTVFS_H */
