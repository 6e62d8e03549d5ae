/* SPDX-License-Identifier: Apache-2.0 */
/* A Pycom script's commands as regions and erases of a draft. */
#include <stdio.h>
#include <string.h>

#include "profiles/firmware/firmware_archive.h"
#include "profiles/firmware/pycom_script.h"
#include "profiles/plan/plan.h"

#define MB (1024u * 1024)

/* Where a name lies when neither script nor table says it: the layout of 2017, known to every script of that time. */
static const struct script_partition builtin[] = {
    {"secureboot", 0x0, 0x8000},   {"bootloader", 0x1000, 0x7000},        {"partitions", 0x8000, 0x1000},
    {"nvs", 0x9000, 0x7000},       {"factory", 0x10000, 0x180000},        {"otadata", 0x190000, 0x1000},
    {"ota_0", 0x1A0000, 0x180000}, {"config", CONFIG_SECTOR, SECTOR_SIZE}};

struct span plan_pycom_file_system(uint32_t flash_size)
{
    return flash_size >= 8 * MB ? (struct span){0x400000, 0x400000} : (struct span){0x380000, 0x7F000};
}

static int resolve(struct plan_context *ctx, const struct plan_draft *d, const struct pycom_script *script,
                   const struct script_command *cmd, struct script_partition *out)
{
    const struct partition *row = d->has_table ? partition_find(&d->table, cmd->target) : NULL;

    if (strcmp(cmd->target, "fs") == 0 || strcmp(cmd->target, "fs1") == 0) {
        const struct span fs = plan_pycom_file_system(d->flash_size);

        out->offset = fs.offset;
        out->size = fs.size;
        return 0;
    }
    for (size_t i = 0; i < script->partition_count; i++) {
        if (strcmp(script->partitions[i].name, cmd->target) == 0) {
            *out = script->partitions[i];
            if (row != NULL && (row->offset != out->offset || row->size != out->size))
                plan_warn(ctx, "%s: puts %s at 0x%x (0x%x bytes), its partition table at 0x%x (0x%x bytes)",
                          d->name, cmd->target, out->offset, out->size, row->offset, row->size);
            return 0;
        }
    }
    if (row != NULL) {
        out->offset = row->offset;
        out->size = row->size;
        return 0;
    }
    for (size_t i = 0; i < sizeof builtin / sizeof builtin[0]; i++) {
        if (strcmp(builtin[i].name, cmd->target) == 0) {
            *out = builtin[i];
            return 0;
        }
    }
    return complain_at(ctx->c, FAIL_FIRMWARE, ctx->at,
                       "%s: entry %d: '%s' is no partition of this script or its table", script->member,
                       cmd->entry, cmd->target);
}

static bool targets_all(const struct script_command *cmd)
{
    return cmd->named && strcmp(cmd->target, "all") == 0;
}

static int add_erase(struct plan_context *ctx, struct plan_draft *d, const struct pycom_script *script,
                     const struct script_command *cmd)
{
    struct script_partition p;

    if (targets_all(cmd)) {
        d->erase_all = true;
        return 0;
    }
    if (!cmd->named)
        return plan_add_erase(ctx, d, cmd->offset, cmd->size);
    if (resolve(ctx, d, script, cmd, &p) != 0)
        return -1;
    return plan_add_erase(ctx, d, p.offset, p.size);
}

static const struct archive_member *find_member(struct plan_context *ctx, const struct pycom_script *script,
                                                const struct script_command *cmd,
                                                const struct firmware_archive *archive)
{
    const struct archive_member *m = firmware_archive_find(archive, cmd->file);
    size_t len = strlen(cmd->file);

    if (len > 4 && strcmp(cmd->file + len - 4, "_enc") == 0) {
        complain_at(ctx->c, FAIL_FIRMWARE, ctx->at,
                    "%s: entry %d: '%s' is for boards with flash encryption; get the "
                    "archive for plain boards",
                    script->member, cmd->entry, cmd->file);
        return NULL;
    }
    if (m == NULL)
        complain_at(ctx->c, FAIL_FIRMWARE, ctx->at,
                    "%s: entry %d: the archive has no member '%s'; get a whole archive", script->member,
                    cmd->entry, cmd->file);
    return m;
}

