/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/plan/flash_plan.h"

bool span_touches(const struct span *span, uint32_t offset, uint32_t size)
{
    return span->size > 0 && offset < span->offset + span->size && span->offset < offset + size;
}

struct span plan_identity_span(void)
{
    return (struct span){CONFIG_SECTOR, SECTOR_SIZE};
}

bool plan_keeps(const struct plan *plan, uint32_t offset, uint32_t size)
{
    if (!plan->writes_identity && span_touches(&plan->identity, offset, size))
        return true;
    for (size_t i = 0; i < plan->protect_count; i++)
        if (span_touches(&plan->protect[i], offset, size))
            return true;
    return false;
}

bool plan_writes(const struct plan *plan)
{
    return plan->piece_count > 0 || plan->final_count > 0 || plan->boot != NULL;
}

uint64_t plan_blank_bytes(const struct plan *plan, uint32_t flash_size)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < plan->erase_count && !plan->erase_all; i++)
        sum += plan->erases[i].size;
    return plan->erase_all ? flash_size : sum;
}

uint64_t piece_bytes(const struct piece *pieces, size_t count)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += pieces[i].size;
    return sum;
}
