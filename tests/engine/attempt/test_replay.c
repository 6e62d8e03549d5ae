/* SPDX-License-Identifier: Apache-2.0 */
/* label: scenario */
/*
 * Seeded boards that fail in different ways, each once more by its record of the wire: same code, same stage, same time.
 * And a record that is damaged, or has lost a direction or its times, must not come out the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/attempt/attempt.h"
#include "engine/board/session.h"
#include "sim/board/sim_tray.h"
#include "station/run/replay_run.h"
#include "tests/support/memory_recorder.h"
#include "tests/support/or_fail.h"
#include "tests/support/tiny_job.h"

#define APP_SIZE  0x18000
#define TIME_EDGE 5000 /* microseconds: bytes that came close together are spread evenly */

/* What is left of one attempt. */
struct kept {
    uint32_t begun_at; /* before: the rate of its slot; 0: the job's */
    uint8_t *wire;
    size_t len;
    struct failure failure;
    int64_t duration_us;
};

static void keep(void *ctx, int64_t attempt, const struct attempt_result *r)
{
    struct kept *k = ctx;

    (void)attempt;
    k->failure = r->failure;
    k->duration_us = r->duration_us;
    k->len = r->wire_len;
    k->wire = NULL;
    if (r->wire != NULL) {
        k->wire = malloc(r->wire_len);
        assert_non_null(k->wire);
        memcpy(k->wire, r->wire, r->wire_len);
    }
}

/* One board of this personality. `found`: its loader was reached before the attempt, as where boards are waited for. */
static void fail_once(const struct job *job, const char *personality, bool found, struct kept *out)
{
    char words[64];
    struct memory_recorder recorder;
    struct failure f = {0};
    struct attempt_result result;
    int64_t attempt;
    bool opened;

    snprintf(words, sizeof words, "1=%s", personality);
    struct sim_tray_config c = {.count = 1, .revision = 1, .seed = 7, .personalities = words};
    struct sim_tray *tray = sim_tray_new_or_fail(&c);
    memory_recorder_init(&recorder);
    recorder.on_close = keep;
    recorder.hook_ctx = out;
    const struct transport_binding bindings[] = {{&sim_driver, tray}, {NULL, NULL}};
    struct clock *clock = clock_new_virtual();
    struct session session = {.bindings = bindings,
                              .uri = "sim:1",
                              .env = {.clock = clock},
                              .baud = out->begun_at,
                              .connect = {.reset = job->reset, .other_baud = job->baud}};
    const struct attempt_config config = {
        .job = job, .recorder = &recorder.recorder, .session = &session, .start = {.kind = ATTEMPT_TRAINING}};
    if (found) {
        clock_wait_until(clock, 3600000000, NULL); /* an hour without a board */
        assert_int_equal(session_open(&session, &f), 0);
        assert_int_equal(session_connect(&session, CONNECT_ROUNDS, &f), 0);
    }
    attempt_run(&config, &result, &attempt, &opened);
    session_close(&session);
    clock_free(clock);
    sim_tray_free(tray);
    memory_recorder_done(&recorder);
}

/* By the record: true when nothing differs, neither code nor stage nor time. `words`: where they parted. */
static bool comes_again(const struct job *job, const struct kept *k, const uint8_t *wire, size_t len,
                        char words[static REPLAY_WORDS_SIZE])
{
    char error[160];
    struct failure f = {0};
    struct attempt_result out;
    struct sim_replay *r = sim_replay_new(wire, len, error);

    snprintf(words, REPLAY_WORDS_SIZE, "%s", r == NULL ? error : "");
    if (r == NULL)
        return false;
    assert_int_equal(replay_run(r, job, NULL, &out, &f), 0);
    bool same = replay_is_same(r, &out) && out.failure.code == k->failure.code &&
                out.failure.stage == k->failure.stage && llabs(out.duration_us - k->duration_us) <= TIME_EDGE;
    replay_words_parting(r, words);
    sim_replay_free(r);
    return same;
}

