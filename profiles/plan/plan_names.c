/* SPDX-License-Identifier: Apache-2.0 */
/* What a job for a part of a flash protects and erases by name: the board's own table says which sectors that are. */
#include <string.h>

#include "profiles/plan/look_private.h"
#include "profiles/plan/plan.h"

static bool covers(const struct piece *p, uint32_t sector)
{
    return p != NULL && sector < p->offset + p->size && sector + SECTOR_SIZE > p->offset;
}

static const struct piece *written_in(const struct plan *plan, const struct span *s)
{
    for (uint32_t at = s->offset; at < s->offset + s->size; at += SECTOR_SIZE) {
        for (size_t i = 0; i < plan->piece_count; i++)
            if (covers(&plan->pieces[i], at))
                return &plan->pieces[i];
        for (size_t i = 0; i < plan->final_count; i++)
            if (covers(&plan->finals[i], at))
                return &plan->finals[i];
        if (covers(plan->boot, at))
            return plan->boot;
    }
    return NULL;
}

/* A file that the plan puts there, blank or not, but for what is kept already. */
static const struct plan_part *put_in(const struct plan *plan, const struct span *s)
{
    for (uint32_t at = s->offset; at < s->offset + s->size; at += SECTOR_SIZE)
        for (size_t i = 0; i < plan->part_count && !plan_keeps(plan, at, SECTOR_SIZE); i++)
            if (span_touches(&(struct span){at, SECTOR_SIZE}, plan->parts[i].offset, plan->parts[i].size))
                return &plan->parts[i];
    return NULL;
}

static int find(const struct plan_board *b, const struct look *l, const struct plan_name *n, struct span *out)
{
    const struct partition *p = partition_find(&b->table, n->name);
    const char *key = n->erase ? "erase" : "protect";

    if (p == NULL)
        return look_refuse(l, NULL, "%s: '%s' is no partition of %s", key, n->name, l->whose);
    if (p->offset > b->flash_size || p->size > b->flash_size - p->offset)
        return look_refuse(l, NULL, "%s: partition %s of %s ends at 0x%x, beyond the flash", key, p->name,
                           l->whose, p->offset + p->size);
    *out = (struct span){p->offset & ~(SECTOR_SIZE - 1), 0};
    out->size = ((p->offset + p->size + SECTOR_SIZE - 1) & ~(SECTOR_SIZE - 1)) - out->offset;
    if (span_touches(out, l->plan->boot_sector, SECTOR_SIZE) || span_touches(out, b->table_at, SECTOR_SIZE))
        return look_refuse(l, NULL, "%s: partition %s of %s (0x%x+0x%x) holds its bootloader or its table",
                           key, p->name, l->whose, out->offset, out->size);
    return 0;
}

static int protect(struct plan_board *b, const struct look *l, const struct plan_name *n)
{
    struct plan *own = &b->own;
    const struct plan_part *part;
    uint32_t sectors = 0;
    struct span s = {0};

    if (find(b, l, n, &s) != 0)
        return -1;
    part = put_in(own, &s);
    if (part != NULL)
        return look_refuse(l, NULL, "%s at 0x%x is written, and the job protects %s (0x%x+0x%x of %s)",
                           part->name, part->offset, n->name, s.offset, s.size, l->whose);
    if (!own->writes_identity && own->identity.offset == s.offset && own->identity.size == s.size)
        return 0;
    for (size_t i = 0; i < own->protect_count; i++)
        sectors += own->protect[i].size / SECTOR_SIZE;
    if (plan_keeps(own, s.offset, s.size))
        return look_refuse(l, NULL, "protect: %s (0x%x+0x%x of %s) overlaps what is protected already",
                           n->name, s.offset, s.size, l->whose);
    if (own->protect_count == PROTECT_RANGES || sectors + s.size / SECTOR_SIZE > PROTECT_SECTORS)
        return look_refuse(l, NULL, "protect: with %s (0x%x+0x%x of %s) more than %d places or %u KiB in all",
                           n->name, s.offset, s.size, l->whose, PROTECT_RANGES,
                           PROTECT_SECTORS * SECTOR_SIZE / 1024);
    own->protect[own->protect_count++] = s;
    return 0;
}

/* What the plan erases in any case and what is named: in order, without what is written and what is protected. */
static int fill_erases(struct plan_board *b, const struct look *l, const struct span *named, size_t count)
{
    const struct plan *plan = l->plan;
    struct plan *own = &b->own;

    own->erases = b->erases;
    own->erase_count = 0;
    for (uint32_t at = 0; at < b->flash_size; at += SECTOR_SIZE) {
        const struct span one = {at, SECTOR_SIZE};
        struct span *last = own->erase_count > 0 ? &b->erases[own->erase_count - 1] : NULL;

        if ((!spans_touch(plan->erases, plan->erase_count, at, SECTOR_SIZE) &&
             !spans_touch(named, count, at, SECTOR_SIZE)) ||
            plan_keeps(own, at, SECTOR_SIZE) || written_in(own, &one) != NULL)
            continue;
        if (last != NULL && last->offset + last->size == at)
            last->size += SECTOR_SIZE;
        else if (own->erase_count == BOARD_ERASES_MAX)
            return look_refuse(l, NULL, "erase: more than %d places on this board", BOARD_ERASES_MAX);
        else
            b->erases[own->erase_count++] = one;
    }
    return 0;
}

int plan_board_name(struct plan_board *b, const struct look *l)
{
    const struct plan *plan = b->plan;
    struct span erased[PLAN_NAMES] = {0};
    size_t count = 0;

    b->named = true;
    if (plan->name_count == 0)
        return 0;
    b->own = *plan;
    for (size_t i = 0; i < plan->name_count; i++) {
        const struct plan_name *n = &plan->names[i];

        if (n->erase ? find(b, l, n, &erased[count++]) != 0 : protect(b, l, n) != 0)
            return -1;
    }
    if (fill_erases(b, l, erased, count) != 0)
        return -1;
    b->plan = &b->own;
    return 0;
}
