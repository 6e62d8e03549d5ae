/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a job protects beside a board's identity: each of its sectors is durable before anything is erased, compared after
 * the last write, and goes back where it changed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/attempt/attempt_private.h"
#include "engine/board/board_flash.h"
#include "engine/chip/esp_chip.h"

static size_t sectors_of(const struct plan *p)
{
    size_t count = 0;

    for (size_t i = 0; i < p->protect_count; i++)
        count += p->protect[i].size / SECTOR_SIZE;
    return count;
}

static int store(struct attempt *a, const struct backup *b)
{
    const struct recorder *r = a->config->recorder;
    struct failure f = {0};

    if (r->backup(r->ctx, a->record, b, &f) == 0)
        return 0;
    return failure_set(&a->board.failure, FAIL_BACKUP_STORE, STAGE_BACKUP, f.sys, "%s", f.detail);
}

/*
 * The firmware may have changed it since that attempt, unless there is nothing that starts: the boot sector goes before all
 * else and comes last.
 */
static int may_have_run(struct attempt *a, bool *may)
{
    struct backup boot;

    if (flash_read_sector(&a->board, BACKUP_BOOT_SECTOR, a->plan->boot_sector, &boot) < 0)
        return -1;
    *may = esp_chip_boots_from(boot.data);
    return 0;
}

/* What an earlier attempt saved and no PASS came after is what shall stand there. */
static int take_from_record(struct attempt *a, struct kept_sector *k)
{
    const struct recorder *r = a->config->recorder;
    struct saved_sector saved = {0};
    bool may = false;

    if (r->saved(r->ctx, a->record, k->b.offset, &saved, &a->board.failure) < 0)
        return failure_while(&a->board.failure, "asking the records about sector 0x%x", k->b.offset);
    if (!saved.found || memcmp(saved.data, k->b.data, BACKUP_SIZE) == 0)
        return 0;
    if (may_have_run(a, &may) < 0)
        return -1;
    if (may || saved.in_doubt)
        return failure_set(
            &a->board.failure, HOLD_IDENTITY_DIFFERS, STAGE_BACKUP, 0,
            "protected sector 0x%x differs from the backup of an attempt that did not end well, and %s",
            k->b.offset, may ? "the board may have run since" : "a job that does not protect it came after");
    memcpy(k->b.data, saved.data, BACKUP_SIZE);
    digest_sha256(k->b.data, BACKUP_SIZE, k->b.sha256);
    k->owed = true;
    return 0;
}

static int back_up_span(struct attempt *a, const struct span *s)
{
    for (uint32_t at = s->offset; at < s->offset + s->size; at += SECTOR_SIZE) {
        struct kept_sector *k = &a->kept[a->kept_count];

        k->owed = false;
        if (flash_read_sector(&a->board, BACKUP_IDENTITY, at, &k->b) < 0 || take_from_record(a, k) < 0 ||
            store(a, &k->b) < 0)
            return -1;
        a->kept_count++;
    }
    return 0;
}

int attempt_back_up_protected(struct attempt *a)
{
    size_t count = sectors_of(a->plan);

    /* Of a retry the first backup counts: a later one may show what this attempt did. */
    if (count == 0 || (a->kept != NULL && a->kept_count == count))
        return 0;
    free(a->kept);
    a->kept_count = 0;
    a->kept = calloc(count, sizeof *a->kept);
    if (a->kept == NULL)
        return failure_set(&a->board.failure, FAIL_NO_MEMORY, STAGE_BACKUP, ENOMEM, "protected sectors");
    for (size_t i = 0; i < a->plan->protect_count; i++) {
        if (back_up_span(a, &a->plan->protect[i]) < 0)
            return -1;
    }
    return 0;
}

static int put_back(struct attempt *a, const struct backup *b)
{
    return flash_put_back(&a->board, "protected sector", b->offset, b->data);
}

int attempt_put_protected_back(struct attempt *a)
{
    for (size_t i = 0; i < a->kept_count; i++) {
        struct kept_sector *k = &a->kept[i];

        if (!k->owed)
            continue;
        if (attempt_begin(a) < 0)
            return -1;
        board_note(&a->board,
                   "an earlier attempt left protected sector 0x%x changed: it goes back from its record",
                   k->b.offset);
        if (put_back(a, &k->b) < 0)
            return -1;
        k->owed = false;
    }
    return 0;
}

static enum kept keep_sector(struct attempt *a, const struct backup *b)
{
    uint8_t want[MD5_SIZE];

    digest_md5(b->data, BACKUP_SIZE, want);
    if (flash_check(&a->board, "protected sector", b->offset, BACKUP_SIZE, want) == 0)
        return UNCHANGED;
    if (a->board.failure.code != FAIL_MD5_MISMATCH)
        return NOT_KNOWN;
    return put_back(a, b) == 0 ? RESTORED : LOST;
}

struct kept_all {
    enum kept worst; /* its failure is the board's */
    uint32_t at;     /* of the first that was wrong */
    int wrong;
};

/* All of them, also behind one that is lost, as long as the board can be asked. */
static struct kept_all keep_all(struct attempt *a)
{
    struct kept_all all = {.worst = UNCHANGED};
    struct failure why = a->board.failure;

    for (size_t i = 0; i < a->kept_count; i++) {
        enum kept now = keep_sector(a, &a->kept[i].b);

        if (now == RESTORED || now == LOST)
            all.at = all.wrong++ == 0 ? a->kept[i].b.offset : all.at;
        if (now > all.worst && all.worst != LOST) {
            why = a->board.failure;
            all.worst = now;
        }
        if (now == NOT_KNOWN)
            break;
    }
    a->board.failure = why;
    return all;
}

int attempt_protected_kept(struct attempt *a)
{
    struct kept_all all = keep_all(a);
    char why[FAILURE_DETAIL_SIZE];

    if (all.worst == UNCHANGED)
        return 0;
    if (all.worst == NOT_KNOWN)
        return -1;
    if (all.worst == RESTORED)
        return failure_set(&a->board.failure, FAIL_IDENTITY_DAMAGED, a->board.stage, 0,
                           "protected sector 0x%x differed from its backup and was written back, %d in all",
                           all.at, all.wrong);
    snprintf(why, sizeof why, "%s", a->board.failure.detail);
    return failure_set(
        &a->board.failure, FAIL_IDENTITY_DAMAGED, a->board.stage, 0,
        "protected sector 0x%x differs from its backup, %d in all, and one could not be written back: %s",
        all.at, all.wrong, why);
}

enum kept attempt_protected_rescue(struct attempt *a)
{
    return keep_all(a).worst;
}
