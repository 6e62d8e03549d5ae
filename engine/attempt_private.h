/* SPDX-License-Identifier: Apache-2.0 */
/* attempt_private - one attempt under way; shared by attempt*.c and board*.c only. Every attempt_*() returns 0, or -1 with a->failure. */
#ifndef ENGINE_ATTEMPT_PRIVATE_H
#define ENGINE_ATTEMPT_PRIVATE_H

#include "engine/attempt.h"
#include "engine/esp_chip.h"
#include "engine/esp_stub.h"

/* Where the chip's digest was last found to be another than wanted, and which it was. */
struct mismatch {
    bool seen;
    uint32_t offset;
    uint8_t md5[MD5_SIZE];
};

/* A sector that the plan leaves alone, next to one that it does not. */
struct beside {
    uint32_t offset;
    uint8_t md5[MD5_SIZE]; /* before the first erase, by the chip */
};

struct attempt {
    const struct attempt_config *config;
    const struct job *job;
    struct session *session;
    struct clock *clock;
    struct attempt_result *result;
    struct failure failure;
    int64_t record; /* recorder's handle */

    struct esp_chip chip;
    bool identified; /* chip.unit is filled */
    bool has_unit;   /* and accepted: a later connection must find the same MAC */
    const struct plan *plan;
    struct recorder_verdict verdict;
    uint32_t baud; /* to write at; lowered when the line cannot take it */

    bool has_config, has_parked; /* read, hashed and durable */
    struct backup config_sector, parked;
    bool touched;        /* something was erased: the board is not what it was */
    bool own_stub;       /* the running stub is the one of the configuration, not one found running */
    bool stale_stream;   /* a stream broke off since this stub was started */
    bool rom_only;       /* the stub did not start on this board */
    bool line_failed;    /* an earlier try of this attempt ended by what the line may have done */
    bool refused_before; /* a command without a checksum was refused once in this try */
    int restarts;        /* of single regions, in this try */
    int boards;          /* whole-board retries so far */

    struct mismatch mismatch; /* of this try, or of the one before until it is compared */
    struct beside *beside;    /* owned; NULL: not looked at yet, or there are none */
    size_t beside_count;
    bool has_beside;

    enum stage stage;
    int64_t began_us, stage_began_us;
    uint64_t done, total;
    int64_t write_began_us;
};

/*
 * board.c: one board on one port. What is told of it:
 */
void attempt_publish(struct attempt *a, const char *note, bool saving);
void attempt_stage(struct attempt *a, enum stage stage);
void attempt_progress(struct attempt *a, uint64_t done, uint64_t total);
void attempt_note(struct attempt *a, const char *text, ...) __attribute__((format(printf, 2, 3)));
/* A loader's errno as a failure of the running stage. */
int attempt_lost(struct attempt *a, int rc, enum failure_code lost, enum failure_code refused);

/* From closed port to a loader that can do the work, at the work's baud rate. */
int attempt_open(struct attempt *a);
int attempt_connect(struct attempt *a);
int attempt_identify(struct attempt *a);
int attempt_same_board(struct attempt *a);
int attempt_raise_baud(struct attempt *a);
int attempt_start_stub(struct attempt *a);
bool attempt_lower_baud(struct attempt *a);
/* The chip's word that its flash did not obey, not that the line damaged what it was told: the board is to blame. */
bool attempt_flash_refused(const struct attempt *a, int rc);
/*
 * After a command failed with `rc` and a->failure tells it: 0 when that may be the line's doing and the loader has been
 * reached again, so that the same may be started over; counted. Else -1 with the failure that says most.
 */
int attempt_recover(struct attempt *a, const char *name, int rc);
/* Resets the board so that it runs its program; where no reset is wired there is nothing to do. */
int attempt_let_go(struct attempt *a);
/* What a board is left in that did not get through: untouched it runs what it had, else it is held in reset. */
void attempt_leave(struct attempt *a);

/* board_flash.c: reads, erases and writes, each started over a bounded number of times when the line fails. */
/* One sector, with its hash, compared with the chip's digest of it. */
int attempt_read_sector(struct attempt *a, enum backup_kind kind, uint32_t offset, struct backup *out);
int attempt_erase_range(struct attempt *a, uint32_t begin, uint32_t end); /* multiples of the sector */
int attempt_region(struct attempt *a, const struct piece *piece);
int attempt_sector(struct attempt *a, const char *name, uint32_t offset,
                   const uint8_t data[static BACKUP_SIZE]);
/* The digest of `size` blank bytes, at most a sector. Pure. */
void attempt_blank_md5(uint32_t size, uint8_t md5[static MD5_SIZE]);
/* The chip's digest of that range is `want`, or FAIL_MD5_MISMATCH (and a->mismatch), FAIL_MD5_READ. */
int attempt_md5(struct attempt *a, const char *name, uint32_t offset, uint32_t size,
                const uint8_t want[static MD5_SIZE]);
/* FAIL_MD5_MISMATCH becomes FAIL_MD5_UNPROVEN where it may have come over the line. `before`: a->mismatch as it was. */
int attempt_judge(struct attempt *a, const struct mismatch *before);

/* attempt_beside.c: the sectors next to what the plan touches, digested before the first erase. */
bool attempt_writes(const struct plan *p);
int attempt_note_beside(struct attempt *a);
int attempt_beside_unchanged(struct attempt *a);

/* attempt_keep.c: identity sector and own bootloader are durable before anything is erased, and go back. */
int attempt_backup(struct attempt *a);
int attempt_check_parked(struct attempt *a);
int attempt_restore_parked(struct attempt *a);
/* Reads the sector into a->config_sector, checked by the chip's digest. */
int attempt_read_identity(struct attempt *a);
/* a->config_sector onto the board, verified by the chip's digest. */
int attempt_identity_write(struct attempt *a);
/* Compared with this attempt's backup; where it changed, written back at once: FAIL_IDENTITY_DAMAGED either way. */
int attempt_identity_kept(struct attempt *a);
/* The same for an attempt that has failed otherwise, while its loader can still be asked; a->failure keeps its code. */
void attempt_identity_rescue(struct attempt *a);

int attempt_gate(struct attempt *a);

/* attempt_verify.c: the chip's digest of all that the plan vouches for. */
int attempt_verify(struct attempt *a);
int attempt_confirm(struct attempt *a);
uint64_t attempt_sum_of(const struct piece *p, size_t count);
/* Bytes that are erased and not written: to erase, and to look at again. */
uint64_t attempt_blank_bytes(const struct attempt *a);

/* attempt_write.c */
int attempt_erase(struct attempt *a);
int attempt_write(struct attempt *a);
int attempt_finalise(struct attempt *a);

#endif /* ENGINE_ATTEMPT_PRIVATE_H */
