/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recorder's leave for a board that passed the gate. Until it is given the board stands as it came: nothing is erased,
 * and who takes it off, or puts another one there, has taken it off.
 */
#include "engine/attempt/attempt_private.h"

static int stop(struct attempt *a, const char *why)
{
    return failure_set(&a->board.failure, FAIL_ABORTED, STAGE_GATE, 0, "%s; nothing was erased", why);
}

/* It may have been reset while it waited: the loader must know its flash again, and it must be the same board. */
static int is_same(struct attempt *a)
{
    if (board_is_same(&a->board) == 0)
        return 0;
    return a->board.failure.code == FAIL_IDENTITY_CHANGED
               ? stop(a, "the board was taken off while it waited, and another one put in its place")
               : -1;
}

static int wait_once(struct attempt *a)
{
    const struct attempt_config *c = a->config;
    enum attempt_await end = c->await != NULL ? c->await(c->ctx, &a->board.chip.unit.mac) : AWAIT_STOP;

    if (end == AWAIT_STOP)
        return stop(a, "the slot was stopped while the board waited");
    return end == AWAIT_GONE ? stop(a, "the board was taken off while it waited") : is_same(a);
}

static void show_wait(struct attempt *a, bool waiting)
{
    a->board.waiting = waiting;
    board_publish(&a->board, "", false);
}

int attempt_leave(struct attempt *a)
{
    const struct recorder *r = a->config->recorder;
    int rc = 0;

    if (a->has_leave || r->leave == NULL)
        return 0;
    while ((rc = r->leave(r->ctx, a->record, &a->board.failure)) == 1) {
        if (!a->board.waiting)
            show_wait(a, true);
        if ((rc = wait_once(a)) < 0)
            break;
    }
    if (a->board.waiting)
        show_wait(a, false);
    if (rc < 0)
        a->board.failure.stage = STAGE_GATE;
    a->has_leave = rc == 0;
    return rc;
}

int attempt_begin(struct attempt *a)
{
    const struct recorder *r = a->config->recorder;

    if (a->begun || r->begin == NULL)
        return 0;
    if (r->begin(r->ctx, a->record, &a->board.failure) < 0) {
        a->board.failure.stage = a->board.stage;
        return -1;
    }
    a->begun = true;
    return 0;
}

int attempt_store_backup(struct attempt *a, const struct backup *b)
{
    const struct recorder *r = a->config->recorder;
    struct failure f = {0};

    if (r->backup(r->ctx, a->record, b, &f) == 0)
        return 0;
    failure_set(&a->board.failure, FAIL_BACKUP_STORE, STAGE_BACKUP, f.sys, "%s", f.detail);
    return failure_while(&a->board.failure, "storing the backup of sector 0x%x", b->offset);
}
