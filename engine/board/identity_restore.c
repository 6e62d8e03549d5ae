/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/board/identity_restore.h"

#include <string.h>

#include "engine/board/board_flash.h"

static int check_unit(struct board *b, const struct identity_restore *r)
{
    const struct unit_identity *u = &b->chip.unit;
    char now[MAC_TEXT_SIZE], unit[MAC_TEXT_SIZE], why[80];
    uint32_t at = r->offset;

    mac_text(&u->mac, now);
    mac_text(r->mac, unit);
    if (!b->chip.mac_crc_ok)
        return failure_set(&b->failure, FAIL_MAC_CRC, STAGE_GATE, 0, "%s", now);
    if (strcmp(u->chip, r->chip) != 0)
        return failure_set(&b->failure, FAIL_WRONG_CHIP, STAGE_GATE, 0,
                           "the board in the slot has a chip %s, not %s", u->chip, r->chip);
    if (!mac_equal(&u->mac, r->mac))
        return failure_set(&b->failure, HOLD_MAC_REFUSED, STAGE_GATE, 0,
                           "the board in the slot is %s, not %s", now, unit);
    if (u->flash_size < at + BACKUP_SIZE)
        return failure_set(&b->failure, FAIL_WRONG_FLASH_SIZE, STAGE_GATE, 0, "no sector 0x%x in %u MB", at,
                           u->flash_size >> 20);
    if (u->security & SECURITY_FLASH_ENCRYPTED)
        return failure_set(&b->failure, FAIL_FLASH_ENCRYPTED, STAGE_GATE, 0, "%s",
                           esp_security_text(&b->chip, SECURITY_FLASH_ENCRYPTED, why));
    return 0;
}

/* The sector as it is and as it shall be; keep() has the first before anything is erased. */
static int replace(struct board *b, const struct identity_restore *r, bool *changed)
{
    struct backup before;

    if (flash_read_sector(b, BACKUP_IDENTITY, r->offset, &before) < 0)
        return -1;
    *changed = memcmp(before.data, r->sector, BACKUP_SIZE) != 0;
    if (!*changed)
        return 0;
    if (r->keep(r->ctx, &before, &b->failure) < 0)
        return -1;
    return flash_put_back(b, "identity sector", r->offset, r->sector);
}

static int run(struct board *b, const struct identity_restore *r, bool *changed)
{
    if (board_open(b) < 0 || board_connect(b) < 0 || board_identify(b) < 0 || check_unit(b, r) < 0)
        return -1;
    b->has_unit = true;
    if (board_raise_baud(b) < 0)
        return -1;
    board_stage(b, STAGE_BACKUP);
    return replace(b, r, changed) < 0 ? -1 : board_is_same(b);
}

int identity_restore(const struct identity_restore *r, bool *changed, struct failure *f)
{
    const struct job job = {.baud = r->baud, .stub = STUB_NO};
    struct attempt_result result = {0};
    struct board b = {
        .session = r->session,
        .clock = r->session->env.clock,
        .job = &job,
        .result = &result,
        .baud = r->baud,
        .rom_only = true,
    };

    *changed = false;
    return board_finish(&b, run(&b, r, changed), f);
}
