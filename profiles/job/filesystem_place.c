/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/job/filesystem_place.h"

#include "profiles/firmware/file_system.h"

#define MB (1024u * 1024)
#define FAT_SECTOR \
    512u /* sflash_diskio.h of Pycom's firmware, as the blocks of its LittleFS are SECTOR_SIZE */

static uint32_t flash_size_of(const struct plan_context *ctx, const struct plan_draft *d)
{
    const uint32_t *sizes = ctx->flash_sizes;

    if (d->flash_size != 0)
        return d->flash_size;
    return sizes != NULL && sizes[0] != 0 && sizes[1] == 0 ? sizes[0] : 0;
}

static int refuse_place(struct plan_context *ctx, const struct plan_draft *d, const struct place *at)
{
    if (!d->pycom)
        return complain_at(
            ctx->c, FAIL_JOB, at,
            "filesystem: only Pycom's boards have a place that is theirs without being told; name the file "
            "under 'images:' with its offset");
    return complain_at(
        ctx->c, FAIL_JOB, at,
        "filesystem: its place depends on the size of the flash; write the one size, 'flash_size: [8MB]', and a "
        "job of its own for each");
}

static const char *units_of(enum file_system_kind kind)
{
    return kind == FILE_SYSTEM_FAT ? "sectors" : "blocks";
}

static const char *advice(uint32_t flash_size)
{
    return flash_size < 8 * MB ? "make it smaller, or the job for larger boards alone, 'flash_size: [8MB]'"
                               : "make it smaller";
}

static int refuse_form(struct plan_context *ctx, const struct file_system *form, const struct place *at,
                       uint32_t unit, uint32_t most, uint32_t flash_size)
{
    if (form->unit != unit)
        return complain_at(
            ctx->c, FAIL_FIRMWARE, at,
            "filesystem: is %s with %s of %u bytes, and the firmware reads %u: it would format it; "
            "make it with %u",
            file_system_name(form->kind), units_of(form->kind), form->unit, unit, unit);
    return complain_at(ctx->c, FAIL_FIRMWARE, at,
                       "filesystem: is %s of %u %s, more than the %u that a board with %u MB has; %s",
                       file_system_name(form->kind), form->count, units_of(form->kind), most, flash_size / MB,
                       advice(flash_size));
}

/* What the firmware does not mount it formats: the file would be verified, and gone at the first start. */
static int check_form(struct plan_context *ctx, const struct filesystem *fs, const struct place *at,
                      const struct span *room, uint32_t flash_size)
{
    struct file_system form;
    uint32_t unit;

    file_system_find(fs->data, fs->size, &form);
    unit = form.kind == FILE_SYSTEM_FAT ? FAT_SECTOR : SECTOR_SIZE;
    if (form.kind != FILE_SYSTEM_NONE && (form.unit != unit || form.count > room->size / unit))
        return refuse_form(ctx, &form, at, unit, room->size / unit, flash_size);
    if (form.kind == FILE_SYSTEM_NONE)
        plan_warn(
            ctx,
            "filesystem: %s begins as neither FAT nor LittleFS: a board that cannot mount it formats it at "
            "its first start",
            fs->name);
    if (form.kind == FILE_SYSTEM_LITTLEFS)
        plan_warn(
            ctx,
            "filesystem: %s is LittleFS: a board mounts it where its settings say so ('flashline pycom cb set "
            "file_system=littlefs'), and else formats it at its first start as FAT",
            fs->name);
    return 0;
}

int filesystem_add(struct plan_context *ctx, struct plan_draft *d, const struct filesystem *fs)
{
    uint32_t flash_size = flash_size_of(ctx, d);
    struct place at = {ctx->at->file, fs->line, fs->name};
    const struct place *before = ctx->at;
    struct span room;
    int rc;

    if (!d->pycom || flash_size == 0) {
        at.inside = NULL;
        return refuse_place(ctx, d, &at);
    }
    room = plan_pycom_file_system(flash_size);
    if (fs->size > room.size)
        return complain_at(
            ctx->c, FAIL_FIRMWARE, &at,
            "filesystem: has 0x%zx bytes, more than the 0x%x at 0x%x that a board with %u MB has "
            "for it; %s",
            fs->size, room.size, room.offset, flash_size / MB, advice(flash_size));
    if (check_form(ctx, fs, &at, &room, flash_size) != 0)
        return -1;
    /* The plan tells a file by the line that it stands on. */
    ctx->at = &at;
    rc = plan_add_erase(ctx, d, room.offset, room.size) != 0
             ? -1
             : plan_add_region(ctx, d, fs->name, room.offset, fs->data, fs->size);
    ctx->at = before;
    return rc;
}
