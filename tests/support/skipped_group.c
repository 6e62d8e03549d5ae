/* SPDX-License-Identifier: Apache-2.0 */
/* Stands around cmocka's group runner and its skip(), by the linker's --wrap: what was skipped is told at the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "tests/support/skipped.h"

#define EXIT_SKIPPED 77

static size_t tests_skipped;
static int rows_told;

void __real__skip(const char *file, int line);
void __wrap__skip(const char *file, int line);
int __real__cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests, size_t count,
                                   CMFixtureFunction set_up, CMFixtureFunction tear_down);
int __wrap__cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests, size_t count,
                                   CMFixtureFunction set_up, CMFixtureFunction tear_down);

/* Whoever skips says why by skipped_row(); who did not is named by his place. */
void __wrap__skip(const char *file, int line)
{
    if (skipped_rows() == rows_told)
        skipped_row("no reason is given at %s:%d", file, line);
    rows_told = skipped_rows();
    tests_skipped++;
    __real__skip(file, line);
}

int __wrap__cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests, size_t count,
                                   CMFixtureFunction set_up, CMFixtureFunction tear_down)
{
    int failed = __real__cmocka_run_group_tests(name, tests, count, set_up, tear_down);

    if (skipped_rows() > 0)
        printf("left out: %d rows, among them %d of %d tests\n", skipped_rows(), (int)tests_skipped,
               (int)count);
    return failed == 0 && tests_skipped == count ? EXIT_SKIPPED : failed;
}
