/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/identity_restore.h"

#include <string.h>

#include "engine/attempt_private.h"

static int check_unit(struct attempt *a, const struct mac *want)
{
    const struct unit_identity *u = &a->chip.unit;
    char now[MAC_TEXT_SIZE], unit[MAC_TEXT_SIZE];

    mac_text(&u->mac, now);
    mac_text(want, unit);
    if (!a->chip.mac_crc_ok)
        return failure_set(&a->failure, FAIL_MAC_CRC, STAGE_GATE, 0, "%s", now);
    if (!mac_equal(&u->mac, want))
        return failure_set(&a->failure, HOLD_MAC_REFUSED, STAGE_GATE, 0,
                           "the board in the slot is %s, not %s", now, unit);
    if (u->flash_size < CONFIG_SECTOR + SECTOR_SIZE)
        return failure_set(&a->failure, FAIL_WRONG_FLASH_SIZE, STAGE_GATE, 0, "no sector 0x%x in %u MB",
                           CONFIG_SECTOR, u->flash_size >> 20);
    if (u->security & SECURITY_FLASH_ENCRYPTED)
        return failure_set(&a->failure, FAIL_FLASH_ENCRYPTED, STAGE_GATE, 0, "eFuse FLASH_CRYPT_CNT");
    return 0;
}

/* The sector as it is and as it shall be; keep() has the first before anything is erased. */
static int replace(struct attempt *a, const struct identity_restore *r, bool *changed)
{
    if (attempt_read_identity(a) < 0)
        return -1;
    *changed = memcmp(a->config_sector.data, r->sector, BACKUP_SIZE) != 0;
    if (!*changed)
        return 0;
    if (r->keep(r->ctx, &a->config_sector, &a->failure) < 0)
        return -1;
    memcpy(a->config_sector.data, r->sector, BACKUP_SIZE);
    return attempt_identity_write(a);
}

static int run(struct attempt *a, const struct identity_restore *r, bool *changed)
{
    if (attempt_open(a) < 0 || attempt_connect(a) < 0 || attempt_identify(a) < 0 || check_unit(a, r->mac) < 0)
        return -1;
    a->has_unit = true;
    if (attempt_raise_baud(a) < 0)
        return -1;
    attempt_stage(a, STAGE_BACKUP);
    return replace(a, r, changed) < 0 ? -1 : attempt_same_board(a);
}

int identity_restore(const struct identity_restore *r, bool *changed, struct failure *f)
{
    const struct job job = {.baud = r->baud, .stub = STUB_NO};
    const struct attempt_config config = {.job = &job, .session = r->session};
    struct attempt_result result = {0};
    struct attempt a = {
        .config = &config,
        .job = &job,
        .session = r->session,
        .clock = r->session->env.clock,
        .result = &result,
        .baud = r->baud,
        .rom_only = true,
    };

    *changed = false;
    int rc = run(&a, r, changed);
    if (rc == 0)
        rc = attempt_let_go(&a);
    else
        attempt_leave(&a);
    if (rc < 0)
        *f = a.failure;
    return rc;
}