static int add_write(struct plan_context *ctx, struct plan_draft *d, const struct pycom_script *script,
                     const struct script_command *cmd, const struct firmware_archive *archive)
{
    const struct archive_member *m = find_member(ctx, script, cmd, archive);
    struct script_partition p;

    if (m == NULL)
        return -1;
    if (!cmd->named || targets_all(cmd))
        return plan_add_region(ctx, d, m->name, cmd->named ? 0 : cmd->offset, m->data, m->size);
    if (resolve(ctx, d, script, cmd, &p) != 0)
        return -1;
    if (m->size > p.size)
        return complain_at(ctx->c, FAIL_FIRMWARE, ctx->at,
                           "%s: entry %d: %s has 0x%zx bytes, more than the 0x%x of its partition %s",
                           script->member, cmd->entry, m->name, m->size, p.size, cmd->target);
    /* Old bytes behind a shorter member could be taken for new ones: the whole partition goes. `o` is raw by design. */
    if (cmd->letter == SCRIPT_WRITE && plan_add_erase(ctx, d, p.offset, p.size) != 0)
        return -1;
    return plan_add_region(ctx, d, m->name, p.offset, m->data, m->size);
}

/* Names are resolved by the table the script itself writes, so it has to be known before anything else. */
static void find_table(struct plan_draft *d, const struct pycom_script *script,
                       const struct firmware_archive *archive)
{
    for (size_t i = 0; i < script->count; i++) {
        const struct script_command *cmd = &script->commands[i];
        const struct archive_member *m;
        const char *why;

        if (cmd->letter == SCRIPT_ERASE)
            continue;
        if (cmd->named ? strcmp(cmd->target, "partitions") != 0 : cmd->offset != PARTITION_TABLE_OFFSET)
            continue;
        m = firmware_archive_find(archive, cmd->file);
        /* A bad table is complained of by plan_check_images(), with its place. */
        d->has_table = m != NULL && partition_table_parse(m->data, m->size, &d->table, &why) == 0;
        if (!d->has_table)
            memset(&d->table, 0, sizeof d->table);
    }
}

/* A script that writes no table says itself where things lie; images and boot selection are then checked against that. */
static void assume_table(struct plan_draft *d, const struct pycom_script *script)
{
    static const struct {
        const char *name;
        uint8_t type, subtype;
    } known[] = {{"factory", PARTITION_APP, PARTITION_APP_FACTORY},
                 {"ota_0", PARTITION_APP, PARTITION_APP_OTA_0},
                 {"otadata", PARTITION_DATA, PARTITION_DATA_OTA}};

    for (size_t k = 0; k < sizeof known / sizeof known[0]; k++) {
        struct partition *row = &d->table.rows[d->table.count];

        for (size_t i = 0; i < script->partition_count; i++) {
            if (strcmp(script->partitions[i].name, known[k].name) != 0)
                continue;
            snprintf(row->name, sizeof row->name, "%s", known[k].name);
            row->type = known[k].type;
            row->subtype = known[k].subtype;
            row->offset = script->partitions[i].offset;
            row->size = script->partitions[i].size;
            d->table.count++;
            break;
        }
    }
}

/* A maker's script that leaves bootloader or table to the board is for boards that have them: it needs no job's word. */
static bool is_partial(const struct plan_draft *d)
{
    bool boots = false;

    for (size_t i = 0; i < d->region_count; i++)
        boots = boots || (d->regions[i].offset <= BOOT_SECTOR &&
                          BOOT_SECTOR - d->regions[i].offset < d->regions[i].size);
    return !boots || !d->has_table;
}

int plan_add_script(struct plan_context *ctx, struct plan_draft *d, const struct pycom_script *script,
                    const struct firmware_archive *archive)
{
    bool whole = false;

    d->pycom = true;
    find_table(d, script, archive);
    if (!d->has_table)
        assume_table(d, script);
    for (size_t i = 0; i < script->count; i++)
        whole = whole || (script->commands[i].letter != SCRIPT_ERASE && targets_all(&script->commands[i]));
    for (size_t i = 0; i < script->count; i++) {
        const struct script_command *cmd = &script->commands[i];

        if (cmd->letter != SCRIPT_ERASE) {
            if (add_write(ctx, d, script, cmd, archive) != 0)
                return -1;
        } else if (!whole && add_erase(ctx, d, script, cmd) != 0) {
            return -1; /* an image of the whole flash makes every other erase needless */
        }
    }
    d->partial = d->partial || (!whole && is_partial(d));
    return 0;
}
