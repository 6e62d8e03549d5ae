/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/sim_stub.h"

#include <stdlib.h>

#include "sim/sim_core.h"

void sim_stub_jump(struct sim_board *b, uint32_t entry)
{
    (void)entry;
    b->mode = SIM_MODE_HUNG;
}

void sim_stub_event(struct sim_board *b)
{
    (void)b;
}

void sim_stub_byte(struct sim_board *b, uint8_t byte, int64_t at_us)
{
    (void)b, (void)byte, (void)at_us;
}

void sim_stub_free(struct sim_stub *s)
{
    free(s);
}
