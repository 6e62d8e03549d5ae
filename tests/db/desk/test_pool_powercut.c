/* SPDX-License-Identifier: Apache-2.0 */
/* label: powercut */
/*
 * Sixteen boards, sixteen EUIs, and the power goes at any moment, 21 times a batch: each board gets its own, the same as before, and
 * none is given twice. Three boards fail half-way and are run again. The seventeenth is refused. The same harness must find what goes
 * wrong under synchronous=NORMAL, or it proves nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "db/care/verify.h"
#include "db/desk/pool.h"
#include "db/desk/pool_block.h"
#include "db/desk/work.h"
#include "db/open/db_inside.h"
#include "db/open/sql.h"
#include "tests/support/cutfs.h"
#include "tests/support/db_fixture.h"
#include "tests/support/sweep.h"

#define BOARDS    16
#define CUTS      21
#define SLICE     4
#define WHOLE     300
#define CALLS_MAX 60 /* the cut comes within so many writes, truncations and syncs */

struct board {
    char eui[POOL_TEXT_SIZE]; /* that it was told; "" : none yet */
    int failures;             /* to come */
    bool passed;
};

struct batch {
    struct cutfs *fs;
    struct db *db;
    struct db_recorder *rec;
    const struct recorder *face;
    char block[160];
    struct board boards[BOARDS + 1];
    uint64_t random;
    bool unsafe_normal;
    long cuts, changed, doubled;
};

static uint64_t roll(struct batch *x)
{
    x->random ^= x->random << 13;
    x->random ^= x->random >> 7;
    x->random ^= x->random << 17;
    return x->random;
}

static int start(struct batch *x)
{
    const struct db_options o = {.path = "station.db", .mode = DB_STATION, .station = "cut", .vfs = "cutfs"};
    const struct db_policy policy = {.on_duplicate = DUPLICATE_REFUSE};
    struct failure f = {0};

    x->db = db_open(&o, &f);
    if (x->db == NULL)
        return -1;
    if (x->unsafe_normal)
        sql_script(x->db->h, "PRAGMA synchronous=NORMAL;");
    x->rec = db_recorder_new(x->db, &policy, &f);
    if (x->rec != NULL) {
        x->face = db_recorder_face(x->rec);
        return 0;
    }
    db_close(x->db);
    x->db = NULL;
    return -1;
}

static void stop(struct batch *x)
{
    db_recorder_free(x->rec);
    db_close(x->db);
    x->rec = NULL;
    x->db = NULL;
}

static void make_block(const char *path)
{
    const struct pool_shape shape = {POOL_EUI64, EUI64_SIZE};
    struct pool_block b;
    struct failure f;
    char text[32];

    pool_block_begin(&b, "lora", &shape);
    snprintf(b.uuid, sizeof b.uuid, "sixteen");
    for (int i = 0; i < BOARDS; i++) {
        snprintf(text, sizeof text, "70b3d549900000%02x", i);
        assert_int_equal(pool_block_add(&b, text, POOL_FREE, NULL, i + 1, &f), 0);
    }
    assert_int_equal(pool_block_write(&b, path, &f), 0);
    pool_block_free(&b);
}

/* What a board was told once it must be told again, and nobody else. */
static void compare(struct batch *x, int board, const char *eui)
{
    struct board *b = &x->boards[board];

    x->changed += b->eui[0] != '\0' && strcmp(b->eui, eui) != 0;
    for (int i = 0; i < BOARDS; i++)
        x->doubled += i != board && strcmp(x->boards[i].eui, eui) == 0;
    snprintf(b->eui, sizeof b->eui, "%s", eui);
}

/* One board, as the engine does it. -1: the power is gone. */
static int flash(struct batch *x, int board)
{
    const struct recorder *r = x->face;
    struct board *b = &x->boards[board];
    const struct attempt_start s = board_start(board + 1);
    const struct unit_identity u = board_identity((uint32_t)board);
    const struct attempt_result e =
        b->failures > 0 ? board_end(RESULT_FAIL, FAIL_WRITE) : board_end(RESULT_PASS, FAILURE_NONE);
    struct recorder_verdict v;
    struct pool_value value;
    struct failure f;
    int64_t attempt;

    if (r->open(r->ctx, &s, &attempt, &f) != 0 || r->identify(r->ctx, attempt, &u, &v, &f) != 0)
        return -1;
    if (!v.allowed) {
        b->passed =
            v.hold.code == HOLD_MAC_DUPLICATE; /* committed, and the power went before anybody was told */
        const struct attempt_result held = board_end(RESULT_HOLD, v.hold.code);
        return r->close(r->ctx, attempt, &held, &f);
    }
    if (pool_reserve(x->db, "lora", &u.mac, attempt, NULL, &value, &f) != 0)
        return -1;
    compare(x, board, value.text);
    if (r->begin(r->ctx, attempt, &f) != 0 || r->close(r->ctx, attempt, &e, &f) != 0)
        return -1;
    b->passed = e.result == RESULT_PASS;
    b->failures -= b->failures > 0;
    return 0;
}

