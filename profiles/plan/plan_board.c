/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/plan/plan_board.h"

#include <stdio.h>
#include <string.h>

#include "profiles/firmware/esp_image.h"
#include "profiles/firmware/partition.h"
#include "profiles/plan/look_private.h"

#define MB (1024u * 1024)
/* Bootloaders with more in them keep the table further up; beyond this it would cost the first application partition. */
#define TABLE_LAST 0x10000u

static const char own_table[] = "the board's own table";
static const char own_table_words[] = "the board's own partition table";
static const struct place nowhere = {"", 0, NULL};

void plan_board_begin(struct plan_board *b, const struct plan *plan, uint32_t flash_size)
{
    memset(b, 0, sizeof *b);
    b->plan = plan;
    b->flash_size = flash_size;
    b->wanted = plan->table_at;
    if (plan->table == NULL)
        return;
    b->has_table = true;
    b->table = *plan->table;
    b->table_at = plan->table_at;
}

static struct look look_of(const struct plan_board *b, struct complaint *c)
{
    const struct plan *plan = b->plan;

    return (struct look){.plan = plan,
                         .table = &b->table,
                         .whose = plan->table == NULL ? own_table : look_part_at(plan, plan->table_at)->name,
                         .heads = b->heads,
                         .head_count = b->head_count,
                         .at = &nowhere,
                         .c = c};
}

void plan_board_take(struct plan_board *b, const uint8_t sector[static SECTOR_SIZE])
{
    const char *why;

    if (b->has_table) {
        if (b->head_count == BOARD_HEADS_MAX)
            return;
        b->heads[b->head_count].offset = b->wanted;
        memcpy(b->heads[b->head_count++].bytes, sector, sizeof b->heads[0].bytes);
        return;
    }
    if (partition_table_parse(sector, SECTOR_SIZE, &b->table, &why) == 0) {
        b->has_table = true;
        b->table_at = b->wanted;
        return;
    }
    if (partition_table_is(sector, SECTOR_SIZE))
        b->why = why;
    b->wanted += SECTOR_SIZE;
}

static int check_table(const struct plan_board *b, const struct look *l)
{
    for (size_t i = 0; i < b->table.count; i++) {
        const struct partition *p = &b->table.rows[i];

        if (p->offset > b->flash_size || p->size > b->flash_size - p->offset)
            return look_refuse(l, NULL, "partition %s of %s ends at 0x%x, beyond the flash of %u MB", p->name,
                               l->whose, p->offset + p->size, b->flash_size / MB);
    }
    if (b->plan->table == NULL &&
        spans_touch(b->plan->erases, b->plan->erase_count, b->table_at, SECTOR_SIZE))
        return look_refuse(l, NULL, "erases the board's own partition table at 0x%x and writes none",
                           b->table_at);
    return 0;
}

/* How long the board's own bootloader is, is not known: up to the table is its. */
static int check_front(const struct plan_board *b, const struct look *l)
{
    const struct plan *plan = b->plan;
    const struct span boot = {plan->boot_sector, b->table_at - plan->boot_sector};
    const struct span table = {b->table_at, SECTOR_SIZE};

    if (plan->boot == NULL && look_keeps(l, &boot, "the board's own bootloader", "") != 0)
        return -1;
    return plan->table == NULL ? look_keeps(l, &table, own_table_words, "") : 0;
}

/* The bootloader that comes has to take the table that stays. */
static int check_new_boot(const struct plan_board *b, const struct look *l)
{
    const struct plan *plan = b->plan;
    const struct plan_part *part = look_part_at(plan, plan->boot_sector);
    struct esp_image image = {0};
    const char *why;

    if (plan->table != NULL || plan->pycom || part == NULL)
        return 0;
    esp_image_parse(part->data + (plan->boot_sector - part->offset),
                    part->size - (plan->boot_sector - part->offset), &image, &why);
    for (size_t i = 0; i < b->table.count; i++) {
        const struct partition *p = &b->table.rows[i];

        if (p->offset + p->size > image.flash_size)
            return look_refuse(l, part,
                               "%s says %u MB of flash, and partition %s of %s ends at 0x%x: it would refuse "
                               "the table",
                               part->name, image.flash_size / MB, p->name, l->whose, p->offset + p->size);
    }
    return 0;
}

