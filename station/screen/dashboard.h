/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dashboard - the operator's screen: one tile a slot, drawn from snapshots, on a terminal that ncurses can drive.
 *
 * All it knows and does goes through one desk (station/screen/desk.h). One thread: the caller's. Texts are UTF-8. Times:
 * wall_ms is Unix time in milliseconds; everything else as slot_status says.
 */
#ifndef STATION_SCREEN_DASHBOARD_H
#define STATION_SCREEN_DASHBOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "station/screen/desk.h"

struct dashboard_config {
    const struct desk *desk;

    int64_t (*wall_ms)(void *ctx); /* NULL: clock_wall_ms() */
    void *wall_ctx;

    /*
     * The caller's signalfd for INT, TERM, HUP and WINCH, all blocked: a resize is only seen through it. INT and TERM
     * drain, a second TERM aborts, a second INT asks whether to (station/print/stop_request.h); HUP drains and ends with
     * DASHBOARD_LOST. -1: none of this.
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
    DASHBOARD_LOST, /* the terminal is gone; the desk has been told to drain; join it, write nothing to it */
    DASHBOARD_UNUSABLE, /* nothing was drawn, nothing changed: *why says what is missing; go on without a screen */
    DASHBOARD_RESTART, /* work changed job or lot; nothing runs; start again with the new choice */
    DASHBOARD_LEFT     /* of a desk that is far: by key or signal; nothing was changed there */
};

#define DASHBOARD_WHY_SIZE 256

/* text_init() first, before any thread. Takes the terminal of stdin and stdout, gives it back as it was. `why` is filled for DASHBOARD_UNUSABLE. */
enum dashboard_end dashboard_run(const struct dashboard_config *config, char why[static DASHBOARD_WHY_SIZE]);

#endif /* STATION_SCREEN_DASHBOARD_H */
