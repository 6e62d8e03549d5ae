/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/run_backup.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errno_text.h"
#include "base/waker.h"
#include "db/care/maintain.h"
#include "station/config/paths.h"

struct run_backup {
    struct db *writer;
    char database[PATH_TEXT], folder[PATH_TEXT];
    struct waker *end;
    struct clock *clock;
    pthread_t thread;
    struct failure failure; /* the thread's until it is joined */
};

static void copy_database(struct run_backup *b)
{
    const struct db_options options = {
        .path = b->database, .mode = DB_REVIEW, .own = db_station_files(b->writer)};
    char path[PATH_TEXT], text[PATH_TEXT + 64];
    struct failure f = {0};
    struct db *db = db_open(&options, &f);
    bool good =
        db != NULL && maintain_backup_daily(db, b->folder, RUN_BACKUP_KEEP, path, sizeof path, &f) == 0;

    db_close(db);
    if (good)
        snprintf(text, sizeof text, "verified copy: %s", path);
    else
        snprintf(text, sizeof text, "the nightly backup failed: %s", f.detail);
    if (!good)
        b->failure = f;
    /* On record at once, and before a person's eyes: a run may last for weeks. */
    if (maintain_note_backup(b->writer, good, text, &f) != 0 && good)
        b->failure = f;
}

static bool has_todays(const struct run_backup *b)
{
    char day[32], path[PATH_TEXT + 64];
    time_t now = time(NULL);
    struct tm local;

    if (localtime_r(&now, &local) == NULL)
        return false;
    strftime(day, sizeof day, "%Y-%m-%d", &local);
    snprintf(path, sizeof path, "%s/flashline-%s.db", b->folder, day);
    return access(path, F_OK) == 0;
}

/* Microseconds until the next 02:30; mktime() knows the days that are not 24 hours long. */
static int64_t until_night(void)
{
    time_t now = time(NULL);
    struct tm local;

    if (localtime_r(&now, &local) == NULL)
        return 86400LL * 1000000;
    local.tm_mday += local.tm_hour > 2 || (local.tm_hour == 2 && local.tm_min >= 30) ? 1 : 0;
    local.tm_hour = 2;
    local.tm_min = 30;
    local.tm_sec = 0;
    local.tm_isdst = -1;
    time_t night = mktime(&local);
    return night > now ? (int64_t)(night - now) * 1000000 : 60LL * 1000000;
}

static void *work(void *arg)
{
    struct run_backup *b = arg;

    if (!has_todays(b))
        copy_database(b);
    while (clock_wait_until(b->clock, clock_after(b->clock, until_night()), b->end) == 0)
        copy_database(b);
    return NULL;
}

static void free_parts(struct run_backup *b)
{
    waker_free(b->end);
    clock_free(b->clock);
    free(b);
}

struct run_backup *run_backup_new(struct db *writer, const char *folder, struct failure *f)
{
    struct run_backup *b = calloc(1, sizeof *b);

    if (b != NULL) {
        b->writer = writer;
        snprintf(b->database, sizeof b->database, "%s", db_path(writer));
        snprintf(b->folder, sizeof b->folder, "%s", folder);
        b->end = waker_new();
        b->clock = clock_new_real();
    }
    if (b == NULL || b->end == NULL || b->clock == NULL) {
        failure_set(f, FAIL_NO_MEMORY, STAGE_RECORD, ENOMEM, "no memory for the nightly backup");
        if (b != NULL)
            free_parts(b);
        return NULL;
    }
    int error = pthread_create(&b->thread, NULL, work, b);
    if (error != 0) {
        failure_set(f, FAIL_NO_MEMORY, STAGE_RECORD, error, "no thread for the nightly backup: %s",
                    errno_text(error));
        free_parts(b);
        return NULL;
    }
    return b;
}

int run_backup_free(struct run_backup *b, struct failure *f)
{
    if (b == NULL)
        return 0;
    waker_raise(b->end);
    pthread_join(b->thread, NULL);
    int failed = b->failure.code != FAILURE_NONE;
    if (failed)
        *f = b->failure;
    free_parts(b);
    return failed ? -1 : 0;
}