/* The bootloader that stays has to take the table that comes; one that is missing is found out later, with its backup. */
static enum look_answer check_boot(struct plan_board *b, const struct look *l)
{
    const struct plan *plan = b->plan;
    struct esp_image image = {0};
    const char *why;

    if (plan->table == NULL || plan->pycom || plan->boot != NULL)
        return LOOK_GOOD;
    for (size_t i = 0; i < b->head_count; i++) {
        if (b->heads[i].offset != plan->boot_sector)
            continue;
        if (!esp_image_is(b->heads[i].bytes, sizeof b->heads[i].bytes))
            return LOOK_GOOD;
        esp_image_parse(b->heads[i].bytes, sizeof b->heads[i].bytes, &image,
                        &why); /* cut, but for its header */
        for (size_t r = 0; r < b->table.count; r++)
            if (b->table.rows[r].offset + b->table.rows[r].size > image.flash_size)
                return look_refuse(
                    l, look_part_at(plan, plan->table_at),
                    "partition %s ends at 0x%x, beyond the %u MB that the board's own bootloader "
                    "takes its flash for",
                    b->table.rows[r].name, b->table.rows[r].offset + b->table.rows[r].size,
                    image.flash_size / MB);
        return LOOK_GOOD;
    }
    b->wanted = plan->boot_sector;
    return LOOK_WANTS;
}

static enum look_answer check_start(struct plan_board *b, struct look *l)
{
    const struct partition *started;
    bool written = false, brings = look_has_app(l);
    enum look_answer answer;

    for (size_t i = 0; !brings && i < b->plan->part_count; i++)
        if (look_is_app(b->plan, &b->plan->parts[i]))
            return look_refuse_no_app(l);
    answer = look_for_start(l, &started, &written);
    b->wanted = l->wanted;
    if (answer == LOOK_WANTS && b->wanted > b->flash_size - SECTOR_SIZE)
        return look_refuse(l, NULL, "0x%x lies beyond the flash of %u MB", b->wanted, b->flash_size / MB);
    if (answer != LOOK_GOOD)
        return answer;
    if (started == NULL)
        return look_refuse(l, NULL, "no partition of %s holds an application that the board could start",
                           l->whose);
    if (brings && !written)
        return look_refuse(
            l, NULL,
            "the board starts %s (0x%x), which the job does not write: what it writes would not "
            "run; erase the boot selection with it",
            started->name, started->offset);
    if (!written)
        return look_keeps(l, &(struct span){started->offset, started->size},
                          "the application that the board starts, ", started->name);
    return LOOK_GOOD;
}

int plan_board_next(struct plan_board *b, uint32_t *offset, struct complaint *c)
{
    struct look l = look_of(b, c);
    enum look_answer answer;

    if (!b->has_table) {
        *offset = b->wanted;
        if (b->wanted <= TABLE_LAST)
            return LOOK_WANTS;
        return b->why != NULL
                   ? look_refuse(&l, NULL, "the board's own partition table: %s", b->why)
                   : look_refuse(&l, NULL,
                                 "the board has no partition table between 0x%x and 0x%x, and the job "
                                 "writes none",
                                 b->plan->table_at, TABLE_LAST);
    }
    if (!b->named && plan_board_name(b, &l) != 0)
        return LOOK_REFUSED;
    l = look_of(b, c);
    if (check_table(b, &l) != 0 || look_at_parts(&l) != 0 || check_front(b, &l) != 0 ||
        check_new_boot(b, &l) != 0)
        return LOOK_REFUSED;
    answer = check_boot(b, &l);
    if (answer == LOOK_GOOD)
        answer = check_start(b, &l);
    *offset = b->wanted;
    return answer;
}
