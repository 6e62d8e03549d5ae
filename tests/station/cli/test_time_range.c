/* SPDX-License-Identifier: Apache-2.0 */
/* If this failed, --time would leave out a row that it names, or take in one that it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "base/time_text.h"
#include "station/cli/time_range.h"

#define MINUTE  60000LL
#define HOUR    3600000LL
#define DAY     (24 * HOUR)
#define NOON    1772366400000LL /* 2026-03-01T12:00:00Z */
#define SUMMER  1774746000000LL /* 2026-03-29T01:00:00Z: Berlin's clocks go from 02:00 to 03:00 */
#define WINTER  1792890000000LL /* 2026-10-25T01:00:00Z: Berlin's clocks go from 03:00 to 02:00 */
#define BERLIN  "CET-1CEST,M3.5.0,M10.5.0/3"
#define HAVANA  "CST5CDT,M3.2.0/0,M11.1.0/1" /* at midnight: a day without 00:00, and a day with two */
#define TO_HAVE (WINTER - 30 * MINUTE)       /* the first 02:30; an hour later it comes again */

static void zone(const char *tz)
{
    setenv("TZ", tz, 1);
    tzset();
}

static void assert_range(const char *text, int64_t from, int64_t to)
{
    char fault[TIME_FAULT_SIZE];
    int64_t f = -1, t = -1;

    if (time_range_parse(text, NOON, &f, &t, fault) != 0)
        fail_msg("'%s' %s", text, fault);
    if (f != from || t != to)
        fail_msg("'%s' is %lld to %lld, not %lld to %lld", text, (long long)f, (long long)t, (long long)from,
                 (long long)to);
}

static void assert_refused(const char *text, const char *why)
{
    char fault[TIME_FAULT_SIZE] = "";
    int64_t f, t;

    if (time_range_parse(text, NOON, &f, &t, fault) == 0)
        fail_msg("understood '%s'", text);
    if (strstr(fault, why) == NULL)
        fail_msg("'%s' %s: not '%s'", text, fault, why);
}

static void people_s_words_become_spans(void **state)
{
    (void)state;
    zone("UTC0");
    assert_range("today", NOON - 12 * HOUR, NOON + 12 * HOUR);
    assert_range("yesterday", NOON - 36 * HOUR, NOON - 12 * HOUR);
    assert_range("last 8h", NOON - 8 * HOUR, 0);
    assert_range("2026-03-01", NOON - 12 * HOUR, NOON + 12 * HOUR);
    assert_range("2026-03-01..", NOON - 12 * HOUR, 0);
    assert_range("..2026-03-01", 0, NOON + 12 * HOUR);
    assert_range("2026-03-01T12:00..2026-03-01T13:00", NOON, NOON + HOUR + MINUTE);
    assert_range("2026-03-01 12:00 .. 2026-03-01 13:00", NOON, NOON + HOUR + MINUTE);
}

/* Each is noon in UTC; how long it is goes by its last figure. */
static void a_moment_may_say_its_zone(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t length;
    } rows[] = {
        {"2026-03-01T12:00Z", MINUTE},        {"2026-03-01T12:00:00z", 1000},
        {"2026-03-01 12:00:00 Z", 1000},      {"2026-03-01T13:00+01:00", MINUTE},
        {"2026-03-01T13:00:00+0100", 1000},   {"2026-03-01 13:00:00+01", 1000},
        {"2026-03-01T17:30:00.000+05:30", 1}, {"2026-03-01T08:30:00.0-03:30", 100},
        {"2026-03-01T12:00:00.000000Z", 1},   {"2026-03-02T01:45:00.00+13:45", 10},
        {"2026-03-01T12:00:00-00:00", 1000},
    };

    zone(BERLIN);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_range(rows[i].text, NOON, NOON + rows[i].length);
    assert_range("2026-03-01Z", NOON - 12 * HOUR, NOON + 12 * HOUR);
    assert_range("2026-03-01T12:00:00.123Z", NOON + 123, NOON + 124);
    assert_range("2026-03-01T12:00:00.1239Z", NOON + 123, NOON + 124);
    assert_range("2026-03-01T13:00+01:00..2026-03-01T12:59Z", NOON, NOON + HOUR);
}

static void a_day_is_as_long_as_it_is(void **state)
{
    (void)state;
    zone(BERLIN);
    assert_range("2026-03-29", SUMMER - 2 * HOUR, SUMMER - 2 * HOUR + 23 * HOUR);
    assert_range("2026-10-25", WINTER - 3 * HOUR, WINTER - 3 * HOUR + 25 * HOUR);
    assert_range("2026-03-29..2026-03-30", SUMMER - 2 * HOUR, SUMMER - 2 * HOUR + 47 * HOUR);
    zone(HAVANA); /* 2026-03-08 begins at 01:00; 2026-11-01 has 00:00 to 01:00 twice */
    assert_range("2026-03-08", 1772946000000LL, 1772946000000LL + 23 * HOUR);
    assert_range("2026-11-01", 1793505600000LL, 1793505600000LL + 25 * HOUR);
    assert_range("2026-10-31", 1793505600000LL - DAY, 1793505600000LL);
    assert_range("2026-03-07", 1772946000000LL - DAY, 1772946000000LL);
}

