/* SPDX-License-Identifier: Apache-2.0 */
/* What the ftdi: driver knows without a chip: places, rates, status bytes, the latency verdict. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "engine/port/ftdi/usb_baud.h"
#include "engine/port/ftdi/usb_latency.h"
#include "engine/port/ftdi/usb_packet.h"
#include "engine/port/ftdi/usb_place.h"

static void places_are_read_and_written_alike(void **state)
{
    static const char *const good[] = {"1-4.2:B", "1-1:A", "12-1.2.3.4.5.6.7:D", "1-1.2:C"};
    char text[USB_PLACE_TEXT_SIZE];
    struct usb_place p;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(usb_place_parse(good[i], &p), 0);
        usb_place_text(&p, text);
        assert_string_equal(text, good[i]);
    }
    assert_int_equal(usb_place_parse("3-2", &p), 0); /* the only interface of many adapters */
    usb_place_text(&p, text);
    assert_string_equal(text, "3-2:A");
    usb_place_device_text(&p, text);
    assert_string_equal(text, "3-2");
}

static void nonsense_is_not_a_place(void **state)
{
    static const char *const bad[] = {
        "",     "1",       "1-",     "-1",     "1-0",  "1-256",  "0-1",
        "1-1:", "1-1:E",   "1-1:AB", "1-1.:A", "a-1",  "1.1",    "1-1-1:A",
        "1-01", "1-1.2:b", "1-+1",   " 1-1",   "1-1 ", "usb1:A", "1-1.2.3.4.5.6.7.8:A"};
    struct usb_place p;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(usb_place_parse(bad[i], &p), -EINVAL);
}

/* A device is where it is plugged in: bus, and each port on the way, none more and none less. */
static void a_device_is_its_whole_path(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool same;
    } rows[] = {
        {"1-4.2:A", "1-4.2:A", true},    {"1-4.2:A", "1-4.2:D", true},
        {"1-4.2:A", "1-4.3:A", false},   {"1-4.2:A", "1-3.2:A", false},
        {"1-4.2:A", "2-4.2:A", false},   {"1-4:A", "1-4.2:A", false},
        {"1-4.2:A", "1-4.2.1:A", false}, {"1-1.2.3.4.5.6:A", "1-1.2.3.4.5.7:A", false},
    };
    struct usb_place a, b;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(usb_place_parse(rows[i].a, &a), 0);
        assert_int_equal(usb_place_parse(rows[i].b, &b), 0);
        assert_int_equal(usb_place_same_device(&a, &b), rows[i].same);
        assert_int_equal(usb_place_same_device(&b, &a), rows[i].same);
    }
}

static void places_sort_as_a_person_would(void **state)
{
    static const char *const sorted[] = {"1-1:A", "1-1:B", "1-1.2:A", "1-1.10:A", "1-2:A", "1-10:A", "2-1:A"};
    struct usb_place a, b;

    (void)state;
    for (size_t i = 0; i + 1 < sizeof sorted / sizeof *sorted; i++) {
        assert_int_equal(usb_place_parse(sorted[i], &a), 0);
        assert_int_equal(usb_place_parse(sorted[i + 1], &b), 0);
        assert_true(usb_place_compare(&a, &b) < 0);
        assert_true(usb_place_compare(&b, &a) > 0);
    }
}

