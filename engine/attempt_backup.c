/* SPDX-License-Identifier: Apache-2.0 */
/* Identity data are durable in the record before anything is erased, and unchanged on the board afterwards. */
#include <string.h>

#include "engine/attempt_private.h"

#define IMAGE_MAGIC 0xE9 /* first byte of every ESP32 image, the second-stage bootloader's too */

bool attempt_writes(const struct plan *p)
{
    return p->piece_count > 0 || p->final_count > 0 || p->boot != NULL;
}

static bool reaches_config(const struct attempt *a)
{
    return a->chip.unit.flash_size >= CONFIG_SECTOR + SECTOR_SIZE;
}

static int read_sector(struct attempt *a, enum backup_kind kind, uint32_t offset, struct backup *out)
{
    memset(out, 0, sizeof *out);
    out->kind = kind;
    out->offset = offset;
    int rc = esp_loader_read_flash(a->session->loader, offset, out->data, sizeof out->data);
    if (rc < 0)
        return attempt_lost(a, rc, FAIL_BACKUP_READ, FAIL_BACKUP_READ);
    digest_sha256(out->data, sizeof out->data, out->sha256);
    return 0;
}

/* The line has no checksum of its own in this direction: the chip's digest says whether we read what is there. */
static int check_read(struct attempt *a, const struct backup *b)
{
    uint8_t ours[MD5_SIZE], chips[MD5_SIZE];
    int rc = esp_loader_md5(a->session->loader, b->offset, sizeof b->data, chips);

    if (rc < 0)
        return attempt_lost(a, rc, FAIL_BACKUP_READ, FAIL_BACKUP_READ);
    digest_md5(b->data, sizeof b->data, ours);
    if (memcmp(ours, chips, MD5_SIZE) != 0)
        return failure_set(&a->failure, FAIL_BACKUP_READ, STAGE_BACKUP, 0, "sector 0x%x was read wrong",
                           b->offset);
    return 0;
}

static int store(struct attempt *a, const struct backup *b)
{
    const struct recorder *r = a->config->recorder;
    struct failure f = {0};

    if (r->backup(r->ctx, a->record, b, &f) == 0)
        return 0;
    return failure_set(&a->failure, FAIL_BACKUP_STORE, STAGE_BACKUP, f.sys, "%s", f.detail);
}

static int read_checked(struct attempt *a, enum backup_kind kind, uint32_t offset, struct backup *out)
{
    return read_sector(a, kind, offset, out) < 0 ? -1 : check_read(a, out);
}

bool attempt_is_half_of(const uint8_t data[static BACKUP_SIZE], const uint8_t whole[static BACKUP_SIZE])
{
    for (size_t i = 0; i < BACKUP_SIZE; i++) {
        if (data[i] != whole[i] && data[i] != 0xFF)
            return false;
    }
    return true;
}

/* A bootloader, and not one that was being put back when the line or the power went. */
static bool holds_bootloader(const struct attempt *a)
{
    const struct recorder_verdict *v = &a->verdict;
    const uint8_t *now = a->parked.data;

    if (now[0] != IMAGE_MAGIC)
        return false;
    return !v->has_boot_sector || memcmp(now, v->boot_sector, BACKUP_SIZE) == 0 ||
           !attempt_is_half_of(now, v->boot_sector);
}

/*
 * A plan without a bootloader leaves the board's own: it is taken away first and put back last. A sector without a
 * bootloader is never stored, or it would hide the good one in the records from the next attempt.
 */
static int park(struct attempt *a)
{
    if (read_checked(a, BACKUP_BOOT_SECTOR, BOOT_SECTOR, &a->parked) < 0)
        return -1;
    if (holds_bootloader(a)) {
        a->has_parked = store(a, &a->parked) == 0;
        return a->has_parked ? 0 : -1;
    }
    if (!a->verdict.has_boot_sector || a->verdict.boot_sector[0] != IMAGE_MAGIC)
        return failure_set(&a->failure, FAIL_NO_BOOT_SECTOR, STAGE_BACKUP, 0,
                           "0x1000 holds no bootloader, and none of this board is in the records");
    memcpy(a->parked.data, a->verdict.boot_sector, sizeof a->parked.data);
    digest_sha256(a->parked.data, sizeof a->parked.data, a->parked.sha256);
    attempt_note(a, "the board lost its boot sector: the one from its records goes back");
    a->has_parked = true;
    return 0;
}

int attempt_read_identity(struct attempt *a)
{
    return read_checked(a, BACKUP_CONFIG, CONFIG_SECTOR, &a->config_sector);
}

static int back_up_config(struct attempt *a)
{
    if (!reaches_config(a) || a->has_config)
        return 0;
    if (attempt_read_identity(a) < 0 || attempt_identity_from_record(a) < 0 ||
        store(a, &a->config_sector) < 0)
        return -1;
    a->has_config = true;
    return 0;
}

int attempt_backup(struct attempt *a)
{
    attempt_stage(a, STAGE_BACKUP);
    /* The neighbours first: an identity that is put back is a write already. */
    if (attempt_note_beside(a) < 0 || back_up_config(a) < 0)
        return -1;
    if (attempt_writes(a->plan) && a->plan->boot == NULL && !a->has_parked)
        return park(a);
    return 0;
}
