/* SPDX-License-Identifier: Apache-2.0 */
#include "station/cli/yield_by.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/time_text.h"
#include "db/read/numbers_by.h"
#include "profiles/text/complaint.h"
#include "station/cli/cmd.h"
#include "station/cli/time_range.h"
#include "station/config/config.h"
#include "station/print/json.h"
#include "station/print/table.h"

#define DAYS_MAX  36600 /* a century: a clock that was wrong must not cost more */
#define MINUTE_MS 60000

static const char *const words[] = {"day", "shift", "slot", "operator", "firmware", "job", "chip"};

/* What is asked, and the spans it is counted in. */
struct asked {
    enum yield_by by;
    const struct options_common *common;
    int starts[CONFIG_SHIFTS_MAX]; /* minutes of the day, rising; a day has the one at midnight */
    int start_count;
    struct numbers_span *spans;
    size_t span_count;
};

static int cannot_count(const char *what)
{
    return cmd_fail(EXIT_INPUT, "yield", "%s", what);
}

/* The first moment of that local day at or after that minute, whatever the clocks do then; as --time finds it. */
static int local_moment(const struct tm *day, int minute, int64_t *ms)
{
    char text[64], fault[TIME_FAULT_SIZE];
    int64_t ignored;

    snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d..", day->tm_year + 1900, day->tm_mon + 1,
             day->tm_mday, minute / 60, minute % 60);
    return time_range_parse(text, 0, ms, &ignored, fault);
}

/* The day `days` after `day`; noon is on every day's clock. */
static void add_days(struct tm *day, int days)
{
    day->tm_mday += days;
    day->tm_hour = 12;
    day->tm_isdst = -1;
    mktime(day);
}

/* Every beginning from the day before the first attempt to the day after the last, and each span from one to the next. */
static int make_spans(struct asked *a, int64_t first_ms, int64_t last_ms)
{
    time_t first = (time_t)(first_ms / 1000);
    size_t size = 0;
    struct tm day;

    if (localtime_r(&first, &day) == NULL)
        return cannot_count("the first attempt's time is no date");
    add_days(&day, -1);
    for (int days = 0; days < DAYS_MAX; days++) {
        for (int i = 0; i < a->start_count; i++) {
            int64_t from;
            if (local_moment(&day, a->starts[i], &from) != 0)
                continue;
            if (a->span_count > 0)
                a->spans[a->span_count - 1].to_ms = from;
            if (from > last_ms)
                return 0;
            if (a->span_count == size) {
                size = size == 0 ? 64 : 2 * size;
                struct numbers_span *spans = realloc(a->spans, size * sizeof *spans);
                if (spans == NULL)
                    return cannot_count("out of memory");
                a->spans = spans;
            }
            a->spans[a->span_count++] = (struct numbers_span){from, INT64_MAX};
        }
        add_days(&day, 1);
    }
    return cannot_count("the attempts span more than a century: choose some with --time");
}

static int find_starts(struct asked *a)
{
    struct complaint c = {0};

    if (a->by == YIELD_BY_DAY) {
        a->start_count = 1;
        return 0;
    }
    struct config *config = config_load(a->common->config, &c);
    if (config == NULL)
        return cannot_count(c.text);
    memcpy(a->starts, config->shifts, sizeof a->starts);
    a->start_count = config->shift_count;
    int code = a->start_count > 0
                   ? 0
                   : cmd_fail(EXIT_INPUT, "yield",
                              "%s: no shifts: say when they begin, as in shifts: [06:00, 14:00, 22:00]",
                              config->path);
    config_free(config);
    return code;
}

/* "2026-11-20"; "2026-11-20T06:00+01:00..2026-11-20T13:59+01:00": either can be given to --time. */
static void name_span(const struct asked *a, const struct numbers_span *s,
                      char out[static 2 * TIME_TEXT_SIZE])
{
    char from[TIME_TEXT_SIZE], to[TIME_TEXT_SIZE];
    const size_t minute = strlen("2026-11-20T06:00"), offset = strlen("2026-11-20T06:00:00.000");

    time_text_local(s->from_ms, from);
    time_text_local(s->to_ms - MINUTE_MS, to);
    if (a->by == YIELD_BY_DAY)
        snprintf(out, 2 * TIME_TEXT_SIZE, "%.10s", from);
    else
        snprintf(out, 2 * TIME_TEXT_SIZE, "%.*s%s..%.*s%s", (int)minute, from, from + offset, (int)minute, to,
                 to + offset);
}

static const char *name_of(const struct asked *a, const struct numbers_part *p,
                           char room[static 2 * TIME_TEXT_SIZE])
{
    if (a->spans == NULL)
        return p->name[0] != '\0' ? p->name : "(none)";
    name_span(a, &a->spans[p->key], room);
    return room;
}

static json_t *ratio(int64_t n, int64_t m)
{
    return m > 0 ? json_real((double)n / (double)m) : json_null();
}

