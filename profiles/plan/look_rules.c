/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Written from what ESP-IDF documents of its partition tables and of its bootloader, and from what that bootloader does:
 * which record chooses a slot, what is tried after it, and what it refuses.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "profiles/firmware/esp_image.h"
#include "profiles/firmware/little_endian.h"
#include "profiles/firmware/ota_select.h"
#include "profiles/plan/boot_order.h"
#include "profiles/plan/look_private.h"

#define CHIP_ID_AT 12 /* of an image's header */
#define HINT_SIZE  80

/* What is known of a place once the plan is carried out. */
enum known { WRITTEN, BLANK, BOARDS, UNKNOWN };

int look_refuse(const struct look *l, const struct plan_part *part, const char *text, ...)
{
    struct place at = *l->at;
    char line[400];
    va_list args;

    if (part != NULL && part->line > 0 && at.file[0] != '\0')
        at.line = part->line;
    va_start(args, text);
    vsnprintf(line, sizeof line, text, args);
    va_end(args);
    return complain_at(l->c, FAIL_FIRMWARE, &at, "%s: %s", l->plan->name, line);
}

const struct plan_part *look_part_at(const struct plan *plan, uint32_t offset)
{
    for (size_t i = 0; i < plan->part_count; i++) {
        const struct plan_part *p = &plan->parts[i];

        if (offset >= p->offset && offset - p->offset < p->size)
            return p;
    }
    return NULL;
}

bool look_is_app(const struct plan *plan, const struct plan_part *part)
{
    return part->offset != plan->boot_sector && esp_image_is(part->data, part->size);
}

const struct partition *look_partition(const struct partition_table *t, uint32_t offset)
{
    for (size_t i = 0; i < t->count; i++)
        if (offset >= t->rows[i].offset && offset - t->rows[i].offset < t->rows[i].size)
            return &t->rows[i];
    return NULL;
}

static bool is_erased(const struct plan *plan, uint32_t offset)
{
    return plan->erase_all || spans_touch(plan->erases, plan->erase_count, offset, 1);
}

/* The first bytes of a sector as the board leaves. */
static enum known read_head(const struct look *l, uint32_t offset, uint8_t head[static HEAD_SIZE])
{
    const struct plan_part *p = look_part_at(l->plan, offset);
    bool kept = plan_keeps(l->plan, offset, 1);

    memset(head, 0xff, HEAD_SIZE);
    if (p != NULL && !kept) {
        size_t left = p->size - (offset - p->offset);

        memcpy(head, p->data + (offset - p->offset), left < HEAD_SIZE ? left : HEAD_SIZE);
        return WRITTEN;
    }
    if (is_erased(l->plan, offset) && !kept)
        return BLANK;
    for (size_t i = 0; i < l->head_count; i++) {
        if (l->heads[i].offset == offset) {
            memcpy(head, l->heads[i].bytes, HEAD_SIZE);
            return BOARDS;
        }
    }
    return UNKNOWN;
}

static bool begins_as_app(const struct look *l, const uint8_t *head)
{
    return esp_image_is(head, HEAD_SIZE) && le16(head + CHIP_ID_AT) == l->plan->chip_id;
}

/*
 * Pycom's bootloader keeps one sector, ESP-IDF's two; a board with one in its own table has Pycom's, where it keeps its own.
 * *of_plan: the choice is not the board's own.
 */
static enum look_answer read_choice(struct look *l, int *chosen, bool *of_plan)
{
    const struct partition *ota = boot_order_row(l->table, PARTITION_DATA, PARTITION_DATA_OTA);
    uint8_t first[HEAD_SIZE], second[HEAD_SIZE];
    enum known one, two;

