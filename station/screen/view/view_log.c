/* SPDX-License-Identifier: Apache-2.0 */
/* The log of this run, newest first: scroll, search, filter by result. */
#include "station/screen/view/view.h"

#include <stdio.h>
#include <string.h>

#include "station/print/text.h"
#include "station/screen/dashboard_words.h"

static bool passes_filter(const struct dashboard *d, const struct log_entry *e)
{
    bool result = e->kind == EVENT_RESULT;

    switch (d->log_filter) {
    case LOG_RESULTS:
        return result;
    case LOG_FAILED:
        return result && face_is_failed(e->face);
    case LOG_PASSED:
        return result && !face_is_failed(e->face);
    case LOG_ACTION:
        return e->kind == EVENT_STATE && e->act != ACT_NONE;
    case LOG_ALL:
    case LOG_FILTERS:
        break;
    }
    return true;
}

static bool is_shown(const struct dashboard *d, const struct log_entry *e)
{
    char text[WORDS_SIZE];

    if (!passes_filter(d, e))
        return false;
    if (!d->log_search[0])
        return true;
    words_log(e, text, sizeof text);
    return strcasestr(text, d->log_search) != NULL;
}

static int shown_count(const struct dashboard *d)
{
    const struct log_entry *e;
    int n = 0;

    for (int i = 0; (e = model_log(&d->model, i)) != NULL; i++)
        n += is_shown(d, e);
    return n;
}

static const char *filter_name(enum log_filter f)
{
    static const char *const names[LOG_FILTERS] = {
        [LOG_ALL] = N_("everything"), [LOG_RESULTS] = N_("results"), [LOG_FAILED] = N_("not passed"),
        [LOG_PASSED] = N_("passed"),  [LOG_ACTION] = N_("to do"),
    };

    return _(names[f]);
}

static void draw_entry(const struct dashboard *d, struct box b, const struct log_entry *e, bool selected)
{
    bool has_face = e->kind == EVENT_RESULT || e->act != ACT_NONE;
    enum role role = selected ? ROLE_ROW : ROLE_TEXT;
    char clock[16], text[WORDS_SIZE];

    words_clock(e->wall_ms, clock, sizeof clock);
    words_log(e, text, sizeof text);
    if (draw_width(&d->canvas, text) > b.w - 14)
        words_log_brief(e, text, sizeof text);
    if (selected)
        draw_fill(&d->canvas, b, ROLE_ROW, " ");
    draw_text(&d->canvas, b.y, b.x + 1, 8, selected ? ROLE_ROW : ROLE_DIM, clock);
    draw_text(&d->canvas, b.y, b.x + 11, 1, selected ? ROLE_ROW : ROLE_WORD + e->face,
              has_face ? d->theme.symbols->face[e->face] : " ");
    draw_text(&d->canvas, b.y, b.x + 13, b.w - 14, role, text);
}

/* The selected line whole, at the foot, where its row has no room for all of it. Returns the rows it takes. */
static int draw_whole_line(const struct dashboard *d, struct box b, const struct log_entry *e)
{
    const struct box row = {b.y, b.x + 13, b.h / 2, b.w - 14};
    char text[WORDS_SIZE];

    if (e == NULL)
        return 0;
    words_log(e, text, sizeof text);
    int rows = draw_wrapped_rows(&d->canvas, row.w, text);
    if (rows < 2 || row.h < 1)
        return 0;
    rows = rows < row.h ? rows : row.h;
    draw_wrapped(&d->canvas, (struct box){b.y + b.h - rows, row.x, rows, row.w}, ROLE_STRONG, text);
    return rows + 1; /* and air */
}

static const struct log_entry *shown_entry(const struct dashboard *d, int index)
{
    const struct log_entry *e;

    for (int i = 0; (e = model_log(&d->model, i)) != NULL; i++) {
        if (is_shown(d, e) && index-- == 0)
            return e;
    }
    return NULL;
}

static void draw_log(struct dashboard *d, struct box b)
{
    const struct log_entry *e;
    int count = shown_count(d), seen = 0, y = b.y + 1;

    list_clamp(&d->log, count, b.h - 1);
    b.h -= draw_whole_line(d, (struct box){b.y + 1, b.x, b.h - 1, b.w}, shown_entry(d, d->log.selected));
    list_clamp(&d->log, count, b.h - 1);
    draw_textf(&d->canvas, b.y, b.x + 1, b.w - 2, ROLE_STRONG, _("Log: %s, %d lines"),
               filter_name(d->log_filter), count);
    if (d->log_search[0]) {
        char text[WORDS_SIZE];

        snprintf(text, sizeof text, _("search: %s"), d->log_search);
        draw_right(&d->canvas, b.y, b.x, b.w - 1, ROLE_ALERT, text);
    }
    for (int i = 0; (e = model_log(&d->model, i)) != NULL && y < b.y + b.h; i++) {
        if (!is_shown(d, e))
            continue;
        if (seen >= d->log.top)
            draw_entry(d, (struct box){y++, b.x, 1, b.w}, e, seen == d->log.selected);
        seen++;
    }
    if (count == 0)
        draw_text(&d->canvas, y, b.x + 1, b.w - 2, ROLE_DIM, _("Nothing yet."));
}

static void take_search(struct dashboard *d, const char *text)
{
    snprintf(d->log_search, sizeof d->log_search, "%s", text);
    d->log = (struct list){0, 0};
}

static bool key_log(struct dashboard *d, const struct input_event *e)
{
    if (list_move(&d->log, dashboard_motion(e), shown_count(d), dashboard_body(d).h - 1))
        return true;
    if (e->kind != INPUT_KEY)
        return false;
    if (e->code == '/') {
        dialog_field(d, _("Search the log"), _("Any part of a line; empty shows all."), false, take_search);
        return true;
    }
    if (e->code == 'f') {
        d->log_filter = (enum log_filter)((d->log_filter + 1) % LOG_FILTERS);
        d->log = (struct list){0, 0};
        return true;
    }
    if (e->code == 27 && d->log_search[0]) {
        take_search(d, "");
        return true;
    }
    return false;
}

static int hints_log(const struct dashboard *d, struct key_hint *out)
{
    int n = 0;

    (void)d;
    out[n++] = (struct key_hint){"/", _("Search")};
    out[n++] = (struct key_hint){"f", _("Filter")};
    return n;
}

const struct view view_log = {draw_log, key_log, hints_log, NULL, NULL};
