/* SPDX-License-Identifier: Apache-2.0 */
#include "station/screen/dashboard_serial.h"

#include <stdio.h>

#include "station/print/text.h"

const char *serial_code(const struct dashboard *d, int i)
{
    const struct desk_serial *s = &d->model.serials[i];

    return s->state == DESK_SERIAL_TAKEN || s->state == DESK_SERIAL_NONE ? s->code : "";
}

const char *serial_instruction(const struct dashboard *d, int i, char out[static FACE_TEXT])
{
    const struct slot_status *s = &d->model.slots[i];

    if (s->state != SLOT_ACT || s->act != ACT_LEAVE || d->model.serials[i].state != DESK_SERIAL_AGAIN)
        return face_instruction(s, out);
    snprintf(out, FACE_TEXT, _("Another board has %s: scan another serial number."),
             d->model.serials[i].code);
    return out;
}

static void act(struct dashboard *d, enum desk_act_kind kind, int slot)
{
    if (menu_can(d, kind))
        dashboard_act(d, kind, slot);
}

void serial_choose(struct dashboard *d)
{
    if (d->selected < d->model.count && d->model.serials[d->selected].state == DESK_SERIAL_WAITS)
        act(d, DESK_CHOOSE, d->model.slots[d->selected].slot);
}

bool serial_can_take_back(const struct dashboard *d)
{
    bool any = false;

    for (int i = 0; i < d->model.count; i++)
        any = any || d->model.serials[i].state == DESK_SERIAL_TAKEN;
    return any && menu_can(d, DESK_TAKE_BACK);
}

bool serial_take_back(struct dashboard *d)
{
    bool here = d->selected < d->model.count && d->model.serials[d->selected].state == DESK_SERIAL_TAKEN;

    if (!serial_can_take_back(d))
        return false;
    act(d, DESK_TAKE_BACK, here ? d->model.slots[d->selected].slot : 0);
    return true;
}
