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

static int back_up_span(struct attempt *a, const struct span *s)
{
    for (uint32_t at = s->offset; at < s->offset + s->size; at += SECTOR_SIZE) {
        struct backup *b = &a->kept[a->kept_count];

        if (flash_read_sector(&a->board, BACKUP_IDENTITY, at, b) < 0 || store(a, b) < 0)
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

/* 1: it was wrong and went back. */
static int keep_sector(struct attempt *a, const struct backup *b)
{
    uint8_t want[MD5_SIZE];

    digest_md5(b->data, BACKUP_SIZE, want);
    if (flash_check(&a->board, "protected sector", b->offset, BACKUP_SIZE, want) == 0)
        return 0;
    if (a->board.failure.code != FAIL_MD5_MISMATCH)
        return -1;
    return flash_put_back(&a->board, "protected sector", b->offset, b->data) == 0 ? 1 : -1;
}

/* All of them, also behind one that failed. Returns how many went back, or -1; *at is the first that was wrong. */
static int keep_all(struct attempt *a, uint32_t *at)
{
    struct failure first = {0};
    int restored = 0;

    for (size_t i = 0; i < a->kept_count; i++) {
        int rc = keep_sector(a, &a->kept[i]);

        if (rc != 0 && restored == 0 && first.code == FAILURE_NONE)
            *at = a->kept[i].offset;
        if (rc > 0)
            restored++;
        else if (rc < 0 && first.code == FAILURE_NONE)
            first = a->board.failure;
    }
    if (first.code == FAILURE_NONE)
        return restored;
    a->board.failure = first;
    return -1;
}

int attempt_protected_kept(struct attempt *a)
{
    uint32_t at = 0;
    int restored = keep_all(a, &at);

    if (restored <= 0)
        return restored;
    return failure_set(&a->board.failure, FAIL_IDENTITY_DAMAGED, a->board.stage, 0,
                       "protected sector 0x%x differed from its backup and was written back, %d in all", at,
                       restored);
}

void attempt_protected_rescue(struct attempt *a)
{
    struct failure first = a->board.failure;
    uint32_t at = 0;

    keep_all(a, &at);
    a->board.failure = first;
}