static void rates_are_those_the_divider_makes(void **state)
{
    static const struct {
        bool high_speed;
        uint32_t wanted, nearest;
        bool good;
    } table[] = {
        {false, 115200, 115385, true},     {true, 115200, 115246, true},     {false, 921600, 923077, true},
        {true, 921600, 923077, true},      {false, 1500000, 1500000, true},  {false, 2000000, 2000000, true},
        {false, 3000000, 3000000, true},   {false, 1750000, 2000000, false}, {false, 2500000, 3000000, false},
        {false, 4000000, 3000000, false},  {true, 4000000, 4000000, true},   {true, 6000000, 6000000, true},
        {true, 8000000, 8000000, true},    {true, 12000000, 12000000, true}, {true, 9000000, 8000000, false},
        {true, 13000000, 12000000, false}, {true, 2500000, 2526316, true},   {true, 300, 300, true},
        {false, 1980000, 2000000, true},   {false, 100, 183, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct usb_baud b = usb_baud_find(table[i].high_speed, table[i].wanted);
        assert_int_equal(b.nearest, table[i].nearest);
        assert_int_equal(b.good, table[i].good);
    }
    struct usb_baud b = usb_baud_find(false, 2500000);
    assert_int_equal(b.below, 2000000);
    assert_int_equal(b.above, 3000000);
    b = usb_baud_find(false, 4000000);
    assert_int_equal(b.below, 3000000);
    assert_int_equal(b.above, 0);
    assert_false(usb_baud_find(true, 0).good);
}

static void status_bytes_are_taken_out_and_counted(void **state)
{
    uint8_t buf[64 + 5] = {0x11, 0x60};
    struct line_counts counts = {0};
    struct usb_packet_status status = {0};

    (void)state;
    memset(buf + 2, 'a', 62);
    memcpy(buf + 64,
           "\xb1\x6e"
           "xyz",
           5); /* all three errors at once */
    assert_int_equal(usb_packet_strip(buf, sizeof buf, 64, &counts, &status), 65);
    assert_int_equal(buf[61], 'a');
    assert_memory_equal(buf + 62, "xyz", 3);
    assert_int_equal(counts.overrun, 1);
    assert_int_equal(counts.parity, 1);
    assert_int_equal(counts.framing, 1);
    assert_int_equal(status.modem, 0xb0);
    assert_int_equal(usb_packet_strip(buf, 1, 64, &counts, &status),
                     0); /* a packet cut short has nothing to say */
}

static const uint8_t frame[] = {0xc0, 1, 8, 0xc0};

static void quick_replies_show_that_the_event_character_works(void **state)
{
    struct usb_latency l;
    int64_t now = 1000000;

    (void)state;
    usb_latency_init(&l);
    usb_latency_note(&l, now, frame, 0, false); /* an empty packet starts the period */
    for (int i = 0; i < 3; i++)
        assert_int_equal(usb_latency_note(&l, now += 2000, frame, sizeof frame, false), 0);
    assert_int_equal(l.mode, USB_LATENCY_EVENT);
    for (int i = 0; i < 3; i++) /* by chance at the end of a period: not enough to doubt */
        assert_int_equal(usb_latency_note(&l, now += 255000, frame, sizeof frame, false), 0);
    usb_latency_note(&l, now += 3000, frame, sizeof frame, false);
    assert_int_equal(l.mode, USB_LATENCY_EVENT);
    for (int i = 0; i < 3; i++)
        usb_latency_note(&l, now += 255000, frame, sizeof frame, false);
    assert_int_equal(usb_latency_note(&l, now += 255000, frame, sizeof frame, false), 1);
    assert_int_equal(l.mode, USB_LATENCY_TIMER);
}

static void replies_at_the_end_of_the_period_show_that_it_does_not(void **state)
{
    struct usb_latency l;
    int64_t now = 1000000;

    (void)state;
    usb_latency_init(&l);
    usb_latency_note(&l, now, frame, 0, false);
    assert_int_equal(usb_latency_note(&l, now += 255000, frame, sizeof frame, false), 0);
    usb_latency_note(&l, now += 255000, (const uint8_t *)"boot:0x13", 9, false); /* no frame: says nothing */
    assert_int_equal(usb_latency_note(&l, now += 255000, frame, sizeof frame, false), 1);
    assert_int_equal(l.mode, USB_LATENCY_TIMER);
}

static void full_packets_and_lone_characters_prove_nothing(void **state)
{
    struct usb_latency l;
    int64_t now = 1000000;

    (void)state;
    usb_latency_init(&l);
    for (int i = 0; i < 20; i++) {
        usb_latency_note(&l, now += 1000, frame, sizeof frame, true);
        usb_latency_note(&l, now += 1000, frame, 1, false);
    }
    assert_int_equal(l.mode, USB_LATENCY_MEASURING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_read_and_written_alike),
        cmocka_unit_test(nonsense_is_not_a_place),
        cmocka_unit_test(a_device_is_its_whole_path),
        cmocka_unit_test(places_sort_as_a_person_would),
        cmocka_unit_test(rates_are_those_the_divider_makes),
        cmocka_unit_test(status_bytes_are_taken_out_and_counted),
        cmocka_unit_test(quick_replies_show_that_the_event_character_works),
        cmocka_unit_test(replies_at_the_end_of_the_period_show_that_it_does_not),
        cmocka_unit_test(full_packets_and_lone_characters_prove_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
