/* SPDX-License-Identifier: Apache-2.0 */
/* The units: found by MAC or serial, and one unit's whole story. */
#include "station/screen/view/view.h"

#include <stdio.h>
#include <string.h>

#include "base/time_text.h"
#include "station/print/text.h"
#include "station/screen/dashboard_words.h"

static bool has_records(const struct dashboard *d)
{
    return dashboard_knows(d, DESK_UNITS);
}

static void collect_units(struct dashboard *d)
{
    const struct desk_query find = {.topic = DESK_UNITS, .text = d->unit_search, .max = UNITS_MAX};
    struct desk_query story = {.topic = DESK_UNIT_STORY, .max = ATTEMPTS_MAX};
    struct review_cache *c = d->review;

    c->unit_count = has_records(d) ? dashboard_ask(d, &find, (union desk_answer){.units = c->units}) : 0;
    c->story_count = 0;
    if (d->in_story && c->unit_count > 0 && dashboard_knows(d, story.topic)) {
        list_clamp(&d->units, c->unit_count, 1);
        story.mac = c->units[d->units.selected].mac;
        c->story_count = dashboard_ask(d, &story, (union desk_answer){.attempts = c->story});
    }
}

static void draw_unit(const struct dashboard *d, struct box b, const struct desk_unit *u, bool selected)
{
    struct slot_status s = {.state = SLOT_DONE, .result = u->last};
    enum face f = face_of(&s);
    enum role role = selected ? ROLE_ROW : ROLE_TEXT;
    char mac[MAC_TEXT_SIZE], date[TIME_TEXT_SIZE];

    mac_text(&u->mac, mac);
    time_text_date(u->last_ms, date);
    if (selected)
        draw_fill(&d->canvas, b, ROLE_ROW, " ");
    draw_text(&d->canvas, b.y, b.x + 1, 17, role, mac);
    draw_text(&d->canvas, b.y, b.x + 20, 16, role, u->serial);
    draw_textf(&d->canvas, b.y, b.x + 37, 9, selected ? ROLE_ROW : ROLE_WORD + f, "%s %s",
               d->theme.symbols->face[f], words_face(&d->canvas, &s, 7));
    draw_textf(&d->canvas, b.y, b.x + 47, 4, role, "%3d", u->tries);
    draw_text(&d->canvas, b.y, b.x + 53, b.w - 54, role, date);
}

static void draw_list(struct dashboard *d, struct box b)
{
    const struct review_cache *c = d->review;

    draw_text(&d->canvas, b.y, b.x + 1, 17, ROLE_DIM, "MAC");
    draw_text(&d->canvas, b.y, b.x + 20, 16, ROLE_DIM, _("serial"));
    draw_text(&d->canvas, b.y, b.x + 37, 9, ROLE_DIM, _("last"));
    draw_text(&d->canvas, b.y, b.x + 47, 5, ROLE_DIM, _("tries"));
    draw_text(&d->canvas, b.y, b.x + 53, b.w - 54, ROLE_DIM, _("when"));
    list_clamp(&d->units, c->unit_count, b.h - 1);
    for (int i = 0; i + 1 < b.h && d->units.top + i < c->unit_count; i++)
        draw_unit(d, (struct box){b.y + 1 + i, b.x, 1, b.w}, &c->units[d->units.top + i],
                  d->units.top + i == d->units.selected);
}

/* Three lines an attempt: how it ended, with what, why. */
static int draw_attempt(const struct dashboard *d, struct box b, const struct desk_attempt *a)
{
    struct slot_status s = {
        .state = SLOT_DONE, .result = a->end.result, .retries = a->end.retries, .failure = a->end.failure};
    enum face f = face_of(&s);
    char date[TIME_TEXT_SIZE], seconds[WORDS_SIZE];

    time_text_date(a->opened_ms, date);
    words_seconds(a->end.duration_us / 1000, seconds, sizeof seconds);
    draw_text(&d->canvas, b.y, b.x, 25, ROLE_TEXT, date);
    draw_textf(&d->canvas, b.y, b.x + 27, 12, ROLE_WORD + f, "%s %s", d->theme.symbols->face[f],
               words_face(&d->canvas, &s, 10));
    draw_textf(&d->canvas, b.y, b.x + 40, b.w - 40, ROLE_TEXT, _("slot %d, %s, %s %s"), a->start.slot,
               seconds, a->start.job_name, a->start.firmware_version);
    if (b.h > 1)
        draw_textf(&d->canvas, b.y + 1, b.x + 27, b.w - 27, ROLE_DIM, _("lot %s, operator %s, %s"),
                   a->lot[0] ? a->lot : "-", a->operator_id[0] ? a->operator_id : "-",
                   attempt_kind_name(a->start.kind));
    if (b.h > 2 && a->end.failure.code != FAILURE_NONE) {
        draw_textf(&d->canvas, b.y + 2, b.x + 27, b.w - 27, ROLE_STRONG, "%d %s", a->end.failure.code,
                   _(failure_title(a->end.failure.code)));
        return 3;
    }
    return 2;
}

