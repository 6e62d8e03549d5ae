/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recorder - the seam between what happens (engine) and what is kept (db).
 *
 * Seven blocking calls, each durable on return: when it answers 0, the fact survives a power cut. An attempt goes from
 * open to closed exactly once; nothing else is ever updated. Calls come from many worker threads at once; the
 * implementation serialises them. Each returns 0, or -1 with *f filled.
 */
#ifndef BASE_RECORDER_H
#define BASE_RECORDER_H

#include "base/record.h"

struct recorder_verdict {
    bool allowed; /* false: *hold says why (HOLD_* or FAIL_TRAINING_MAC) and the attempt ends with it */
    struct failure hold;
    bool is_rework; /* allowed, and this unit had a closed attempt before */
    /* The unit's last backed-up boot sector, for a job without a bootloader on a board that lost its own. */
    bool has_boot_sector;
    uint8_t boot_sector[BACKUP_SIZE];
    /*
     * The identity sector as the records know it, when an earlier attempt on this unit had backed it up, may have erased
     * and never ended as PASS: the oldest CONFIG backup since the unit's last PASS (or since the engineer's last word on
     * it) that is not blank, of this attempt none. A board whose sector is blank, or is what that attempt left, gets it
     * back; one that differs otherwise is held.
     */
    bool has_identity;
    uint8_t identity[BACKUP_SIZE];
    bool has_identity_left; /* and what the newest of those attempts left there instead, by the chip's MD5 */
    uint8_t identity_left_md5[MD5_SIZE];
};

/* What shall stand in a sector, by the records. */
struct saved_sector {
    bool found;    /* else they know of none */
    bool in_doubt; /* a job that does not protect this sector may have written there since */
    uint8_t data[BACKUP_SIZE];
};

struct recorder {
    void *ctx;
    /*
     * Before the port is opened. *attempt is the recorder's handle for the calls below. May refuse to start a board
     * at all (disk floor, stop rule, lot full, nobody logged in): -1, nothing was opened, no close follows. A refusal
     * with sys EAGAIN may be asked again: HOLD_LOT_FULL whose last places are running elsewhere.
     */
    int (*open)(void *ctx, const struct attempt_start *start, int64_t *attempt, struct failure *f);
    /* After IDENTIFY, before anything is erased. */
    int (*identify)(void *ctx, int64_t attempt, const struct unit_identity *unit,
                    struct recorder_verdict *verdict, struct failure *f);
    int (*backup)(void *ctx, int64_t attempt, const struct backup *backup, struct failure *f);
    /* Exactly once for each attempt that was opened. */
    int (*close)(void *ctx, int64_t attempt, const struct attempt_result *result, struct failure *f);
    /*
     * The sector at `offset` as an earlier attempt on this unit had saved it, by the rule of `identity` above: for what a
     * job protects beside it. After identify().
     */
    int (*saved)(void *ctx, int64_t attempt, uint32_t offset, struct saved_sector *out, struct failure *f);
    /*
     * After identify() allowed the board and the gate found nothing else: may it go on? 0: yes. 1: not yet, whoever keeps
     * the record waits for something that belongs to this board; the engine leaves the board as it is and asks again when
     * it is told to (engine_look_again()). -1: no, *f says why. NULL: always yes.
     */
    int (*leave)(void *ctx, int64_t attempt, struct failure *f);
    /* Just before the first change of its flash. -1: nothing may be changed, *f says why. NULL: always yes. */
    int (*begin)(void *ctx, int64_t attempt, struct failure *f);
};

#endif /* BASE_RECORDER_H */
