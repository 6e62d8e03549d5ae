/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity - a unit's identity sector as the records know it: what was saved of it, which of that the next attempt would
 * put back, and the engineer's word on it. Sectors hold secrets: they go to the board, and nowhere else.
 *
 * The engineer's word is work like any other (db/desk/work.h): WORK_IDENTITY_RESTORE once what stands on the board is read and
 * before anything is erased, then identity_done() when the sector is written and verified; WORK_IDENTITY_ACCEPT needs no
 * board. Whichever came last, saved sectors of attempts before it count no more. A restore that was never done (the power
 * went) is finished by the unit's next attempt, like the sector of one that crashed.
 */
#ifndef DB_DESK_IDENTITY_H
#define DB_DESK_IDENTITY_H

#include "base/mac.h"
#include "base/record.h"
#include "db/open/db.h"

struct identity_saved {
    uint8_t sha256[SHA256_SIZE];
    int64_t first_ms, last_ms; /* saved first and last */
    int64_t attempt;           /* that saved it first; 0: read just before a restore */
    uint32_t offset;           /* in flash */
    int times;
    bool blank;   /* one byte all over (erased, zeroed): holds no identity */
    bool ordered; /* never read from the board: what a change that was broken off was to leave there */
    bool due;     /* what the unit's next attempt would put back */
};

/* Of a WORK_IDENTITY_RESTORE or _CHANGE: the call's object is the MAC as text, old and text are the two SHA-256. */
struct identity_act {
    const struct backup *before; /* what stands on the board */
    const struct backup *put;    /* what is to stand there */
    const struct unit_identity
        *unit; /* who it is, where the records may not have met it; NULL: they have, or it is refused */
};

/* Each sector that was saved of this unit once, oldest first. Rows filled (at most `max`), or -1 with *f. */
int identity_list(struct db *db, const struct mac *mac, struct identity_saved *out, int max,
                  struct failure *f);
/*
 * The sector to put back: the one whose hash begins with `from`; without (NULL) the one that is due, else the only one
 * that is not blank. Nothing is guessed: -1 with FAIL_WORK (none, several, no such), or FAIL_DB_OPEN.
 */
int identity_choose(struct db *db, const struct mac *mac, const char *from, struct backup *out,
                    struct failure *f);
/* The hash of what the unit's next attempt would put back: 1 and `sha256`, 0: nothing is due, -1 with *f. */
int identity_due(struct db *db, const struct mac *mac, uint8_t sha256[static SHA256_SIZE], struct failure *f);
/*
 * Another unit whose saved sector, or one that was ordered for it, begins with these bytes: names are given once. 1 and *other
 * (the one that was saved last), 0: none, -1 with *f.
 */
int identity_like(struct db *db, const struct mac *mac, const uint8_t *begin, int size, struct mac *other,
                  struct failure *f);
/* The newest restore of this unit is written and verified. 0 when that is durable, or -1 with *f. */
int identity_done(struct db *db, const struct mac *mac, struct failure *f);

#endif /* DB_DESK_IDENTITY_H */
