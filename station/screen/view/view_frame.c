/* SPDX-License-Identifier: Apache-2.0 */
/* Header and footer: what runs here, how it goes, what was last, which keys work. */
#include "station/screen/view/view.h"

#include <stdio.h>
#include <string.h>

#include "station/print/text.h"
#include "station/screen/dashboard_words.h"

#define CLOCK_W         10 /* and two spaces */
#define LOT_NEARLY_FULL 10 /* good boards left: time to warn */

/* Draws one fact after another; each takes the room that is left. */
struct pen {
    const struct canvas *canvas;
    int y, x, end;
};

static void put(struct pen *p, enum role role, const char *text)
{
    if (*text && p->x < p->end)
        p->x += draw_text(p->canvas, p->y, p->x, p->end - p->x, role, text);
}

static void gap(struct pen *p, int columns)
{
    p->x += columns;
}

static void header_work(struct dashboard *d, struct box b)
{
    const struct desk_station *s = &d->station;
    struct pen p = {&d->canvas, b.y, b.x + 1, b.w - 1};
    char clock[16], right[WORDS_SIZE], text[WORDS_SIZE];

    words_clock(d->wall_ms, clock, sizeof clock);
    snprintf(right, sizeof right, "%s  %s", s->station_id, clock);
    p.end -= draw_right(&d->canvas, b.y, b.x, b.w - 1, ROLE_HEADER, right) + 2;
    put(&p, ROLE_HEADER_DIM, _("job "));
    put(&p, ROLE_HEADER, s->job[0] ? s->job : _("none"));
    gap(&p, 2);
    if (!s->firmware_version[0])
        return;
    snprintf(text, sizeof text, "%s%s", _("firmware "), s->firmware_version);
    put(&p, ROLE_HEADER_DIM, draw_width(p.canvas, text) <= p.end - p.x ? _("firmware ") : "");
    put(&p, ROLE_HEADER, s->firmware_version);
    snprintf(text, sizeof text, " #%s", s->firmware_tail);
    if (s->firmware_tail[0] && draw_width(p.canvas, text) <= p.end - p.x)
        put(&p, ROLE_HEADER_DIM, text);
}

/* What the whole station does just now, in a word and, where there is room, in a sentence. */
struct doing {
    enum role role;
    char word[WORDS_SIZE];
    const char *sentence;
};

static void what_it_does(const struct dashboard *d, struct doing *out)
{
    *out = (struct doing){.role = ROLE_HEADER, .sentence = ""};
    if (d->aborting) {
        snprintf(out->word, sizeof out->word, "%s", _("ABORTING"));
    } else if (d->draining) {
        snprintf(out->word, sizeof out->word, "%s", _("STOPPING"));
        out->sentence = _("STOPPING: running boards finish");
    } else if (d->model.faces[FACE_SAVING] > 0) {
        out->role = ROLE_HEADER_DIM;
        snprintf(out->word, sizeof out->word, _("saving %d"), d->model.faces[FACE_SAVING]);
    }
}

static void put_lot(struct pen *p, const struct desk_station *s)
{
    long left = s->lot_planned - s->lot_good;
    char text[WORDS_SIZE] = "";

    put(p, ROLE_HEADER_DIM, _("lot "));
    put(p, ROLE_HEADER, s->lot[0] ? s->lot : _("none"));
    if (s->lot_planned > 0)
        snprintf(text, sizeof text, "  %ld/%ld", s->lot_good, s->lot_planned);
    else if (s->lot[0])
        snprintf(text, sizeof text, "  %ld", s->lot_good);
    put(p, ROLE_HEADER, text);
    if (s->lot_planned > 0 && left <= LOT_NEARLY_FULL) {
        snprintf(text, sizeof text, _("  %ld left"), left > 0 ? left : 0);
        put(p, ROLE_HEADER, text);
    }
}

/* Room for the word is kept before names take it: that boards are no longer started is what one must see. */
static void header_people(struct dashboard *d, struct box b)
{
    const struct desk_station *s = &d->station;
    struct pen p = {&d->canvas, b.y, b.x + 1, b.w - 1};
    struct doing doing;
    char text[WORDS_SIZE];

    if (s->training)
        p.end -= draw_right(&d->canvas, b.y, b.x, b.w - 1, ROLE_FACE + FACE_ACT, _(" TRAINING ")) + 1;
    what_it_does(d, &doing);
    int end = p.end, word = draw_width(&d->canvas, doing.word);
    if (word > 0)
        p.end -= word + 3;
    put_lot(&p, s);
    gap(&p, 3);
    put(&p, ROLE_HEADER_DIM, _("operator "));
    put(&p, ROLE_HEADER, s->operator_id[0] ? s->operator_id : _("none"));
    if (s->role[0]) {
        snprintf(text, sizeof text, " (%s)", words_role(s->role));
        if (draw_width(p.canvas, text) <= p.end - p.x)
            put(&p, ROLE_HEADER_DIM, text);
    }
    p.x = p.x < p.end ? p.x : p.end;
    gap(&p, 3);
    p.end = end;
    bool room = doing.sentence[0] && draw_width(p.canvas, doing.sentence) <= p.end - p.x;
    put(&p, doing.role, room ? doing.sentence : doing.word);
}

void view_frame_header(struct dashboard *d, struct box b)
{
    if (b.h < 1)
        return;
    draw_fill(&d->canvas, b, ROLE_HEADER, " ");
    header_work(d, (struct box){b.y, b.x, 1, b.w});
    if (b.h > 1)
        header_people(d, (struct box){b.y + 1, b.x, 1, b.w});
}

