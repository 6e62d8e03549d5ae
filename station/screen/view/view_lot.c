/* SPDX-License-Identifier: Apache-2.0 */
/* The lot: how many, how good, what fails, how long a board takes. From the records, else from this run alone. */
#include "station/screen/view/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "station/print/text.h"
#include "station/screen/dashboard_words.h"

#define NAME_W 18

static int compare_ms(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* Nearest-rank percentile. */
static int64_t percentile(const int64_t *sorted, int count, int percent)
{
    int rank = (count * percent + 99) / 100;

    return count > 0 ? sorted[rank > 0 ? rank - 1 : 0] : 0;
}

/* What is known of this run without a look into the records, in their form. */
static void lot_of_run(const struct dashboard *d, struct desk_lot *out)
{
    const struct model *m = &d->model;
    int64_t sorted[DESK_CYCLES_MAX];

    *out = (struct desk_lot){
        .first_tries = m->run.first_tries,
        .first_passes = m->run.first_passes,
        .units_tried = m->run.units_tried,
        .good = m->run.good,
        .planned = d->station.lot_planned,
        .boards_per_hour = m->run.boards_per_hour,
    };
    snprintf(out->lot, sizeof out->lot, "%s", d->station.lot);
    for (int i = 0; i < m->tally_length && i < DESK_PARETO_MAX; i++) {
        int at = i;

        /* Insertion: a handful of codes. */
        while (at > 0 && out->pareto[at - 1].count < m->tally[i].count) {
            out->pareto[at] = out->pareto[at - 1];
            at--;
        }
        out->pareto[at].code = m->tally[i].code;
        out->pareto[at].count = m->tally[i].count;
        out->pareto_count++;
    }
    out->cycle_count = m->cycle_length;
    memcpy(out->cycle_ms, m->cycle_ms, (size_t)m->cycle_length * sizeof out->cycle_ms[0]);
    memcpy(sorted, m->cycle_ms, (size_t)m->cycle_length * sizeof sorted[0]);
    qsort(sorted, (size_t)m->cycle_length, sizeof sorted[0], compare_ms);
    out->median_ms = percentile(sorted, m->cycle_length, 50);
    out->p95_ms = percentile(sorted, m->cycle_length, 95);
}

static bool from_records(const struct dashboard *d)
{
    return dashboard_knows(d, DESK_LOT_FIGURES);
}

static void collect_lot(struct dashboard *d)
{
    const struct desk_query query = {.topic = DESK_LOT_FIGURES, .text = d->station.lot, .max = 1};

    d->review->lot_status = 0;
    if (from_records(d)) {
        d->review->lot = (struct desk_lot){.boards_per_hour = -1};
        d->review->lot_status = dashboard_ask(d, &query, (union desk_answer){.lot = &d->review->lot});
    } else {
        lot_of_run(d, &d->review->lot);
    }
}

static int fact(const struct dashboard *d, int y, int x, int w, const char *name, const char *text)
{
    draw_text(&d->canvas, y, x, NAME_W, ROLE_DIM, name);
    draw_text(&d->canvas, y, x + NAME_W, w - NAME_W, ROLE_STRONG, text);
    return y + 1;
}

static void percent_of(long part, long whole, char *out, size_t size)
{
    char figures[48];

    if (whole > 0) {
        words_decimal(100.0 * (double)part / (double)whole, figures, sizeof figures);
        snprintf(out, size, "%s %%  (%ld/%ld)", figures, part, whole);
    } else
        snprintf(out, size, "%s", _("nothing ended yet"));
}

static int draw_figures(const struct dashboard *d, int y, int x, int w)
{
    const struct desk_lot *l = &d->review->lot;
    char text[WORDS_SIZE], median[WORDS_SIZE], p95[WORDS_SIZE];

    if (l->planned > 0) {
        snprintf(text, sizeof text, "%ld / %ld", d->station.lot_good, l->planned);
        draw_bar(&d->canvas, y, x + NAME_W + 14, w - NAME_W - 16,
                 (int)(d->station.lot_good * 100 / l->planned));
    } else if (d->station.lot[0]) {
        snprintf(text, sizeof text, "%ld", d->station.lot_good);
    } else {
        snprintf(text, sizeof text, "-");
    }
    y = fact(d, y, x, l->planned > 0 ? NAME_W + 13 : w, _("good / planned"), text);
    percent_of(l->first_passes, l->first_tries, text, sizeof text);
    y = fact(d, y, x, w, _("first-pass yield"), text);
    percent_of(l->good, l->units_tried, text, sizeof text);
    y = fact(d, y, x, w, _("final yield"), text);
    snprintf(text, sizeof text, "%.0f", l->boards_per_hour);
    y = fact(d, y, x, w, _("boards an hour"), l->boards_per_hour < 0 ? "-" : text);
    words_seconds(l->median_ms, median, sizeof median);
    words_seconds(l->p95_ms, p95, sizeof p95);
    snprintf(text, sizeof text, _("median %s, 95 %% within %s"), median, p95);
    return fact(d, y, x, w, _("time a board"), l->cycle_count > 0 ? text : "-");
}

/* Newest at the right; lowest and highest of those shown are the ends of the scale. */
static void draw_sparkline(const struct dashboard *d, int y, int x, int w)
{
    const struct desk_lot *l = &d->review->lot;
    int shown = l->cycle_count < w ? l->cycle_count : w;
    const int64_t *cycles = l->cycle_ms + l->cycle_count - shown;
    int64_t least = INT64_MAX, most = 0;

    for (int i = 0; i < shown; i++) {
        least = cycles[i] < least ? cycles[i] : least;
        most = cycles[i] > most ? cycles[i] : most;
    }
    for (int i = 0; i < shown; i++)
        draw_text(&d->canvas, y, x + i, 1, ROLE_BAR,
                  d->theme.symbols->spark[most > least ? (cycles[i] - least) * 7 / (most - least) : 3]);
}

static void draw_pareto(const struct dashboard *d, struct box b)
{
    const struct desk_lot *l = &d->review->lot;
    int bar = b.w > 90 ? 40 : 16;

    draw_text(&d->canvas, b.y, b.x, b.w, ROLE_STRONG, _("What fails"));
    if (l->pareto_count == 0)
        draw_text(&d->canvas, b.y + 1, b.x, b.w, ROLE_DIM, _("nothing so far"));
    for (int i = 0; i < l->pareto_count && i + 1 < b.h; i++) {
        int y = b.y + 1 + i;

        draw_textf(&d->canvas, y, b.x, 5, ROLE_TEXT, "%4ld", l->pareto[i].count);
        draw_bar(&d->canvas, y, b.x + 6, bar, (int)(l->pareto[i].count * 100 / l->pareto[0].count));
        draw_textf(&d->canvas, y, b.x + 7 + bar, b.w - bar - 7, ROLE_TEXT, "%d %s", l->pareto[i].code,
                   _(failure_title(l->pareto[i].code)));
    }
}

static void draw_lot(struct dashboard *d, struct box b)
{
    int x = b.x + 1, w = b.w - 2, y = b.y + 1;

    draw_textf(&d->canvas, b.y, x, w, ROLE_STRONG,
               from_records(d) && d->station.lot[0] ? _("Lot %s") : _("This run  (lot %s)"),
               d->station.lot[0] ? d->station.lot : _("none"));
    if (d->review->lot_status < 0) {
        draw_text(&d->canvas, y, x, w, ROLE_ALERT, _("The records cannot be read."));
        return;
    }
    y = draw_figures(d, y, x, w) + 1;
    if (d->review->lot.cycle_count > 0) {
        draw_text(&d->canvas, y, x, NAME_W, ROLE_DIM, _("newest at right"));
        draw_sparkline(d, y, x + NAME_W, w - NAME_W);
        y += 2;
    }
    draw_pareto(d, (struct box){y, x, b.y + b.h - y, w});
}

static bool key_lot(struct dashboard *d, const struct input_event *e)
{
    (void)d;
    (void)e;
    return false;
}

static int hints_lot(const struct dashboard *d, struct key_hint *out)
{
    (void)d;
    (void)out;
    return 0;
}

const struct view view_lot = {draw_lot, key_lot, hints_lot, collect_lot, NULL};
