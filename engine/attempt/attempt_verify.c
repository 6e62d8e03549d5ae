/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chip's own digest of all that PASS vouches for: every piece, what the plan erases and nothing writes, and, after the
 * last write, all of it once more with what lies beside: the verdict states facts about the flash as it is left.
 */
#include <stdio.h>
#include <string.h>

#include "engine/attempt/attempt_private.h"
#include "engine/board/board_flash.h"

#define CHUNK 0x40000u /* one digest: progress is seen, and the time limit of each stays short */

/* The digest of `size` blank bytes; asked for again with the same size it costs nothing. */
struct blank {
    uint32_t size;
    uint8_t md5[MD5_SIZE];
};

static const uint8_t *blank_md5(struct blank *b, uint32_t size)
{
    if (b->size != size)
        digest_md5_padded(NULL, 0, size, b->md5);
    b->size = size;
    return b->md5;
}

static bool touches(const struct piece *pieces, size_t count, uint32_t sector)
{
    for (size_t i = 0; i < count; i++) {
        if (pieces[i].offset < sector + SECTOR_SIZE && pieces[i].offset + pieces[i].size > sector)
            return true;
    }
    return false;
}

/* Written by the plan, parked until the end, or never erased: not blank, and verified in its own right. */
static bool holds_something(const struct plan *p, uint32_t sector)
{
    return sector == p->boot_sector || plan_keeps(p, sector, SECTOR_SIZE) ||
           touches(p->pieces, p->piece_count, sector) || touches(p->finals, p->final_count, sector);
}

/* The end of the blank run that begins at `at`; `at` itself where there is none. */
static uint32_t run_end(const struct plan *p, uint32_t at, uint32_t end)
{
    uint32_t next = at;

    while (next < end && next - at < CHUNK && !holds_something(p, next))
        next += SECTOR_SIZE;
    return next;
}

static int verify_span(struct attempt *a, struct blank *b, const struct span *s)
{
    uint32_t end = s->offset + s->size;

    for (uint32_t at = s->offset; at < end;) {
        uint32_t next = run_end(a->plan, at, end);
        if (next > at && flash_check(&a->board, "erased flash", at, next - at, blank_md5(b, next - at)) < 0)
            return -1;
        next = next > at ? next : at + SECTOR_SIZE;
        board_progress(&a->board, a->board.done + (next - at), a->board.total);
        at = next;
    }
    return 0;
}

static int verify_spans(struct attempt *a, struct blank *b)
{
    const struct plan *p = a->plan;
    const struct span whole = {0, a->board.chip.unit.flash_size};

    if (p->erase_all)
        return verify_span(a, b, &whole);
    for (size_t i = 0; i < p->erase_count; i++) {
        if (verify_span(a, b, &p->erases[i]) < 0)
            return -1;
    }
    return 0;
}

static int verify_blank(struct attempt *a)
{
    struct blank b = {0};

    return verify_spans(a, &b);
}

/* Flash is erased by sectors: what a piece leaves of its last one is blank, and PASS vouches for that too. */
static int check_rest_of_sector(struct attempt *a, const struct piece *x)
{
    uint8_t want[MD5_SIZE];
    uint32_t end = x->offset + x->size, rest = (SECTOR_SIZE - end % SECTOR_SIZE) % SECTOR_SIZE;
    char name[64];

    if (rest == 0)
        return 0;
    digest_md5_padded(NULL, 0, rest, want);
    snprintf(name, sizeof name, "behind %.30s", x->name);
    return flash_check(&a->board, name, end, rest, want);
}

static int check_pieces(struct attempt *a, const struct piece *pieces, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct piece *x = &pieces[i];
        if (flash_check(&a->board, x->name, x->offset, x->size, x->md5) < 0 || check_rest_of_sector(a, x) < 0)
            return -1;
        board_progress(&a->board, a->board.done + x->size, a->board.total);
    }
    return 0;
}

static int check_written(struct attempt *a)
{
    if (check_pieces(a, a->plan->pieces, a->plan->piece_count) < 0 || verify_blank(a) < 0)
        return -1;
    /* In the end the identity sector is asked for in its own right. */
    return attempt_check_unit(a, a->board.stage == STAGE_VERIFY);
}

static uint64_t written_bytes(const struct attempt *a)
{
    return piece_bytes(a->plan->pieces, a->plan->piece_count) +
           plan_blank_bytes(a->plan, a->board.chip.unit.flash_size) + attempt_unit_bytes(a, false);
}

static int verify_written(struct attempt *a)
{
    struct mismatch before = a->board.mismatch;

    return check_written(a) < 0 ? flash_judge(&a->board, &before) : 0;
}

/* Where nothing was changed nothing will be before confirm either, which asks for all of it. */
int attempt_verify(struct attempt *a)
{
    board_stage(&a->board, STAGE_VERIFY);
    board_progress(&a->board, 0, written_bytes(a));
    return a->changes ? verify_written(a) : 0;
}

/* What was right before the last writes and is not any more was changed by them, not by the board. */
static int changed_since(struct attempt *a)
{
    char detail[FAILURE_DETAIL_SIZE];

    if (a->board.failure.code != FAIL_MD5_MISMATCH)
        return -1;
    snprintf(detail, sizeof detail, "%s", a->board.failure.detail);
    return failure_set(&a->board.failure, FAIL_BESIDE_CHANGED, a->board.stage, 0,
                       "right before the last writes, wrong now: %s", detail);
}

/* Of a board that was left as it is verify has asked nothing, and what differs there was not written by anybody. */
static int confirm_written(struct attempt *a)
{
    if (!a->changes)
        return verify_written(a);
    return check_written(a) < 0 ? changed_since(a) : 0;
}

static int check_last(struct attempt *a)
{
    const struct plan *p = a->plan;

    if (check_pieces(a, p->finals, p->final_count) < 0)
        return -1;
    if (p->boot != NULL)
        return check_pieces(a, p->boot, 1);
    return a->has_parked ? attempt_check_parked(a) : 0;
}

/*
 * A command that opens a range has no checksum. Where something was not what was sent, one may have been misheard and its
 * data stand where nobody looks: that the range is right now, written once more, does not vouch for the rest.
 */
static int nothing_went_astray(struct attempt *a)
{
    if (!a->board.mismatch.seen || a->plan->erase_all)
        return 0;
    return failure_set(
        &a->board.failure, FAIL_MD5_UNPROVEN, a->board.stage, 0,
        "right when written again, but 0x%x was not before: what was sent there may stand elsewhere",
        a->board.mismatch.offset);
}

int attempt_confirm(struct attempt *a)
{
    const struct plan *p = a->plan;

    board_stage(&a->board, STAGE_CONFIRM);
    board_progress(&a->board, 0, written_bytes(a) + piece_bytes(p->finals, p->final_count));
    if (confirm_written(a) < 0)
        return -1;
    if (check_last(a) < 0)
        return changed_since(a);
    if (attempt_beside_unchanged(a) < 0)
        return -1;
    /* The sector that cannot be made again is looked at last, so that least can happen to it unseen. */
    if (attempt_protected_kept(a) < 0 || attempt_identity_kept(a) < 0 || board_is_same(&a->board) < 0)
        return -1;
    return nothing_went_astray(a);
}
