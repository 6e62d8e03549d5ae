/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_board - what a plan leaves to the board, held against the board's own flash: partition table, boot selection and the
 * application that it starts. Whoever has the board reads the sectors that are wanted, one after another; the rules are
 * here. Nothing of the board has been changed then.
 *
 *     plan_board_begin(&b, plan, flash_size);
 *     while ((rc = plan_board_next(&b, &offset, &c)) > 0)
 *         plan_board_take(&b, sector at offset);
 *     rc == 0: b.plan is what to do on this board, as long as b lives where it is.
 */
#ifndef PROFILES_PLAN_PLAN_BOARD_H
#define PROFILES_PLAN_PLAN_BOARD_H

#include "profiles/firmware/otadata.h"
#include "profiles/firmware/partition.h"
#include "profiles/plan/flash_plan.h"

struct complaint;

#define BOARD_ERASES_MAX 256
#define BOARD_HEADS_MAX  24 /* two of a selection, 18 applications, a bootloader */

/* Plain data of one look; the members are plan_board's own. */
struct plan_board {
    const struct plan *plan;
    uint32_t flash_size;
    uint32_t wanted;
    bool has_table;
    const char *why; /* of the table that was found last */
    uint32_t table_at;
    struct partition_table table;
    struct board_head {
        uint32_t offset;
        uint8_t bytes[OTADATA_RECORD_SIZE];
    } heads[BOARD_HEADS_MAX];
    size_t head_count;
    bool named; /* plan is `own`: the job's, with the board's places for its names */
    struct plan own;
    struct span erases[BOARD_ERASES_MAX];
};

void plan_board_begin(struct plan_board *b, const struct plan *plan, uint32_t flash_size);
/* 1: *offset is to be read, SECTOR_SIZE bytes; 0: the board suits the plan; -1: it does not, and *c says why. */
int plan_board_next(struct plan_board *b, uint32_t *offset, struct complaint *c);
void plan_board_take(struct plan_board *b, const uint8_t sector[static SECTOR_SIZE]);

#endif /* PROFILES_PLAN_PLAN_BOARD_H */
