/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan's pieces onto the chip, the chip's own digest of each, what makes the board bootable last, and then all of it
 * once more: the verdict states facts about the flash as it is left.
 */
#include <stdio.h>
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
    uint8_t want[MD5_SIZE];

    if (size > SECTOR_SIZE)
        return false;
    attempt_blank_md5(size, want);
    return memcmp(want, md5, MD5_SIZE) == 0;
}

/* 1: the chip's digest is the wanted one; 0: it is not; or a loader's errno. */
static int same_md5(struct attempt *a, uint32_t offset, uint32_t size, const uint8_t want[static MD5_SIZE],
                    uint8_t got[static MD5_SIZE])
{
    int rc = esp_loader_md5(a->session->loader, offset, size, got);

    return rc < 0 ? rc : memcmp(got, want, MD5_SIZE) == 0;
}

/* The reply has no checksum: a bit turned on the way is not to be blamed on the flash, so it is asked again. */
static int ask_md5(struct attempt *a, uint32_t offset, uint32_t size, const uint8_t want[static MD5_SIZE],
                   uint8_t got[static MD5_SIZE])
{
    int rc = same_md5(a, offset, size, want, got);

    return rc == 0 ? same_md5(a, offset, size, want, got) : rc;
}

int attempt_md5(struct attempt *a, const char *name, uint32_t offset, uint32_t size,
                const uint8_t want[static MD5_SIZE])
{
    struct mismatch m = {.seen = true, .offset = offset};
    char ours[2 * MD5_SIZE + 1], chips[2 * MD5_SIZE + 1];
    int rc = ask_md5(a, offset, size, want, m.md5);

    /* A question changes nothing: a chip that was lost over it is reached again and asked once more. */
    if (rc < 0) {
        attempt_lost(a, rc, FAIL_MD5_READ, FAIL_MD5_READ);
        if (attempt_recover(a, name, rc) < 0)
            return -1;
        rc = ask_md5(a, offset, size, want, m.md5);
    }
    if (rc < 0)
        return attempt_lost(a, rc, FAIL_MD5_READ, FAIL_MD5_READ);
    if (rc == 1)
        return 0;
    a->mismatch = m;
    digest_hex(want, MD5_SIZE, ours);
    digest_hex(m.md5, MD5_SIZE, chips);
    return failure_set(&a->failure, FAIL_MD5_MISMATCH, a->stage, 0, "%.40s at 0x%x: chip says %s, want %s%s",
                       name, offset, chips, ours, is_blank(size, m.md5) ? " (the flash is blank there)" : "");
}

/*
 * The board's flash is to blame for a difference that came without a line error, and that writing all of it once more
 * leaves as it was; everything else may have come over the line, also what could not be written once more.
 */
int attempt_judge(struct attempt *a, const struct mismatch *before)
{
    const struct mismatch *now = &a->mismatch;
    char detail[FAILURE_DETAIL_SIZE];

    if (a->failure.code != FAIL_MD5_MISMATCH)
        return -1;
    snprintf(detail, sizeof detail, "%s", a->failure.detail);
    if (a->restarts > 0)
        return failure_set(&a->failure, FAIL_MD5_UNPROVEN, a->stage, 0, "after %d start%s over: %.150s",
                           a->restarts, a->restarts == 1 ? "" : "s", detail);
    if (a->line_failed && !before->seen)
        return failure_set(&a->failure, FAIL_MD5_UNPROVEN, a->stage, 0,
                           "the line failed in the try before: %.140s", detail);
    if (!before->seen && a->boards >= a->job->retries)
        return failure_set(&a->failure, FAIL_MD5_UNPROVEN, a->stage, 0,
                           "not written again (retries: %d): %.140s", a->job->retries, detail);
    if (before->seen && before->offset != now->offset)
        return failure_set(&a->failure, FAIL_MD5_UNPROVEN, a->stage, 0, "it moved from 0x%x: %.150s",
                           before->offset, detail);
    if (before->seen && memcmp(before->md5, now->md5, MD5_SIZE) != 0)
        return failure_set(&a->failure, FAIL_MD5_UNPROVEN, a->stage, 0,
                           "written again it differs otherwise: %.140s", detail);
    return -1;
}

