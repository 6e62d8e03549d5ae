/* SPDX-License-Identifier: Apache-2.0 */
#include "station/screen/dashboard_state.h"

#include "base/clock.h"

int64_t dashboard_wall_ms(const struct dashboard *d)
{
    return d->config->wall_ms ? d->config->wall_ms(d->config->wall_ctx) : clock_wall_ms();
}

void dashboard_end_with(struct dashboard *d, enum dashboard_end end)
{
    d->over = true;
    d->end = end;
}

void dashboard_act(struct dashboard *d, enum desk_act_kind kind, int slot)
{
    const struct desk_act act = {.kind = kind, .slot = slot, .text = "", .pin = "", .reason = ""};
    char why[DESK_WHY_SIZE];

    d->desk->act(d->desk->ctx, &act, why);
}

void dashboard_drain(struct dashboard *d)
{
    dashboard_act(d, DESK_DRAIN, 0);
    d->draining = true;
    d->dirty = true;
}

void dashboard_abort(struct dashboard *d)
{
    dashboard_act(d, DESK_ABORT, 0);
    d->aborting = true;
    d->dirty = true;
}

void dashboard_note(struct dashboard *d, const char *text)
{
    model_note(&d->model, dashboard_wall_ms(d), 0, text);
    d->dirty = true;
}

void dashboard_show(struct dashboard *d, enum view_id view)
{
    d->view = view;
    d->stale = d->dirty = true;
}

bool dashboard_knows(const struct dashboard *d, enum desk_topic topic)
{
    return (d->desk->knows & DESK_BIT(topic)) != 0;
}

int dashboard_ask(const struct dashboard *d, const struct desk_query *query, union desk_answer out)
{
    return d->desk->ask(d->desk->ctx, query, out);
}

#define HEADER_ROWS 2
#define FOOTER_ROWS 3

static int header_rows(const struct canvas *c)
{
    return c->rows >= 16 ? HEADER_ROWS : 1;
}

static int footer_rows(const struct canvas *c)
{
    return c->rows >= 16 ? FOOTER_ROWS : 2;
}

struct box dashboard_header(const struct dashboard *d)
{
    return (struct box){0, 0, header_rows(&d->canvas), d->canvas.cols};
}

struct box dashboard_body(const struct dashboard *d)
{
    const struct canvas *c = &d->canvas;

    return (struct box){header_rows(c), 0, c->rows - header_rows(c) - footer_rows(c), c->cols};
}

struct box dashboard_footer(const struct dashboard *d)
{
    const struct canvas *c = &d->canvas;

    return (struct box){c->rows - footer_rows(c), 0, footer_rows(c), c->cols};
}
