/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity_restore - by hand: a unit's saved identity sector back onto the board in a slot, outside of any attempt.
 *
 * The port is opened, the chip identified, its MAC compared with the unit's, the sector that stands there now handed to
 * keep(), the saved one written through the ROM loader and verified by the chip's digest, the MAC compared once more, and
 * the board let go. One thread; everything pointed to outlives the call.
 */
#ifndef ENGINE_BOARD_IDENTITY_RESTORE_H
#define ENGINE_BOARD_IDENTITY_RESTORE_H

#include "base/record.h"
#include "engine/board/session.h"

struct identity_restore {
    struct session *session; /* as for an attempt; closed or open */
    const struct mac *mac;   /* of the unit the sector belongs to */
    const char *chip;        /* its chip, by the name that its record has: another one is refused */
    const uint8_t *sector;   /* BACKUP_SIZE bytes */
    uint32_t offset;         /* where they belong in flash */
    uint32_t baud;           /* to work at; 0: 115200 */
    /* What stood there before, durable when this returns 0; nothing has been erased yet. Not called when it is the same. */
    int (*keep)(void *ctx, const struct backup *before, struct failure *f);
    void *ctx;
};

/* *changed: the board held something else before. 0: the board holds the sector now; -1 with *f. */
int identity_restore(const struct identity_restore *r, bool *changed, struct failure *f);

#endif /* ENGINE_BOARD_IDENTITY_RESTORE_H */
