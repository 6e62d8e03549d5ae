/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nothing beside the plan changes: the sectors next to each range that is written or erased are digested by the chip
 * before the first erase and again after the last write.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/attempt/attempt_private.h"
#include "engine/board/board_flash.h"
#include "engine/chip/esp_loader.h"
#include "profiles/plan/plan.h"

#define SECTORS_MAX (FLASH_MAX / SECTOR_SIZE)

/* Which sectors the plan changes. */
struct coverage {
    uint32_t sectors; /* of this flash */
    bool touched[SECTORS_MAX];
};

static void cover(struct coverage *c, uint32_t offset, uint32_t size)
{
    uint32_t end = (offset + size + SECTOR_SIZE - 1) / SECTOR_SIZE;

    for (uint32_t s = offset / SECTOR_SIZE; s < end && s < c->sectors; s++)
        c->touched[s] = true;
}

static void cover_pieces(struct coverage *c, const struct piece *pieces, size_t count)
{
    for (size_t i = 0; i < count; i++)
        cover(c, pieces[i].offset, pieces[i].size);
}

static void cover_plan(struct coverage *c, const struct plan *p, uint32_t flash_size)
{
    memset(c, 0, sizeof *c);
    c->sectors = flash_size / SECTOR_SIZE < SECTORS_MAX ? flash_size / SECTOR_SIZE : SECTORS_MAX;
    cover_pieces(c, p->pieces, p->piece_count);
    cover_pieces(c, p->finals, p->final_count);
    if (plan_writes(p))
        cover(c, p->boot_sector, SECTOR_SIZE);
    for (size_t i = 0; i < p->erase_count; i++)
        cover(c, p->erases[i].offset, p->erases[i].size);
    if (p->erase_all)
        cover(c, 0, flash_size);
    /* Kept by the plan and compared in its own right. */
    cover(c, p->identity.offset, p->identity.size);
    for (size_t i = 0; i < p->protect_count; i++)
        cover(c, p->protect[i].offset, p->protect[i].size);
    for (size_t i = 0; i < p->unit_count; i++) {
        const struct span s = unit_place_sectors(&p->unit[i]);

        cover(c, s.offset, s.size);
    }
}

static bool is_beside(const struct coverage *c, uint32_t sector)
{
    return !c->touched[sector] &&
           ((sector > 0 && c->touched[sector - 1]) || (sector + 1 < c->sectors && c->touched[sector + 1]));
}

static size_t list_beside(const struct coverage *c, struct beside *out)
{
    size_t count = 0;

    for (uint32_t s = 0; s < c->sectors; s++) {
        if (!is_beside(c, s))
            continue;
        if (out != NULL)
            out[count].offset = s * SECTOR_SIZE;
        count++;
    }
    return count;
}

/* Two replies alike: the digest has no checksum on its way. */
static int read_digest(struct attempt *a, struct beside *b)
{
    uint8_t again[MD5_SIZE];
    int rc = esp_loader_md5(a->board.session->loader, b->offset, SECTOR_SIZE, b->md5);

    if (rc == 0)
        rc = esp_loader_md5(a->board.session->loader, b->offset, SECTOR_SIZE, again);
    if (rc == 0 && memcmp(again, b->md5, MD5_SIZE) != 0)
        rc = -EBADMSG;
    if (rc < 0)
        board_lost_while(&a->board, rc, FAIL_BACKUP_READ, FAIL_BACKUP_READ,
                         "asking for the digest of sector 0x%x beside the plan", b->offset);
    return rc < 0 ? -1 : 0;
}

int attempt_note_beside(struct attempt *a)
{
    struct coverage c;

    if (a->has_beside)
        return 0;
    cover_plan(&c, a->plan, a->board.chip.unit.flash_size);
    a->beside_count = list_beside(&c, NULL);
    free(a->beside);
    a->beside = calloc(a->beside_count + 1, sizeof *a->beside);
    if (a->beside == NULL)
        return failure_set(&a->board.failure, FAIL_NO_MEMORY, a->board.stage, ENOMEM,
                           "sectors beside the plan");
    list_beside(&c, a->beside);
    for (size_t i = 0; i < a->beside_count; i++) {
        if (read_digest(a, &a->beside[i]) < 0)
            return -1;
    }
    a->has_beside = true;
    return 0;
}

int attempt_beside_unchanged(struct attempt *a)
{
    for (size_t i = 0; i < a->beside_count; i++) {
        const struct beside *b = &a->beside[i];
        if (flash_check(&a->board, "a sector beside the plan", b->offset, SECTOR_SIZE, b->md5) == 0)
            continue;
        if (a->board.failure.code == FAIL_MD5_MISMATCH)
            failure_set(&a->board.failure, FAIL_BESIDE_CHANGED, a->board.stage, 0,
                        "sector 0x%x, which the job leaves alone, is not what it was", b->offset);
        return -1;
    }
    return 0;
}