    *chosen = BOOT_DEFAULT;
    *of_plan = false;
    if (ota == NULL)
        return LOOK_GOOD;
    one = read_head(l, ota->offset, first);
    l->wanted = ota->offset;
    if (one == UNKNOWN)
        return LOOK_WANTS;
    if (ota->size < 2 * SECTOR_SIZE &&
        (l->plan->pycom || (l->plan->table == NULL && l->plan->boot == NULL))) {
        *of_plan = one != BOARDS;
        *chosen = otadata_read(first) == OTADATA_OTA_0 ? 0 : BOOT_DEFAULT;
        return LOOK_GOOD;
    }
    if (ota->size < 2 * SECTOR_SIZE)
        return look_refuse(
            l, look_part_at(l->plan, l->plan->table_at),
            "partition %s of %s has 0x%x bytes; a bootloader needs two sectors, 0x2000, to choose by",
            ota->name, l->whose, ota->size);
    two = read_head(l, ota->offset + SECTOR_SIZE, second);
    l->wanted = ota->offset + SECTOR_SIZE;
    if (two == UNKNOWN)
        return LOOK_WANTS;
    *of_plan = one != BOARDS && two != BOARDS;
    *chosen = ota_select_read(first, second, boot_order_slots(l->table));
    return LOOK_GOOD;
}

static int refuse_choice(const struct look *l, const struct partition *p)
{
    const struct partition *ota = boot_order_row(l->table, PARTITION_DATA, PARTITION_DATA_OTA);
    const struct plan_part *part = look_part_at(l->plan, ota->offset);

    return look_refuse(l, part,
                       "%s chooses %s (0x%x), which receives nothing; write the application there, or leave "
                       "the choice out",
                       part != NULL ? part->name : "the boot selection", p->name, p->offset);
}

enum look_answer look_for_start(struct look *l, const struct partition **started, bool *written)
{
    const struct partition *order[BOOT_ORDER_MAX];
    enum look_answer answer;
    uint8_t head[HEAD_SIZE];
    bool of_plan;
    size_t count;
    int chosen;

    *started = NULL;
    answer = read_choice(l, &chosen, &of_plan);
    if (answer != LOOK_GOOD)
        return answer;
    count = boot_order(l->table, chosen, order);
    for (size_t i = 0; i < count; i++) {
        enum known known = read_head(l, order[i]->offset, head);

        if (i == 0 && chosen != BOOT_DEFAULT && of_plan && !(known == WRITTEN && begins_as_app(l, head)))
            return refuse_choice(l, order[i]);
        l->wanted = order[i]->offset;
        if (known == UNKNOWN)
            return LOOK_WANTS;
        if (!begins_as_app(l, head))
            continue;
        *started = order[i];
        *written = known == WRITTEN;
        return LOOK_GOOD;
    }
    return LOOK_GOOD;
}

int look_keeps(const struct look *l, const struct span *own, const char *what, const char *name)
{
    const struct plan *plan = l->plan;

    for (size_t i = 0; i < plan->part_count; i++)
        if (span_touches(own, plan->parts[i].offset, plan->parts[i].size))
            return look_refuse(l, &plan->parts[i], "%s at 0x%x runs over %s%s (0x%x+0x%x)",
                               plan->parts[i].name, plan->parts[i].offset, what, name, own->offset,
                               own->size);
    for (size_t i = 0; i < plan->unit_count; i++) {
        const struct span s = unit_place_sectors(&plan->unit[i]);

        if (span_touches(own, s.offset, s.size))
            return look_refuse(l, NULL, "unit: %s at 0x%x runs over %s%s (0x%x+0x%x)", plan->unit[i].name,
                               plan->unit[i].offset, what, name, own->offset, own->size);
    }
    for (size_t i = 0; i < plan->erase_count; i++)
        if (span_touches(own, plan->erases[i].offset, plan->erases[i].size))
            return look_refuse(l, NULL, "erase: 0x%x+0x%x takes %s%s (0x%x+0x%x)", plan->erases[i].offset,
                               plan->erases[i].size, what, name, own->offset, own->size);
    return 0;
}

