/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attempt_private - one attempt under way; shared by attempt*.c only. Every function that returns an int returns 0, or -1
 * with a->board.failure. Calls go down only: attempt; gate, write, verify; keep; protect; unit; leave and beside, which call none.
 */
#ifndef ENGINE_ATTEMPT_ATTEMPT_PRIVATE_H
#define ENGINE_ATTEMPT_ATTEMPT_PRIVATE_H

#include "engine/attempt/attempt.h"
#include "engine/board/board_survey.h"
#include "profiles/plan/plan_board.h"

/* A sector that the plan leaves alone, next to one that it does not. */
struct beside {
    uint32_t offset;
    uint8_t md5[MD5_SIZE]; /* before the first erase, by the chip */
};

struct kept_sector {
    struct backup b;
    bool
        owed; /* the board holds something else, of an earlier attempt: `b` is from its record, and not back yet */
};

/* A sector with unit data, as it shall be. */
struct unit_sector {
    uint32_t offset;
    const uint8_t *want; /* within `unit_bytes`; NULL: blank */
    bool patched;        /* the bytes around the data are the board's own */
    bool is_same;        /* the board holds it, by its chip's digest, and nothing was changed since */
};

struct attempt {
    const struct attempt_config *config;
    const struct job *job;
    int64_t record; /* recorder's handle */
    int64_t began_us;
    struct wire_head wire; /* how the port was found */
    struct board board;

    const struct plan *plan; /* chosen by the gate */
    struct recorder_verdict verdict;
    bool has_layout; /* looked at, and it suits the plan */
    struct plan_board layout;
    bool has_leave, begun; /* what the recorder was asked for it, once an attempt */

    bool has_identity, has_parked; /* read, hashed and durable */
    struct backup identity, parked;
    /* Unit data are in the identity sector, and have been written there, or are being: it is not that of the backup any more. */
    bool identity_is_due;

    bool has_unit; /* asked for, once an attempt: what follows */
    struct unit_data unit;
    struct unit_sector *unit_sectors; /* owned, by offset */
    size_t unit_count;
    uint8_t *unit_bytes; /* owned, of those that are not blank, in their order */
    bool has_unit_backup;

    struct kept_sector *kept; /* owned: each sector that the job protects beside the identity, durable */
    size_t kept_count;

    struct survey survey; /* of this try */
    bool changes;         /* the board lacks something of the plan: in this try it is erased or written */

    struct beside *beside; /* owned; NULL: not looked at yet, or there are none */
    size_t beside_count;
    bool has_beside;
};

/* attempt_gate.c: may this board be written at all? */
int attempt_gate(struct attempt *a);

/* attempt_leave.c: the recorder's leave, waited for where it is not given yet; and its last word before the first change. */
int attempt_leave(struct attempt *a);
int attempt_begin(struct attempt *a);
/* Durable when it returns 0. */
int attempt_store_backup(struct attempt *a, const struct backup *b);

/* attempt_write.c: what changes the flash. */
int attempt_erase(struct attempt *a);
int attempt_write(struct attempt *a);
int attempt_finalise(struct attempt *a);

/* attempt_verify.c: the chip's digest of all that the plan vouches for. */
int attempt_verify(struct attempt *a);
int attempt_confirm(struct attempt *a);

/* How a sector that stays the board's own was found: LOST differs and did not go back, NOT_KNOWN could not be asked for. */
enum kept { UNCHANGED, RESTORED, LOST, NOT_KNOWN };

/*
 * attempt_protect.c: what the job protects beside the identity; as that, it is compared, and goes back where it changed.
 * Only reads and stores; what an earlier attempt left changed goes back by attempt_put_protected_back(), a write.
 */
int attempt_back_up_protected(struct attempt *a);
int attempt_put_protected_back(struct attempt *a);
int attempt_protected_kept(struct attempt *a);
enum kept attempt_protected_rescue(struct attempt *a);

/*
 * attempt_unit.c: bytes of the board's own, written and vouched for as the plan's pieces are. Each sector of them in which the
 * board keeps anything is durable before anything is erased; the identity sector among them is attempt_keep's to read.
 */
int attempt_compose_unit(struct attempt *a);
int attempt_back_up_unit(struct attempt *a);
/* The identity sector of this plan holds unit data. */
bool attempt_unit_in_identity(const struct attempt *a);
/* A sector at `offset` that holds `own` with its unit data in it. */
void attempt_unit_patch(const struct attempt *a, uint32_t offset, const uint8_t own[static BACKUP_SIZE],
                        uint8_t out[static BACKUP_SIZE]);
/* What the identity sector shall be in the end. */
void attempt_unit_take_identity(struct attempt *a, const uint8_t due[static BACKUP_SIZE]);
/* Every byte is FF or that of `whole`: an erase or a write of it that was cut off leaves that. */
bool attempt_is_half_of(const uint8_t data[static BACKUP_SIZE], const uint8_t whole[static BACKUP_SIZE]);
/* Which sectors the board holds already: 0, also where the line failed and nothing is known. */
int attempt_survey_unit(struct attempt *a);
void attempt_forget_unit(struct attempt *a);
bool attempt_unit_is_same(const struct attempt *a);
uint64_t attempt_unit_bytes(const struct attempt *a,
                            bool lacking); /* of all sectors, or of those that it lacks */
int attempt_write_unit(struct attempt *a);
/* The chip's digests; `all`: of the identity sector too, which is looked at in its own right at the end. */
int attempt_check_unit(struct attempt *a, bool all);
void attempt_wipe_unit(struct attempt *a);

/* attempt_keep.c: identity sector and own bootloader are durable before anything is erased, and go back. */
int attempt_backup(struct attempt *a);
int attempt_check_parked(struct attempt *a);
int attempt_restore_parked(struct attempt *a);
/* Compared with this attempt's backup; where it changed, written back at once: FAIL_IDENTITY_DAMAGED either way. */
int attempt_identity_kept(struct attempt *a);
/* The same for an attempt that has failed otherwise, while its loader can still be asked; the failure keeps its code. */
void attempt_identity_rescue(struct attempt *a);

/* attempt_beside.c: the sectors next to what the plan touches, digested before the first erase. */
int attempt_note_beside(struct attempt *a);
int attempt_beside_unchanged(struct attempt *a);

#endif /* ENGINE_ATTEMPT_ATTEMPT_PRIVATE_H */
