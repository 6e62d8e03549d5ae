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

struct span unit_place_sectors(const struct unit_place *place)
{
    uint32_t offset = place->offset / SECTOR_SIZE * SECTOR_SIZE;

    return (struct span){offset, whole_sectors(place->offset + place->size - offset)};
}

bool plan_has_unit(const struct plan *plan, uint32_t offset, uint32_t size)
{
    for (size_t i = 0; i < plan->unit_count; i++) {
        const struct span s = unit_place_sectors(&plan->unit[i]);

        if (span_touches(&s, offset, size))
            return true;
    }
    return false;
}

bool plan_blanks_around_unit(const struct plan *plan, uint32_t sector)
{
    return spans_touch(plan->unit_erased, plan->unit_erased_count, sector, SECTOR_SIZE);
}

bool plan_keeps(const struct plan *plan, uint32_t offset, uint32_t size)
{
    if (!plan->writes_identity && span_touches(&plan->identity, offset, size))
        return true;
    if (plan_has_unit(plan, offset, size))
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
