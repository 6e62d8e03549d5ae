/* SPDX-License-Identifier: Apache-2.0 */
/* label: scenario */
/*
 * One thing that goes wrong, at one moment after the other of a board's whole write, with the ROM's loader and with the
 * stub, wired and by hand: whatever the moment, a PASS is true in every byte of the flash, and blame is honest.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sim/board/sim_mishap.h"
#include "tests/support/sim_bench.h"
#include "tests/support/sweep.h"

#define APP    0x14000u
#define SIZE   (4u << 20)
#define SPREAD 14   /* moments over the whole write; the slice has every third of all moments */
#define TAIL   1400 /* and its last bytes: digests, the boot sector, the last look */
#define STEP   61
#define SLICE  3
/* The commands of the last look: what is damaged behind its own digest there is seen by nobody. */
#define LAST_LOOK 450
#define SEED      7
#define IDENTITY  0x3ff000u

struct way {
    const char *name, *stub; /* NULL: the ROM's loader */
    bool by_hand;
};

static const struct way ways[] = {
    {"ROM, wired", NULL, false},
    {"ROM, by hand", NULL, true},
    {"stub, wired", "esp32.json", false},
    {"stub, by hand", "esp32.json", true},
};

struct outcome {
    struct attempt_result result;
    uint32_t received; /* bytes behind the first BEGIN */
    bool happened, exact, identity_kept, second_untouched;
};

static void put(uint8_t *flash, const struct piece *p)
{
    memset(flash + p->offset, 0xff, (p->size + SECTOR_SIZE - 1) / SECTOR_SIZE * SECTOR_SIZE);
    memcpy(flash + p->offset, p->data, p->size);
}

/* The made job's spans and pieces as tests/support/tiny_job.c has them; the identity sector stays. */
static void expect(uint8_t *flash, const struct tiny_job *t, const uint8_t *identity)
{
    for (size_t i = 0; i < t->plan.erase_count; i++)
        memset(flash + t->erases[i].offset, 0xff, t->erases[i].size);
    for (size_t i = 0; i < t->plan.piece_count; i++)
        put(flash, &t->pieces[i]);
    put(flash, &t->finals[0]);
    put(flash, &t->boot);
    memcpy(flash + IDENTITY, identity, SECTOR_SIZE);
}

/* False: no such stub here. */
static bool run_one(const struct way *w, const struct sim_mishap *m, struct outcome *out)
{
    struct sim_bench b;
    struct sim_tray_config c = {.count = 1,
                                .revision = 1,
                                .flash_size = SIZE,
                                .seed = SEED,
                                .personalities = w->by_hand ? "1=jumper" : NULL};
    uint32_t size;

    sim_bench_init_tray(&b, &c);
    tiny_job_done(&b.tiny);
    tiny_job_make(&b.tiny, APP, SEED);
    b.session.connect.reset = w->by_hand ? RESET_NONE : RESET_TIGHT;
    if (w->stub != NULL && !sim_bench_use_stub(&b, w->stub)) {
        sim_bench_done(&b);
        return false;
    }
    struct sim_board *board = sim_tray_board(b.tray, BENCH_BOARD);
    uint8_t *want = malloc(SIZE);
    assert_non_null(want);
    memcpy(want, sim_board_flash(board, &size), SIZE);
    assert_int_equal(size, SIZE);
    expect(want, &b.tiny, b.config_before);
    assert_true(sim_board_plan_mishap(board, m));
    sim_bench_run(&b);
    const uint8_t *flash = sim_bench_flash(&b), *second = sim_board_exchanged_flash(board);
    *out = (struct outcome){
        .result = b.result,
        .received = (uint32_t)sim_board_received(board),
        .happened = sim_board_mishaps(board) > 0,
        .exact = memcmp(flash, want, size) == 0,
        .identity_kept = memcmp(flash + IDENTITY, b.config_before, SECTOR_SIZE) == 0,
        .second_untouched = second == NULL || memcmp(flash, second, size) == 0,
    };
    free(want);
    sim_bench_done(&b);
    return true;
}

static void fail_of(const struct way *w, const struct sim_mishap *m, const struct outcome *o,
                    const char *what)
{
    fail_msg("%s, %u of %u bytes after the first BEGIN: %s (%s %d: %s)", w->name, (unsigned)m->after,
             (unsigned)o->received, what, result_name(o->result.result), (int)o->result.failure.code,
             o->result.failure.detail);
}

