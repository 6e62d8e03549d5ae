/* SPDX-License-Identifier: Apache-2.0 */
/* memory_recorder - a recorder that keeps everything in memory, counts, and refuses when told to. Thread safe. */
#ifndef TESTS_SUPPORT_MEMORY_RECORDER_H
#define TESTS_SUPPORT_MEMORY_RECORDER_H

#include <pthread.h>

#include "base/recorder.h"

#define MEMORY_BACKUPS 4

struct memory_recorder {
    struct recorder recorder; /* hand out &recorder */
    pthread_mutex_t lock;
    int64_t opened, identified, closed, backups;
    struct backup backup[MEMORY_BACKUPS]; /* the latest, by backups % MEMORY_BACKUPS */
    struct unit_identity unit;            /* of the latest identify */
    struct attempt_result last;
    /* Set before use. */
    enum failure_code refuse_open, refuse_backup, refuse_saved, refuse_close;
    struct recorder_verdict verdict; /* allowed unless changed */
    const struct backup *saved;      /* what an earlier attempt saved; NULL: nothing */
    bool saved_in_doubt;
    bool takes_any_mac; /* else blank and group addresses are held, whatever `verdict` says */
    void (*on_backup)(void *ctx, const struct backup *b); /* called outside the lock */
    void (*on_close)(void *ctx, int64_t attempt, const struct attempt_result *r);
    void *hook_ctx;
};

void memory_recorder_init(struct memory_recorder *m);
void memory_recorder_done(struct memory_recorder *m);

#endif /* TESTS_SUPPORT_MEMORY_RECORDER_H */
