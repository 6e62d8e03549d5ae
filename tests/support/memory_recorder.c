/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/memory_recorder.h"

#include <string.h>

static int refuse(struct failure *f, enum failure_code code)
{
    return failure_set(f, code, STAGE_RECORD, 0, "refused by the test");
}

static int memory_open(void *ctx, const struct attempt_start *start, int64_t *attempt, struct failure *f)
{
    struct memory_recorder *m = ctx;

    (void)start;
    if (m->refuse_open != FAILURE_NONE)
        return refuse(f, m->refuse_open);
    pthread_mutex_lock(&m->lock);
    *attempt = ++m->opened;
    pthread_mutex_unlock(&m->lock);
    return 0;
}

static int memory_identify(void *ctx, int64_t attempt, const struct unit_identity *unit,
                           struct recorder_verdict *verdict, struct failure *f)
{
    struct memory_recorder *m = ctx;

    (void)attempt, (void)f;
    pthread_mutex_lock(&m->lock);
    m->identified++;
    m->unit = *unit;
    *verdict = m->verdict;
    if (verdict->allowed && !m->takes_any_mac && (mac_is_blank(&unit->mac) || mac_is_multicast(&unit->mac))) {
        verdict->allowed = false;
        failure_set(&verdict->hold, HOLD_MAC_BLANK, STAGE_GATE, 0, "no board's address");
    }
    pthread_mutex_unlock(&m->lock);
    return 0;
}

static int memory_backup(void *ctx, int64_t attempt, const struct backup *backup, struct failure *f)
{
    struct memory_recorder *m = ctx;

    (void)attempt;
    if (m->refuse_backup != FAILURE_NONE)
        return refuse(f, m->refuse_backup);
    pthread_mutex_lock(&m->lock);
    m->backup[m->backups++ % MEMORY_BACKUPS] = *backup;
    pthread_mutex_unlock(&m->lock);
    if (m->on_backup != NULL)
        m->on_backup(m->hook_ctx, backup);
    return 0;
}

static int memory_close(void *ctx, int64_t attempt, const struct attempt_result *result, struct failure *f)
{
    struct memory_recorder *m = ctx;

    if (m->refuse_close != FAILURE_NONE)
        return refuse(f, m->refuse_close);
    pthread_mutex_lock(&m->lock);
    m->closed++;
    m->last = *result;
    pthread_mutex_unlock(&m->lock);
    if (m->on_close != NULL)
        m->on_close(m->hook_ctx, attempt, result);
    return 0;
}

static int memory_saved(void *ctx, int64_t attempt, uint32_t offset, struct saved_sector *out,
                        struct failure *f)
{
    struct memory_recorder *m = ctx;

    (void)attempt;
    if (m->refuse_saved != FAILURE_NONE)
        return refuse(f, m->refuse_saved);
    *out = (struct saved_sector){.found = m->saved != NULL && m->saved->offset == offset,
                                 .in_doubt = m->saved_in_doubt};
    if (out->found)
        memcpy(out->data, m->saved->data, BACKUP_SIZE);
    return 0;
}

void memory_recorder_init(struct memory_recorder *m)
{
    memset(m, 0, sizeof *m);
    pthread_mutex_init(&m->lock, NULL);
    m->recorder = (struct recorder){.ctx = m,
                                    .open = memory_open,
                                    .identify = memory_identify,
                                    .backup = memory_backup,
                                    .close = memory_close,
                                    .saved = memory_saved};
    m->verdict.allowed = true;
}

void memory_recorder_done(struct memory_recorder *m)
{
    pthread_mutex_destroy(&m->lock);
}
