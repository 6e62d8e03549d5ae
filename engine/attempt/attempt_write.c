/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What changes the flash: erases, the boot sector's before all else; the plan's pieces; what makes the board bootable last. What
 * the chip's digest finds in its place before the first change is left as it is. As soon as anything is changed the boot sector
 * goes first and comes last; and nothing that was left out is left out of what verify and confirm ask for.
 */
#include <stdio.h>
#include <string.h>

#include "engine/attempt/attempt_private.h"
#include "engine/board/board_flash.h"
#include "engine/board/changed_part.h"

/* The boot sector as the board shall leave; NULL: the plan has nothing to do with it. */
static const uint8_t *boot_md5(const struct attempt *a, uint8_t room[static MD5_SIZE])
{
    if (a->plan->boot != NULL)
        return a->plan->boot->regions[0].md5;
    digest_md5(a->parked.data, BACKUP_SIZE, room);
    return a->has_parked ? room : NULL;
}

/*
 * Of a board that was changed by an earlier try, or whose digest was wrong once, nothing is left out: what is judged then has to
 * have been written, and where the line failed nobody knows what it did.
 */
static int survey(struct attempt *a)
{
    uint8_t room[MD5_SIZE];

    memset(&a->survey, 0, sizeof a->survey);
    attempt_forget_unit(a);
    if (a->job->write_all || a->board.touched || a->board.mismatch.seen)
        return 0;
    if (survey_board(&a->board, a->plan, boot_md5(a, room), &a->survey) < 0)
        return -1;
    return attempt_survey_unit(a);
}

/* What the board keeps, and what is blank, is left out of a span that runs over it. */
static bool is_left(const struct attempt *a, uint32_t sector)
{
    return plan_keeps(a->plan, sector, SECTOR_SIZE) || survey_is_same(&a->survey, sector, SECTOR_SIZE);
}

static bool span_is_left(const struct attempt *a, const struct span *s)
{
    for (uint32_t at = s->offset; at < s->offset + s->size; at += SECTOR_SIZE)
        if (!is_left(a, at))
            return false;
    return true;
}

static bool pieces_are_same(const struct attempt *a, const struct piece *pieces, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!survey_is_same(&a->survey, pieces[i].offset, pieces[i].size))
            return false;
    return true;
}

static bool lacks_nothing(const struct attempt *a)
{
    const struct plan *p = a->plan;
    const struct span whole = {0, a->board.chip.unit.flash_size};

    if (plan_writes(p) && !survey_is_same(&a->survey, p->boot_sector, SECTOR_SIZE))
        return false;
    if (!attempt_unit_is_same(a))
        return false;
    if (!pieces_are_same(a, p->pieces, p->piece_count) || !pieces_are_same(a, p->finals, p->final_count))
        return false;
    for (size_t i = 0; i < p->erase_count && !p->erase_all; i++)
        if (!span_is_left(a, &p->erases[i]))
            return false;
    return !p->erase_all || span_is_left(a, &whole);
}

static int erase_span(struct attempt *a, const struct span *s)
{
    uint32_t end = s->offset + s->size;

    for (uint32_t at = s->offset, next; at < end; at = next) {
        bool left = is_left(a, at);

        next = at + SECTOR_SIZE;
        while (next < end && is_left(a, next) == left)
            next += SECTOR_SIZE;
        if (left)
            board_progress(&a->board, a->board.done + (next - at), a->board.total);
        else if (flash_erase(&a->board, at, next) < 0)
            return -1;
    }
    return 0;
}

/*
 * The whole chip, without what the board keeps: erased around it, it cannot be lost to a power
 * cut in between.
 */
static int erase_all(struct attempt *a)
{
    const struct span whole = {0, a->board.chip.unit.flash_size};

    return erase_span(a, &whole);
}

/*
 * Whatever happens from here on, the board does not boot half a firmware. The chip's digest says that it was this sector
 * which went: the command has no checksum.
 */
static int erase_boot_sector(struct attempt *a)
{
    struct mismatch before = a->board.mismatch;
    uint32_t boot = a->plan->boot_sector;
    int restarts = a->board.restarts;
    uint8_t want[MD5_SIZE];

    digest_md5_padded(NULL, 0, SECTOR_SIZE, want);
    if (flash_erase(&a->board, boot, boot + SECTOR_SIZE) < 0)
        return -1;
    if (flash_check(&a->board, "erased boot sector", boot, SECTOR_SIZE, want) < 0)
        return flash_judge(&a->board, &before);
    if (a->board.restarts != restarts) { /* up to now its program could run, and write where it likes */
        memset(&a->survey, 0, sizeof a->survey);
        attempt_forget_unit(a);
    }
    return 0;
}

