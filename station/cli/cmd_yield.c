/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_yield - how well it goes: yields, what fails most, times, slots. */
#include <stdio.h>

#include "db/read/yield.h"
#include "station/cli/cmd.h"
#include "station/cli/record_options.h"
#include "station/cli/yield_by.h"
#include "station/print/json.h"
#include "station/print/table.h"

static json_t *ratio(int64_t n, int64_t m)
{
    return m > 0 ? json_real((double)n / (double)m) : json_null();
}

static json_t *codes_json(const struct yield_report *y)
{
    json_t *list = json_array();

    for (int i = 0; i < y->code_count; i++) {
        json_t *o = json_object();
        json_put_int(o, "code", y->codes[i].code);
        json_put_text(o, "name", failure_name((enum failure_code)y->codes[i].code));
        json_put_text(o, "title", failure_title((enum failure_code)y->codes[i].code));
        json_put_int(o, "count", y->codes[i].count);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *slots_json(const struct yield_report *y)
{
    json_t *list = json_array();

    for (int i = 0; i < y->slot_count; i++) {
        const struct yield_slot *s = &y->slots[i];
        json_t *o = json_object();
        json_put_int(o, "slot", s->slot);
        json_put_int(o, "tries", s->tries);
        json_put_int(o, "passes", s->passes);
        json_object_set_new(o, "first_pass_yield", ratio(s->first_passes, s->first_tries));
        json_put_bool(o, "worse_than_neighbours", s->worse);
        json_array_append_new(list, o);
    }
    return list;
}

static int print_json(const struct yield_report *y)
{
    json_t *o = json_line_new("yield"), *results = json_object();

    for (int r = RESULT_PASS; r < RESULT_COUNT; r++)
        json_put_int(results, result_name((enum result)r), y->n.by_result[r]);
    json_put_int(o, "attempts", y->n.attempts);
    json_object_set_new(o, "results", results);
    json_put_int(o, "tries", y->n.tries);
    json_put_int(o, "units", y->n.units);
    json_put_int(o, "units_tried", y->n.units_tried);
    json_put_int(o, "good", y->n.good);
    json_put_int(o, "kept_back", y->n.kept_back);
    json_put_int(o, "first_tries", y->n.first_tries);
    json_put_int(o, "first_passes", y->n.first_passes);
    json_put_int(o, "unidentified", y->n.unidentified);
    json_put_int(o, "passes_after_retry", y->n.passes_after_retry);
    json_object_set_new(o, "first_pass_yield", ratio(y->n.first_passes, y->n.first_tries));
    json_object_set_new(o, "final_yield", ratio(y->n.good, y->n.units_tried));
    json_object_set_new(o, "station_yield", ratio(y->n.by_result[RESULT_PASS], y->n.tries));
    json_object_set_new(o, "cycle_median_s",
                        y->cycles > 0 ? json_real((double)y->median_us / 1e6) : json_null());
    json_object_set_new(o, "cycle_p95_s", y->cycles > 0 ? json_real((double)y->p95_us / 1e6) : json_null());
    json_object_set_new(o, "boards_per_hour",
                        y->boards_per_hour >= 0 ? json_real(y->boards_per_hour) : json_null());
    json_object_set_new(o, "pareto", codes_json(y));
    json_object_set_new(o, "slots", slots_json(y));
    json_line_write(stdout, o);
    return EXIT_ALL_PASS;
}

static void print_figures(const struct yield_report *y)
{
    char text[NUMBERS_TEXT];

    numbers_percent(y->n.first_passes, y->n.first_tries, text);
    printf("First-pass yield  %s %%  (%lld of %lld units at their first try)\n", text,
           (long long)y->n.first_passes, (long long)y->n.first_tries);
    numbers_percent(y->n.good, y->n.units_tried, text);
    printf("Final yield       %s %%  (%lld of %lld units tried, good by their last attempt)\n", text,
           (long long)y->n.good, (long long)y->n.units_tried);
    numbers_percent(y->n.by_result[RESULT_PASS], y->n.tries, text);
    printf("Station yield     %s %%  (%lld passes of %lld tries; %lld passed after a retry)\n", text,
           (long long)y->n.by_result[RESULT_PASS], (long long)y->n.tries, (long long)y->n.passes_after_retry);
    printf(
        "Left out          %lld aborted, %lld interrupted; %lld tries on boards that were never identified\n",
        (long long)y->n.by_result[RESULT_ABORTED], (long long)y->n.by_result[RESULT_INTERRUPTED],
        (long long)y->n.unidentified);
    printf("Units             %lld: %lld good, %lld scrapped or in quarantine, %lld still in work\n",
           (long long)y->n.units, (long long)y->n.good, (long long)y->n.kept_back,
           (long long)(y->n.units - y->n.good - y->n.kept_back));
    if (y->cycles > 0)
        printf("Cycle time        median %.1f s, 95 %% within %.1f s\n", (double)y->median_us / 1e6,
               (double)y->p95_us / 1e6);
    if (y->boards_per_hour >= 0)
        printf("Boards an hour    %.1f\n", y->boards_per_hour);
}

static void print_pareto(const struct yield_report *y)
{
    static const char *const titles[] = {">COUNT", ">CODE", "WHAT", NULL};
    struct table *t = y->code_count > 0 ? table_new(titles) : NULL;

    if (t == NULL)
        return;
    for (int i = 0; i < y->code_count; i++) {
        table_format(t, "%lld", (long long)y->codes[i].count);
        table_format(t, "%d", y->codes[i].code);
        table_text(t, failure_title((enum failure_code)y->codes[i].code));
    }
    putchar('\n');
    table_print(t, stdout);
    table_free(t);
}

static void print_slots(const struct yield_report *y)
{
    static const char *const titles[] = {">SLOT", ">TRIES", ">PASSES", ">FIRST-PASS %", "HEALTH", NULL};
    struct table *t = y->slot_count > 0 ? table_new(titles) : NULL;
    char text[NUMBERS_TEXT];

    if (t == NULL)
        return;
    for (int i = 0; i < y->slot_count; i++) {
        const struct yield_slot *s = &y->slots[i];
        table_format(t, "%d", s->slot);
        table_format(t, "%lld", (long long)s->tries);
        table_format(t, "%lld", (long long)s->passes);
        numbers_percent(s->first_passes, s->first_tries, text);
        table_text(t, text);
        table_text(t, s->worse ? "fails more than its neighbours: check cable and contacts" : "");
    }
    putchar('\n');
    table_print(t, stdout);
    table_free(t);
}

int cmd_yield(int argc, char **argv)
{
    struct options_common common = {0};
    struct record_options o = {0};
    struct record_filter filter;
    struct yield_report y;
    struct failure f = {0};
    int by = -1;
    const struct options_row rows[] = {
        OPTIONS_WORD("by", &by, YIELD_BY_WORDS,
                     "a line each; shifts: as station.yaml says, days and shifts in local time"),
        RECORD_OPTIONS_ROWS(&o), OPTIONS_END};
    const struct options_spec spec = {
        "yield", "[OPTION...]",
        "First-pass, final and station yield, what fails most, cycle times, boards an hour, and each slot.\n"
        "Attempts on virtual boards are left out unless --training is given.",
        rows, 0};
    int code, first = options_parse(&spec, argc, argv, &common, &code);

    if (first < 0 || (code = record_options_filter("yield", &o, &filter)) != 0)
        return code;
    struct db *db = record_open_filtered("yield", &common, &filter, &code);
    if (db == NULL)
        return code;
    if (by >= 0) {
        code = yield_by(db, &filter, (enum yield_by)by, &common);
        db_close(db);
        return code;
    }
    int rc = yield_compute(db, &filter, &y, &f);
    db_close(db);
    if (rc != 0)
        return cmd_fail(EXIT_INPUT, "yield", "%s", f.detail);
    if (common.json)
        return print_json(&y);
    print_figures(&y);
    print_pareto(&y);
    print_slots(&y);
    return EXIT_ALL_PASS;
}
