/* SPDX-License-Identifier: Apache-2.0 */
/*
 * headless - a run without a screen: one readable line per event, or JSON Lines (docs/json.md). The caller's thread.
 *
 * INT and TERM drain, a second one aborts, HUP drains (station/print/stop_request.h). A reader of stdout that goes away drains too: a station nobody
 * sees any more takes no new boards. One that only stops reading holds up nothing (station/print/lines.h).
 */
#ifndef STATION_RUN_HEADLESS_H
#define STATION_RUN_HEADLESS_H

#include <stdbool.h>

#include "engine/slot/engine.h"
#include "station/run/tally.h"

struct db;
struct waker;
struct db_recorder;
struct run;
struct system_journal;
struct lines;
struct service;

struct headless {
    struct engine *engine; /* started; borrowed like the rest */
    struct tally *tally;
    const struct job *job;
    const char *lot, *operator_id, *station_id, *database; /* "" : none */
    struct run *run;                                       /* its serials are given and told */
    struct waker *chosen;                                  /* raised when others chose operator, lot or job */
    struct db_recorder *recorder;                          /* its notes are told too */
    struct db *db;                                         /* of the records */
    struct service *service;                               /* NULL: nobody asked to be told */
    bool json, training;
    int signal_fd;                  /* signals_open() */
    struct lines *lines;            /* where it is said */
    struct system_journal *journal; /* lines of text go there instead, with fields; NULL: there is none */
};

/* Returns when all slots have ended. True: another round follows, with the job that was chosen; only the last one says its end. */
bool headless_run(const struct headless *h);

#endif /* STATION_RUN_HEADLESS_H */
