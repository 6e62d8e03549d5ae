/* SPDX-License-Identifier: Apache-2.0 */
/* What changes the flash: erases, the boot sector's before all else; the plan's pieces; what makes the board bootable last. */
#include <stdio.h>
#include <string.h>

#include "engine/attempt/attempt_private.h"
#include "engine/board/board_flash.h"

/* What the board keeps is left out of a span that runs over it. */
static int erase_span(struct attempt *a, const struct span *s)
{
    uint32_t end = s->offset + s->size;

    for (uint32_t at = s->offset, next; at < end; at = next) {
        bool kept = plan_keeps(a->plan, at, SECTOR_SIZE);

        next = at + SECTOR_SIZE;
        while (next < end && plan_keeps(a->plan, next, SECTOR_SIZE) == kept)
            next += SECTOR_SIZE;
        if (!kept && flash_erase(&a->board, at, next) < 0)
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
    uint8_t want[MD5_SIZE];

    flash_blank_md5(SECTOR_SIZE, want);
    if (flash_erase(&a->board, boot, boot + SECTOR_SIZE) < 0)
        return -1;
    if (flash_check(&a->board, "erased boot sector", boot, SECTOR_SIZE, want) < 0)
        return flash_judge(&a->board, &before);
    return 0;
}

int attempt_erase(struct attempt *a)
{
    const struct plan *p = a->plan;

    board_stage(&a->board, STAGE_ERASE);
    if (attempt_begin(a) < 0)
        return -1;
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

int attempt_write(struct attempt *a)
{
    const struct plan *p = a->plan;

    board_stage(&a->board, STAGE_WRITE);
    board_progress(&a->board, 0, piece_bytes(p->pieces, p->piece_count));
    for (size_t i = 0; i < p->piece_count; i++) {
        if (flash_write(&a->board, &p->pieces[i]) < 0)
            return -1;
        a->board.result->bytes_written += p->pieces[i].size;
    }
    return 0;
}

static int write_and_verify(struct attempt *a, const struct piece *p)
{
    struct mismatch before = a->board.mismatch;

    if (flash_write(&a->board, p) < 0)
        return -1;
    if (flash_check(&a->board, p->name, p->offset, p->size, p->md5) < 0)
        return flash_judge(&a->board, &before);
    a->board.result->bytes_written += p->size;
    return 0;
}

static int write_last(struct attempt *a)
{
    const struct plan *p = a->plan;

    for (size_t i = 0; i < p->final_count; i++) {
        if (write_and_verify(a, &p->finals[i]) < 0)
            return -1;
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
