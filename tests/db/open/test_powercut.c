/* SPDX-License-Identifier: Apache-2.0 */
/* label: powercut */
/*
 * Power cuts under 16 slots: whatever a recorder call acknowledged must be there after the cut, once, unchanged; the
 * file must be whole; nothing may stay open. The same harness must find losses when synchronous=NORMAL, or it proves
 * nothing.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "db/care/verify.h"
#include "db/open/db_inside.h"
#include "db/open/sql.h"
#include "tests/support/cutfs.h"
#include "tests/support/db_fixture.h"
#include "tests/support/sweep.h"

#define SLOTS       16
#define CUTS_A_DISK 20
#define SLICE       200
#define WHOLE       2000
#define CALLS_MAX   400 /* the cut comes somewhere within so many writes, truncations and syncs */
#define ACKED_MAX   200000

/* What a call that returned 0 promised. */
struct promise {
    int64_t attempt;
    bool identified, backed_up, closed;
    enum result result;
    uint64_t bytes; /* a value of its own, to see alterations */
};

struct harness {
    struct cutfs *fs;
    struct db *db;
    struct db_recorder *rec;
    const struct recorder *face;
    pthread_mutex_t lock;
    struct promise *acked; /* guarded by lock */
    size_t acked_count, verified_from;
    uint32_t next_unit; /* guarded by lock */
    bool unsafe_normal;
    uint64_t random;
    long cuts, lost, altered, corrupt, results;
};

static uint64_t roll(struct harness *x)
{
    x->random ^= x->random << 13;
    x->random ^= x->random >> 7;
    x->random ^= x->random << 17;
    return x->random;
}

static struct promise *promise_new(struct harness *x, int64_t attempt)
{
    pthread_mutex_lock(&x->lock);
    assert_true(x->acked_count < ACKED_MAX);
    struct promise *p = &x->acked[x->acked_count++];
    *p = (struct promise){.attempt = attempt};
    pthread_mutex_unlock(&x->lock);
    return p;
}

static uint32_t unit_new(struct harness *x)
{
    pthread_mutex_lock(&x->lock);
    uint32_t unit = ++x->next_unit;
    pthread_mutex_unlock(&x->lock);
    return unit;
}

/* One board, as the engine does it. -1: the power is gone. */
static int flash(struct harness *x, int slot)
{
    const struct recorder *r = x->face;
    const struct attempt_start s = board_start(slot);
    uint32_t tail = unit_new(x);
    const struct unit_identity u = board_identity(tail);
    struct attempt_result e =
        board_end(tail % 5 == 0 ? RESULT_FAIL : RESULT_PASS, tail % 5 == 0 ? FAIL_WRITE : FAILURE_NONE);
    struct backup b = {.kind = BACKUP_IDENTITY, .offset = 0x3ff000};
    struct recorder_verdict v;
    struct failure f;
    int64_t attempt;

    if (r->open(r->ctx, &s, &attempt, &f) != 0)
        return -1;
    struct promise *p = promise_new(x, attempt);
    if (r->identify(r->ctx, attempt, &u, &v, &f) != 0)
        return -1;
    p->identified = true;
    memcpy(b.data, &tail, sizeof tail);
    digest_sha256(b.data, sizeof b.data, b.sha256);
    if (r->backup(r->ctx, attempt, &b, &f) != 0)
        return -1;
    p->backed_up = true;
    e.bytes_written = tail * 7919u;
    p->bytes = e.bytes_written;
    p->result = e.result;
    if (r->close(r->ctx, attempt, &e, &f) != 0)
        return -1;
    p->closed = true;
    return 0;
}

struct worker {
    struct harness *x;
    int slot;
    pthread_t thread;
};

static void *work(void *arg)
{
    struct worker *w = arg;

    while (flash(w->x, w->slot) == 0)
        ;
    return NULL;
}

static void run_until_cut(struct harness *x)
{
    struct worker workers[SLOTS];

    for (int i = 0; i < SLOTS; i++) {
        workers[i] = (struct worker){.x = x, .slot = i + 1};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < SLOTS; i++)
        pthread_join(workers[i].thread, NULL);
}

static int start(struct harness *x)
{
    const struct db_options o = {.path = "station.db", .mode = DB_STATION, .station = "cut", .vfs = "cutfs"};
    struct db_policy policy = {.on_duplicate = DUPLICATE_REFUSE};
    struct failure f = {0};

    x->db = db_open(&o, &f);
    if (x->db == NULL)
        goto fail;
    if (x->unsafe_normal)
        sql_script(x->db->h, "PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=50;");
    else
        sql_script(x->db->h, "PRAGMA wal_autocheckpoint=50;"); /* checkpoints too must meet cuts */
    x->rec = db_recorder_new(x->db, &policy, &f);
    if (x->rec == NULL)
        goto fail;
    x->face = db_recorder_face(x->rec);
    duty_set_operator(db_recorder_duty(x->rec), "op-7");
    duty_set_lot(db_recorder_duty(x->rec), "L1");
    return 0;
fail:
    if (!cutfs_is_cut(x->fs))
        print_error("start: %s\n", f.detail);
    db_close(x->db);
    x->db = NULL;
    return -1;
}