static int check_app_part(const struct look *l, const struct plan_part *part, const struct partition *p)
{
    if (p->type != PARTITION_APP || part->offset != p->offset)
        return 0;
    if (!esp_image_is(part->data, part->size))
        return look_refuse(l, part, "%s at 0x%x is no application, and %s is an application partition of %s",
                           part->name, part->offset, p->name, l->whose);
    if (p->offset % APP_ALIGNMENT != 0)
        return look_refuse(l, part, "%s is for %s at 0x%x of %s; an application starts on 64 KiB, 0x10000",
                           part->name, p->name, p->offset, l->whose);
    return 0;
}

static bool holds_table(const struct plan *plan, const struct plan_part *part)
{
    return plan->table != NULL && part->offset <= plan->table_at &&
           plan->table_at - part->offset < part->size;
}

/* Where an application might go, for whoever put it elsewhere. */
static const struct partition *first_app(const struct partition_table *t)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->rows[i].type == PARTITION_APP)
            return &t->rows[i];
    return NULL;
}

static const char *hint_of_app(const struct look *l, const struct plan_part *part,
                               char hint[static HINT_SIZE])
{
    const struct partition *first = first_app(l->table);

    snprintf(hint, HINT_SIZE, "; move it, or make it end before");
    if (first != NULL && look_is_app(l->plan, part))
        snprintf(hint, HINT_SIZE, "; application partition %s begins at 0x%x", first->name, first->offset);
    return hint;
}

/* What begins in no partition may not run into one; an image of more than one partition begins below the table. */
static int check_loose_part(const struct look *l, const struct plan_part *part)
{
    char hint[HINT_SIZE];

    if (holds_table(l->plan, part))
        return 0;
    for (size_t i = 0; i < l->table->count; i++) {
        const struct partition *p = &l->table->rows[i];

        if (p->offset > part->offset && p->offset - part->offset < part->size)
            return look_refuse(l, part, "%s at 0x%x begins in no partition of %s and runs into %s at 0x%x%s",
                               part->name, part->offset, l->whose, p->name, p->offset,
                               hint_of_app(l, part, hint));
    }
    return 0;
}

static int check_part(const struct look *l, const struct plan_part *part)
{
    const struct partition *p = look_partition(l->table, part->offset);

    if (p == NULL)
        return check_loose_part(l, part);
    if (part->size > p->offset + p->size - part->offset)
        return look_refuse(l, part,
                           "%s at 0x%x ends at 0x%x, beyond the end of its partition %s (0x%x+0x%x) in %s; "
                           "shorten the file or widen the partition",
                           part->name, part->offset, part->offset + part->size, p->name, p->offset, p->size,
                           l->whose);
    return check_app_part(l, part, p);
}

int look_at_parts(const struct look *l)
{
    for (size_t i = 0; i < l->plan->part_count; i++)
        if (check_part(l, &l->plan->parts[i]) != 0)
            return -1;
    return 0;
}

bool look_has_app(const struct look *l)
{
    uint8_t head[HEAD_SIZE];

    for (size_t i = 0; i < l->table->count; i++) {
        const struct partition *p = &l->table->rows[i];

        if (p->type == PARTITION_APP && read_head(l, p->offset, head) == WRITTEN && begins_as_app(l, head))
            return true;
    }
    return false;
}

int look_refuse_no_app(const struct look *l)
{
    const struct partition *first = first_app(l->table);
    const struct plan_part *table = l->plan->table != NULL ? look_part_at(l->plan, l->plan->table_at) : NULL;

    if (first == NULL)
        return look_refuse(
            l, table, "%s has no application partition; take the table that the application was built with",
            l->whose);
    for (size_t i = 0; i < l->plan->part_count; i++) {
        const struct plan_part *part = &l->plan->parts[i];

        if (look_is_app(l->plan, part))
            return look_refuse(l, part,
                               "%s at 0x%x lies at the start of no application partition of %s, so none "
                               "receives an application; %s begins at 0x%x",
                               part->name, part->offset, l->whose, first->name, first->offset);
    }
    return look_refuse(l, table, "no application partition of %s receives an application; %s begins at 0x%x",
                       l->whose, first->name, first->offset);
}
