/* SPDX-License-Identifier: Apache-2.0 */
/* nth_case - drives a scenario over every call of it that may fail, for nth_call. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/nth_call.h"

#define MOST 60 /* of a kind that is not SQLite's */

/* LeakSanitizer's, where the test is built with it. */
int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

static char where[128]; /* the call that fails now; "" between scenarios */

int nth_case_say_where(void **state)
{
    (void)state;
    if (where[0] != '\0')
        print_error("%s failed\n", where);
    where[0] = '\0';
    return 0;
}

/* How many such calls there were, the n-th with them. */
static long drive_one(const struct nth_case *c, enum nth_kind kind, long n)
{
    snprintf(where, sizeof where, "%s: FLASHLINE_NTH=\"%s %ld\"", c->name, nth_kind_name(kind), n);
    c->ready(c->ctx);
    nth_call_arm(kind, n);
    c->run(c->ctx);
    long calls = nth_call_disarm();
    c->judge(c->ctx, n != 0 && calls >= n);
    return calls;
}

/* All, or so many of them spread over the whole scenario; the first ones each. */
static long next(long n, long calls, long most)
{
    bool all = calls <= most || getenv("FLASHLINE_NTH_ALL") != NULL;

    return all || n < most / 2 ? n + 1 : n + 2 * calls / most + 1;
}

static void drive_kind(const struct nth_case *c, enum nth_kind kind)
{
    /* SQLite's are by the thousand and the same everywhere; our own are all ours. */
    long most = kind < NTH_SQL_ALLOC ? MOST : c->most, failed = 0, calls = drive_one(c, kind, 0);

    for (long n = 1; drive_one(c, kind, n) >= n; n = next(n, calls, most))
        failed++;
    print_message("%s: %s: %ld of %ld calls failed\n", c->name, nth_kind_name(kind), failed, calls);
    if (__lsan_do_recoverable_leak_check != NULL)
        assert_int_equal(__lsan_do_recoverable_leak_check(), 0);
}

/* What FLASHLINE_NTH names, if it names this kind: 0 no. */
static long only(enum nth_kind kind)
{
    const char *text = getenv("FLASHLINE_NTH");
    char name[32];
    long n;

    if (text == NULL || sscanf(text, "%31s %ld", name, &n) != 2 || strcmp(name, nth_kind_name(kind)) != 0)
        return 0;
    return n;
}

void nth_case_drive(const struct nth_case *c)
{
    for (int k = 0; k < NTH_KINDS; k++) {
        if ((c->kinds & 1u << k) == 0)
            continue;
        if (getenv("FLASHLINE_NTH") == NULL)
            drive_kind(c, (enum nth_kind)k);
        else if (only((enum nth_kind)k) != 0)
            drive_one(c, (enum nth_kind)k, only((enum nth_kind)k));
    }
    where[0] = '\0';
}
