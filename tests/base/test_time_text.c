/* SPDX-License-Identifier: Apache-2.0 */
/* If this failed, a time in a list or an export would be another one than the record's, or one without its zone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

#include "base/time_text.h"

static void zone(const char *tz)
{
    setenv("TZ", tz, 1);
    tzset();
}

/* What `date -u -d @N` and `TZ=... date -d @N` say. */
static void moments_are_told_with_their_offset(void **state)
{
    (void)state;
    static const struct {
        const char *tz;
        int64_t ms;
        const char *local, *date, *clock;
    } rows[] = {
        {"UTC0", 1795392000123, "2026-11-23T00:00:00.123Z", "2026-11-23 00:00:00Z", "00:00:00Z"},
        {"CET-1CEST,M3.5.0,M10.5.0/3", 1792888200000, "2026-10-25T02:30:00.000+02:00",
         "2026-10-25 02:30:00+02:00", "02:30:00+02:00"},
        {"CET-1CEST,M3.5.0,M10.5.0/3", 1792891800000, "2026-10-25T02:30:00.000+01:00",
         "2026-10-25 02:30:00+01:00", "02:30:00+01:00"},
        {"IST-5:30", 1795392000007, "2026-11-23T05:30:00.007+05:30", "2026-11-23 05:30:00+05:30",
         "05:30:00+05:30"},
        {"NST3:30", 1795392000999, "2026-11-22T20:30:00.999-03:30", "2026-11-22 20:30:00-03:30",
         "20:30:00-03:30"},
        {"LMT-0:53:28", 1795392000123, "2026-11-23T00:00:00.123Z", "2026-11-23 00:00:00Z", "00:00:00Z"},
        {"UTC0", -1, "1969-12-31T23:59:59.999Z", "1969-12-31 23:59:59Z", "23:59:59Z"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[TIME_TEXT_SIZE];

        zone(rows[i].tz);
        time_text_local(rows[i].ms, text);
        assert_string_equal(text, rows[i].local);
        time_text_date(rows[i].ms, text);
        assert_string_equal(text, rows[i].date);
        time_text_clock(rows[i].ms, text);
        assert_string_equal(text, rows[i].clock);
    }
}

static void programmes_get_utc_in_any_zone(void **state)
{
    (void)state;
    char text[TIME_TEXT_SIZE];

    zone("CET-1CEST,M3.5.0,M10.5.0/3");
    time_text_utc(1792888200123, text);
    assert_string_equal(text, "2026-10-25T00:30:00.123Z");
    time_text_utc(0, text);
    assert_string_equal(text, "1970-01-01T00:00:00.000Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_told_with_their_offset),
        cmocka_unit_test(programmes_get_utc_in_any_zone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
