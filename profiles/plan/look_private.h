/* SPDX-License-Identifier: Apache-2.0 */
/* look_private - the rules that a plan and a board's own flash are both looked at by; for plan_look and plan_board. */
#ifndef PROFILES_PLAN_LOOK_PRIVATE_H
#define PROFILES_PLAN_LOOK_PRIVATE_H

#include "profiles/firmware/otadata.h"
#include "profiles/firmware/partition.h"
#include "profiles/plan/flash_plan.h"
#include "profiles/plan/plan_board.h"
#include "profiles/text/complaint.h"

#define HEAD_SIZE     OTADATA_RECORD_SIZE /* of a sector: as much as any rule asks for */
#define APP_ALIGNMENT 0x10000u            /* the cache maps flash by such pages */

struct look {
    const struct plan *plan;
    const struct partition_table *table; /* the plan's, or the board's own */
    const char *whose;                   /* "the table", "the board's own table" */
    const struct board_head *heads;      /* of the board, as far as they were read */
    size_t head_count;
    const struct place *at;
    struct complaint *c;
    uint32_t wanted; /* LOOK_WANTS: this sector of the board has to be known */
};

enum look_answer { LOOK_REFUSED = -1, LOOK_GOOD = 0, LOOK_WANTS = 1 };

/* -1, with the plan's name and the line of what is wrong: `part` NULL: of the firmware. */
int look_refuse(const struct look *l, const struct plan_part *part, const char *text, ...)
    __attribute__((format(printf, 3, 4)));

/* plan_names.c: the job's names become places of this board, once its table is known. 0, or -1 by look_refuse(). */
int plan_board_name(struct plan_board *b, const struct look *l);

/* The file that covers `offset`, NULL: none. */
const struct plan_part *look_part_at(const struct plan *plan, uint32_t offset);
/* A file that begins as an image does, and is not the bootloader. */
bool look_is_app(const struct plan *plan, const struct plan_part *part);
/* The partition that holds `offset`, NULL: none. */
const struct partition *look_partition(const struct partition_table *t, uint32_t offset);

/* Files end within their partition; what lies in an application partition is an application, on 64 KiB. 0 or -1. */
int look_at_parts(const struct look *l);
/* Nothing is written over `own`, nor erased in it, which the board keeps and starts by: `what` and `name` call it. 0 or -1. */
int look_keeps(const struct look *l, const struct span *own, const char *what, const char *name);
/* Some application partition receives an application. */
bool look_has_app(const struct look *l);
/* Always -1: none does; tells where the application went, or that there is no such partition. */
int look_refuse_no_app(const struct look *l);
/* The application that is started: GOOD with *started, NULL: there is none. WANTS: the board decides, by l->wanted. */
enum look_answer look_for_start(struct look *l, const struct partition **started, bool *written);

#endif /* PROFILES_PLAN_LOOK_PRIVATE_H */
