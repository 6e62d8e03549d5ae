/* SPDX-License-Identifier: Apache-2.0 */
/* label: scenario */
/*
 * The wait at the gate: the recorder says "not yet", and until it gives leave the board stands as it came. Each end of the wait,
 * on a slot with reset wiring, without it, and with a presence switch; judged by the virtual boards' flash and by the record.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "engine/slot/engine.h"
#include "sim/board/sim_factory.h"
#include "tests/support/fixture_port.h"
#include "tests/support/memory_recorder.h"
#include "tests/support/or_fail.h"
#include "tests/support/tiny_job.h"

#define SECOND  1000000
#define BOARDS  2
#define SEED    21
#define ENDLESS (600ll * SECOND) /* virtual: a script that never ends is a test that hangs */

enum wiring { RESETS, NO_RESET, SWITCH, WIRINGS };

static const char *const wirings[] = {"reset", "no reset", "switch"};

struct gate;

/* What the hands do once the board has waited for three seconds, and for twelve; each once. */
typedef void hands(struct gate *g);

struct gate {
    struct fixture fixture;
    struct tiny_job tiny;
    struct memory_recorder recorder;
    struct transport_binding bindings[2];
    struct engine_slot slot;
    struct engine_config config;
    struct engine *engine;
    hands *act, *later;          /* NULL: nothing more */
    uint8_t *before[BOARDS + 1]; /* flash as the board came */
    uint32_t size[BOARDS + 1];
    /* The worker's alone: the recorder and the script run in it. */
    int64_t since; /* of the first "not yet"; 0: nobody waits */
    bool given, refused, spoilt;
    int asked, begun;
    int64_t backups; /* when leave was given */
};

static bool is_as_it_came(const struct gate *g, int board)
{
    uint32_t size;
    const uint8_t *now = sim_board_flash(sim_tray_board(g->fixture.tray, board), &size);

    return size == g->size[board] && memcmp(now, g->before[board], size) == 0;
}

/* The recorder's: asked each time whether everything is as it was. */
static int ask_leave(void *ctx, int64_t attempt, struct failure *f)
{
    struct gate *g = ((struct memory_recorder *)ctx)->hook_ctx;

    (void)attempt;
    g->asked++;
    g->spoilt = g->spoilt || !is_as_it_came(g, 1) || !is_as_it_came(g, 2);
    g->backups = g->recorder.backups;
    if (g->refused)
        return failure_set(f, HOLD_MAC_BLANK, STAGE_GATE, 0, "refused by the test");
    return g->given ? 0 : 1;
}

static int last_word(void *ctx, int64_t attempt, struct failure *f)
{
    struct gate *g = ((struct memory_recorder *)ctx)->hook_ctx;

    (void)attempt, (void)f;
    g->begun++;
    g->spoilt = g->spoilt || !is_as_it_came(g, 1) || !is_as_it_came(g, 2);
    return 0;
}

static void once(struct gate *g, hands **act)
{
    hands *now = *act;

    *act = NULL;
    if (now != NULL)
        now(g);
}

static void script(struct fixture *f, int64_t now)
{
    struct gate *g = f->script_ctx;

    if (f->board == 0 && g->asked == 0) {
        fixture_put(f, 1);
        f->closed = true;
        if (f->no_lines)
            fixture_press_reset(f, true); /* with its jumper in place */
    }
    if (g->asked > 0 && g->since == 0)
        g->since = now;
    if (g->since > 0 && now > g->since + 3 * SECOND)
        once(g, &g->act);
    if (g->since > 0 && now > g->since + 12 * SECOND)
        once(g, &g->later);
    if (g->recorder.closed > 0 || now > ENDLESS)
        engine_drain(g->engine);
}

