/* SPDX-License-Identifier: Apache-2.0 */
/* slot_status - what a person may know of a slot at one moment. Plain data: a copy, never a pointer into the engine. */
#ifndef ENGINE_SLOT_SLOT_STATUS_H
#define ENGINE_SLOT_SLOT_STATUS_H

#include "base/record.h"

enum slot_state {
    SLOT_IDLE,    /* no board seen, nothing to do */
    SLOT_WAITING, /* ready: starts by itself when a board answers */
    SLOT_BUSY,    /* an attempt is running */
    SLOT_SAVING,  /* the chip is done, the record is not durable yet */
    SLOT_DONE,    /* `result` holds until the board is removed */
    SLOT_ACT,     /* the operator must do something: see `act` */
    SLOT_STOPPED  /* drained, disabled by a stop rule, or the station is ending */
};

/* ACT_LEAVE: an attempt runs and has changed nothing yet; whoever keeps the record waits for something of this board's. */
enum slot_act { ACT_NONE, ACT_BOOT_JUMPER, ACT_REMOVE_BOARD, ACT_UNLOCK, ACT_LEAVE };

#define SLOT_NOTE_SIZE (FAILURE_DETAIL_SIZE + 128) /* a failure whole, and what is done about it */

struct slot_status {
    int slot; /* 1.. */
    char port[96];
    char label[32]; /* nickname; "" when none */
    enum slot_state state;
    enum slot_act act;
    enum stage stage;
    /* When the stages of the attempt that runs, or ended last, began: since its start. A bit (1 << stage) tells which were reached. */
    uint32_t stages_reached;
    int64_t stage_at_ms[STAGE_COUNT];
    uint64_t done, total;                /* bytes of the stage, or 0 0 */
    int64_t started_us, now_us, left_us; /* slot's clock; left_us < 0: unknown */
    enum result result; /* of the attempt that runs or has ended; RESULT_OPEN: none ended yet */
    int retries;
    uint64_t bytes_written, bytes_unchanged; /* once an attempt ended: as in struct attempt_result */
    uint32_t baud, baud_max; /* at which this slot works, or begins the next board; the job's */
    int64_t attempt;         /* recorder's handle; 0: none */
    bool has_unit;
    struct unit_identity unit; /* valid when has_unit */
    struct failure failure;
    char boot_pin[24];         /* as job_boot_pin() has it: what ACT_BOOT_JUMPER asks to be connected */
    char note[SLOT_NOTE_SIZE]; /* "writing with the ROM loader: no stub files" */
    /* Ended on this slot in this run; failed counts all but PASS. Who was kept from starting is not among them. */
    uint32_t boards, passed, failed;
};

bool slot_status_runs(const struct slot_status *s); /* an attempt is under way, or stands waiting for leave */
const char *slot_state_name(enum slot_state s);     /* "busy"; static storage */

#endif /* ENGINE_SLOT_SLOT_STATUS_H */
