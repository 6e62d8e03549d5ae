/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk - everything that the screen asks and does: the tray, the work (job, lot, badge, stops, serials), the records.
 *
 * Four calls, filled by whoever holds engine and records, so that a real station and a scripted test look the same to
 * the screen. Called from the screen's thread alone; each returns within 100 ms but for the start of another job, which
 * is read here and now. Texts are UTF-8; times are Unix time in milliseconds unless their name says otherwise.
 *
 * The screen never decides what is allowed: it acts, asks for a PIN or a reason when the outcome says so, and acts
 * again. Nothing here writes to a record past the rules of work (db/desk/work.h).
 */
#ifndef STATION_SCREEN_DESK_H
#define STATION_SCREEN_DESK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/record.h"
#include "engine/slot/slot_event.h"
#include "station/print/phrase.h"

/* ---- how things stand ---- */

/* What stands in the header. "" and 0: unknown, then nothing is shown. */
struct desk_station {
    char job[64];
    char firmware_version[64];
    char firmware_tail[9]; /* last 8 hex digits of its SHA-256 */
    char lot[64];
    long lot_good, lot_planned; /* good boards of the lot so far, of earlier runs too */
    bool without_run;           /* lot_good lacks what passed in this run: the screen adds it */
    char operator_id[64];
    char role[16]; /* "operator", "engineer" */
    char station_id[64];
    bool training;                /* said in the header: nothing here is production */
    int layout_rows, layout_cols; /* of the fixture; 0: choose what fits best */
};

/* Of this run, by the records (docs/terminology.md, "Numbers"). */
struct desk_run {
    bool known;
    long passed, not_passed;        /* boards */
    long first_tries, first_passes; /* units */
    long units_tried, good;         /* units */
    double boards_per_hour;         /* < 0: not to be said yet */
};

enum desk_serial_state {
    DESK_SERIAL_NONE,  /* none is asked for; `code`, where there is one, is the board's for good */
    DESK_SERIAL_WAITS, /* this board waits, and another one's is scanned first */
    DESK_SERIAL_ASKS,  /* the next scan is for this board */
    DESK_SERIAL_AGAIN, /* the same, and `code` was another board's */
    DESK_SERIAL_TAKEN  /* `code` is its own, and may still be taken back */
};

struct desk_serial {
    enum desk_serial_state state;
    char code[64]; /* "" : none */
};

struct desk_look {
    bool done;     /* every slot has ended */
    bool draining; /* no new boards */
    struct desk_station station;
    struct desk_run run;
    /* One a slot, borrowed until the next look; NULL: none has serials, or the slots were not asked for. */
    const struct desk_serial *serials;
};

/* ---- what is asked ---- */

enum desk_topic {
    DESK_JOBS,        /* choices: the jobs of this station */
    DESK_LOTS,        /* choices: the open lots */
    DESK_LOT_FIGURES, /* lot: of the lot `text`; "": of this run */
    DESK_SLOT_ATTEMPTS, /* attempts: on slot number `slot`, newest first; the first one with the wire's last bytes */
    DESK_UNITS,         /* units: newest first, with `text` in MAC or serial; "": all */
    DESK_UNIT_STORY /* attempts: of the unit `mac`, oldest first */
};

struct desk_query {
    enum desk_topic topic;
    const char *text; /* NULL: "" */
    int slot;
    struct mac mac;
    int max; /* rows there is room for */
};

struct desk_choice {
    char id[128];   /* handed back */
    char title[96]; /* shown */
    char note[96];  /* shown dim: "released", "12 of 200"; "" */
    bool current;
};

/* One ended (or open) attempt. */
struct desk_attempt {
    int64_t number;               /* in the records */
    int64_t opened_ms, closed_ms; /* UTC; closed 0: still open */
    struct attempt_start start;
    char lot[64], operator_id[64], serial[64]; /* that it was recorded under; "" : none */
    bool has_unit;
    struct unit_identity unit;
    struct attempt_result end; /* result RESULT_OPEN: still open */
};

struct desk_unit {
    struct mac mac;
    char serial[64]; /* "" : none */
    char chip[32];
    enum result last; /* of its newest attempt */
    int tries;
    int64_t last_ms; /* UTC */
};

#define DESK_PARETO_MAX 8
#define DESK_CYCLES_MAX 256

