/* SPDX-License-Identifier: Apache-2.0 */
/*
 * board - one board on one port while it is worked on: how its loader is reached, and reached again when it was lost, as
 * the same board at the work's rate; and what is told of it.
 *
 * It knows neither the plan nor the record. Plain data, filled by its owner with what stands first; one thread. Functions
 * that return an int: 0, or -1 with board->failure, which then names the running stage.
 */
#ifndef ENGINE_BOARD_BOARD_H
#define ENGINE_BOARD_BOARD_H

#include "engine/board/attempt_view.h"
#include "engine/board/session.h"
#include "engine/chip/esp_chip.h"
#include "engine/chip/esp_stub.h"
#include "profiles/job/job.h"

/* Where the chip's digest was last found to be another than wanted, and which it was. */
struct mismatch {
    bool seen;
    uint32_t offset;
    uint8_t md5[MD5_SIZE];
};

struct board {
    /* Of the owner, all borrowed. */
    struct session *session; /* port and loader; may already be open and answering */
    struct clock *clock;
    const struct job *job;         /* the rules of stub and retries */
    const struct stub *stub;       /* those there are, in a list; NULL: ROM only */
    const char *stub_note;         /* why there is none; "" or NULL */
    struct attempt_result *result; /* gets what is counted: retries, resets, times, the stub */
    void (*publish)(void *ctx, const struct attempt_view *view); /* called often; may be NULL */
    void *publish_ctx;
    uint32_t baud; /* to work at; lowered where adapter or line cannot take it */

    struct failure failure;
    enum stage stage;
    int64_t stage_began_us;
    uint64_t done, total;

    struct esp_chip chip;
    bool identified;          /* chip.unit is filled */
    bool has_unit;            /* and accepted: a later connection must find the same MAC */
    bool waiting;             /* for leave of the recorder */
    bool touched;             /* something was erased: the board is not what it was */
    bool own_stub;            /* the running stub is the one of the configuration, not one found running */
    bool resends_on_checksum; /* that one does: stub_resends_on_checksum() */
    bool stale_stream;        /* a stream broke off since this stub was started */
    bool rom_only;            /* the stub did not start on this board, or shall not */
    bool line_failed;         /* an earlier try of this attempt ended by what the line may have done */
    uint64_t lost_at;         /* bytes sent when something was last lost; 0: nothing was */
    int lost_soon;            /* losses in a row with hardly anything between them */
    bool refused_before;      /* a command without a checksum was refused once in this try */
    int restarts;             /* of single regions, in this try */
    int tries;                /* of the whole board, before this one */

    struct mismatch mismatch; /* of this try, or of the one before until it is compared */
};

/* What is told: each publishes a view. */
void board_publish(struct board *b, const char *note, bool saving);
void board_stage(struct board *b, enum stage stage);
void board_progress(struct board *b, uint64_t done, uint64_t total);
void board_note(struct board *b, const char *text, ...) __attribute__((format(printf, 2, 3)));
/* A loader's errno as a failure of the running stage; for what may be tried again. */
int board_lost(struct board *b, int rc, enum failure_code lost, enum failure_code refused);
/* The same with what was being done, for what may not: failure_while(). */
int board_lost_while(struct board *b, int rc, enum failure_code lost, enum failure_code refused,
                     const char *doing, ...) __attribute__((format(printf, 5, 6)));

/* From closed port to a loader that can do the work, at the work's baud rate. Stages of their own. */
int board_open(struct board *b);
int board_connect(struct board *b);
/* Fills b->chip, its flash too, at the work's rate where reset is wired; once it has a unit: board_is_same(). */
int board_identify(struct board *b);
/*
 * The work's rate, or the highest below it that the adapter makes and the board answers at: a rate that it does not answer
 * at is a retry, and the board is reached anew, where that is wired.
 */
int board_raise_baud(struct board *b);
int board_start_stub(struct board *b);
/* Resets the board so that it runs its program; where no reset is wired there is nothing to do. */
int board_let_go(struct board *b);

/* The MAC is still that of b->chip, else FAIL_IDENTITY_CHANGED; the loader then knows the flash again. */
int board_is_same(struct board *b);
bool board_lower_baud(struct board *b); /* for the next connection; false: it is the lowest already */
/* The chip's word that its flash did not obey, not that the line damaged what it was told: the board is to blame. */
bool board_flash_refused(const struct board *b, int rc);
/*
 * After a command failed with `rc` and b->failure tells it: 0 when that may be the line's doing and the loader has been
 * reached again, so that the same may be started over; counted. Else -1 with the failure that says most.
 */
int board_recover(struct board *b, const char *name, int rc);
/* What a board is left in that did not get through: untouched it runs what it had, else it is held in reset. */
void board_leave(struct board *b);
/* After work that ended with `rc`: let go, or left as it is; what went wrong is told in *f. 0 or -1. */
int board_finish(struct board *b, int rc, struct failure *f);

#endif /* ENGINE_BOARD_BOARD_H */
