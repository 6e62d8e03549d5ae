/* SPDX-License-Identifier: Apache-2.0 */
/* event - what happened to the station itself: append only, in the caller's transaction. Private to this room. */
#ifndef DB_DESK_EVENT_H
#define DB_DESK_EVENT_H

#include "db/open/db_inside.h"

/* `kind` is one of CLOCK, DUPLICATE, ADDRESS, LOT, PIN, DISK, BACKUP, ARCHIVE, STOP, JOB, POOL; `amount` what it means for that kind. SQLite code. */
int event_note(struct db *db, const char *kind, int64_t amount, const char *text, ...)
    __attribute__((format(printf, 4, 5)));

/* A clock that went back by more than this, or forward by more than an hour, against CLOCK_MONOTONIC is noted. */
#define CLOCK_BACK_MS    2000
#define CLOCK_FORWARD_MS 3600000

struct clock_watch {
    bool started;
    int64_t wall_ms, mono_us; /* at the last look */
};

/* Compares both clocks since the last look, notes a jump. The first look compares with the newest record. */
int clock_watch_look(struct clock_watch *w, struct db *db);

#endif /* DB_DESK_EVENT_H */
