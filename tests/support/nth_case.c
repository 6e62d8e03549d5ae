/* SPDX-License-Identifier: Apache-2.0 */
/* nth_case - drives a scenario over every call of it that may fail, for nth_call and nth_fault. */
#include <dirent.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/nth_call.h"

#define MOST 20 /* of a kind that is not SQLite's */

/* LeakSanitizer's, where the test is built with it. */
int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

/* What is made to fail: a row, or where there is none a kind. */
struct aim {
    const struct nth_fault *fault;
    enum nth_kind kind;
    char name[64];
    long most;
    long calls; /* how many there are, where only some are tried; 0: every one */
};

static char where[160]; /* the call that fails now; "" between scenarios */
static int complaints;  /* of the scenario that is driven */

void nth_case_complain(const char *format, ...)
{
    char text[400];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    print_error("%s: %s\n", where, text);
    complaints++;
}

int nth_case_say_where(void **state)
{
    (void)state;
    if (where[0] != '\0')
        print_error("%s failed\n", where);
    where[0] = '\0';
    return 0;
}

static int open_descriptors(void)
{
    DIR *d = opendir("/proc/self/fd");
    int count = 0;

    assert_non_null(d);
    while (readdir(d) != NULL)
        count++;
    closedir(d);
    return count;
}

/* One that is left open stays so; the far end of one that was closed may go a moment later, in a thread of its own. */
static void descriptors_are_closed(int before)
{
    int tries = 0;

    while (open_descriptors() > before && tries++ < 200)
        poll(NULL, 0, 5);
    if (open_descriptors() > before)
        nth_case_complain("%d descriptors were open, and now %d", before, open_descriptors());
}

/* How many such calls there were, the n-th with them. */
static long drive_one(const struct nth_case *c, const struct aim *a, long n)
{
    long calls;

    snprintf(where, sizeof where, "%s: FLASHLINE_NTH=\"%s %ld\"", c->name, a->name, n);
    c->ready(c->ctx);
    if (a->fault != NULL)
        nth_fault_arm(a->fault, n);
    else
        nth_call_arm(a->kind, n);
    c->run(c->ctx);
    calls = a->fault != NULL ? nth_fault_disarm() : nth_call_disarm();
    c->judge(c->ctx, n != 0 && calls >= n);
    return calls;
}

/* All, or so many of them spread over the whole scenario; the first ones each. */
static long next(long n, long calls, long most)
{
    bool all = most == 0 || calls <= most || getenv("FLASHLINE_NTH_ALL") != NULL;

    return all || n < most / 2 ? n + 1 : n + 2 * calls / most + 1;
}

static void no_memory_leaked(void)
{
    if (__lsan_do_recoverable_leak_check != NULL && __lsan_do_recoverable_leak_check() != 0)
        nth_case_complain("memory leaked here or before");
}

static void drive(const struct nth_case *c, const struct aim *a)
{
    long failed = 0, met = 0;
    int before = open_descriptors();

    for (long n = 1; a->most == 0 || n <= a->calls; n = next(n, a->calls, a->most)) {
        met = drive_one(c, a, n);
        if (met < n)
            break;
        failed++;
        if (!c->keeps)
            descriptors_are_closed(before);
    }
    print_message("%s: %s: %ld of %ld calls failed\n", c->name, a->name, failed,
                  a->most != 0 ? a->calls : met);
    /* A row is chosen for its scenario; a kind is asked of many, and not each of them has such calls. */
    if (failed == 0 && a->fault != NULL)
        nth_case_complain("never called");
    if (a->fault == NULL)
        no_memory_leaked();
}

/* What FLASHLINE_NTH names, if it names this: 0 no. */
static long only(const struct aim *a)
{
    const char *text = getenv("FLASHLINE_NTH");
    size_t len = strlen(a->name);

    return text != NULL && strncmp(text, a->name, len) == 0 && text[len] == ' ' ? strtol(text + len, NULL, 10)
                                                                                : 0;
}

static void drive_or_skip(const struct nth_case *c, struct aim *a)
{
    if (getenv("FLASHLINE_NTH") != NULL) {
        if (only(a) != 0)
            drive_one(c, a, only(a));
        return;
    }
    if (a->most != 0 && a->calls == 0)
        a->calls = drive_one(c, a, 0);
    drive(c, a);
}

/* Rows of one call stand together, and are counted once. */
static void drive_faults(const struct nth_case *c)
{
    const struct nth_fault *last = NULL;
    long calls = 0;

    for (size_t i = 0; i < c->fault_count; i++) {
        struct aim a = {.fault = &c->faults[i], .most = c->fault_most};
        if (last != NULL && strcmp(last->call, a.fault->call) == 0)
            a.calls = calls;
        snprintf(a.name, sizeof a.name, "%s/%s", a.fault->call, a.fault->how);
        drive_or_skip(c, &a);
        last = a.fault;
        calls = a.calls;
    }
}

void nth_case_drive(const struct nth_case *c)
{
    complaints = 0;
    for (int k = 0; k < NTH_KINDS; k++) {
        /* SQLite's are by the thousand and the same everywhere; our own are all ours. */
        struct aim a = {.kind = (enum nth_kind)k, .most = k < NTH_SQL_ALLOC ? MOST : c->most};
        snprintf(a.name, sizeof a.name, "%s", nth_kind_name(a.kind));
        if ((c->kinds & 1u << k) != 0)
            drive_or_skip(c, &a);
    }
    drive_faults(c);
    if (complaints != 0)
        fail_msg("%s: %d complaints", c->name, complaints);
    where[0] = '\0';
}
