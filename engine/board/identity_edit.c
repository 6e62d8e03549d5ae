/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/board/identity_edit.h"

#include <string.h>

#include "engine/board/board_flash.h"

static int check(struct board *b, const struct identity_edit *e)
{
    const struct unit_identity *u = &b->chip.unit;
    char text[80];

    if (e->kind != NULL && strcmp(b->chip.id, e->kind) != 0)
        return failure_set(&b->failure, FAIL_WRONG_CHIP, STAGE_GATE, 0, "this is for %s, the board has %s",
                           e->kind, b->chip.id);
    if (!b->chip.mac_crc_ok) {
        mac_text(&u->mac, text);
        return failure_set(&b->failure, FAIL_MAC_CRC, STAGE_GATE, 0, "%s", text);
    }
    if (e->accept != NULL && e->accept(e->ctx, u, &b->failure) < 0)
        return -1;
    if (u->flash_size < e->offset + BACKUP_SIZE)
        return failure_set(&b->failure, FAIL_WRONG_FLASH_SIZE, STAGE_GATE, 0, "no sector 0x%x in %u MB",
                           e->offset, u->flash_size >> 20);
    if (u->security & SECURITY_FLASH_ENCRYPTED)
        return failure_set(&b->failure, FAIL_FLASH_ENCRYPTED, STAGE_GATE, 0, "%s",
                           esp_security_text(&b->chip, SECURITY_FLASH_ENCRYPTED, text));
    return 0;
}

static int look_beside(struct board *b, const struct identity_edit *e)
{
    struct backup sector;

    if (e->look == NULL || e->beside == 0)
        return 0;
    return flash_read_sector(b, BACKUP_BOOT_SECTOR, e->beside, &sector) < 0
               ? -1
               : e->look(e->ctx, &sector, &b->failure);
}

static int replace(struct board *b, const struct identity_edit *e, bool *changed)
{
    struct backup found;
    uint8_t want[BACKUP_SIZE];

    if (flash_read_sector(b, BACKUP_IDENTITY, e->offset, &found) < 0)
        return -1;
    memcpy(want, found.data, sizeof want);
    int rc = e->decide(e->ctx, &found, want, &b->failure);
    *changed = rc > 0;
    return rc <= 0 ? rc : flash_put_back(b, "identity sector", e->offset, want);
}

static int run(struct board *b, const struct identity_edit *e, bool *changed)
{
    if (board_open(b) < 0 || board_connect(b) < 0 || board_identify(b) < 0 || check(b, e) < 0)
        return -1;
    b->has_unit = true;
    if (board_raise_baud(b) < 0)
        return -1;
    board_stage(b, STAGE_BACKUP);
    return look_beside(b, e) < 0 || replace(b, e, changed) < 0 ? -1 : board_is_same(b);
}

int identity_edit(const struct identity_edit *e, bool *changed, struct failure *f)
{
    const struct job job = {.baud = e->baud, .stub = STUB_NO};
    struct attempt_result result = {0};
    struct board b = {
        .session = e->session,
        .clock = e->session->env.clock,
        .job = &job,
        .result = &result,
        .baud = e->baud,
        .rom_only = true,
    };

    *changed = false;
    return board_finish(&b, run(&b, e, changed), f);
}