/* Flash is erased by sectors: what a piece leaves of its last one is blank, and PASS vouches for that too. */
static int check_rest_of_sector(struct attempt *a, const struct piece *x)
{
    uint8_t want[MD5_SIZE];
    uint32_t end = x->offset + x->size, rest = (SECTOR_SIZE - end % SECTOR_SIZE) % SECTOR_SIZE;
    char name[64];

    if (rest == 0)
        return 0;
    attempt_blank_md5(rest, want);
    snprintf(name, sizeof name, "behind %.30s", x->name);
    return attempt_md5(a, name, end, rest, want);
}

static int check_pieces(struct attempt *a, const struct piece *pieces, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct piece *x = &pieces[i];
        if (attempt_md5(a, x->name, x->offset, x->size, x->md5) < 0 || check_rest_of_sector(a, x) < 0)
            return -1;
        attempt_progress(a, a->done + x->size, a->total);
    }
    return 0;
}

static int check_written(struct attempt *a)
{
    return check_pieces(a, a->plan->pieces, a->plan->piece_count) < 0 ? -1 : attempt_verify_blank(a);
}

static uint64_t written_bytes(const struct attempt *a)
{
    return sum_of(a->plan->pieces, a->plan->piece_count) + attempt_blank_bytes(a);
}

int attempt_verify(struct attempt *a)
{
    struct mismatch before = a->mismatch;

    attempt_stage(a, STAGE_VERIFY);
    attempt_progress(a, 0, written_bytes(a));
    return check_written(a) < 0 ? attempt_judge(a, &before) : 0;
}

static int write_and_verify(struct attempt *a, const struct piece *p)
{
    struct mismatch before = a->mismatch;

    if (attempt_region(a, p) < 0)
        return -1;
    if (attempt_md5(a, p->name, p->offset, p->size, p->md5) < 0)
        return attempt_judge(a, &before);
    a->result->bytes_written += p->size;
    return 0;
}

static int check_parked(struct attempt *a)
{
    uint8_t want[MD5_SIZE];

    digest_md5(a->parked.data, BACKUP_SIZE, want);
    return attempt_md5(a, "the board's own boot sector", BOOT_SECTOR, BACKUP_SIZE, want);
}

static int restore_parked(struct attempt *a)
{
    struct mismatch before = a->mismatch;

    if (attempt_sector(a, "boot sector", BOOT_SECTOR, a->parked.data) < 0)
        return -1;
    return check_parked(a) < 0 ? attempt_judge(a, &before) : 0;
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
    return 0;
}

/* What was right before the last writes and is not any more was changed by them, not by the board. */
static int changed_since(struct attempt *a)
{
    char detail[FAILURE_DETAIL_SIZE];

    if (a->failure.code != FAIL_MD5_MISMATCH)
        return -1;
    snprintf(detail, sizeof detail, "%s", a->failure.detail);
    return failure_set(&a->failure, FAIL_BESIDE_CHANGED, a->stage, 0,
                       "right before the last writes, wrong now: %.140s", detail);
}

static int check_last(struct attempt *a)
{
    const struct plan *p = a->plan;

    if (check_pieces(a, p->finals, p->final_count) < 0)
        return -1;
    if (p->boot != NULL)
        return check_pieces(a, p->boot, 1);
    return a->has_parked ? check_parked(a) : 0;
}

/*
 * A command that opens a range has no checksum. Where something was not what was sent, one may have been misheard and its
 * data stand where nobody looks: that the range is right now, written once more, does not vouch for the rest.
 */
static int nothing_went_astray(struct attempt *a)
{
    if (!a->mismatch.seen || a->plan->erase_all)
        return 0;
    return failure_set(
        &a->failure, FAIL_MD5_UNPROVEN, a->stage, 0,
        "right when written again, but 0x%x was not before: what was sent there may stand elsewhere",
        a->mismatch.offset);
}

int attempt_confirm(struct attempt *a)
{
    const struct plan *p = a->plan;

    attempt_stage(a, STAGE_CONFIRM);
    attempt_progress(a, 0, written_bytes(a) + sum_of(p->finals, p->final_count));
    if (check_written(a) < 0 || check_last(a) < 0)
        return changed_since(a);
    if (attempt_beside_unchanged(a) < 0)
        return -1;
    /* The sector that cannot be made again is looked at last, so that least can happen to it unseen. */
    if (attempt_identity_kept(a) < 0 || attempt_same_board(a) < 0)
        return -1;
    return nothing_went_astray(a);
}
