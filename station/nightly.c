/* SPDX-License-Identifier: Apache-2.0 */
#include "station/nightly.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/maintain.h"

#define HOUR      3
#define KEEP      30
#define RETRY_MS  3600000 /* after a failure: the disk may have room again */

struct nightly {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stop, failed; /* guarded by lock */
    char text[512];    /* guarded by lock */
    char db[3072], folder[3200];
};

int64_t nightly_due_ms(int64_t now_ms, bool have_todays)
{
    time_t seconds = (time_t)(now_ms / 1000);
    struct tm t;

    localtime_r(&seconds, &t);
    t.tm_mday += have_todays ? 1 : 0;
    t.tm_hour = HOUR;
    t.tm_min = t.tm_sec = 0;
    t.tm_isdst = -1;
    return (int64_t)mktime(&t) * 1000;
}

static bool have_todays(const struct nightly *n, int64_t now_ms)
{
    time_t seconds = (time_t)(now_ms / 1000);
    char day[32], path[4096];
    struct tm t;

    localtime_r(&seconds, &t);
    strftime(day, sizeof day, "%Y-%m-%d", &t);
    snprintf(path, sizeof path, "%s/flashline-%s.db", n->folder, day);
    return access(path, F_OK) == 0;
}

static bool back_up(struct nightly *n)
{
    const struct db_options o = {.path = n->db, .mode = DB_REVIEW};
    char path[4096] = "";
    struct failure f = {0};
    struct db *db = db_open(&o, &f);
    bool good = db != NULL && maintain_backup_daily(db, n->folder, KEEP, path, sizeof path, &f) == 0;

    db_close(db);
    pthread_mutex_lock(&n->lock);
    n->failed = !good;
    snprintf(n->text, sizeof n->text, "%.500s", good ? path : f.detail);
    pthread_mutex_unlock(&n->lock);
    return good;
}

/* Sleeps until `until_ms` or the end; true: it is the end. */
static bool wait_until(struct nightly *n, int64_t until_ms)
{
    const struct timespec until = {(time_t)(until_ms / 1000), (long)(until_ms % 1000) * 1000000};
    int rc = 0;

    pthread_mutex_lock(&n->lock);
    while (!n->stop && rc == 0)
        rc = pthread_cond_timedwait(&n->wake, &n->lock, &until);
    bool stop = n->stop;
    pthread_mutex_unlock(&n->lock);
    return stop;
}

static void *run(void *arg)
{
    struct nightly *n = arg;
    int64_t not_before = 0;

    for (;;) {
        int64_t now = clock_wall_ms(), due = nightly_due_ms(now, have_todays(n, now));
        due = due < not_before ? not_before : due;
        if (due > now) {
            if (wait_until(n, due))
                return NULL;
            continue;
        }
        not_before = back_up(n) ? 0 : now + RETRY_MS;
        if (wait_until(n, now))
            return NULL;
    }
}

struct nightly *nightly_new(const char *db_path)
{
    struct nightly *n = calloc(1, sizeof *n);

    if (n == NULL || strlen(db_path) >= sizeof n->db) {
        free(n);
        return NULL;
    }
    snprintf(n->db, sizeof n->db, "%s", db_path);
    snprintf(n->folder, sizeof n->folder, "%s.backups", n->db);
    pthread_mutex_init(&n->lock, NULL);
    pthread_cond_init(&n->wake, NULL);
    if (pthread_create(&n->thread, NULL, run, n) != 0) {
        pthread_cond_destroy(&n->wake);
        pthread_mutex_destroy(&n->lock);
        free(n);
        return NULL;
    }
    return n;
}

void nightly_free(struct nightly *n)
{
    if (n == NULL)
        return;
    pthread_mutex_lock(&n->lock);
    n->stop = true;
    pthread_cond_signal(&n->wake);
    pthread_mutex_unlock(&n->lock);
    pthread_join(n->thread, NULL);
    pthread_cond_destroy(&n->wake);
    pthread_mutex_destroy(&n->lock);
    free(n);
}

bool nightly_state(struct nightly *n, char *out, size_t size)
{
    pthread_mutex_lock(&n->lock);
    bool failed = n->failed;
    snprintf(out, size, "%s", n->text);
    pthread_mutex_unlock(&n->lock);
    return failed;
}
