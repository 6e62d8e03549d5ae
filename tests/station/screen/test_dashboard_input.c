/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and scans by pace, in made-up time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "station/screen/dashboard_input.h"

struct hand {
    struct input in;
    int64_t now;
    struct input_event events[300];
    int count;
};

static void take(struct hand *h)
{
    while (input_next(&h->in, h->now, &h->events[h->count]))
        h->count++;
}

/* As the loop does: what is certain goes out before the next key, the rest is judged when nothing more waits. */
static void type(struct hand *h, const char *keys, int64_t gap_us)
{
    for (; *keys; keys++) {
        input_feed(&h->in, (unsigned char)*keys, false, h->now);
        take(h);
        h->now += gap_us;
        take(h);
    }
}

static void wait(struct hand *h, int64_t us)
{
    h->now += us;
    take(h);
}

static void start(struct hand *h, const char *prefix)
{
    memset(h, 0, sizeof *h);
    input_init(&h->in, prefix);
}

static void a_slow_key_is_a_key_after_its_quiet_time(void **state)
{
    struct hand h;

    (void)state;
    start(&h, NULL);
    type(&h, "q", 1000);
    assert_int_equal(h.count, 0);
    wait(&h, INPUT_QUIET_US - 1001);
    assert_int_equal(h.count, 0);
    wait(&h, 1);
    assert_int_equal(h.count, 1);
    assert_int_equal(h.events[0].kind, INPUT_KEY);
    assert_int_equal(h.events[0].code, 'q');
}

static void a_fast_run_with_enter_is_one_scan_and_no_key(void **state)
{
    struct hand h;

    (void)state;
    start(&h, NULL);
    type(&h, "quit?yYq\r", 2000);
    wait(&h, 1000000);
    assert_int_equal(h.count, 1);
    assert_int_equal(h.events[0].kind, INPUT_SCAN);
    assert_string_equal(h.events[0].text, "quit?yYq");
}

static void a_single_scanned_letter_is_a_scan(void **state)
{
    struct hand h;

    (void)state;
    start(&h, NULL);
    type(&h, "q\r", 2000);
    wait(&h, 1000000);
    assert_int_equal(h.count, 1);
    assert_int_equal(h.events[0].kind, INPUT_SCAN);
}

static void scans_in_a_row_stay_apart_also_with_cr_lf(void **state)
{
    struct hand h;

    (void)state;
    start(&h, NULL);
    for (int i = 0; i < 40; i++)
        type(&h, "Q4\r\n", 2000);
    wait(&h, 1000000);
    assert_int_equal(h.count, 40);
    for (int i = 0; i < 40; i++) {
        assert_int_equal(h.events[i].kind, INPUT_SCAN);
        assert_string_equal(h.events[i].text, "Q4");
    }
}

static void a_run_without_an_end_is_thrown_away_whole(void **state)
{
    struct hand h;

    (void)state;
    start(&h, NULL);
    type(&h, "qy1", 2000);
    wait(&h, INPUT_GAP_US);
    assert_int_equal(h.count, 1);
    assert_int_equal(h.events[0].kind, INPUT_GARBAGE);
}

static void a_held_key_moves_while_it_is_held(void **state)
{
    struct hand h;

    (void)state;
    start(&h, NULL);
    type(&h, "jjjjjjjjjj", 33000);
    assert_true(h.count >= 9);
    wait(&h, 1000000);
    assert_int_equal(h.count, 10);
    for (int i = 0; i < 10; i++)
        assert_int_equal(h.events[i].kind, INPUT_KEY);
}

static void a_scan_that_begins_with_equal_letters_is_a_scan(void **state)
{
    struct hand h;

    (void)state;
    start(&h, NULL);
    type(&h, "jjjjjjjj123\r", 2000);
    wait(&h, 1000000);
    assert_int_equal(h.count, 1);
    assert_string_equal(h.events[0].text, "jjjjjjjj123");
}

static void after_a_held_key_another_key_waits_again(void **state)
{
    struct hand h;

    (void)state;
    start(&h, NULL);
    type(&h, "jjjjjj", 33000);
    h.now -= 31000;
    type(&h, "q4\r", 2000);
    wait(&h, 1000000);
    assert_int_equal(h.events[h.count - 1].kind, INPUT_SCAN);
    assert_string_equal(h.events[h.count - 1].text, "q4");
}

