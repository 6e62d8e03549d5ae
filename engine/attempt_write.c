/* SPDX-License-Identifier: Apache-2.0 */
/* What changes the flash: erases, the boot sector's before all else; the plan's pieces; what makes the board bootable last. */
#include <stdio.h>
#include <string.h>

#include "engine/attempt_private.h"

/* The identity sector is left out of a span that runs over it, unless the job named it. */
static int erase_span(struct attempt *a, const struct span *s)
{
    uint32_t end = s->offset + s->size;

    if (a->plan->writes_config || s->offset >= CONFIG_SECTOR + SECTOR_SIZE || end <= CONFIG_SECTOR)
        return attempt_erase_range(a, s->offset, end);
    if (s->offset < CONFIG_SECTOR && attempt_erase_range(a, s->offset, CONFIG_SECTOR) < 0)
        return -1;
    return end > CONFIG_SECTOR + SECTOR_SIZE ? attempt_erase_range(a, CONFIG_SECTOR + SECTOR_SIZE, end) : 0;
}

/*
 * The whole chip, without the identity sector unless the job named that: erased around it, it cannot be lost to a power
 * cut in between.
 */
static int erase_all(struct attempt *a)
{
    const struct span whole = {0, a->chip.unit.flash_size};

    return erase_span(a, &whole);
}

/*
 * Whatever happens from here on, the board does not boot half a firmware. The chip's digest says that it was this sector
 * which went: the command has no checksum.
 */
static int erase_boot_sector(struct attempt *a)
{
    struct mismatch before = a->mismatch;
    uint8_t want[MD5_SIZE];

    attempt_blank_md5(SECTOR_SIZE, want);
    if (attempt_erase_range(a, BOOT_SECTOR, BOOT_SECTOR + SECTOR_SIZE) < 0)
        return -1;
    if (attempt_md5(a, "erased boot sector", BOOT_SECTOR, SECTOR_SIZE, want) < 0)
        return attempt_judge(a, &before);
    return 0;
}

int attempt_erase(struct attempt *a)
{
    const struct plan *p = a->plan;

    attempt_stage(a, STAGE_ERASE);
    attempt_progress(a, 0, attempt_blank_bytes(a) + SECTOR_SIZE);
    if (attempt_writes(p) && erase_boot_sector(a) < 0)
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

    attempt_stage(a, STAGE_WRITE);
    attempt_progress(a, 0, attempt_sum_of(p->pieces, p->piece_count));
    for (size_t i = 0; i < p->piece_count; i++) {
        if (attempt_region(a, &p->pieces[i]) < 0)
            return -1;
        a->result->bytes_written += p->pieces[i].size;
    }
    return 0;
}

static int write_and_verify(struct attempt *a, const struct piece *p)
{
    struct mismatch before = a->mismatch;

    if (attempt_region(a, p) < 0)
        return -1;
    if (attempt_md5(a, p->name, p->offset, p->size, p->md5) < 0)
        return attempt_judge(a, &before);
    a->result->bytes_written += p->size;
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
    attempt_stage(a, STAGE_FINALISE);
    a->done = a->total = 0;
    if (write_last(a) < 0) {
        /* The flash's refusal has its own name here: the firmware is in, the boot selection is not. */
        if (a->failure.code == FAIL_WRITE)
            a->failure.code = FAIL_FINALISE;
        return -1;
    }
    return 0;
}
