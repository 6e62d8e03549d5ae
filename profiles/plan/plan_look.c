/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/plan/plan_look.h"

#include <stdio.h>
#include <string.h>

#include "profiles/plan/look_private.h"

#define MB          (1024u * 1024)
#define PYCOM_FLASH (4 * MB) /* what Pycom's bootloader makes of whatever its header says */
#define SIZES_MAX   8

/* Kinds of partition that may stand where bootloader and table do, since ESP-IDF 5.4. */
#define TYPE_BOOTLOADER 0x02
#define TYPE_TABLE      0x03

/* The flash that the bootloader takes itself to have; 0: there is none in the plan. */
static uint32_t boot_flash(const struct plan_draft *d)
{
    if (d->boot_part == NULL)
        return 0;
    return d->pycom && d->boot.flash_size < PYCOM_FLASH ? PYCOM_FLASH : d->boot.flash_size;
}

static int refuse_missing(const struct look *l, const struct plan_draft *d)
{
    char what[64] = "partition table";

    if (d->boot_part == NULL)
        snprintf(what, sizeof what, "bootloader at 0x%x%s", l->plan->boot_sector,
                 d->has_table ? "" : " and no partition table");
    return look_refuse(l, &l->plan->parts[0],
                       "writes no %s: a new board would start nothing; add it, or say 'partial: yes' where "
                       "boards keep their own",
                       what);
}

/* Which of the two does not fit the other? The job's sizes tell, where it names some. */
static const struct plan_part *wrong_for_flash(const struct plan_context *ctx, const struct plan_draft *d,
                                               const struct look *l, uint32_t end)
{
    bool fits = ctx->flash_sizes != NULL && ctx->flash_sizes[0] != 0;

    for (size_t i = 0; fits && i < SIZES_MAX && ctx->flash_sizes[i] != 0; i++)
        fits = ctx->flash_sizes[i] >= end;
    return fits ? d->boot_part : look_part_at(l->plan, d->table_at);
}

static uint32_t next_page(uint32_t offset)
{
    return (offset + APP_ALIGNMENT - 1) / APP_ALIGNMENT * APP_ALIGNMENT;
}

static int check_row(const struct plan_context *ctx, const struct plan_draft *d, const struct look *l,
                     const struct partition *p)
{
    const struct plan_part *table = look_part_at(l->plan, d->table_at);
    uint32_t flash = boot_flash(d), end = p->offset + p->size;

    if (flash != 0 && end > flash)
        return look_refuse(
            l, wrong_for_flash(ctx, d, l, end),
            "partition %s of %s ends at 0x%x, beyond the %u MB that the header of bootloader %s "
            "says of the flash: it would refuse the table; build both for one size",
            p->name, table->name, end, flash / MB, d->boot_part->name);
    if (p->type == PARTITION_APP && p->offset % APP_ALIGNMENT != 0)
        return look_refuse(
            l, table,
            "application partition %s of %s begins at 0x%x, which is not on 64 KiB; move it to 0x%x", p->name,
            table->name, p->offset, next_page(p->offset));
    if (p->offset < d->table_at + SECTOR_SIZE && p->type != TYPE_BOOTLOADER && p->type != TYPE_TABLE)
        return look_refuse(
            l, table,
            "partition %s of %s begins at 0x%x, over bootloader and table; the first free place "
            "is 0x%x",
            p->name, table->name, p->offset, d->table_at + SECTOR_SIZE);
    return 0;
}

static int check_table(const struct plan_context *ctx, const struct plan_draft *d, const struct look *l)
{
    for (size_t i = 0; i < d->table.count; i++)
        if (check_row(ctx, d, l, &d->table.rows[i]) != 0)
            return -1;
    return 0;
}

/* What reaches that far, for whoever wonders. */
static void tell_reach(const struct plan_draft *d, const struct plan *plan, char *out, size_t size)
{
    uint32_t needs = plan->needs_size;

    snprintf(out, size, "what it erases or protects reaches to 0x%x", needs);
    for (size_t i = 0; i < d->table.count; i++)
        if (d->table.rows[i].offset + d->table.rows[i].size == needs)
            snprintf(out, size, "partition %s ends at 0x%x", d->table.rows[i].name, needs);
    for (size_t i = 0; i < plan->part_count; i++)
        if (plan->parts[i].offset + plan->parts[i].size + SECTOR_SIZE > needs)
            snprintf(out, size, "%s ends at 0x%x", plan->parts[i].name,
                     plan->parts[i].offset + plan->parts[i].size);
    if (boot_flash(d) == needs && !d->pycom)
        snprintf(out, size, "the header of bootloader %s says %u MB", d->boot_part->name, needs / MB);
}

/* A bootloader that was told of more flash than there is stops; so do boards on which not all has room. */
static int check_sizes(const struct plan_context *ctx, const struct plan_draft *d, struct plan *plan)
{
    char list[80] = "", reach[120];
    struct place at = *ctx->at;
    size_t used = 0;

    if (!d->pycom && boot_flash(d) > plan->needs_size)
        plan->needs_size = boot_flash(d);
    tell_reach(d, plan, reach, sizeof reach);
    if (plan->needs_size > (d->flash_size != 0 ? d->flash_size : FLASH_MAX))
        return complain_at(
            ctx->c, FAIL_FIRMWARE, ctx->at, "%s: needs %u MB of flash (%s), more than the %u MB of the board",
            d->name, plan->needs_size / MB, reach, (d->flash_size != 0 ? d->flash_size : FLASH_MAX) / MB);
    for (size_t i = 0; ctx->flash_sizes != NULL && i < SIZES_MAX && ctx->flash_sizes[i] != 0; i++) {
        if (d->flash_size == 0 && ctx->flash_sizes[i] < plan->needs_size && used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%u MB", used > 0 ? ", " : "",
                                     ctx->flash_sizes[i] / MB);
    }
    if (used == 0)
        return 0;
    at.line = ctx->flash_size_line > 0 ? ctx->flash_size_line : at.line;
    at.inside = NULL;
    return complain_at(
        ctx->c, FAIL_JOB, &at,
        "flash_size: no board with %s could be served: the firmware needs %u MB (%s); take it out, "
        "or get firmware for it",
        list, (plan->needs_size + MB - 1) / MB, reach);
}