static bool run(struct batch *x)
{
    bool all = true;

    for (int i = 0; i < BOARDS; i++) {
        int board = (int)((roll(x) >> 8) % BOARDS);
        if (!x->boards[board].passed && flash(x, board) != 0)
            return false;
    }
    for (int i = 0; i < BOARDS; i++)
        all = all && x->boards[i].passed;
    return all;
}

static void restart(struct batch *x, bool all_lost)
{
    stop(x);
    x->cuts++;
    cutfs_restart(x->fs, all_lost ? CUT_ALL : CUT_SOME);
    assert_int_equal(start(x), 0);
}

static int64_t ask(struct batch *x, const char *sql)
{
    int64_t n = -1;

    sql_int(x->db->h, &n, -1, sql, "");
    return n;
}

static void bring_in(struct batch *x)
{
    const struct work_call c = {.action = WORK_POOL_IMPORT, .object = "lora", .text = x->block};
    struct failure f;

    memset(x->boards, 0, sizeof x->boards);
    for (int i = 0; i < 3; i++)
        x->boards[(roll(x) >> 8) % BOARDS].failures++;
    cutfs_wipe(x->fs);
    assert_int_equal(start(x), 0);
    assert_int_equal(work_do(x->db, &c, NULL, &f), 0);
    stop(x); /* all of it in the file itself: the power goes later */
    assert_int_equal(start(x), 0);
}

static void check_end(struct batch *x)
{
    struct verify_report report;
    struct failure f = {0};
    const struct attempt_start s = board_start(1);
    const struct unit_identity u = board_identity(BOARDS);
    struct recorder_verdict v;
    struct pool_value value;
    int64_t attempt;

    assert_int_equal(verify_all(x->db, &report, &f), 0);
    if (report.found != 0)
        fail_msg("%s", report.text);
    assert_int_equal(ask(x, "SELECT count(*) FROM pool_value WHERE state = 'VERIFIED'"), BOARDS);
    assert_int_equal(ask(x, "SELECT count(DISTINCT mac) FROM pool_value"), BOARDS);
    assert_int_equal(x->face->open(x->face->ctx, &s, &attempt, &f), 0);
    assert_int_equal(x->face->identify(x->face->ctx, attempt, &u, &v, &f), 0);
    assert_int_equal(pool_reserve(x->db, "lora", &u.mac, attempt, NULL, &value, &f), -1);
    assert_int_equal(f.code, HOLD_POOL_EMPTY);
}

static void one_batch(struct batch *x)
{
    int cuts = 0;

    bring_in(x);
    for (bool done = false; !done;) {
        if (cuts < CUTS)
            cutfs_cut_after(x->fs, 1 + (int64_t)((roll(x) >> 8) % CALLS_MAX));
        done = run(x) && !cutfs_is_cut(x->fs);
        if (!done && cutfs_is_cut(x->fs)) {
            restart(x, roll(x) % 2 == 0);
            cuts++;
        }
    }
    cutfs_cut_after(x->fs, 0);
}

static void set_up(struct batch *x, char *dir)
{
    scratch_make(dir, "pool");
    snprintf(x->block, sizeof x->block, "%s/block", dir);
    make_block(x->block);
    x->fs = cutfs_new("cutfs", x->random);
}

static void each_board_keeps_its_own_whenever_the_power_goes(void **state)
{
    (void)state;
    struct batch x = {.random = 0x9e3779b97f4a7c15u};
    char dir[SCRATCH_SIZE];
    long batches = sweep_cases(SLICE, WHOLE);

    set_up(&x, dir);
    for (long i = 0; i < batches; i++) {
        one_batch(&x);
        check_end(&x);
        stop(&x);
    }
    print_message("%ld batches, %ld cuts: %ld changed, %ld doubled\n", batches, x.cuts, x.changed, x.doubled);
    assert_true(x.cuts > 2 * batches);
    assert_int_equal(x.changed, 0);
    assert_int_equal(x.doubled, 0);
    cutfs_free(x.fs);
    scratch_remove(dir);
}

static void the_harness_finds_what_synchronous_normal_hands_out_twice(void **state)
{
    (void)state;
    struct batch x = {.random = 7, .unsafe_normal = true};
    char dir[SCRATCH_SIZE];

    set_up(&x, dir);
    for (int i = 0; i < 2; i++) {
        one_batch(&x);
        stop(&x);
    }
    assert_true(x.changed + x.doubled > 0);
    cutfs_free(x.fs);
    scratch_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_board_keeps_its_own_whenever_the_power_goes),
        cmocka_unit_test(the_harness_finds_what_synchronous_normal_hands_out_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
