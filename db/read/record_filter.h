/* SPDX-License-Identifier: Apache-2.0 */
/* record_filter - which attempts a list, a yield or an export is about. Plain data; {0} with RECORD_FILTER_ALL is all production. */
#ifndef DB_READ_RECORD_FILTER_H
#define DB_READ_RECORD_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mac.h"
#include "base/result.h"

/*
 * By what a flash was written (docs/database.md, "What wrote a board"). A view of units judges each by its last attempt.
 * UNPROVEN are those of ROM that a format up to 3 recorded: versions that wrote compressed through the ROM.
 */
enum record_loader { LOADER_ANY, LOADER_STUB, LOADER_ROM, LOADER_UNPROVEN, LOADER_COUNT };

const char *
record_loader_name(enum record_loader loader); /* "rom", "unproven"; LOADER_ANY: "". Static storage */
enum record_loader record_loader_parse(const char *text); /* in any case; LOADER_COUNT: no such word */

struct record_filter {
    /* NULL: any. Borrowed while the query runs. */
    const char *lot, *serial, *operator_id, *job;
    const char *firmware; /* version, file name, or the first 8 or more hex digits of its hash */
    bool has_mac;
    struct mac mac;
    enum result result; /* RESULT_COUNT: any; RESULT_OPEN: only those still running */
    int code;           /* failure code; 0: any */
    enum record_loader loader;
    int slot;               /* 0: any */
    int64_t from_ms, to_ms; /* opened at or after, and before; 0: no limit */
    bool training;          /* training attempts too; they are left out otherwise */
    bool running;           /* attempts still open too */
    bool shippable; /* a view of units only: those that may leave the house (docs/database.md, "Marks") */
    int64_t newest; /* only the newest N; 0: all */
    int64_t run;    /* only this run's, by db_run(); 0: any */
};

#define RECORD_FILTER_ALL      \
    {                          \
        .result = RESULT_COUNT \
    }

#endif /* DB_READ_RECORD_FILTER_H */
