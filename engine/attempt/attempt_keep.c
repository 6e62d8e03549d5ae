/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a board must not lose: its identity sector, and its own bootloader where the plan has none. Both are durable in the
 * record before anything is erased; the identity leaves as it came, and a board that lost either gets it back.
 */
#include <stdio.h>
#include <string.h>

#include "engine/attempt/attempt_private.h"
#include "engine/board/board_flash.h"
#include "engine/chip/esp_loader.h"

/* Such boards have an identity sector, and this one's flash is large enough to hold it. */
static bool bears_identity(const struct attempt *a)
{
    const struct span *s = &a->plan->identity;

    return s->size != 0 && a->board.chip.unit.flash_size >= s->offset + s->size;
}

/* A bootloader, and not one that was being put back when the line or the power went. */
static bool holds_bootloader(const struct attempt *a)
{
    const struct recorder_verdict *v = &a->verdict;
    const uint8_t *now = a->parked.data;

    if (!esp_chip_boots_from(now))
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
    if (flash_read_sector(&a->board, BACKUP_BOOT_SECTOR, a->plan->boot_sector, &a->parked) < 0)
        return -1;
    if (holds_bootloader(a)) {
        a->has_parked = attempt_store_backup(a, &a->parked) == 0;
        return a->has_parked ? 0 : -1;
    }
    if (!a->verdict.has_boot_sector || !esp_chip_boots_from(a->verdict.boot_sector))
        return failure_set(&a->board.failure, FAIL_NO_BOOT_SECTOR, STAGE_BACKUP, 0,
                           "0x%x holds no bootloader, and none of this board is in the records",
                           a->plan->boot_sector);
    memcpy(a->parked.data, a->verdict.boot_sector, sizeof a->parked.data);
    digest_sha256(a->parked.data, sizeof a->parked.data, a->parked.sha256);
    board_note(&a->board, "the board lost its boot sector: the one from its records goes back");
    a->has_parked = true;
    return 0;
}

int attempt_check_parked(struct attempt *a)
{
    uint8_t want[MD5_SIZE];

    digest_md5(a->parked.data, BACKUP_SIZE, want);
    return flash_check(&a->board, "the board's own boot sector", a->plan->boot_sector, BACKUP_SIZE, want);
}

int attempt_restore_parked(struct attempt *a)
{
    struct mismatch before = a->board.mismatch;

    if (flash_write_sector(&a->board, "boot sector", a->plan->boot_sector, a->parked.data) < 0)
        return -1;
    return attempt_check_parked(a) < 0 ? flash_judge(&a->board, &before) : 0;
}

static int read_identity(struct attempt *a)
{
    return flash_read_sector(&a->board, BACKUP_IDENTITY, a->plan->identity.offset, &a->identity);
}

static bool is_uniform(const uint8_t data[static BACKUP_SIZE])
{
    return memcmp(data, data + 1, BACKUP_SIZE - 1) == 0;
}

/*
 * Erased, zeroed by what spilled over it, half put back, or just what the earlier attempt found when it gave up. `now` and `was`:
 * what the board and the record have, each with this board's unit data in it.
 */
static bool was_lost(const struct attempt *a, const uint8_t now[static BACKUP_SIZE],
                     const uint8_t was[static BACKUP_SIZE])
{
    uint8_t md5[MD5_SIZE];

    if (is_uniform(a->identity.data) || attempt_is_half_of(now, was))
        return true;
    digest_md5(a->identity.data, BACKUP_SIZE, md5);
    return a->verdict.has_identity_left && memcmp(md5, a->verdict.identity_left_md5, MD5_SIZE) == 0;
}

/* What stands there as long as nothing goes wrong. */
static void identity_now(const struct attempt *a, uint8_t out[static BACKUP_SIZE])
{
    if (a->identity_is_due)
        attempt_unit_patch(a, a->plan->identity.offset, a->identity.data, out);
    else
        memcpy(out, a->identity.data, BACKUP_SIZE);
}

static int put_identity_back(struct attempt *a)
{
    uint8_t whole[BACKUP_SIZE];

    identity_now(a, whole);
    return flash_put_back(&a->board, "identity sector", a->plan->identity.offset, whole);
}

/* Two sectors that differ only in what this board is given there anyway are the same. */
static int identity_from_record(struct attempt *a)
{
    const struct recorder_verdict *v = &a->verdict;
    uint8_t now[BACKUP_SIZE], was[BACKUP_SIZE];

    if (!v->has_identity || a->plan->writes_identity)
        return 0;
    attempt_unit_patch(a, a->plan->identity.offset, a->identity.data, now);
    attempt_unit_patch(a, a->plan->identity.offset, v->identity, was);
    if (memcmp(now, was, BACKUP_SIZE) == 0)
        return 0;
    if (!was_lost(a, now, was))
        return failure_set(
            &a->board.failure, HOLD_IDENTITY_DIFFERS, a->board.stage, 0,
            "sector 0x%x differs from the backup of an attempt that did not end well, and is not blank",
            a->plan->identity.offset);
    if (attempt_begin(a) < 0)
        return -1;
    memcpy(a->identity.data, v->identity, BACKUP_SIZE);
    digest_sha256(a->identity.data, BACKUP_SIZE, a->identity.sha256);
    a->identity_is_due = attempt_unit_in_identity(a);
    board_note(&a->board,
               "an earlier attempt left the board without its identity: it goes back from its record");
    return put_identity_back(a);
}