static const struct {
    const char *personality;
    enum failure_code code;
    bool found;
    uint32_t begun_at;
} cases[] = {
    {"bad-flash", FAIL_MD5_MISMATCH, false, 460800},
    {"bad-flash", FAIL_MD5_MISMATCH, false, 0},
    {"bad-flash", FAIL_MD5_MISMATCH, true, 0},
    {"unplugs", FAIL_PORT_LOST, false, 0},
    {"dies-at-47", FAIL_WRITE_LOST, false, 0},
    {"wrong-chip", FAIL_WRONG_CHIP, false, 0},
    {"encrypted", FAIL_FLASH_ENCRYPTED, true, 0},
    {"bad-mac-crc", FAIL_MAC_CRC, false, 0},
    {"identity-damaged", FAIL_IDENTITY_DAMAGED, false, 0},
    {"exchanged", FAIL_IDENTITY_CHANGED, false, 0},
    {"silent", FAIL_NO_SYNC, false, 0},
    {"brownout", FAIL_BROWNOUT, false, 0},
    {"garbage-banner", FAIL_NOISE, false, 0},
};

static void a_failure_comes_again(void **state)
{
    char words[REPLAY_WORDS_SIZE];
    struct tiny_job tiny;

    (void)state;
    tiny_job_make(&tiny, APP_SIZE, 21);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct kept k = {.begun_at = cases[i].begun_at};
        fail_once(&tiny.job, cases[i].personality, cases[i].found, &k);
        print_message("%-18s %d, %zu bytes\n", cases[i].personality, k.failure.code, k.len);
        assert_int_equal(k.failure.code, cases[i].code);
        assert_non_null(k.wire);
        assert_true(k.len <= WIRE_RECORD_MAX);
        bool same = comes_again(&tiny.job, &k, k.wire, k.len, words);
        assert_string_equal(words, "");
        assert_true(same);
        free(k.wire);
    }
    tiny_job_done(&tiny);
}

static void of_a_good_board_nothing_is_kept(void **state)
{
    struct tiny_job tiny;
    struct kept k = {0};

    (void)state;
    tiny_job_make(&tiny, APP_SIZE, 21);
    fail_once(&tiny.job, "good", false, &k);
    assert_int_equal(k.failure.code, FAILURE_NONE);
    assert_null(k.wire);
    tiny_job_done(&tiny);
}

enum loss { LOSE_NOTHING, LOSE_TX, LOSE_RX, LOSE_TIMES, LOSE_ERRORS };

/* The same block, sound in form, without one kind of what it holds. Caller frees. */
static uint8_t *without(const struct kept *k, enum loss loss, size_t *len)
{
    struct wire_record r;
    uint8_t *events = malloc(2 * k->len), *out;
    size_t at = 0, used = 0;

    assert_non_null(events);
    assert_true(wire_record_decode(k->wire, k->len, &r));
    while (at < r.events_len) {
        struct wire_event e;
        size_t n = wire_event_decode(r.events + at, r.events_len - at, &e);
        assert_true(n > 0);
        at += n;
        if ((loss == LOSE_TX && e.kind == WIRE_TX) || (loss == LOSE_RX && e.kind == WIRE_RX) ||
            (loss == LOSE_ERRORS && e.kind == WIRE_ERROR))
            continue;
        if (loss == LOSE_TIMES)
            e.at_us = e.took_us = 0;
        uint8_t form[WIRE_EVENT_MAX];
        n = wire_event_encode(form, &e);
        memcpy(events + used, form, n);
        used += n;
    }
    const struct wire_part parts[3] = {{events, used}, {NULL, 0}, {NULL, 0}};
    out = wire_record_encode(&r, parts, len);
    free(events);
    assert_non_null(out);
    return out;
}

static void a_record_that_lost_something_is_not_the_same(void **state)
{
    static const struct {
        const char *personality;
        enum loss loss;
        bool same;
    } losses[] = {
        {"bad-flash", LOSE_NOTHING, true}, {"bad-flash", LOSE_TX, false},   {"bad-flash", LOSE_RX, false},
        {"bad-flash", LOSE_TIMES, false},  {"dies-at-47", LOSE_TX, false},  {"dies-at-47", LOSE_RX, false},
        {"unplugs", LOSE_TIMES, false},    {"unplugs", LOSE_ERRORS, false},
    };
    char words[REPLAY_WORDS_SIZE];
    struct tiny_job tiny;

    (void)state;
    tiny_job_make(&tiny, APP_SIZE, 21);
    for (size_t i = 0; i < sizeof losses / sizeof losses[0]; i++) {
        struct kept k = {0};
        size_t len;
        fail_once(&tiny.job, losses[i].personality, false, &k);
        uint8_t *wire = without(&k, losses[i].loss, &len);
        print_message("%s, loss %d\n", losses[i].personality, losses[i].loss);
        assert_int_equal(comes_again(&tiny.job, &k, wire, len, words), losses[i].same);
        free(wire);
        free(k.wire);
    }
    tiny_job_done(&tiny);
}

