/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/board/identity_restore.h"

#include <string.h>

#include "engine/board/identity_edit.h"

static int accept(void *ctx, const struct unit_identity *u, struct failure *f)
{
    const struct identity_restore *r = ctx;
    char now[MAC_TEXT_SIZE], unit[MAC_TEXT_SIZE];

    mac_text(&u->mac, now);
    mac_text(r->mac, unit);
    if (strcmp(u->chip, r->chip) != 0)
        return failure_set(f, FAIL_WRONG_CHIP, STAGE_GATE, 0, "the board in the slot has a chip %s, not %s",
                           u->chip, r->chip);
    if (!mac_equal(&u->mac, r->mac))
        return failure_set(f, HOLD_MAC_REFUSED, STAGE_GATE, 0, "the board in the slot is %s, not %s", now,
                           unit);
    return 0;
}

/* keep() has what stands there before anything is erased. */
static int decide(void *ctx, const struct backup *found, uint8_t want[static BACKUP_SIZE], struct failure *f)
{
    const struct identity_restore *r = ctx;

    if (memcmp(found->data, r->sector, BACKUP_SIZE) == 0)
        return 0;
    memcpy(want, r->sector, BACKUP_SIZE);
    return r->keep(r->ctx, found, f) < 0 ? -1 : 1;
}

int identity_restore(const struct identity_restore *r, bool *changed, struct failure *f)
{
    struct identity_restore by = *r;
    const struct identity_edit edit = {
        .session = r->session,
        .offset = r->offset,
        .baud = r->baud,
        .accept = accept,
        .decide = decide,
        .ctx = &by,
    };

    return identity_edit(&edit, changed, f);
}