struct desk_lot {
    char lot[64];
    long first_tries, first_passes, units_tried, good, planned;
    int pareto_count;
    struct {
        enum failure_code code;
        long count;
    } pareto[DESK_PARETO_MAX]; /* most frequent first */
    int cycle_count;
    int64_t cycle_ms[DESK_CYCLES_MAX]; /* of the newest PASS attempts, oldest first */
    int64_t median_ms, p95_ms;         /* 0: unknown */
    double boards_per_hour;            /* < 0: unknown */
};

/* Room of the caller's for query.max rows of what the topic names (one `lot`). */
union desk_answer {
    struct desk_choice *choices;
    struct desk_attempt *attempts;
    struct desk_unit *units;
    struct desk_lot *lot;
};

/* ---- what is done ---- */

enum desk_act_kind {
    DESK_NOTHING,
    DESK_JOB,       /* `text`: a job's name */
    DESK_LOT,       /* `text`: a lot's number, typed or scanned; `on`: it may be new */
    DESK_EXTEND,    /* `number` more boards for the lot that is chosen */
    DESK_LOG_IN,    /* `text`: a badge */
    DESK_LOG_OUT,   /* whoever is logged in */
    DESK_SLOT,      /* `slot` goes `on` or off */
    DESK_UNLOCK,    /* the stop of `slot`; 0: the station's */
    DESK_SERIAL,    /* `text`: the serial number of the board on `slot` */
    DESK_PIN,       /* `pin` is changed for `text` */
    DESK_SCAN,      /* `text`: a scan that no field waited for; `slot` is the selected one */
    DESK_CHOOSE,    /* the next serial is for the board on `slot` */
    DESK_TAKE_BACK, /* the serial of the board on `slot`; 0: the last that was taken */
    DESK_GO_ON, /* what `slot` asked for is done. This and the following: the tray's own, which every desk takes */
    DESK_DRAIN, /* no new boards; running ones finish */
    DESK_ABORT, /* running ones end at once */
    DESK_WORK,  /* this screen acts from now on. This and the next: of a desk that is far */
    DESK_LOOK   /* it only looks again */
};

struct desk_act {
    enum desk_act_kind kind;
    int slot; /* number, 1.. */
    bool on;
    long number;
    const char *text, *pin, *reason; /* "": none, or none given yet */
};

enum desk_outcome {
    DESK_DONE,
    DESK_RESTART,      /* done; the run must start again with it */
    DESK_NEEDS_PIN,    /* engineer only: act again with a PIN */
    DESK_NEEDS_REASON, /* act again with a reason */
    DESK_NEEDS_YES,    /* `why` asks: act again with `on` when the answer is yes */
    DESK_REFUSED       /* why says it; "": a line of the log has */
};

#define DESK_WHY_SIZE PHRASE_SIZE /* a failure's detail whole, in any language */

#define DESK_BIT(x) (1u << (x))

struct desk {
    void *ctx;
    int slot_count;
    int event_fd; /* readable while an event waits */
    int word_fd;  /* readable while it has to be told what became of a scan; -1: no scan is ever told */
    unsigned
        takes; /* DESK_BIT() of each kind of act that it takes, without the tray's own; 0: nothing but flashing. It may change */
    unsigned
        knows; /* DESK_BIT() of each topic: what is missing a view tells from this run's events, and says so */

    /*
     * The tray is another process's. Leaving this screen ends nothing there; the tray's own acts are taken, as all others, from who has the
     * work: then they stand in `takes`, DESK_LOOK too.
     */
    bool is_far;

    /* `slots`: NULL, or slot_count copies; their numbers are 1.. */
    void (*look)(void *ctx, struct desk_look *out, struct slot_status *slots);
    bool (*next)(void *ctx, struct slot_event *out); /* false: none waits */
    /* Rows filled, or a negative errno, shown as "records cannot be read". */
    int (*ask)(void *ctx, const struct desk_query *query, union desk_answer out);
    /* `why`: for DESK_REFUSED, as the prompt's second line for DESK_NEEDS_*, as a line of the log when done; else "". */
    enum desk_outcome (*act)(void *ctx, const struct desk_act *act, char why[static DESK_WHY_SIZE]);
};

#endif /* STATION_SCREEN_DESK_H */
