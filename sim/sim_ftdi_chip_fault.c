/* SPDX-License-Identifier: Apache-2.0 */
/* The chip's faults at run time, and what it tells about itself. */
#include "sim/sim_ftdi_chip_private.h"

void sim_ftdi_chip_set_silent(struct sim_ftdi_chip *c, bool silent)
{
    c->silent = silent;
}

void sim_ftdi_chip_set_stalled(struct sim_ftdi_chip *c, int interface, bool stalled)
{
    for (int i = 0; i < c->model->identity.interfaces; i++)
        if (interface < 0 || interface == i)
            c->interfaces[i].stalled = stalled;
}

void sim_ftdi_chip_line_error(struct sim_ftdi_chip *c, int interface, uint8_t bits)
{
    c->interfaces[interface].line_errors |= bits & 0x1e;
    if (bits & 0x02)
        c->interfaces[interface].stats.overruns++;
}

void sim_ftdi_chip_set_modem(struct sim_ftdi_chip *c, int interface, uint8_t inputs, int64_t now_us)
{
    struct chip_interface *f = &c->interfaces[interface];

    if (f->modem == (inputs & 0xf0))
        return;
    f->modem = inputs & 0xf0;
    f->tick_at = now_us; /* a changed input sends the packet at once */
}

void sim_ftdi_chip_stats(const struct sim_ftdi_chip *c, int interface, struct sim_ftdi_stats *out)
{
    const struct chip_interface *f = &c->interfaces[interface];

    *out = f->stats;
    out->baud = f->baud;
    out->latency_ms = f->latency_ms;
    out->event_char = f->event_char;
    out->event_char_on = f->event_char_on;
    out->dtr = f->dtr;
    out->rts = f->rts;
}

bool sim_ftdi_chip_modem_event(const struct sim_ftdi_chip *c, int i, struct sim_ftdi_modem_event *out)
{
    if (i < 0 || i >= c->trace_count)
        return false;
    *out = c->trace[(c->trace_head + i) % MODEM_TRACE];
    return true;
}