int attempt_erase(struct attempt *a)
{
    const struct plan *p = a->plan;

    board_stage(&a->board, STAGE_ERASE);
    if (survey(a) < 0 || attempt_begin(a) < 0)
        return -1;
    a->changes = !lacks_nothing(a);
    if (!a->changes)
        return 0;
    board_progress(&a->board, 0, plan_blank_bytes(a->plan, a->board.chip.unit.flash_size) + SECTOR_SIZE);
    if (plan_writes(p) && erase_boot_sector(a) < 0)
        return -1;
    if (p->erase_all)
        return erase_all(a);
    for (size_t i = 0; i < p->erase_count; i++) {
        if (erase_span(a, &p->erases[i]) < 0)
            return -1;
    }
    return 0;
}

static int write_part(struct attempt *a, const struct changed_part *c)
{
    bool dirty = survey_is_dirty(&a->survey, c->piece->offset + c->at, 1);

    return c->count > 0 ? flash_write(&a->board, c->piece, c->first, c->count, dirty)
                        : flash_write_plain(&a->board, c->piece, c->at, c->size);
}

static int write_changed(struct attempt *a, const struct piece *p, bool breaks)
{
    uint64_t written = 0;

    for (struct changed_part c = changed_part_first(&a->survey, p, breaks); c.size > 0;
         c = changed_part_next(&c)) {
        if (write_part(a, &c) < 0)
            return -1;
        written += c.size;
    }
    a->board.result->bytes_written += written;
    a->board.result->bytes_unchanged += p->size - written;
    return 0;
}

static void tell_unchanged(struct attempt *a, uint64_t written)
{
    uint64_t all = piece_bytes(a->plan->pieces, a->plan->piece_count) + attempt_unit_bytes(a, false);

    if (!a->changes)
        board_note(&a->board, "the board holds all of it already: nothing is written, all of it verified");
    else if (written < all)
        board_note(&a->board, "%llu of %llu KiB are on the board already",
                   (unsigned long long)(all - written) / 1024, (unsigned long long)all / 1024);
}

int attempt_write(struct attempt *a)
{
    const struct plan *p = a->plan;
    bool breaks = survey_wants_blanks(&a->board);
    uint64_t total = attempt_unit_bytes(a, true);

    board_stage(&a->board, STAGE_WRITE);
    for (size_t i = 0; i < p->piece_count; i++)
        total += changed_bytes(&a->survey, &p->pieces[i], breaks);
    tell_unchanged(a, total);
    board_progress(&a->board, 0, total);
    for (size_t i = 0; i < p->piece_count; i++) {
        if (write_changed(a, &p->pieces[i], breaks) < 0)
            return -1;
    }
    return attempt_write_unit(a);
}

static int write_and_verify(struct attempt *a, const struct piece *p)
{
    struct mismatch before = a->board.mismatch;

    if (flash_write(&a->board, p, 0, p->region_count, false) < 0)
        return -1;
    if (flash_check(&a->board, p->name, p->offset, p->size, p->md5) < 0)
        return flash_judge(&a->board, &before);
    a->board.result->bytes_written += p->size;
    return 0;
}

static int write_final(struct attempt *a, const struct piece *p)
{
    if (!survey_is_same(&a->survey, p->offset, p->size))
        return write_and_verify(a, p);
    a->board.result->bytes_unchanged += p->size;
    return 0;
}

/* The boot sector was the first that went: it comes back whatever was found there before. */
static int write_last(struct attempt *a)
{
    const struct plan *p = a->plan;

    for (size_t i = 0; i < p->final_count; i++) {
        if (write_final(a, &p->finals[i]) < 0)
            return -1;
    }
    if (!a->changes) {
        a->board.result->bytes_unchanged += p->boot != NULL ? p->boot->size : 0;
        return 0;
    }
    if (p->boot != NULL)
        return write_and_verify(a, p->boot);
    return a->has_parked ? attempt_restore_parked(a) : 0;
}

int attempt_finalise(struct attempt *a)
{
    board_stage(&a->board, STAGE_FINALISE);
    a->board.done = a->board.total = 0;
    if (write_last(a) < 0) {
        /* The flash's refusal has its own name here: the firmware is in, the boot selection is not. */
        if (a->board.failure.code == FAIL_WRITE)
            a->board.failure.code = FAIL_FINALISE;
        return -1;
    }
    return 0;
}
