/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nth_call - the n-th call of one kind fails, so that a whole scenario can be driven once for every place where what
 * is below us may fail.
 *
 * Calls of the C library are counted where our own objects make them: the test is linked with nth_wraps
 * (tests/CMakeLists.txt), so what libraries call among themselves is not. SQLite's are counted in its own seams: its
 * allocator and the methods of its files. Only the thread that armed counts; one armed call a process.
 */
#ifndef TESTS_SUPPORT_NTH_CALL_H
#define TESTS_SUPPORT_NTH_CALL_H

#include <stdbool.h>

#include "tests/support/nth_fault.h"

enum nth_kind {
    NTH_ALLOC,     /* malloc calloc realloc strdup asprintf: NULL, ENOMEM */
    NTH_READ,      /* read pread: EIO */
    NTH_WRITE,     /* write pwrite: EIO */
    NTH_SYNC,      /* fsync fdatasync: EIO */
    NTH_POLL,      /* poll ppoll: EIO */
    NTH_SQL_ALLOC, /* xMalloc xRealloc: NULL */
    NTH_SQL_READ,  /* xRead: SQLITE_IOERR_READ */
    NTH_SQL_WRITE, /* xWrite: SQLITE_FULL */
    NTH_SQL_WRECK, /* xWrite: SQLITE_IOERR_WRITE */
    NTH_SQL_SYNC,  /* xSync: SQLITE_IOERR_FSYNC */
    NTH_SQL_SIZE,  /* xFileSize: SQLITE_IOERR_FSTAT */
    NTH_SQL_LOCK,  /* xLock xShmLock: SQLITE_IOERR_LOCK */
    NTH_SQL_MAP,   /* xShmMap: SQLITE_IOERR_SHMMAP */
    NTH_KINDS
};

const char *nth_kind_name(enum nth_kind kind); /* "alloc"; static storage */

/* SQLite's seams, for the whole process: before anything else of SQLite is called. */
void nth_call_watch_sqlite(void);

/* Call number `n` (from 1) of this thread from now fails, that one alone. n 0: none, they are only counted. */
void nth_call_arm(enum nth_kind kind, long n);
/* How many of that kind there were, the failed one with them; nothing fails any more. */
long nth_call_disarm(void);
/* For whoever wraps: is this the call that fails? */
bool nth_call_is_due(enum nth_kind kind);

/* A scenario that is run once for every call of it that may fail. */
struct nth_case {
    const char *name;
    unsigned kinds; /* bits 1 << NTH_... */
    /* Of SQLite's kinds about so many are failed, of the others 20; FLASHLINE_NTH_ALL=1 (script/soak): every one. */
    long most;
    void (*ready)(void *ctx);           /* nothing fails here */
    void (*run)(void *ctx);             /* what is counted */
    void (*judge)(void *ctx, bool met); /* asserts; `met`: the call was made, and failed */
    void *ctx;
    const struct nth_fault *faults; /* beside the kinds: rows, those of one call together; NULL: none */
    size_t fault_count;
    long fault_most; /* of each row about so many; 0: every one */
    bool keeps;      /* what is made ready keeps descriptors for good: they are not counted */
};

/*
 * Runs it with n = 1, 2, .. for each kind and row until the n-th call is not made any more, and prints how many were. The
 * test fails when a row is never called, when a descriptor stays open and when memory leaked. FLASHLINE_NTH="KIND N"
 * or "CALL/HOW N" in the environment runs that one alone, and says where it is called.
 */
void nth_case_drive(const struct nth_case *c);
/* For a judge: something is wrong with this one. It is printed, the rest is driven all the same, and then the test fails. */
void nth_case_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
int nth_case_say_where(void **state); /* a test's teardown: which call it was when it failed */

#endif /* TESTS_SUPPORT_NTH_CALL_H */
