/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stage - the steps of one attempt, in the order in which they run; but the stub is started before the backup, which goes many
 * times faster through it. Names are stored in records: append only.
 */
#ifndef BASE_STAGE_H
#define BASE_STAGE_H

#define STAGES(X)                                                                \
    X(STAGE_NONE, "none")                                                        \
    X(STAGE_OPEN, "open")         /* the port */                                 \
    X(STAGE_CONNECT, "connect")   /* reset into the bootloader, SYNC */          \
    X(STAGE_IDENTIFY, "identify") /* chip, revision, MAC, flash, eFuses */       \
    X(STAGE_GATE, "gate")         /* may this board be written at all */         \
    X(STAGE_BACKUP, "backup")     /* identity sector read, hashed, committed */  \
    X(STAGE_STUB, "stub")                                                        \
    X(STAGE_ERASE, "erase")                                                      \
    X(STAGE_WRITE, "write")                                                      \
    X(STAGE_VERIFY, "verify")     /* the chip's MD5; what was erased is blank */ \
    X(STAGE_FINALISE, "finalise") /* otadata, boot sector */                     \
    X(STAGE_CONFIRM, "confirm")   /* once more, and the identity kept */         \
    X(STAGE_RESET, "reset")                                                      \
    X(STAGE_RECORD, "record")

enum stage {
#define X(id, name) id,
    STAGES(X)
#undef X
        STAGE_COUNT
};

const char *stage_name(enum stage s); /* "write"; static storage */

#endif /* BASE_STAGE_H */