static void draw_story(const struct dashboard *d, struct box b)
{
    const struct review_cache *c = d->review;
    const struct desk_unit *u = &c->units[d->units.selected];
    char mac[MAC_TEXT_SIZE];
    int y = b.y + 1;

    mac_text(&u->mac, mac);
    draw_textf(&d->canvas, b.y, b.x + 1, b.w - 2, ROLE_STRONG, "%s  %s  %s", mac, u->chip, u->serial);
    for (int i = 0; i < c->story_count && y < b.y + b.h; i++)
        y += draw_attempt(d, (struct box){y, b.x + 1, b.y + b.h - y, b.w - 2}, &c->story[i]);
    if (c->story_count < 0)
        draw_text(&d->canvas, y, b.x + 1, b.w - 2, ROLE_ALERT, _("The records cannot be read."));
}

static void draw_units(struct dashboard *d, struct box b)
{
    const struct review_cache *c = d->review;
    struct box rest = {b.y + 1, b.x, b.h - 1, b.w};

    if (!has_records(d)) {
        draw_text(&d->canvas, b.y, b.x + 1, b.w - 2, ROLE_ALERT, _("No records are open."));
        return;
    }
    if (d->in_story && c->unit_count > 0) {
        draw_story(d, b);
        return;
    }
    if (d->unit_search[0])
        draw_textf(&d->canvas, b.y, b.x + 1, b.w - 2, ROLE_STRONG, _("Units with '%s': %d"), d->unit_search,
                   c->unit_count > 0 ? c->unit_count : 0);
    else
        draw_text(&d->canvas, b.y, b.x + 1, b.w - 2, ROLE_STRONG, _("Units, newest first"));
    if (c->unit_count < 0)
        draw_text(&d->canvas, rest.y, b.x + 1, b.w - 2, ROLE_ALERT, _("The records cannot be read."));
    else if (c->unit_count == 0)
        draw_text(&d->canvas, rest.y, b.x + 1, b.w - 2, ROLE_DIM, _("None found."));
    else
        draw_list(d, rest);
}

static void search_units(struct dashboard *d, const char *text)
{
    snprintf(d->unit_search, sizeof d->unit_search, "%s", text);
    d->units = (struct list){0, 0};
    d->in_story = false;
    d->stale = true;
}

static bool key_units(struct dashboard *d, const struct input_event *e)
{
    if (!has_records(d))
        return false;
    if (d->in_story) {
        if (e->kind != INPUT_KEY || (e->code != 27 && e->code != 'q'))
            return false;
        d->in_story = false;
        return true;
    }
    if (list_move(&d->units, dashboard_motion(e), d->review->unit_count, dashboard_body(d).h - 2))
        return true;
    if (e->kind != INPUT_KEY)
        return false;
    if (e->code == '/') {
        dialog_field(d, _("Find a unit"), _("Any part of a MAC or a serial number; or scan its label."),
                     false, search_units);
        return true;
    }
    if (e->code == '\r' && d->review->unit_count > 0) {
        d->in_story = true;
        return true;
    }
    if (e->code == 27 && d->unit_search[0]) {
        search_units(d, "");
        return true;
    }
    return false;
}

static int hints_units(const struct dashboard *d, struct key_hint *out)
{
    int n = 0;

    if (!has_records(d) || d->in_story)
        return 0;
    out[n++] = (struct key_hint){"/", _("Search")};
    if (d->review->unit_count > 0)
        out[n++] = (struct key_hint){_("Enter"), _("Story")};
    return n;
}

const struct view view_units = {draw_units, key_units, hints_units, collect_units, search_units};