/* What stands there now instead, for the next attempt on this unit to know it again. */
static void note_what_is_left(struct attempt *a)
{
    uint8_t *md5 = a->board.result->identity_left_md5;

    a->board.result->has_identity_left =
        esp_loader_md5(a->board.session->loader, a->plan->identity.offset, BACKUP_SIZE, md5) == 0;
}

/* LOST, NOT_KNOWN: a->board.failure says why. */
static enum kept keep(struct attempt *a)
{
    uint8_t whole[BACKUP_SIZE], want[MD5_SIZE];

    if (!a->has_identity || a->plan->writes_identity)
        return UNCHANGED;
    identity_now(a, whole);
    digest_md5(whole, BACKUP_SIZE, want);
    if (flash_check(&a->board, "identity sector", a->plan->identity.offset, BACKUP_SIZE, want) == 0)
        return UNCHANGED;
    if (a->board.failure.code != FAIL_MD5_MISMATCH)
        return NOT_KNOWN;
    if (put_identity_back(a) == 0)
        return RESTORED;
    note_what_is_left(a);
    return LOST;
}

int attempt_identity_kept(struct attempt *a)
{
    enum kept kept = keep(a);

    if (kept == UNCHANGED)
        return 0;
    if (kept == NOT_KNOWN)
        return -1;
    if (kept == RESTORED)
        return failure_set(&a->board.failure, FAIL_IDENTITY_DAMAGED, a->board.stage, 0,
                           "identity restored: sector 0x%x differed from its backup and was written back",
                           a->plan->identity.offset);
    char why[FAILURE_DETAIL_SIZE];
    snprintf(why, sizeof why, "%s", a->board.failure.detail);
    return failure_set(&a->board.failure, FAIL_IDENTITY_DAMAGED, a->board.stage, 0,
                       "identity lost: sector 0x%x differs from its backup and could not be written back: %s",
                       a->plan->identity.offset, why);
}

/* The loader answered just before, so that asking it for one more sector costs little and harms nothing. */
static bool loader_can_be_asked(const struct attempt *a)
{
    switch (a->board.failure.code) {
    case FAIL_ERASE:
    case FAIL_WRITE:
    case FAIL_MD5_MISMATCH:
    case FAIL_MD5_UNPROVEN:
    case FAIL_BESIDE_CHANGED:
    case FAIL_FINALISE:
        return true;
    default:
        return false;
    }
}

/* What the rescue found, behind what the attempt failed of. */
static void tell_rescue(struct failure *f, enum kept kept, const char *restored, const char *lost)
{
    const char *word = kept == LOST ? lost : restored;
    size_t len = strlen(f->detail);

    if (kept == UNCHANGED || kept == NOT_KNOWN)
        return;
    if (len + strlen(word) >= sizeof f->detail)
        len = sizeof f->detail - strlen(word) - 1;
    snprintf(f->detail + len, sizeof f->detail - len, "%s", word);
}

void attempt_identity_rescue(struct attempt *a)
{
    struct failure first = a->board.failure;

    if (!a->board.touched || !loader_can_be_asked(a))
        return;
    enum kept identity = keep(a);
    enum kept others = identity == NOT_KNOWN ? NOT_KNOWN : attempt_protected_rescue(a);

    a->board.failure = first;
    tell_rescue(&a->board.failure, others, "; protected sectors restored", "; protected sectors lost");
    tell_rescue(&a->board.failure, identity, "; identity restored", "; identity lost");
}

/*
 * With unit data in it the sector is another one than was read: it is this unit's from here on, and whoever puts an identity back
 * by hand has to find it in the records too.
 */
static int store_due(struct attempt *a)
{
    struct backup due = a->identity;

    attempt_unit_patch(a, due.offset, a->identity.data, due.data);
    a->identity_is_due |= memcmp(due.data, a->identity.data, BACKUP_SIZE) == 0;
    attempt_unit_take_identity(a, due.data);
    if (memcmp(due.data, a->identity.data, BACKUP_SIZE) == 0)
        return 0;
    digest_sha256(due.data, BACKUP_SIZE, due.sha256);
    return attempt_store_backup(a, &due);
}

static int back_up_identity(struct attempt *a)
{
    if (!bears_identity(a) || a->has_identity)
        return 0;
    if (read_identity(a) < 0 || identity_from_record(a) < 0 || attempt_store_backup(a, &a->identity) < 0)
        return -1;
    if (attempt_unit_in_identity(a) && store_due(a) < 0)
        return -1;
    a->has_identity = true;
    return 0;
}

int attempt_backup(struct attempt *a)
{
    board_stage(&a->board, STAGE_BACKUP);
    /* The neighbours and all that is read first: an identity that is put back is a write already. */
    if (attempt_note_beside(a) < 0 || attempt_back_up_protected(a) < 0 || attempt_compose_unit(a) < 0 ||
        attempt_back_up_unit(a) < 0 || back_up_identity(a) < 0 || attempt_put_protected_back(a) < 0)
        return -1;
    if (plan_writes(a->plan) && a->plan->boot == NULL && !a->has_parked)
        return park(a);
    return 0;
}
