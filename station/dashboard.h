/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dashboard - the operator's screen: one tile a slot, drawn from snapshots, on a terminal that ncurses can drive.
 *
 * It draws from the tables below, so that a real engine and a scripted test look the same to it. One thread: the
 * caller's; every callback is called from it and must return within 100 ms. Texts are UTF-8. Times: wall_ms is Unix
 * time in milliseconds; everything else as slot_status says. Nothing here writes to a record.
 */
#ifndef STATION_DASHBOARD_H
#define STATION_DASHBOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/record.h"
#include "engine/engine.h"
#include "station/dashboard_review.h"
#include "station/dashboard_work.h"

/* The slots. Every pointer must be set; `i` is 0.., slot numbers are 1... */
struct dashboard_source {
    void *ctx;
    int (*slot_count)(void *ctx);
    void (*snapshot)(void *ctx, int i, struct slot_status *out);
    void (*drain)(void *ctx); /* no new boards; running ones finish */
    void (*abort)(void *ctx); /* running ones end at once */
    void (*acknowledge)(void *ctx, int slot_number);
    bool (*is_done)(void *ctx);
    bool (*is_draining)(void *ctx);
    int (*event_fd)(void *ctx); /* readable while an event waits */
    bool (*next_event)(void *ctx, struct slot_event *out);
};

/* What stands in the header. "" and 0: unknown, then nothing is shown. */
struct dashboard_station {
    char job[64];
    char firmware_version[64];
    char firmware_tail[9]; /* last 8 hex digits of its SHA-256 */
    char lot[64];
    long lot_good, lot_planned; /* good boards of the lot so far, of earlier runs too */
    char operator_id[64];
    char role[16]; /* "operator", "engineer" */
    char station_id[64];
    bool training;                /* said in the header: nothing here is production */
    int layout_rows, layout_cols; /* of the fixture; 0: choose what fits best */
};

struct dashboard_config {
    const struct dashboard_source *source;
    const struct dashboard_station *station; /* as it is at the start */
    /* Called before each redraw: may change *io (lot progress, operator). NULL: lot_good grows by this run's PASS. */
    void (*update)(void *ctx, struct dashboard_station *io);
    void *update_ctx;

    const struct dashboard_review *review; /* NULL, or callbacks into the records */
    const struct dashboard_work *work;     /* NULL, or callbacks that change job, lot, operator, slots */

    int64_t (*wall_ms)(void *ctx); /* NULL: clock_wall_ms() */
    void *wall_ctx;

    /*
     * The caller's signalfd for INT, TERM, HUP and WINCH, all blocked: a resize is only seen through it. INT and TERM
     * drain, a second one aborts, HUP drains and ends with DASHBOARD_LOST. -1: none of this.
     */
    int signal_fd;

    bool ascii;              /* --ascii; also where the locale is not UTF-8 */
    bool mono;               /* --mono; also where NO_COLOR is set or the terminal has under 8 colours */
    const char *scan_prefix; /* what the scanner sends first; NULL or "": recognised by pace alone */
    const char *
        bell_command; /* run by sh on batch end and on stop ($1: "batch" or "stop"); NULL: the terminal's bell */
};

enum dashboard_end {
    DASHBOARD_DONE, /* the run is over, or the operator quit and it has drained */
    DASHBOARD_LOST, /* the terminal is gone; the source has been told to drain; join it, write nothing to it */
    DASHBOARD_UNUSABLE, /* nothing was drawn, nothing changed: *why says what is missing; go on without a screen */
    DASHBOARD_RESTART /* work changed job or lot; nothing runs; start again with the new choice */
};

#define DASHBOARD_WHY_SIZE 256

/* text_init() first, before any thread. Takes the terminal of stdin and stdout, gives it back as it was. `why` is filled for DASHBOARD_UNUSABLE. */
enum dashboard_end dashboard_run(const struct dashboard_config *config, char why[static DASHBOARD_WHY_SIZE]);

#endif /* STATION_DASHBOARD_H */