static void stop(struct harness *x)
{
    db_recorder_free(x->rec);
    db_close(x->db);
    x->rec = NULL;
    x->db = NULL;
}

static int64_t ask(struct harness *x, const char *sql, int64_t attempt)
{
    int64_t n = -1;

    sql_int(x->db->h, &n, -1, sql, "l", attempt);
    return n;
}

/* Compares one promise with what is there. */
static void check_promise(struct harness *x, const struct promise *p)
{
    if (ask(x, "SELECT count(*) FROM attempt WHERE id = ?", p->attempt) != 1 ||
        (p->identified &&
         ask(x, "SELECT count(*) FROM identification WHERE attempt_id = ?", p->attempt) != 1) ||
        (p->backed_up && ask(x, "SELECT count(*) FROM backup WHERE attempt_id = ?", p->attempt) != 1)) {
        x->lost++;
        return;
    }
    if (!p->closed)
        return;
    if (ask(x, "SELECT result = 'INTERRUPTED' FROM attempt WHERE id = ?", p->attempt) == 1)
        x->lost++;
    else if (ask(x,
                 p->result == RESULT_PASS ? "SELECT result = 'PASS' FROM attempt WHERE id = ?"
                                          : "SELECT result = 'FAIL' AND code = 503 FROM attempt WHERE id = ?",
                 p->attempt) != 1 ||
             ask(x, "SELECT bytes_written FROM attempt WHERE id = ?", p->attempt) != (int64_t)p->bytes)
        x->altered++;
}

static void check_all(struct harness *x, bool whole)
{
    struct verify_report report;
    struct failure f = {0};

    if (verify_all(x->db, &report, &f) != 0 || report.first_bad != 0) {
        print_error("after cut %ld: %s%s\n", x->cuts, report.text, f.detail);
        x->corrupt++;
    }
    if (ask(x, "SELECT count(*) FROM attempt WHERE result = 'OPEN' AND id > ?", 0) != 0)
        x->altered++;
    for (size_t i = whole ? 0 : x->verified_from; i < x->acked_count; i++) {
        x->results += i >= x->verified_from && x->acked[i].closed;
        check_promise(x, &x->acked[i]);
    }
    x->verified_from = x->acked_count;
}

static void new_disk(struct harness *x)
{
    stop(x);
    cutfs_wipe(x->fs);
    x->acked_count = x->verified_from = 0;
    x->next_unit = 0;
    assert_int_equal(start(x), 0);
}

static void cut_once(struct harness *x, bool whole)
{
    enum cut_model model = roll(x) % 2 == 0 ? CUT_ALL : CUT_SOME;

    cutfs_cut_after(x->fs, 1 + (int64_t)(roll(x) % CALLS_MAX));
    run_until_cut(x);
    stop(x);
    x->cuts++;
    cutfs_restart(x->fs, model);
    /* Now and then the power goes again while the station starts: recovery itself must survive that. */
    if (roll(x) % 4 == 0) {
        cutfs_cut_after(x->fs, 1 + (int64_t)(roll(x) % 20));
        if (start(x) == 0)
            stop(x);
        if (cutfs_is_cut(x->fs))
            x->cuts++;
        cutfs_restart(x->fs, roll(x) % 2 == 0 ? CUT_ALL : CUT_SOME);
    }
    if (start(x) != 0)
        x->corrupt++;
    assert_non_null(x->db);
    check_all(x, whole);
}

static void cut_many(struct harness *x, long cuts, uint64_t seed)
{
    x->random = seed * 0x9e3779b97f4a7c15u + 1;
    x->fs = cutfs_new("cutfs", seed);
    x->acked = calloc(ACKED_MAX, sizeof *x->acked);
    assert_non_null(x->acked);
    pthread_mutex_init(&x->lock, NULL);
    while (x->cuts < cuts) {
        new_disk(x);
        for (int i = 0; i < CUTS_A_DISK; i++)
            cut_once(x, i + 1 == CUTS_A_DISK);
    }
    stop(x);
    pthread_mutex_destroy(&x->lock);
    cutfs_free(x->fs);
    free(x->acked);
    print_message("%ld cuts, %ld results acknowledged: %ld lost, %ld altered, %ld corrupt\n", x->cuts,
                  x->results, x->lost, x->altered, x->corrupt);
}

static void nothing_acknowledged_is_lost_in_a_power_cut(void **state)
{
    (void)state;
    struct harness x = {0};

    long cuts = sweep_cases(SLICE, WHOLE);

    cut_many(&x, cuts, 1);
    assert_true(x.results > cuts / 2);
    assert_int_equal(x.lost, 0);
    assert_int_equal(x.altered, 0);
    assert_int_equal(x.corrupt, 0);
}

static void the_harness_finds_the_losses_of_synchronous_normal(void **state)
{
    (void)state;
    struct harness x = {.unsafe_normal = true};

    cut_many(&x, 100, 2);
    assert_true(x.lost > 0);
    assert_int_equal(x.corrupt, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_acknowledged_is_lost_in_a_power_cut),
        cmocka_unit_test(the_harness_finds_the_losses_of_synchronous_normal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