static int put_json(const struct asked *a, const struct numbers_part *p)
{
    json_t *o = json_line_new("yield_part");
    char room[2 * TIME_TEXT_SIZE];
    double rate = numbers_per_hour(&p->n);

    json_put_text(o, "by", words[a->by]);
    json_put_text(o, "part", a->spans != NULL ? name_of(a, p, room) : p->name[0] != '\0' ? p->name : NULL);
    if (a->spans != NULL) {
        json_put_time(o, "from", a->spans[p->key].from_ms);
        json_put_time(o, "until", a->spans[p->key].to_ms);
    }
    json_put_int(o, "attempts", p->n.attempts);
    json_put_int(o, "passes", p->n.by_result[RESULT_PASS]);
    json_put_int(o, "tries", p->n.tries);
    json_put_int(o, "units", p->n.units);
    json_put_int(o, "units_tried", p->n.units_tried);
    json_put_int(o, "good", p->n.good);
    json_put_int(o, "kept_back", p->n.kept_back);
    json_put_int(o, "first_tries", p->n.first_tries);
    json_put_int(o, "first_passes", p->n.first_passes);
    json_object_set_new(o, "first_pass_yield", ratio(p->n.first_passes, p->n.first_tries));
    json_object_set_new(o, "final_yield", ratio(p->n.good, p->n.units_tried));
    json_object_set_new(o, "station_yield", ratio(p->n.by_result[RESULT_PASS], p->n.tries));
    json_object_set_new(o, "boards_per_hour", rate >= 0 ? json_real(rate) : json_null());
    return json_line_write(stdout, o) == 0 ? EXIT_ALL_PASS : EXIT_INPUT;
}

static void put_percent(struct table *t, int64_t n, int64_t m)
{
    char text[NUMBERS_TEXT];

    numbers_percent(n, m, text);
    table_text(t, text);
}

static void put_row(const struct asked *a, struct table *t, const struct numbers_part *p)
{
    char room[2 * TIME_TEXT_SIZE];
    double rate = numbers_per_hour(&p->n);

    table_text(t, name_of(a, p, room));
    table_format(t, "%lld", (long long)p->n.attempts);
    table_format(t, "%lld", (long long)p->n.tries);
    table_format(t, "%lld", (long long)p->n.by_result[RESULT_PASS]);
    table_format(t, "%lld", (long long)p->n.units);
    table_format(t, "%lld", (long long)p->n.good);
    put_percent(t, p->n.first_passes, p->n.first_tries);
    put_percent(t, p->n.good, p->n.units_tried);
    put_percent(t, p->n.by_result[RESULT_PASS], p->n.tries);
    if (rate >= 0)
        table_format(t, "%.1f", rate);
    else
        table_text(t, "-");
}

static int print_parts(const struct asked *a, const struct numbers_part *parts, int count)
{
    static const char *const heads[] = {"DAY", "SHIFT", ">SLOT", "OPERATOR", "FIRMWARE", "JOB", "CHIP"};
    const char *const titles[] = {heads[a->by],    ">ATTEMPTS", ">TRIES",     ">PASS",     ">UNITS", ">GOOD",
                                  ">FIRST-PASS %", ">FINAL %",  ">STATION %", ">BOARDS/H", NULL};
    struct table *t = table_new(titles);
    int code = t == NULL ? cannot_count("out of memory") : EXIT_ALL_PASS;

    for (int i = 0; i < count && t != NULL; i++)
        put_row(a, t, &parts[i]);
    if (t != NULL && table_print(t, stdout) != 0)
        code = EXIT_INPUT;
    table_free(t);
    return code;
}

static int count_and_tell(struct db *db, const struct record_filter *filter, struct asked *a)
{
    static const enum numbers_by kinds[] = {NUMBERS_BY_SPAN,     NUMBERS_BY_SPAN,     NUMBERS_BY_SLOT,
                                            NUMBERS_BY_OPERATOR, NUMBERS_BY_FIRMWARE, NUMBERS_BY_JOB,
                                            NUMBERS_BY_CHIP};
    struct numbers_part *parts = NULL;
    struct failure f = {0};
    int code = EXIT_ALL_PASS;
    int count = numbers_by(db, filter, kinds[a->by], a->spans, a->span_count, &parts, &f);

    if (count < 0)
        return cannot_count(f.detail);
    if (!a->common->json)
        code = print_parts(a, parts, count);
    for (int i = 0; i < count && a->common->json && code == EXIT_ALL_PASS; i++)
        code = put_json(a, &parts[i]);
    free(parts);
    return code;
}

int yield_by(struct db *db, const struct record_filter *filter, enum yield_by by,
             const struct options_common *common)
{
    struct asked a = {.by = by, .common = common};
    struct failure f = {0};
    int64_t first = 0, last = 0;
    int code = 0;

    if (by == YIELD_BY_DAY || by == YIELD_BY_SHIFT) {
        code = find_starts(&a);
        if (code == 0 && numbers_range(db, filter, &first, &last, &f) != 0)
            code = cannot_count(f.detail);
        if (code == 0)
            code = make_spans(&a, first, last);
    }
    if (code == 0)
        code = count_and_tell(db, filter, &a);
    free(a.spans);
    return code;
}
