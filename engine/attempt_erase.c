/* SPDX-License-Identifier: Apache-2.0 */
/* What the plan erases without writing it, the boot sector before all else. */
#include "engine/attempt_private.h"

/* One command a piece: progress is seen, and the time limit of each stays short. */
#define CHUNK 0x40000u

#define RESTARTS_AN_ERASE 2

static int erase_once(struct attempt *a, uint32_t offset, uint32_t size)
{
    a->touched = true;
    int rc = esp_loader_erase(a->session->loader, offset, size);

    a->refused_before &= rc != 0;
    return rc;
}

/* Erasing twice does no harm, so a lost or damaged exchange costs one reconnection and the same sectors again. */
static int erase_sectors(struct attempt *a, uint32_t offset, uint32_t size)
{
    for (int restarts = 0;; restarts++) {
        int rc = erase_once(a, offset, size);
        if (rc == 0)
            return 0;
        attempt_lost(a, rc, FAIL_WRITE_LOST, attempt_flash_refused(a, rc) ? FAIL_ERASE : FAIL_NOISE);
        if (restarts == RESTARTS_AN_ERASE || attempt_recover(a, "erasing", rc) < 0)
            return -1;
    }
}

static int erase_range(struct attempt *a, uint32_t begin, uint32_t end)
{
    for (uint32_t at = begin; at < end;) {
        uint32_t next = (at / CHUNK + 1) * CHUNK;
        if (next > end)
            next = end;
        if (erase_sectors(a, at, next - at) < 0)
            return -1;
        attempt_progress(a, a->done + (next - at), a->total);
        at = next;
    }
    return 0;
}

/* The identity sector is left out of a span that runs over it, unless the job named it. */
static int erase_span(struct attempt *a, const struct span *s)
{
    uint32_t end = s->offset + s->size;

    if (a->plan->writes_config || s->offset >= CONFIG_SECTOR + SECTOR_SIZE || end <= CONFIG_SECTOR)
        return erase_range(a, s->offset, end);
    if (s->offset < CONFIG_SECTOR && erase_range(a, s->offset, CONFIG_SECTOR) < 0)
        return -1;
    return end > CONFIG_SECTOR + SECTOR_SIZE ? erase_range(a, CONFIG_SECTOR + SECTOR_SIZE, end) : 0;
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
    if (erase_range(a, BOOT_SECTOR, BOOT_SECTOR + SECTOR_SIZE) < 0)
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