typedef void judge(const struct way *w, const struct sim_mishap *m, const struct outcome *o);

static bool judge_one(const struct way *w, const struct sim_mishap *m, judge *check)
{
    struct outcome o;

    assert_true(run_one(w, m, &o));
    bool unseen = m->kind == SIM_MISHAP_DAMAGE && m->after + LAST_LOOK > o.received;
    if (o.result.result == RESULT_PASS && !o.exact && !unseen)
        fail_of(w, m, &o, "a PASS that is not true");
    if (!o.happened)
        fail_of(w, m, &o, "the moment never came");
    check(w, m, &o);
    return o.result.result == RESULT_PASS;
}

static void sweep(struct sim_mishap m, judge *check)
{
    const struct sim_mishap nothing = {.kind = SIM_MISHAP_NONE};

    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        struct outcome o;
        int pass = 0, moments = 0;
        if (!run_one(&ways[i], &nothing, &o)) {
            print_message("  %s: left out\n", ways[i].name);
            continue;
        }
        assert_int_equal(o.result.result, RESULT_PASS);
        assert_true(o.exact && o.received > 2 * TAIL);
        const uint32_t every = sweep_is_whole() ? 1 : SLICE;
        for (uint32_t k = i % every; k < SPREAD; k += every, moments++) {
            m.after = 1 + (o.received - TAIL) / SPREAD * k;
            pass += judge_one(&ways[i], &m, check);
        }
        for (m.after = o.received - TAIL + STEP * (i % every); m.after < o.received;
             m.after += STEP * every, moments++)
            pass += judge_one(&ways[i], &m, check);
        print_message("  %s: %d moments, %d PASS\n", ways[i].name, moments, pass);
    }
}

static void good_board(const struct way *w, const struct sim_mishap *m, const struct outcome *o)
{
    if (o->result.result == RESULT_FAIL)
        fail_of(w, m, o, "a good board is blamed");
    if (!o->identity_kept)
        fail_of(w, m, o, "the identity is lost");
}

static void damaged_board(const struct way *w, const struct sim_mishap *m, const struct outcome *o)
{
    if (o->result.result != RESULT_PASS && !o->identity_kept)
        fail_of(w, m, o, "the identity was not put back");
}

static void exchanged_board(const struct way *w, const struct sim_mishap *m, const struct outcome *o)
{
    if (o->result.result == RESULT_PASS)
        fail_of(w, m, o, "a board that is not there any more passes");
    if (o->result.result == RESULT_FAIL)
        fail_of(w, m, o, "a good board is blamed");
    if (!o->second_untouched)
        fail_of(w, m, o, "the second board was written");
}

static void a_chip_that_restarts(void **state)
{
    (void)state;
    sweep((struct sim_mishap){.kind = SIM_MISHAP_RESET}, good_board);
}

static void an_identity_sector_that_is_damaged(void **state)
{
    (void)state;
    sweep((struct sim_mishap){.kind = SIM_MISHAP_DAMAGE, .where = IDENTITY}, damaged_board);
}

static void a_read_that_lies(void **state)
{
    (void)state;
    sweep((struct sim_mishap){.kind = SIM_MISHAP_LYING_READ}, good_board);
    const struct sim_mishap before = {.kind = SIM_MISHAP_LYING_READ, .early = true, .after = 1};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        struct outcome o;
        if (run_one(&ways[i], &before, &o))
            good_board(&ways[i], &before, &o);
    }
}

static void a_digest_of_another_range(void **state)
{
    (void)state;
    sweep((struct sim_mishap){.kind = SIM_MISHAP_DIGEST_ELSEWHERE}, good_board);
}

static void a_board_that_is_exchanged(void **state)
{
    (void)state;
    sweep((struct sim_mishap){.kind = SIM_MISHAP_EXCHANGE}, exchanged_board);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chip_that_restarts),      cmocka_unit_test(an_identity_sector_that_is_damaged),
        cmocka_unit_test(a_read_that_lies),          cmocka_unit_test(a_digest_of_another_range),
        cmocka_unit_test(a_board_that_is_exchanged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
