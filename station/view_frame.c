/* SPDX-License-Identifier: Apache-2.0 */
/* Header and footer: what runs here, how it goes, what was last, which keys work. */
#include "station/dashboard_state.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "station/text.h"

static void clock_text(int64_t wall_ms, char *out, size_t size)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm local;

    if (!localtime_r(&seconds, &local) || strftime(out, size, "%H:%M:%S", &local) == 0)
        out[0] = '\0';
}

void view_frame_header(struct dashboard *d, struct box b)
{
    const struct dashboard_station *s = &d->station;
    char clock[16], lot[128];
    int x;

    if (b.h < 1)
        return;
    draw_fill(&d->canvas, b, ROLE_HEADER, " ");
    clock_text(d->wall_ms, clock, sizeof clock);
    x = draw_textf(&d->canvas, b.y, b.x + 1, b.w - 12, ROLE_HEADER, "Flashline  %s  %s %s", s->job,
                   s->firmware_version, s->firmware_tail);
    (void)x;
    draw_right(&d->canvas, b.y, b.x, b.w - 1, ROLE_HEADER, clock);
    if (s->lot[0] && s->lot_planned > 0)
        snprintf(lot, sizeof lot, _("lot %s %ld/%ld"), s->lot, s->lot_good, s->lot_planned);
    else if (s->lot[0])
        snprintf(lot, sizeof lot, _("lot %s %ld"), s->lot, s->lot_good);
    else
        snprintf(lot, sizeof lot, "%s", _("no lot"));
    draw_textf(&d->canvas, b.y + 1, b.x + 1, b.w - 2, ROLE_HEADER_DIM, "%s  %s  %s  %s", lot, s->operator_id,
               s->station_id, s->training ? _("TRAINING") : "");
}

void view_frame_footer(struct dashboard *d, struct box b)
{
    const struct model *m = &d->model;
    const struct log_entry *newest = model_log(m, 0);
    char text[256];
    double rate = model_rate(m, d->wall_ms), yield = model_yield(m);
    size_t n;

    n = (size_t)snprintf(text, sizeof text, _("PASS %ld  failed %ld"), m->passed, m->failed);
    if (yield >= 0)
        n += (size_t)snprintf(text + n, sizeof text - n, _("  yield %.1f %%"), yield);
    if (rate >= 0)
        snprintf(text + n, sizeof text - n, _("  %.0f boards/h"), rate);
    draw_text(&d->canvas, b.y, b.x + 1, b.w - 2, ROLE_STRONG, text);
    if (newest)
        draw_textf(&d->canvas, b.y + 1, b.x + 1, b.w - 2, ROLE_DIM, _("slot %d: %s %s"), newest->slot,
                   failure_title(newest->failure.code), newest->note);
    draw_fill(&d->canvas, (struct box){b.y + 2, b.x, 1, b.w}, ROLE_KEYS, " ");
    draw_text(&d->canvas, b.y + 2, b.x + 1, b.w - 2, ROLE_KEYS,
              d->draining ? _("draining: running boards finish   Ctrl-C abort") : d->view->keys(d));
}
