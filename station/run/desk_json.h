/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_json - what a screen asks its desk (station/screen/desk.h), as lines of JSON, both ways: the state of a station for who looks at
 * it from another process, and that process's acts and questions. docs/json.md, "flashline attach", is the contract.
 */
#ifndef STATION_RUN_DESK_JSON_H
#define STATION_RUN_DESK_JSON_H

#include <jansson.h>

#include "station/screen/desk.h"

/* ---- the state ---- */

/* Who has the work of a station: the seat of the one screen that acts. */
enum desk_seat { SEAT_FREE, SEAT_TAKEN, SEAT_OWN /* a screen of the station's own */ };

/* What stands in the line `station`, beside the desk's. */
struct desk_facts {
    const struct desk_station *station;
    const struct desk_run *run;
    bool draining;
    enum desk_seat seat;
    int slots;
    int64_t run_id;          /* db_run(), for who reads the records himself */
    const char *database;    /* its path there */
    const char *scan_prefix; /* as struct dashboard_config has it */
};

/* Both: NULL: no memory. */
json_t *desk_json_station(const struct desk_facts *facts);
/* A slot as it is just then: no news of it. */
json_t *desk_json_slot(const struct slot_status *s, const struct desk_serial *serial, int64_t wall_ms);
/* The same for one who has seen nothing of it yet: with the beginnings of its stages. */
json_t *desk_json_whole_slot(const struct slot_status *s, const struct desk_serial *serial, int64_t wall_ms);

#define DESK_COPY_PATH 4096

/* A station as its lines have told. Zeroed, it knows nothing. */
struct desk_copy {
    int slots; /* 0: not told yet */
    struct slot_status *status;
    struct desk_serial *serials;
    struct desk_station station;
    struct desk_run run;
    int64_t run_id;
    enum desk_seat seat;
    char database[DESK_COPY_PATH], scan_prefix[16];
    bool draining, has_ended;
    int boards, passed, exit_code; /* once it has ended */
};

void desk_copy_free(struct desk_copy *c); /* what it points to */

enum desk_line {
    DESK_LINE_OTHER,  /* nothing of it is known here */
    DESK_LINE_STATE,  /* the copy has it */
    DESK_LINE_EVENT,  /* *out too: for the log */
    DESK_LINE_NOTE,   /* *out is a note of the station's or of a slot's: one text */
    DESK_LINE_REFUSED /* the station does not show itself: out->status.note says why */
};

/* One line, with or without its newline. */
enum desk_line desk_copy_read(struct desk_copy *c, const char *line, struct slot_event *out);

/* ---- acts and questions, for the control socket ---- */

#define DESK_ACT_ACTION  "act"
#define DESK_ASK_ACTION  "ask"
#define DESK_WORK_ACTION "work" /* "on": true: this process acts from now on; false: it looks again */
#define DESK_LOOK_ACTION "look" /* the connection gets the state from then on */

/* NULL: a text is not UTF-8, or no memory. */
json_t *desk_json_act(const struct desk_act *act);
/* *act borrows from `o`. False: not understood. */
bool desk_json_get_act(const json_t *o, struct desk_act *act);
json_t *desk_json_outcome(enum desk_outcome outcome, const char *why);
/* DESK_REFUSED with no words for what is not understood. */
enum desk_outcome desk_json_get_outcome(const json_t *o, char why[static DESK_WHY_SIZE]);

json_t *desk_json_ask(const struct desk_query *query);
/* Of DESK_JOBS and DESK_LOTS: who asks for another topic reads the records himself. */
bool desk_json_get_ask(const json_t *o, struct desk_query *query);
json_t *desk_json_choices(const struct desk_choice *choices, int count);
/* How many, at most `max`; -EIO: the station could not say. */
int desk_json_get_choices(const json_t *o, struct desk_choice *out, int max);

#endif /* STATION_RUN_DESK_JSON_H */
