/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dashboard_model - what the screen knows: the newest snapshot of every slot, and what the events told.
 *
 * Collecting never draws, drawing never collects. Single owner, no locks. Slots are indexed 0..; numbers are in them.
 */
#ifndef STATION_SCREEN_DASHBOARD_MODEL_H
#define STATION_SCREEN_DASHBOARD_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/slot/slot_event.h"
#include "station/screen/dashboard_face.h"
#include "station/screen/desk.h"

#define LOG_MAX    2000
#define RECENT_MAX 10
#define CYCLES_MAX 256
#define TALLY_MAX  32

/* One line of the log: facts, put into words when drawn. */
struct log_entry {
    int64_t wall_ms;
    int slot; /* 0: the station */
    enum slot_event_kind kind;
    enum face face;
    enum slot_act act;
    int retries;
    int64_t duration_ms; /* of an ended attempt */
    struct failure failure;
    bool has_mac;
    struct mac mac;
    char boot_pin[24]; /* of struct slot_status */
    char note[SLOT_NOTE_SIZE];
};

/* What happened on one slot: since the screen came up, and of an attempt that was under way then, before. */
struct slot_history {
    int64_t stage_at_ms
        [STAGE_COUNT]; /* start of each stage of the newest attempt, since its start; -1: not reached */
    int64_t ended_ms;  /* of it; -1: runs */
};

struct model {
    int count;
    struct slot_status *slots;
    struct slot_history *history;
    struct desk_serial *serials; /* by slot */

    struct log_entry *log; /* ring */
    int log_length, log_next;

    enum face recent[RECENT_MAX]; /* oldest first */
    int recent_length;

    int faces[FACE_COUNT]; /* slots showing each face */
    int asking;            /* slots that ask for a scan */
    struct desk_run run;   /* known: as the desk has it; else passed and not_passed by what the slots say */
    int64_t cycle_ms[CYCLES_MAX]; /* of PASS attempts, oldest first */
    int cycle_length;
    struct {
        enum failure_code code;
        long count;
    } tally[TALLY_MAX]; /* failures by code, as they first came */
    int tally_length;
};

/* 0 or -ENOMEM. */
int model_init(struct model *m, int count);
void model_free(struct model *m);
/* After new snapshots are in m->slots: stages that began before the screen was there. */
void model_seed(struct model *m);
/*
 * After new snapshots are in m->slots: what is scanned for them (NULL: nothing). Of the boards that wait for a scan one asks;
 * the others wait their turn, and look like boards at work.
 */
void model_serials(struct model *m, const struct desk_serial *serials);
/* After new snapshots are in m->slots: counts again. `run`: what the desk knows of the run. */
void model_count(struct model *m, const struct desk_run *run);
void model_event(struct model *m, const struct slot_event *e);
/* A line of the screen's own: a scan without a field, an answer of the work rules. slot 0: the station. */
void model_note(struct model *m, int64_t wall_ms, int slot, const char *text);

/* i = 0: newest. NULL past the end. */
const struct log_entry *model_log(const struct model *m, int i);
/* The final yield of this run in percent; < 0: not known, or no unit was tried. */
double model_yield(const struct model *m);
/* Index of the slot to look at first, or -1. */
int model_urgent(const struct model *m);
int model_running(const struct model *m); /* slots with an attempt under way, or waiting for its scan */
/* Slots that want somebody, of those outside of first .. last - 1. */
int model_urgent_outside(const struct model *m, int first, int last);

#endif /* STATION_SCREEN_DASHBOARD_MODEL_H */
