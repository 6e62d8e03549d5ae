/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dashboard_work - how the screen changes work: callbacks that hold the rules (who may, which lot, which job).
 *
 * The screen never decides what is allowed: it calls, and asks for a PIN or a reason when the answer says so, then
 * calls again. Any pointer may be NULL: the menu then lacks that entry.
 */
#ifndef STATION_DASHBOARD_WORK_H
#define STATION_DASHBOARD_WORK_H

#include <stdbool.h>
#include <stddef.h>

enum work_answer {
    WORK_DONE,
    WORK_RESTART,      /* done; the run must start again with it */
    WORK_NEEDS_PIN,    /* engineer only: call again with a PIN */
    WORK_NEEDS_REASON, /* call again with a reason */
    WORK_REFUSED       /* why says it */
};

#define WORK_WHY_SIZE 160

/* What goes with a request, and what comes back. */
struct work_request {
    const char *pin;         /* "" : none given yet */
    const char *reason;      /* "" : none given yet */
    char why[WORK_WHY_SIZE]; /* filled for WORK_REFUSED, and for WORK_NEEDS_* as the prompt's second line */
};

struct work_choice {
    char id[128];   /* handed back */
    char title[96]; /* shown */
    char note[96];  /* shown dim: "released", "12 of 200"; "" */
    bool current;
};

struct dashboard_work {
    void *ctx;
    int (*jobs)(void *ctx, struct work_choice *out, int max); /* rows filled, or -errno */
    enum work_answer (*choose_job)(void *ctx, const char *id, struct work_request *r);
    int (*lots)(void *ctx, struct work_choice *out, int max);
    enum work_answer (*choose_lot)(void *ctx, const char *id,
                                   struct work_request *r); /* id may be new, typed or scanned */
    enum work_answer (*extend_lot)(void *ctx, long by, struct work_request *r);
    enum work_answer (*badge)(void *ctx, const char *code, struct work_request *r); /* logs in */
    enum work_answer (*log_out)(void *ctx, struct work_request *r);
    enum work_answer (*slot_enable)(void *ctx, int slot, bool on, struct work_request *r);
    enum work_answer (*unlock)(void *ctx, int slot, struct work_request *r); /* slot 0: the station's stop */
    /* The PIN of the request is changed for `fresh`. */
    enum work_answer (*change_pin)(void *ctx, const char *fresh, struct work_request *r);
    enum work_answer (*serial)(void *ctx, int slot, const char *serial, struct work_request *r);
    /* A scan that no field waited for. `slot` is the selected one. NULL: it is logged and otherwise ignored. */
    enum work_answer (*scan)(void *ctx, int slot, const char *text, struct work_request *r);
};

#endif /* STATION_DASHBOARD_WORK_H */