static void gate_open(struct gate *g, enum wiring wiring, hands *act, hands *later)
{
    const struct sim_tray_config c = {.count = BOARDS, .revision = 1, .seed = SEED};

    memset(g, 0, sizeof *g);
    g->act = act;
    g->later = later;
    g->fixture = (struct fixture){.script = script,
                                  .script_ctx = g,
                                  .tray = sim_tray_new_or_fail(&c),
                                  .no_lines = wiring == NO_RESET,
                                  .has_switch = wiring == SWITCH};
    for (int i = 1; i <= BOARDS; i++) {
        const uint8_t *flash = sim_board_flash(sim_tray_board(g->fixture.tray, i), &g->size[i]);
        g->before[i] = malloc(g->size[i]);
        assert_non_null(g->before[i]);
        memcpy(g->before[i], flash, g->size[i]);
    }
    tiny_job_make(&g->tiny, 0x4000, 3);
    memory_recorder_init(&g->recorder);
    g->recorder.hook_ctx = g;
    g->recorder.recorder.leave = ask_leave;
    g->recorder.recorder.begin = last_word;
    g->bindings[0] = (struct transport_binding){&fixture_driver, &g->fixture};
    g->slot = (struct engine_slot){.number = 1, .uri = "fix:1", .virtual_time = true};
    if (wiring == NO_RESET) {
        g->slot.has_reset = true;
        g->slot.reset = RESET_NONE;
    }
    if (wiring == SWITCH)
        g->slot.presence = (struct presence_line){MODEM_DSR, false};
    g->config = (struct engine_config){.job = &g->tiny.job,
                                       .stub_note = "",
                                       .recorder = &g->recorder.recorder,
                                       .bindings = g->bindings,
                                       .slots = &g->slot,
                                       .slot_count = 1,
                                       .kind = ATTEMPT_TRAINING};
    g->engine = engine_new_or_fail(&g->config);
}

static void gate_run(struct gate *g)
{
    struct failure f = {0};

    assert_int_equal(engine_start(g->engine, &f), 0);
    engine_join(g->engine);
}

static void gate_close(struct gate *g)
{
    engine_free(g->engine);
    tiny_job_done(&g->tiny);
    memory_recorder_done(&g->recorder);
    sim_tray_free(g->fixture.tray);
    for (int i = 1; i <= BOARDS; i++)
        free(g->before[i]);
}

/* Was the tile told that it waits, as itself? */
static bool was_told(struct gate *g)
{
    const struct mac mac = sim_factory_mac(SEED, 1);
    struct slot_event e;
    bool told = false;

    while (engine_next_event(g->engine, &e)) {
        if (e.status.state == SLOT_ACT && e.status.act == ACT_LEAVE)
            told = e.status.has_unit && mac_equal(&e.status.unit.mac, &mac);
    }
    return told;
}

static void give(struct gate *g)
{
    g->given = true;
    engine_look_again(g->engine, 1);
}

static void give_unasked(struct gate *g)
{
    g->given = true; /* nobody tells the engine */
}

static void take_off(struct gate *g)
{
    fixture_put(&g->fixture, 0);
    g->fixture.closed = false;
}

static void take_off_and_give(struct gate *g)
{
    take_off(g);
    give(g);
}

/* At once, so that no look sees the slot empty; by its switch it was never open. */
static void put_another(struct gate *g)
{
    fixture_put(&g->fixture, 2);
    if (g->fixture.no_lines)
        fixture_press_reset(&g->fixture, true);
}

/* The leave that was asked for the first. */
static void put_another_and_give(struct gate *g)
{
    put_another(g);
    give(g);
}

static void pull_adapter_and_give(struct gate *g)
{
    g->fixture.unplugged = true;
    give(g);
}

static void drain(struct gate *g)
{
    engine_drain(g->engine);
}

static void drain_and_give(struct gate *g)
{
    engine_drain(g->engine);
    give(g);
}

static void stop_all(struct gate *g)
{
    engine_abort(g->engine);
}

static void switch_off(struct gate *g)
{
    engine_enable(g->engine, 1, false);
    engine_drain(g->engine);
}

static void look(struct gate *g)
{
    engine_look_again(g->engine, 2); /* no slot of this engine */
    engine_look_again(g->engine, 1);
}

static void refuse(struct gate *g)
{
    g->refused = true;
    engine_look_again(g->engine, 1);
}

