/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/plan/flash_plan.h"

bool span_touches(const struct span *span, uint32_t offset, uint32_t size)
{
    return span->size > 0 && offset < span->offset + span->size && span->offset < offset + size;
}

uint32_t whole_sectors(uint32_t size)
{
    return (size + SECTOR_SIZE - 1) / SECTOR_SIZE * SECTOR_SIZE;
}

bool spans_touch(const struct span *spans, size_t count, uint32_t offset, uint32_t size)
{
    for (size_t i = 0; i < count; i++)
        if (span_touches(&spans[i], offset, size))
            return true;
    return false;
}

struct span plan_identity_span(void)
{
    return (struct span){CONFIG_SECTOR, SECTOR_SIZE};
}

bool plan_keeps(const struct plan *plan, uint32_t offset, uint32_t size)
{
    if (!plan->writes_identity && span_touches(&plan->identity, offset, size))
        return true;
    return spans_touch(plan->protect, plan->protect_count, offset, size);
}

bool plan_writes(const struct plan *plan)
{
    return plan->part_count > 0 || plan->piece_count > 0 || plan->final_count > 0 || plan->boot != NULL;
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
