/* SPDX-License-Identifier: Apache-2.0 */
/*
 * failure - what went wrong, where, whose fault, and what to do next.
 *
 * The table below is the only place for codes, titles and remedies; docs/failures.md is made from it. Numbers are
 * stored in databases for years: append only, never renumber, never reuse. Hundreds follow the stages.
 * `title` and `remedy` are for the operator, `detail` is for the engineer. struct failure is plain data, by value.
 */
#ifndef BASE_FAILURE_H
#define BASE_FAILURE_H

#include <stdarg.h>

#include "base/result.h"
#include "base/stage.h"

enum blame { BLAME_NONE, BLAME_BOARD, BLAME_FIXTURE, BLAME_STATION, BLAME_PROFILE, BLAME_OPERATOR };

#include "base/failure_codes.h"

enum failure_code {
    FAILURE_NONE = 0,
#define X(id, number, blame, title, remedy) id = number,
    FAILURE_CODES(X)
#undef X
};

#define FAILURE_DETAIL_SIZE 512 /* two paths, a program and what helps; what is longer ends in "..." */

struct failure {
    enum failure_code code; /* FAILURE_NONE: nothing failed */
    enum stage stage;
    enum blame blame; /* the table's, unless evidence moved it */
    int sys;          /* errno, libusb code or the chip's status byte; 0 when there is none */
    char detail[FAILURE_DETAIL_SIZE];
};

/* Fills *f (blame from the table) and returns -1, so that callers can write `return failure_set(...)`. f may be NULL. */
int failure_set(struct failure *f, enum failure_code code, enum stage stage, int sys, const char *detail, ...)
    __attribute__((format(printf, 5, 6)));
/*
 * On the way up: adds ", while DOING" to the detail; where there is no room for all of it, nothing. Returns -1. f may be NULL.
 * Who fills a failure says what happened; who called knows what for.
 */
int failure_while(struct failure *f, const char *doing, ...) __attribute__((format(printf, 2, 3)));
void failure_clear(struct failure *f);

const char *failure_title(enum failure_code code); /* "" for FAILURE_NONE; static storage */
/* Static storage. "the boot pin" in it is every board's; station/print/remedy.h names the one of the board at hand. */
const char *failure_remedy(enum failure_code code);
const char *failure_name(enum failure_code code); /* "FAIL_NO_SYNC"; static storage */
enum blame failure_blame(enum failure_code code);
const char *blame_name(enum blame b);

/* FAIL for the board's fault, HOLD for quarantine codes, ABORTED for FAIL_ABORTED, ERROR for the rest; PASS for none. */
enum result failure_result(const struct failure *f);

/* Walks the table: i = 0, 1, ... until FAILURE_NONE. */
enum failure_code failure_at(int i);

#endif /* BASE_FAILURE_H */