static void leave_after_a_wait_is_a_pass(void **state)
{
    (void)state;
    static struct gate g;
    uint32_t size;

    for (enum wiring w = RESETS; w < WIRINGS; w++) {
        gate_open(&g, w, give, NULL);
        gate_run(&g);
        if (g.recorder.last.result != RESULT_PASS)
            fail_msg("%s: %s", wirings[w], g.recorder.last.failure.detail);
        assert_false(g.spoilt); /* each time it was asked, the last time with leave, and at the last word */
        assert_int_equal(g.asked, 2);
        assert_int_equal(g.begun, 1);
        assert_int_equal(g.recorder.opened, 1);
        assert_int_equal(g.recorder.closed, 1);
        assert_true(tiny_job_is_in(&g.tiny, sim_board_flash(sim_tray_board(g.fixture.tray, 1), &size)));
        assert_true(is_as_it_came(&g, 2));
        assert_true(was_told(&g));
        gate_close(&g);
    }
}

/* Each ends the wait without the leave of this board: it is as it came, and so is the other. */
static const struct {
    const char *name;
    hands *act, *later;
    const char *told; /* of the record's words */
    int asked;
} ends[] = {
    {"taken off", take_off, NULL, "taken off while it waited", 1},
    {"taken off, leave behind it", take_off_and_give, NULL, "taken off while it waited", 1},
    {"another one, the leave of the first later", put_another, give, "taken off while it waited", 1},
    {"another one, at once the leave of the first", put_another_and_give, NULL, "taken off while it waited",
     1},
    {"adapter pulled", pull_adapter_and_give, NULL, "taken off while it waited", 1},
    {"drain", drain, NULL, "stopped while the board waited", 1},
    {"drain, and leave", drain_and_give, NULL, "stopped while the board waited", 1},
    {"abort", stop_all, NULL, "", 1},
    {"slot switched off", switch_off, NULL, "stopped while the board waited", 1},
    {"not yet, once more", look, drain, "stopped while the board waited", 2},
    {"not yet, then taken off", look, take_off, "taken off while it waited", 2},
    {"leave, and nobody says so", give_unasked, drain, "stopped while the board waited", 1},
};

static void assert_untouched(struct gate *g, const char *name, enum wiring w, const char *told)
{
    const struct attempt_result *r = &g->recorder.last;

    if (r->result != RESULT_ABORTED || r->failure.code != FAIL_ABORTED ||
        strstr(r->failure.detail, told) == NULL)
        fail_msg("%s, %s: result %d, code %d: %s", name, wirings[w], (int)r->result, (int)r->failure.code,
                 r->failure.detail);
    assert_int_equal(r->failure.stage, STAGE_GATE);
    assert_false(g->spoilt);
    assert_true(is_as_it_came(g, 1));
    assert_true(is_as_it_came(g, 2));
    assert_int_equal(g->begun, 0);
    assert_int_equal(g->recorder.backups, g->backups);
}

static void whatever_else_ends_the_wait_leaves_the_board(void **state)
{
    (void)state;
    static struct gate g;

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        for (enum wiring w = RESETS; w < WIRINGS; w++) {
            gate_open(&g, w, ends[i].act, ends[i].later);
            gate_run(&g);
            assert_untouched(&g, ends[i].name, w, ends[i].told);
            const struct mac first = sim_factory_mac(SEED, 1);
            assert_true(mac_equal(&g.recorder.unit.mac, &first)); /* the record is the first board's */
            assert_int_equal(g.recorder.opened, 1);
            assert_int_equal(g.recorder.closed, 1);
            assert_int_equal(g.asked, ends[i].asked);
            gate_close(&g);
        }
    }
}

/* A recorder may say no in the end: in its words, and the board is as it came. */
static void a_refusal_after_a_wait_leaves_the_board(void **state)
{
    (void)state;
    static struct gate g;

    for (enum wiring w = RESETS; w < WIRINGS; w++) {
        gate_open(&g, w, refuse, NULL);
        gate_run(&g);
        assert_int_equal(g.recorder.last.result, RESULT_HOLD);
        assert_int_equal(g.recorder.last.failure.code, HOLD_MAC_BLANK);
        assert_string_equal(g.recorder.last.failure.detail, "refused by the test");
        assert_false(g.spoilt);
        assert_true(is_as_it_came(&g, 1));
        assert_int_equal(g.asked, 2);
        assert_int_equal(g.begun, 0);
        gate_close(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leave_after_a_wait_is_a_pass),
        cmocka_unit_test(whatever_else_ends_the_wait_leaves_the_board),
        cmocka_unit_test(a_refusal_after_a_wait_leaves_the_board),
    };

    return cmocka_run_group_tests_name("leave", tests, NULL, NULL);
}
