/* SPDX-License-Identifier: Apache-2.0 */
/* The plan's pieces onto the chip, the chip's own digest of each, and what makes the board bootable last. */
#include <string.h>

#include "engine/attempt_private.h"

static uint64_t sum_of(const struct piece *p, size_t count)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += p[i].size;
    return sum;
}

int attempt_write(struct attempt *a)
{
    const struct plan *p = a->plan;

    attempt_stage(a, STAGE_WRITE);
    attempt_progress(a, 0, sum_of(p->pieces, p->piece_count));
    for (size_t i = 0; i < p->piece_count; i++) {
        if (attempt_region(a, &p->pieces[i]) < 0)
            return -1;
        a->result->bytes_written += p->pieces[i].size;
    }
    return 0;
}

/* Worth knowing for a small piece: the flash took nothing at all. */
static bool is_blank(uint32_t size, const uint8_t md5[static MD5_SIZE])
{
    uint8_t blank[SECTOR_SIZE], want[MD5_SIZE];

    if (size > sizeof blank)
        return false;
    memset(blank, 0xFF, sizeof blank);
    digest_md5(blank, size, want);
    return memcmp(want, md5, MD5_SIZE) == 0;
}

/* 1: the chip's digest is the wanted one; 0: it is not; or a loader's errno. */
static int same_md5(struct attempt *a, uint32_t offset, uint32_t size, const uint8_t want[static MD5_SIZE],
                    uint8_t got[static MD5_SIZE])
{
    int rc = esp_loader_md5(a->session->loader, offset, size, got);

    return rc < 0 ? rc : memcmp(got, want, MD5_SIZE) == 0;
}

int attempt_md5(struct attempt *a, const char *name, uint32_t offset, uint32_t size,
                const uint8_t want[static MD5_SIZE])
{
    uint8_t got[MD5_SIZE];
    char ours[2 * MD5_SIZE + 1], chips[2 * MD5_SIZE + 1];
    int rc = same_md5(a, offset, size, want, got);

    /* The reply has no checksum: a bit turned on the way is not to be blamed on the flash, so it is asked again. */
    if (rc == 0)
        rc = same_md5(a, offset, size, want, got);
    if (rc < 0)
        return attempt_lost(a, rc, FAIL_MD5_READ, FAIL_MD5_READ);
    if (rc == 1)
        return 0;
    digest_hex(want, MD5_SIZE, ours);
    digest_hex(got, MD5_SIZE, chips);
    return failure_set(&a->failure, FAIL_MD5_MISMATCH, a->stage, 0, "%.40s at 0x%x: chip says %s, want %s%s",
                       name, offset, chips, ours, is_blank(size, got) ? " (the flash is blank there)" : "");
}

int attempt_verify(struct attempt *a)
{
    const struct plan *p = a->plan;
    uint64_t total = sum_of(p->pieces, p->piece_count) + attempt_blank_bytes(a);

    attempt_stage(a, STAGE_VERIFY);
    attempt_progress(a, 0, total);
    for (size_t i = 0; i < p->piece_count; i++) {
        const struct piece *x = &p->pieces[i];
        if (attempt_md5(a, x->name, x->offset, x->size, x->md5) < 0)
            return -1;
        attempt_progress(a, a->done + x->size, total);
    }
    return attempt_verify_blank(a);
}

static int write_and_verify(struct attempt *a, const struct piece *p)
{
    if (attempt_region(a, p) < 0 || attempt_md5(a, p->name, p->offset, p->size, p->md5) < 0)
        return -1;
    a->result->bytes_written += p->size;
    return 0;
}

static int restore_parked(struct attempt *a)
{
    uint8_t want[MD5_SIZE];

    digest_md5(a->parked.data, BACKUP_SIZE, want);
    if (attempt_sector(a, BOOT_SECTOR, a->parked.data) < 0)
        return -1;
    return attempt_md5(a, "the board's own boot sector", BOOT_SECTOR, BACKUP_SIZE, want);
}

static int write_last(struct attempt *a)
{
    const struct plan *p = a->plan;

    for (size_t i = 0; i < p->final_count; i++) {
        if (write_and_verify(a, &p->finals[i]) < 0)
            return -1;
    }
    if (p->boot != NULL)
        return write_and_verify(a, p->boot);
    return a->has_parked ? restore_parked(a) : 0;
}

int attempt_finalise(struct attempt *a)
{
    attempt_stage(a, STAGE_FINALISE);
    a->done = a->total = 0;
    if (write_last(a) < 0) {
        /* The flash's refusal has its own name here: the firmware is in, the boot selection is not. */
        if (a->failure.code == FAIL_WRITE)
            a->failure.code = FAIL_FINALISE;
        return -1;
    }
    if (attempt_identity_unchanged(a) < 0)
        return -1;
    return attempt_same_board(a);
}
