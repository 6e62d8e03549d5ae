/* SPDX-License-Identifier: Apache-2.0 */
/* label: scenario */
/* A job and its firmware archive are loaded once for every call that may fail: whole, or with one line that says why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "profiles/job/job.h"
#include "profiles/text/complaint.h"
#include "tests/support/made_archive.h"
#include "tests/support/nth_call.h"
#include "tests/support/scratch.h"

#define JOB  "j.yaml"
#define TEXT "board: Demo\nchip: esp32\nfirmware:\n  archive: a.tar.gz\n"

struct loading {
    struct job *job;
    struct complaint c;
    uint8_t plans[MD5_SIZE]; /* of the load in which nothing failed */
    bool has_plans;
};

static char folder[SCRATCH_SIZE];

static void ready(void *ctx)
{
    struct loading *l = ctx;

    l->job = NULL;
    complaint_clear(&l->c);
}

static void run(void *ctx)
{
    struct loading *l = ctx;

    l->job = job_load(JOB, NULL, &l->c);
}

/* Every piece's place, size and digest, and what the job says of its firmware, in one sum. */
static void sum(const struct job *job, uint8_t out[static MD5_SIZE])
{
    uint8_t all[4096];
    size_t used = 0;

    memset(all, 0, sizeof all);
    for (size_t i = 0; i < job->plan_count; i++) {
        const struct plan *p = &job->plans[i];
        for (size_t k = 0; k < p->piece_count && used + 64 < sizeof all; k++) {
            memcpy(all + used, &p->pieces[k].offset, sizeof p->pieces[k].offset);
            memcpy(all + used + 4, &p->pieces[k].size, sizeof p->pieces[k].size);
            memcpy(all + used + 8, p->pieces[k].md5, MD5_SIZE);
            used += 8 + MD5_SIZE;
        }
        all[used++] = (uint8_t)p->final_count;
        all[used++] = (uint8_t)p->erase_count;
        all[used++] = p->boot != NULL;
    }
    all[used++] = (uint8_t)job->warning_count;
    memcpy(all + used, job->firmware_sha256, SHA256_SIZE);
    memcpy(all + used + SHA256_SIZE, job->firmware_version, sizeof job->firmware_version);
    digest_md5(all, sizeof all, out);
}

static void judge(void *ctx, bool met)
{
    struct loading *l = ctx;
    uint8_t is[MD5_SIZE];

    if (l->job == NULL) {
        assert_true(met);
        if (l->c.code == FAILURE_NONE || l->c.text[0] == '\0')
            fail_msg("no word of what failed");
        if (failure_blame(l->c.code) == BLAME_BOARD)
            fail_msg("%d %s: the board's?", (int)l->c.code, l->c.text);
        return;
    }
    sum(l->job, is);
    if (!l->has_plans)
        memcpy(l->plans, is, sizeof is);
    l->has_plans = true;
    assert_memory_equal(is, l->plans, sizeof is); /* never a part of it */
    job_free(l->job);
}

static void a_job_is_loaded(void **state)
{
    (void)state;
    struct loading l = {0};
    const struct nth_case c = {.name = "job",
                               .kinds = 1u << NTH_ALLOC | 1u << NTH_READ,
                               .most = 90,
                               .ready = ready,
                               .run = run,
                               .judge = judge,
                               .ctx = &l};

    nth_case_drive(&c);
}

static int set_up(void **state)
{
    (void)state;
    struct made_archive made;

    scratch_enter(folder, "nth");
    made_archive_open(&made);
    made_archive_save(&made, true, "a.tar.gz");
    made_archive_close(&made);
    scratch_save_text(JOB, TEXT);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_leave(folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_job_is_loaded, nth_case_say_where),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