static void footer_recent(struct dashboard *d, struct box b)
{
    const struct model *m = &d->model;
    int x = b.x + b.w - 1 - 2 * m->recent_length;

    if (m->recent_length == 0 || x < 0)
        return;
    draw_right(&d->canvas, b.y, 0, x, ROLE_DIM, _("last "));
    for (int i = 0; i < m->recent_length; i++) {
        enum face f = m->recent[i];

        /* A second try looks different here too. */
        /* TRANSLATORS: the letter of PASS R. */
        draw_text(&d->canvas, b.y, x + 2 * i, 2, ROLE_WORD + f,
                  f == FACE_PASS_RETRY ? _("R") : d->theme.symbols->face[f]);
    }
}

static void footer_totals(struct dashboard *d, struct box b)
{
    const struct model *m = &d->model;
    struct pen p = {&d->canvas, b.y, b.x + 1, b.w - 2};
    double rate = m->run.boards_per_hour, yield = model_yield(m);
    char text[WORDS_SIZE];

    if (m->recent_length > 0)
        p.end -= 2 * m->recent_length + draw_width(p.canvas, _("last ")) + 1;

    snprintf(text, sizeof text, _("PASS %ld"), m->run.passed);
    put(&p, ROLE_WORD + FACE_PASS, text);
    gap(&p, 2);
    snprintf(text, sizeof text, _("not passed %ld"), m->run.not_passed);
    put(&p, m->run.not_passed ? ROLE_WORD + FACE_FAIL : ROLE_DIM, text);
    gap(&p, 2);
    snprintf(text, sizeof text, _("busy %d"), model_running(m));
    put(&p, ROLE_TEXT, text);
    if (yield >= 0) {
        gap(&p, 2);
        char figures[48];

        words_decimal(yield, figures, sizeof figures);
        snprintf(text, sizeof text, _("yield %s %%"), figures);
        put(&p, ROLE_STRONG, text);
    }
    if (rate >= 0) {
        gap(&p, 2);
        snprintf(text, sizeof text, _("%.0f boards/h"), rate);
        /* Whole or not at all: a number that is cut is another number. */
        if (draw_width(p.canvas, text) <= p.end - p.x)
            put(&p, ROLE_STRONG, text);
    }
    footer_recent(d, b);
}

static void footer_event(struct dashboard *d, struct box b)
{
    const struct log_entry *newest = model_log(&d->model, 0);
    char clock[16], text[WORDS_SIZE];

    if (!newest)
        return;
    words_clock(newest->wall_ms, clock, sizeof clock);
    words_log(newest, text, sizeof text);
    if (draw_width(&d->canvas, text) > b.w - 2 - CLOCK_W)
        words_log_brief(newest, text, sizeof text);
    draw_textf(&d->canvas, b.y, b.x + 1, b.w - 2, ROLE_DIM, "%s  %s", clock, text);
}

/* Keys that work in every view. The most needed first: what does not fit is left off. */
static int common_hints(const struct dashboard *d, struct key_hint *out)
{
    int n = 0;

    if (d->view != VIEW_TRAY)
        out[n++] = (struct key_hint){"q", _("Back")};
    else if (d->desk->is_far)
        out[n++] = (struct key_hint){"q", _("Leave")};
    else if (!d->aborting)
        out[n++] =
            (struct key_hint){"q", d->draining && model_running(&d->model) > 0 ? _("Abort") : _("Quit")};
    if (d->view != VIEW_HELP)
        out[n++] = (struct key_hint){"?", _("Help")};
    if (d->desk->takes)
        out[n++] = (struct key_hint){"w", _("Work")};
    if (d->view != VIEW_LOT)
        out[n++] = (struct key_hint){"3", _("Lot")};
    if (d->view != VIEW_LOG)
        out[n++] = (struct key_hint){"4", _("Log")};
    if (d->view != VIEW_UNITS)
        out[n++] = (struct key_hint){"5", _("Units")};
    if (!d->aborting && !d->desk->is_far)
        out[n++] = (struct key_hint){"^C", d->draining ? _("Abort") : _("Finish")};
    return n;
}

static void footer_keys(struct dashboard *d, struct box b)
{
    struct key_hint hints[HINTS_MAX + 16];
    int n = 0, x = b.x + 1;

    if (dialog_is_open(d)) {
        n = view_dialog_hints(d, hints);
    } else {
        n = view_of(d->view)->hints(d, hints);
        n += common_hints(d, hints + n);
    }
    draw_fill(&d->canvas, b, ROLE_KEYS, " ");
    for (int i = 0; i < n; i++) {
        int key = draw_width(&d->canvas, hints[i].key), word = draw_width(&d->canvas, hints[i].word);

        if (x + key + word + 2 > b.x + b.w)
            continue;
        x += draw_text(&d->canvas, b.y, x, key, ROLE_KEY, hints[i].key);
        x += 1 + draw_text(&d->canvas, b.y, x + 1, word, ROLE_KEYS, hints[i].word) + 2;
    }
}

void view_frame_footer(struct dashboard *d, struct box b)
{
    const struct box row = {b.y, b.x, 1, b.w};
    int y = b.y;

    if (b.h > 2)
        footer_totals(d, (struct box){y++, row.x, 1, row.w});
    if (b.h > 1)
        footer_event(d, (struct box){y++, row.x, 1, row.w});
    if (b.h > 0)
        footer_keys(d, (struct box){y, row.x, 1, row.w});
}
