/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity_edit - by hand: the identity sector of the board in a slot is read and, if its owner says so, written anew, outside
 * of any attempt.
 *
 * The port is opened, the chip identified and put to accept(), the sector that stands there now to decide(); what that wants
 * instead is written through the ROM loader and verified by the chip's digest, the MAC compared once more, and the board let
 * go. One thread; everything pointed to outlives the call.
 */
#ifndef ENGINE_BOARD_IDENTITY_EDIT_H
#define ENGINE_BOARD_IDENTITY_EDIT_H

#include "base/record.h"
#include "engine/board/session.h"

struct identity_edit {
    struct session *session; /* as for an attempt; closed or open */
    const char *kind;        /* as a job names its chip: another one is refused; NULL: any */
    uint32_t offset;         /* of the sector, in flash */
    uint32_t beside;         /* another sector that look() is shown first; 0: none */
    uint32_t baud;           /* to work at; 0: 115200 */
    /* -1 with *f: this board is left as it is. Each may be NULL, but for decide(). */
    int (*accept)(void *ctx, const struct unit_identity *unit, struct failure *f);
    int (*look)(void *ctx, const struct backup *beside, struct failure *f);
    /*
     * What stands there, and `want` a copy of it to be changed. 1: `want` is to be written, and what has to be durable before
     * that is; nothing has been erased yet. 0: it stays. -1 with *f.
     */
    int (*decide)(void *ctx, const struct backup *found, uint8_t want[static BACKUP_SIZE], struct failure *f);
    void *ctx;
};

/* *changed: it was written. 0: the board holds what was decided; -1 with *f. */
int identity_edit(const struct identity_edit *e, bool *changed, struct failure *f);

#endif /* ENGINE_BOARD_IDENTITY_EDIT_H */