static void a_prefix_makes_a_slow_scan_a_scan(void **state)
{
    struct hand h;

    (void)state;
    start(&h, "~");
    type(&h, "~q7\r", 300000);
    wait(&h, 3000000);
    assert_int_equal(h.count, 1);
    assert_int_equal(h.events[0].kind, INPUT_SCAN);
    assert_string_equal(h.events[0].text, "q7");
}

static void a_prefix_without_an_end_gives_up(void **state)
{
    struct hand h;

    (void)state;
    start(&h, "~");
    type(&h, "~ab", 2000);
    wait(&h, INPUT_SCAN_US);
    assert_int_equal(h.count, 1);
    assert_int_equal(h.events[0].kind, INPUT_GARBAGE);
    type(&h, "q", 1000);
    wait(&h, INPUT_QUIET_US);
    assert_int_equal(h.count, 2);
    assert_int_equal(h.events[1].kind, INPUT_KEY);
}

static void a_field_gets_its_letters_at_once(void **state)
{
    struct hand h;

    (void)state;
    start(&h, NULL);
    h.in.field = true;
    type(&h, "2468\r", 2000);
    assert_int_equal(h.count, 5);
    assert_int_equal(h.events[4].code, '\r');
}

static void a_field_gets_a_prefixed_scan_whole(void **state)
{
    struct hand h;

    (void)state;
    start(&h, "~");
    h.in.field = true;
    type(&h, "~B-17\r", 2000);
    wait(&h, 1000000);
    assert_int_equal(h.count, 1);
    assert_int_equal(h.events[0].kind, INPUT_SCAN);
    assert_string_equal(h.events[0].text, "B-17");
}

static void function_keys_need_no_quiet_time(void **state)
{
    struct hand h;

    (void)state;
    start(&h, NULL);
    input_feed(&h.in, 0x102, true, h.now);
    take(&h);
    assert_int_equal(h.count, 1);
    assert_int_equal(h.events[0].kind, INPUT_FUNCTION);
}

static void enter_alone_is_a_key(void **state)
{
    struct hand h;

    (void)state;
    start(&h, NULL);
    type(&h, "\r", 1000);
    assert_int_equal(h.count, 1);
    assert_int_equal(h.events[0].kind, INPUT_KEY);
    assert_int_equal(h.events[0].code, '\r');
}

static void an_endless_run_is_no_scan(void **state)
{
    struct hand h;

    (void)state;
    start(&h, NULL);
    for (int i = 0; i < 50; i++)
        type(&h, "0123456789", 1000);
    type(&h, "\r", 1000);
    wait(&h, 1000000);
    assert_int_equal(h.count, 1);
    assert_int_equal(h.events[0].kind, INPUT_GARBAGE);
    assert_int_equal(strlen(h.events[0].text), INPUT_TEXT_MAX);
}

static void unicode_survives(void **state)
{
    struct hand h;

    (void)state;
    start(&h, NULL);
    input_feed(&h.in, 0xfc, false, h.now);
    input_feed(&h.in, 0x20ac, false, h.now + 1000);
    input_feed(&h.in, '\r', false, h.now + 2000);
    take(&h);
    assert_int_equal(h.count, 1);
    assert_string_equal(h.events[0].text, "\xc3\xbc\xe2\x82\xac");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slow_key_is_a_key_after_its_quiet_time),
        cmocka_unit_test(a_fast_run_with_enter_is_one_scan_and_no_key),
        cmocka_unit_test(a_single_scanned_letter_is_a_scan),
        cmocka_unit_test(scans_in_a_row_stay_apart_also_with_cr_lf),
        cmocka_unit_test(a_run_without_an_end_is_thrown_away_whole),
        cmocka_unit_test(a_held_key_moves_while_it_is_held),
        cmocka_unit_test(a_scan_that_begins_with_equal_letters_is_a_scan),
        cmocka_unit_test(after_a_held_key_another_key_waits_again),
        cmocka_unit_test(a_prefix_makes_a_slow_scan_a_scan),
        cmocka_unit_test(a_prefix_without_an_end_gives_up),
        cmocka_unit_test(a_field_gets_its_letters_at_once),
        cmocka_unit_test(a_field_gets_a_prefixed_scan_whole),
        cmocka_unit_test(function_keys_need_no_quiet_time),
        cmocka_unit_test(enter_alone_is_a_key),
        cmocka_unit_test(an_endless_run_is_no_scan),
        cmocka_unit_test(unicode_survives),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
