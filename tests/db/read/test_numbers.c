/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One definition a number: a database of mixed results, in two zones and two lots, partly archived, is asked by every verb that
 * tells a number, and by SQLite's own shell with the SQL of docs/terminology.md (tests/support/numbers_judge.py). And what the
 * screen tells of a run, added up as attempts close, is what the whole run gives when it is asked at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "db/read/run_numbers.h"
#include "db/read/yield.h"
#include "tests/support/mixed_records.h"

static void assert_same(const struct numbers *a, const struct numbers *b, int step)
{
    for (int r = 0; r < RESULT_COUNT; r++)
        assert_int_equal(a->by_result[r], b->by_result[r]);
    if (memcmp(a, b, sizeof *a) == 0)
        return;
    fail_msg(
        "step %d: attempts %lld %lld, tries %lld %lld, first %lld/%lld %lld/%lld, units %lld %lld, tried %lld %lld,"
        " good %lld %lld, kept %lld %lld",
        step, (long long)a->attempts, (long long)b->attempts, (long long)a->tries, (long long)b->tries,
        (long long)a->first_passes, (long long)a->first_tries, (long long)b->first_passes,
        (long long)b->first_tries, (long long)a->units, (long long)b->units, (long long)a->units_tried,
        (long long)b->units_tried, (long long)a->good, (long long)b->good, (long long)a->kept_back,
        (long long)b->kept_back);
}

static void look_twice(struct db_fixture *x, struct run_numbers *r, struct yield_report *whole, int step)
{
    struct record_filter filter = RECORD_FILTER_ALL;
    struct failure f = {0};

    filter.run = db_run(x->db);
    assert_int_equal(yield_compute(x->db, &filter, whole, &f), 0);
    const struct numbers *n = run_numbers_look(r, &f);
    assert_non_null(n);
    assert_same(n, &whole->n, step);
}

/* Boards come again, one ends before another that began sooner, and marks are set and taken back meanwhile. */
static void a_run_added_up_is_the_run_as_a_whole(void **state)
{
    (void)state;
    struct db_fixture x;
    struct failure f = {0};
    struct yield_report *whole = calloc(1, sizeof *whole);
    uint32_t seed = 16;

    assert_non_null(whole);
    mixed_records_begin(&x);
    mixed_records_days(&x, 2, false);
    fixture_stop(&x);
    fixture_start(&x);
    struct run_numbers *r = run_numbers_new(x.db, db_run(x.db), &f);
    assert_non_null(r);
    look_twice(&x, r, whole, 0);
    for (int step = 1; step <= 400; step++) {
        mixed_records_step(&x, &seed, false);
        if (step % 7 == 0)
            look_twice(&x, r, whole, step);
    }
    look_twice(&x, r, whole, 400);
    assert_true(whole->n.good > 10 && whole->n.kept_back > 0 && whole->n.units > whole->n.units_tried);
    run_numbers_free(r);
    free(whole);
    fixture_free(&x);
}

static void judge(const char *dir, const char *database, const char *kind)
{
    char command[1024];

    snprintf(command, sizeof command,
             "python3 '%s/tests/support/numbers_judge.py' '%s' '%s' '%s/docs/terminology.md' %s", SOURCE_DIR,
             FLASHLINE_BIN, database, SOURCE_DIR, kind);
    int status = system(command);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        skip();
    if (status != 0)
        fail_msg("a number differs: %s", dir);
}

static void every_verb_tells_what_the_page_defines(void **state)
{
    (void)state;
    struct db_fixture x;

    mixed_records_begin(&x);
    mixed_records_make(&x, false);
    judge(x.dir, x.path, "production");
    judge(x.dir, x.path, "practice");
    fixture_free(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_added_up_is_the_run_as_a_whole),
        cmocka_unit_test(every_verb_tells_what_the_page_defines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
