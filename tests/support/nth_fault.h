/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nth_fault - a table of what may go wrong below us, each row a function and one way in which it fails: the n-th call of
 * that function fails so.
 *
 * The functions are counted where they are wrapped: the C library's by the linker, where our own objects call them (read
 * pread write pwrite poll ppoll open ioctl flock access opendir fopen inotify_init1 inotify_add_watch), a test's own
 * wherever it puts itself between. Only the thread that armed counts; one row at a time.
 */
#ifndef TESTS_SUPPORT_NTH_FAULT_H
#define TESTS_SUPPORT_NTH_FAULT_H

#include <stddef.h>

struct nth_fault {
    const char *call; /* what is called: "read" */
    const char *how;  /* "EIO", "short" */
    int value;        /* an errno, or what the call answers: its wrapper knows */
};

#define NTH_SHORT 0 /* of read, write: less than was asked, and no error */

void nth_fault_arm(const struct nth_fault *fault, long n); /* n 0: they are only counted */
long nth_fault_disarm(void);                               /* how many calls there were */
const struct nth_fault *nth_fault_armed(void);             /* the row that is tried, also after it was met */
/* For whoever wraps: how this call is to fail, NULL: not at all. */
const struct nth_fault *nth_fault_due(const char *call);
/* access() finds this file from now on, there or not; NULL: none. */
void nth_fault_pretend(const char *path);

#endif /* TESTS_SUPPORT_NTH_FAULT_H */
