/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scratch - a folder of one test's own below $TMPDIR (/tmp when that is not set), and small files in it.
 * All of these fail the test when they cannot do it.
 */
#ifndef TESTS_SUPPORT_SCRATCH_H
#define TESTS_SUPPORT_SCRATCH_H

#include <stddef.h>

#define SCRATCH_SIZE 80 /* room for a folder's name; a $TMPDIR that is too long for it fails the test */

void scratch_make(char dir[SCRATCH_SIZE], const char *what); /* flashline-<what>-XXXXXX */
void scratch_remove(const char *dir);                        /* with all that is in it */
/* The same, and the test works in it; and out of it again. */
void scratch_enter(char dir[SCRATCH_SIZE], const char *what);
void scratch_leave(const char *dir);

void scratch_save(const char *path, const void *data, size_t size);
void scratch_save_text(const char *path, const char *text);
void scratch_copy(const char *from, const char *to);
void scratch_read_text(const char *path, char *out,
                       size_t size); /* ends `out` with 0; what does not fit is left out */

#endif /* TESTS_SUPPORT_SCRATCH_H */