/* At 02:30 the shift may begin, or end: nothing of it may be missing. Alone it could mean either: it is asked. */
static void the_hour_that_comes_twice(void **state)
{
    (void)state;
    zone(BERLIN);
    assert_range("2026-10-25T02:30..2026-10-25T04:00", TO_HAVE, WINTER + 2 * HOUR + MINUTE);
    assert_range("2026-10-25T00:00..2026-10-25T02:30", WINTER - 3 * HOUR, TO_HAVE + HOUR + MINUTE);
    assert_range("2026-10-25T02:30..2026-10-25T02:30", TO_HAVE, TO_HAVE + HOUR + MINUTE);
    assert_range("..2026-10-25T02:30:15", 0, TO_HAVE + HOUR + 16000);
    assert_range("2026-10-25T02:30+02:00", TO_HAVE, TO_HAVE + MINUTE);
    assert_range("2026-10-25T02:30+01:00", TO_HAVE + HOUR, TO_HAVE + HOUR + MINUTE);
    assert_range("2026-10-25T01:59", WINTER - HOUR - MINUTE, WINTER - HOUR);
    assert_range("2026-10-25T03:00", WINTER + HOUR, WINTER + HOUR + MINUTE);
    assert_refused("2026-10-25T02:30",
                   "say which: 2026-10-25T02:30:00.000+02:00 or 2026-10-25T02:30:00.000+01:00");
    assert_refused("2026-10-25T02:00", "comes twice");
    assert_refused("2026-10-25T02:59:59.999", "comes twice");
}

static void the_hour_that_never_comes(void **state)
{
    (void)state;
    zone(BERLIN);
    assert_range("2026-03-29T02:30..", SUMMER, 0);
    assert_range("2026-03-29T02:00..2026-03-29T03:00", SUMMER, SUMMER + MINUTE);
    assert_range("..2026-03-29T02:30", 0, SUMMER);
    assert_range("2026-03-29T01:59", SUMMER - MINUTE, SUMMER);
    assert_range("2026-03-29T03:00", SUMMER, SUMMER + MINUTE);
    assert_refused("2026-03-29T02:30", "to 2026-03-29T03:00:00.000+02:00");
}

/* What a list prints is taken back as that millisecond and no other: five zones, through all their days of two years. */
static void what_is_printed_can_be_pasted(void **state)
{
    (void)state;
    static const char *const zones[] = {"UTC0",
                                        BERLIN,
                                        "IST-5:30",
                                        "NST3:30NDT,M3.2.0,M11.1.0",
                                        "<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45",
                                        HAVANA};
    const int64_t step = 53 * MINUTE + 12345; /* meets every minute and millisecond sooner or later */

    for (size_t z = 0; z < sizeof zones / sizeof zones[0]; z++) {
        zone(zones[z]);
        for (int64_t at = NOON; at < NOON + 366 * DAY; at += step) {
            char text[TIME_TEXT_SIZE];

            time_text_local(at, text);
            assert_range(text, at, at + 1);
            time_text_date(at, text);
            assert_range(text, at - at % 1000, at - at % 1000 + 1000);
        }
        char text[TIME_TEXT_SIZE];
        time_text_utc(WINTER + 123, text);
        assert_range(text, WINTER + 123, WINTER + 124);
    }
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "..",
                                        "tomorrow",
                                        "2026-02-31",
                                        "2026-3-1",
                                        "last",
                                        "last 8",
                                        "last -1h",
                                        "last 8y",
                                        "2026-03-02..2026-03-01",
                                        "2026-03-01T25:00",
                                        "2026-03-01T23:60",
                                        "2026-03-01T23:59:60",
                                        "2026-03-01x",
                                        "2026-03-01T",
                                        "2026-03-01T12",
                                        "2026-03-01T12:00:00.",
                                        "2026-03-01T12:00+",
                                        "2026-03-01T12:00+1",
                                        "2026-03-01T12:00+01:",
                                        "2026-03-01T12:00+24:00",
                                        "2026-03-01T12:00+01:60",
                                        "2026-03-01T12:00ZZ",
                                        "2026-03-01T12:00Zulu",
                                        "1969-12-31",
                                        "last 99999999999999h"};

    zone("UTC0");
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_refused(texts[i], "");
    assert_refused("2026-03-02..2026-03-01", "ends before it begins");
    assert_refused("2026-02-31", "calendar");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_s_words_become_spans), cmocka_unit_test(a_moment_may_say_its_zone),
        cmocka_unit_test(a_day_is_as_long_as_it_is),   cmocka_unit_test(the_hour_that_comes_twice),
        cmocka_unit_test(the_hour_that_never_comes),   cmocka_unit_test(what_is_printed_can_be_pasted),
        cmocka_unit_test(nonsense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