/* What the records decided is no word of the board's, and comes again all the same. */
static void a_hold_comes_again(void **state)
{
    char words[REPLAY_WORDS_SIZE];
    struct tiny_job tiny;
    struct kept k = {0};

    (void)state;
    tiny_job_make(&tiny, APP_SIZE, 21);
    fail_once(&tiny.job, "blank-mac", false, &k);
    print_message("blank-mac %d\n", k.failure.code);
    assert_int_equal(k.failure.code, HOLD_MAC_BLANK);
    assert_true(comes_again(&tiny.job, &k, k.wire, k.len, words));
    free(k.wire);
    tiny_job_done(&tiny);
}

static void a_damaged_record_is_refused(void **state)
{
    char words[REPLAY_WORDS_SIZE];
    struct tiny_job tiny;
    struct kept k = {0};

    (void)state;
    tiny_job_make(&tiny, APP_SIZE, 21);
    fail_once(&tiny.job, "wrong-chip", false, &k);
    for (size_t at = 0; at < k.len; at++) {
        k.wire[at] ^= 0x10;
        assert_false(comes_again(&tiny.job, &k, k.wire, k.len, words));
        assert_string_equal(words, "the record of the wire is damaged");
        k.wire[at] ^= 0x10;
    }
    for (size_t len = 0; len < k.len; len++)
        assert_false(comes_again(&tiny.job, &k, k.wire, len, words));
    assert_true(comes_again(&tiny.job, &k, k.wire, k.len, words));
    free(k.wire);
    tiny_job_done(&tiny);
}

/* Another firmware: up to the first byte of it nothing differs, and there it is told. */
static void where_they_part_is_told(void **state)
{
    char words[REPLAY_WORDS_SIZE];
    struct tiny_job tiny, other;
    struct kept k = {0};

    (void)state;
    tiny_job_make(&tiny, APP_SIZE, 21);
    tiny_job_make(&other, APP_SIZE, 22);
    fail_once(&tiny.job, "bad-flash", false, &k);
    assert_false(comes_again(&other.job, &k, k.wire, k.len, words));
    print_message("%s\n", words);
    assert_non_null(strstr(words, "FLASH_DATA"));
    assert_non_null(strstr(words, "act "));
    free(k.wire);
    tiny_job_done(&other);
    tiny_job_done(&tiny);
}

/* One and a half megabytes by the ROM's small blocks: whole, and far from its size on the wire. */
static void a_large_firmware_stays_within_the_bound(void **state)
{
    char words[REPLAY_WORDS_SIZE];
    struct wire_record r;
    struct tiny_job tiny;
    struct kept k = {0};

    (void)state;
    tiny_job_make(&tiny, 0x180000, 21);
    fail_once(&tiny.job, "bad-flash", false, &k);
    print_message("%zu bytes\n", k.len);
    assert_int_equal(k.failure.code, FAIL_MD5_MISMATCH);
    assert_true(k.len <= WIRE_RECORD_MAX);
    assert_true(wire_record_decode(k.wire, k.len, &r));
    if (r.head.cut_events == 0) {
        assert_true(comes_again(&tiny.job, &k, k.wire, k.len, words));
    } else {
        assert_false(comes_again(&tiny.job, &k, k.wire, k.len, words));
        assert_non_null(strstr(words, "was cut"));
    }
    free(k.wire);
    tiny_job_done(&tiny);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_comes_again),
        cmocka_unit_test(of_a_good_board_nothing_is_kept),
        cmocka_unit_test(a_record_that_lost_something_is_not_the_same),
        cmocka_unit_test(a_hold_comes_again),
        cmocka_unit_test(a_damaged_record_is_refused),
        cmocka_unit_test(where_they_part_is_told),
        cmocka_unit_test(a_large_firmware_stays_within_the_bound),
    };
    return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}