static void warn_of_places(struct plan_context *ctx, const struct plan_draft *d, const struct look *l)
{
    for (size_t i = 0; i < l->plan->part_count; i++) {
        const struct plan_part *part = &l->plan->parts[i];
        const struct partition *p = look_partition(l->table, part->offset);

        if (p != NULL && p->offset != part->offset)
            plan_warn(ctx, "%s: %s at 0x%x begins inside partition %s, which begins at 0x%x", d->name,
                      part->name, part->offset, p->name, p->offset);
        /* The file system of Pycom's larger boards is in no table of theirs. */
        if (p == NULL && !d->pycom && part->offset > d->table_at)
            plan_warn(ctx, "%s: %s at 0x%x lies in no partition", d->name, part->name, part->offset);
    }
}

/* The first that is tried has to be the job's: what stands in the others on a used board is not known. */
static int check_start(struct look *l, const struct plan_draft *d, struct plan *plan)
{
    const struct partition *started;
    enum look_answer answer;
    bool written = false;

    if (!look_has_app(l))
        return look_refuse_no_app(l);
    answer = look_for_start(l, &started, &written);
    if (answer == LOOK_REFUSED)
        return -1;
    if (answer == LOOK_WANTS) {
        const struct partition *p = look_partition(l->table, l->wanted);

        if (p != NULL && p->type == PARTITION_APP)
            return look_refuse(
                l, look_part_at(l->plan, d->table_at),
                "the bootloader tries %s (0x%x) first, which receives nothing: a used board would "
                "start what it had; write the application there, or choose its slot",
                p->name, p->offset);
        plan->asks_board = true; /* the job protects the boot selection */
        return 0;
    }
    if (started == NULL)
        return look_refuse(
            l, look_part_at(l->plan, d->table_at),
            "the application lies where the bootloader never looks: in factory, in as many slots "
            "as there are from ota_0 on, then in test; give its partition such a subtype");
    return 0;
}

/* What goes and does not come back, and the board starts by, is no part of any job. */
static int check_partial(const struct look *l, const struct plan_draft *d)
{
    const struct plan *plan = l->plan;
    /* No board has its table below the usual place, but where the job writes it there. */
    const struct span boot = {plan->boot_sector,
                              (d->has_table ? d->table_at : PARTITION_TABLE_OFFSET) - plan->boot_sector};

    if (d->boot_part == NULL && look_keeps(l, &boot, "the board's own bootloader", "") != 0)
        return -1;
    if (d->has_table)
        return 0;
    if (spans_touch(plan->erases, plan->erase_count, plan->table_at, SECTOR_SIZE))
        return look_refuse(l, NULL, "erases the partition table at 0x%x and writes none", plan->table_at);
    return plan->erase_all ? look_refuse(l, NULL, "erases the whole flash and writes no partition table") : 0;
}

static void find_app(struct plan_draft *d, const struct look *l)
{
    const struct partition *started = NULL;
    struct look copy = *l;
    struct complaint none = {0};
    bool written = false;

    copy.c = &none;
    if (copy.table->count > 0)
        look_for_start(&copy, &started, &written);
    if (started != NULL && written) {
        const struct plan_part *part = look_part_at(l->plan, started->offset);

        d->app = part->data + (started->offset - part->offset);
        d->app_size = part->size - (started->offset - part->offset);
        return;
    }
    /* Of what lies where nobody knows yet, an image is the best guess, then the largest file. */
    for (int pass = 0; pass < 2 && d->app == NULL; pass++) {
        for (size_t i = 0; i < l->plan->part_count; i++) {
            const struct plan_part *part = &l->plan->parts[i];

            if ((pass == 1 || look_is_app(l->plan, part)) && part->size > d->app_size) {
                d->app = part->data;
                d->app_size = part->size;
            }
        }
    }
}

int plan_look(struct plan_context *ctx, struct plan_draft *d, struct plan *plan)
{
    struct look l = {.plan = plan, .table = &d->table, .whose = "the table", .at = ctx->at, .c = ctx->c};

    if (d->has_table)
        l.whose = look_part_at(plan, d->table_at)->name;
    find_app(d, &l);
    if (!d->partial && (d->boot_part == NULL || !d->has_table))
        return plan->part_count > 0 ? refuse_missing(&l, d) : 0;
    if (d->has_table && (check_table(ctx, d, &l) != 0 || look_at_parts(&l) != 0))
        return -1;
    if (check_sizes(ctx, d, plan) != 0)
        return -1;
    if (d->has_table)
        warn_of_places(ctx, d, &l);
    plan->asks_board = d->partial;
    if (d->partial) {
        plan_warn(
            ctx,
            "%s: a part of a flash: what each board has of its own is looked at before anything is erased",
            d->name);
        return check_partial(&l, d);
    }
    return check_start(&l, d, plan);
}
