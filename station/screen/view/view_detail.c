/* SPDX-License-Identifier: Apache-2.0 */
/* One slot: its board, the stages with their times, what went wrong with the wire's last words, what was before. */
#include "station/screen/view/view.h"

#include <stdio.h>
#include <string.h>

#include "station/print/phrase.h"
#include "base/time_text.h"
#include "station/print/remedy.h"
#include "station/print/text.h"
#include "station/screen/dashboard_serial.h"
#include "station/screen/dashboard_words.h"

#define STAGES_W       30
#define STAGES_H       (STAGE_COUNT) /* heading and all but NONE */
#define LABEL_W        13
#define EVIDENCE_BYTES 64 /* the newest of them, as many as the line holds */

struct cursor {
    const struct canvas *canvas;
    struct box box; /* what is left */
};

/* A long text goes on below itself. */
static void line(struct cursor *at, enum role role, const char *name, const char *text)
{
    struct box b = {at->box.y, at->box.x + LABEL_W, at->box.h, at->box.w - LABEL_W};

    if (at->box.h < 1)
        return;
    draw_text(at->canvas, at->box.y, at->box.x, LABEL_W - 1, ROLE_DIM, name);
    int rows = draw_wrapped(at->canvas, b, role, text);
    at->box.y += rows > 1 ? rows : 1;
    at->box.h -= rows > 1 ? rows : 1;
}

static void paragraph(struct cursor *at, enum role role, const char *text)
{
    int rows = draw_wrapped(at->canvas, at->box, role, text);

    at->box.y += rows;
    at->box.h -= rows;
}

static void draw_board(struct cursor *at, const struct slot_status *s, const char *serial)
{
    const struct unit_identity *u = &s->unit;
    char text[WORDS_SIZE], mac[MAC_TEXT_SIZE];

    if (!s->has_unit) {
        line(at, ROLE_DIM, _("board"), _("not identified"));
        return;
    }
    mac_text(&u->mac, mac);
    line(at, ROLE_STRONG, "MAC", mac);
    if (u->has_custom_mac) {
        mac_text(&u->custom_mac, mac);
        line(at, ROLE_TEXT, _("custom MAC"), mac);
    }
    if (u->has_eui64) {
        eui64_text(u->eui64, text);
        line(at, ROLE_TEXT, "EUI-64", text);
    }
    if (serial[0])
        line(at, ROLE_STRONG, _("serial"), serial);
    snprintf(text, sizeof text, "%s v%d.%d  %d MHz", u->chip, u->revision / 100, u->revision % 100,
             u->crystal_mhz);
    line(at, ROLE_TEXT, _("chip"), text);
    snprintf(text, sizeof text, "%u MB  id %06x", (unsigned)(u->flash_size >> 20), (unsigned)u->flash_id);
    line(at, ROLE_TEXT, _("flash"), text);
    if (u->security) {
        snprintf(text, sizeof text, "%s%s%s%s", u->security & SECURITY_FLASH_ENCRYPTED ? _("encrypted ") : "",
                 u->security & (SECURITY_SECURE_BOOT_V1 | SECURITY_SECURE_BOOT_V2) ? _("secure boot ") : "",
                 u->security & SECURITY_DOWNLOAD_DISABLED ? _("no download ") : "",
                 u->security & SECURITY_JTAG_DISABLED ? _("no JTAG") : "");
        line(at, ROLE_ALERT, _("eFuses"), text);
    }
}

static void draw_failure(struct cursor *at, const struct slot_status *s)
{
    const struct failure *f = &s->failure;
    char text[WORDS_SIZE], remedy[REMEDY_SIZE], detail[PHRASE_SIZE];

    if (f->code == FAILURE_NONE)
        return;
    snprintf(text, sizeof text, "%d %s", f->code, _(failure_title(f->code)));
    paragraph(at, ROLE_STRONG, text);
    paragraph(at, ROLE_ALERT, remedy_words(f->code, s->boot_pin, remedy));
    snprintf(text, sizeof text, "%s: %s", face_stage(f->stage), words_blame(f->blame));
    line(at, ROLE_TEXT, _("cause at"), text);
    if (f->detail[0])
        line(at, ROLE_TEXT, _("detail"), phrase_words(f->detail, detail));
}

static void draw_evidence(struct cursor *at, const struct dashboard *d)
{
    const struct attempt_result *end = &d->review->attempts[0].end;
    int room = (at->box.w - LABEL_W) / 3;
    size_t most = room < 1 ? 1 : room < EVIDENCE_BYTES ? (size_t)room : EVIDENCE_BYTES;
    char hex[EVIDENCE_BYTES * 3 + 4];

    /* While the next attempt runs, the last one's wire is not this board's. */
    if (d->model.slots[d->selected].failure.code == FAILURE_NONE || d->review->attempt_count < 1 ||
        (end->tx_evidence_len == 0 && end->rx_evidence_len == 0))
        return;
    words_hex(end->tx_evidence, end->tx_evidence_len, most, hex, sizeof hex);
    line(at, ROLE_TEXT, _("sent"), hex);
    words_hex(end->rx_evidence, end->rx_evidence_len, most, hex, sizeof hex);
    line(at, ROLE_TEXT, _("received"), hex);
    if (end->line.overrun || end->line.framing || end->line.parity) {
        char text[WORDS_SIZE];

        snprintf(text, sizeof text, _("overrun %u  framing %u  parity %u"), end->line.overrun,
                 end->line.framing, end->line.parity);
        line(at, ROLE_ALERT, _("line errors"), text);
    }
}

/*
 * When the stage that began at index `s` ended: the start of the next one reached, which is not always the next in the table
 * (base/stage.h), or the attempt's end, or now.
 */
static int64_t stage_end(const struct dashboard *d, const struct slot_history *h, int s)
{
    const struct slot_status *slot = &d->model.slots[d->selected];
    int64_t began = h->stage_at_ms[s], first = -1;

    for (int next = 0; next < STAGE_COUNT; next++) {
        int64_t at = h->stage_at_ms[next];
        bool later = at > began || (at == began && next > s);
        if (at >= 0 && later && (first < 0 || at < first))
            first = at;
    }
    if (first >= 0)
        return first;
    return h->ended_ms >= 0 ? h->ended_ms : (slot->now_us - slot->started_us) / 1000;
}

static void draw_stages(const struct dashboard *d, struct box b)
{
    const struct canvas *c = &d->canvas;
    const struct slot_status *slot = &d->model.slots[d->selected];
    const struct slot_history *h = &d->model.history[d->selected];
    bool running = slot_status_runs(slot);

    draw_text(c, b.y, b.x, b.w, ROLE_STRONG, _("Stages"));
    for (int s = STAGE_OPEN; s < STAGE_COUNT && s < b.h; s++) {
        bool now = running && (int)slot->stage == s;
        bool failed = slot->failure.code != FAILURE_NONE && (int)slot->failure.stage == s;
        int64_t at = h->stage_at_ms[s], end = at >= 0 ? stage_end(d, h, s) : 0;
        enum role role = now ? ROLE_STRONG : failed ? ROLE_WORD + FACE_FAIL : at >= 0 ? ROLE_TEXT : ROLE_DIM;
        char seconds[WORDS_SIZE] = "", mark[WORDS_SIZE];

        snprintf(mark, sizeof mark, "%s %s",
                 now      ? d->theme.symbols->face[FACE_BUSY]
                 : failed ? d->theme.symbols->face[FACE_FAIL]
                          : " ",
                 face_stage((enum stage)s));
        draw_text(c, b.y + s, b.x, 16, role, mark);
        if (at >= 0 && end >= at)
            words_seconds(end - at, seconds, sizeof seconds);
        draw_right(c, b.y + s, b.x + 16, b.w - 18, role, seconds);
        if (now && face_percent(slot) >= 0)
            draw_textf(c, b.y + s, b.x + b.w - 1, 5, role, "%d%%", face_percent(slot));
    }
}

static void attempt_line(const struct dashboard *d, struct box b, const struct desk_attempt *a)
{
    struct slot_status s = {
        .state = SLOT_DONE, .result = a->end.result, .retries = a->end.retries, .failure = a->end.failure};
    enum face f = face_of(&s);
    char date[TIME_TEXT_SIZE], mac[MAC_TEXT_SIZE] = "", seconds[WORDS_SIZE], code[16];

    time_text_date(a->opened_ms, date);
    words_seconds(a->end.duration_us / 1000, seconds, sizeof seconds);
    if (a->has_unit)
        mac_text(&a->unit.mac, mac);
    draw_text(&d->canvas, b.y, b.x, 25, ROLE_DIM, date);
    draw_textf(&d->canvas, b.y, b.x + 26, 10, ROLE_WORD + f, "%s %s", d->theme.symbols->face[f],
               words_face(&d->canvas, &s, 8));
    draw_text(&d->canvas, b.y, b.x + 37, 17, ROLE_TEXT, mac);
    draw_right(&d->canvas, b.y, b.x + 54, 8, ROLE_TEXT, seconds);
    if (a->end.failure.code == FAILURE_NONE)
        return;
    snprintf(code, sizeof code, "%d ", a->end.failure.code);
    draw_text(&d->canvas, b.y, b.x + 63, b.w - 63, ROLE_TEXT, code);
    draw_whole(&d->canvas, b.y, b.x + 67, b.w - 67, ROLE_TEXT, _(failure_title(a->end.failure.code)));
}

/* Without records: what the log of this run has of the slot. */
static void draw_from_log(const struct dashboard *d, struct box b)
{
    const struct log_entry *e;
    int number = d->model.slots[d->selected].slot;

    for (int i = 0; b.h > 0 && (e = model_log(&d->model, i)) != NULL; i++) {
        char clock[16], text[WORDS_SIZE];

        if (e->slot != number || e->kind != EVENT_RESULT)
            continue;
        words_clock(e->wall_ms, clock, sizeof clock);
        words_log(e, text, sizeof text);
        if (draw_width(&d->canvas, text) > b.w - 10)
            words_log_brief(e, text, sizeof text);
        draw_textf(&d->canvas, b.y++, b.x, b.w, ROLE_TEXT, "%s  %s", clock, text);
        b.h--;
    }
}

static void draw_attempts(const struct dashboard *d, struct box b)
{
    if (b.h < 2)
        return;
    draw_text(&d->canvas, b.y, b.x, b.w, ROLE_STRONG,
              dashboard_knows(d, DESK_SLOT_ATTEMPTS) ? _("Last attempts on this slot")
                                                     : _("Attempts of this run on this slot"));
    b.y++;
    b.h--;
    if (d->review->attempt_count < 0)
        draw_text(&d->canvas, b.y, b.x, b.w, ROLE_ALERT, _("The records cannot be read."));
    else if (!dashboard_knows(d, DESK_SLOT_ATTEMPTS))
        draw_from_log(d, b);
    for (int i = 0; i < d->review->attempt_count && i < b.h; i++)
        attempt_line(d, (struct box){b.y + i, b.x, 1, b.w}, &d->review->attempts[i]);
}

/* Port, nickname, and the rate: below the job's where the slot's line does not bear that. */
static void draw_port(const struct dashboard *d, const struct slot_status *s, struct box b)
{
    char rate[WORDS_SIZE] = "";

    if (s->baud != 0 && s->baud < s->baud_max)
        snprintf(rate, sizeof rate, _("%u of %u baud"), s->baud, s->baud_max);
    else if (s->baud != 0)
        snprintf(rate, sizeof rate, _("%u baud"), s->baud);
    draw_textf(&d->canvas, b.y, b.x, b.w, ROLE_DIM, "%s  %s%s%s", s->port, s->label,
               s->label[0] != '\0' && rate[0] != '\0' ? "  " : "", rate);
}

static void draw_detail(struct dashboard *d, struct box b)
{
    struct cursor at = {&d->canvas, {b.y + 1, b.x + 1 + STAGES_W + 6, b.h - 1, b.w - STAGES_W - 8}};
    const struct slot_status *s;
    enum face f;
    char text[FACE_TEXT], note[PHRASE_SIZE];
    int x, bottom;

    if (d->model.count == 0)
        return;
    s = &d->model.slots[d->selected];
    f = face_of(s);
    x = b.x + 1 + draw_textf(&d->canvas, b.y, b.x + 1, b.w - 2, ROLE_STRONG, _("Slot %d"), s->slot) + 2;
    x += draw_textf(&d->canvas, b.y, x, b.w - x, ROLE_WORD + f, "%s %s", d->theme.symbols->face[f],
                    face_word(s, 0)) +
         2;
    draw_port(d, s, (struct box){b.y, x, 1, b.w - x - 1});
    draw_stages(d, (struct box){b.y + 1, b.x + 1, b.h - 1 < STAGES_H ? b.h - 1 : STAGES_H, STAGES_W});
    draw_board(&at, s, serial_code(d, d->selected));
    if (face_instruction(s, text)[0] && !face_has_failure(s))
        paragraph(&at, ROLE_ALERT, serial_instruction(d, d->selected, text));
    draw_failure(&at, s);
    draw_evidence(&at, d);
    if (s->note[0]) /* last: why it failed has the room first, and the log has the note whole */
        line(&at, ROLE_TEXT, _("note"), phrase_words(s->note, note));
    bottom = b.y + 1 + STAGES_H > at.box.y ? b.y + 1 + STAGES_H : at.box.y;
    draw_attempts(d, (struct box){bottom + 1, b.x + 1, b.y + b.h - bottom - 1, b.w - 2});
}

static void collect_detail(struct dashboard *d)
{
    struct desk_query query = {.topic = DESK_SLOT_ATTEMPTS, .max = ATTEMPTS_MAX};

    d->review->attempt_count = 0;
    if (!dashboard_knows(d, query.topic) || d->selected >= d->model.count)
        return;
    query.slot = d->model.slots[d->selected].slot;
    d->review->attempt_count = dashboard_ask(d, &query, (union desk_answer){.attempts = d->review->attempts});
}

static bool key_detail(struct dashboard *d, const struct input_event *e)
{
    enum motion m = dashboard_motion(e);
    int to = d->selected + (m == MOVE_RIGHT || m == MOVE_DOWN) - (m == MOVE_LEFT || m == MOVE_UP);

    if (to == d->selected)
        return false;
    if (to >= 0 && to < d->model.count)
        d->selected = to;
    d->selected_hand = true;
    return true;
}

static int hints_detail(const struct dashboard *d, struct key_hint *out)
{
    int n = 0;

    if (serial_can_take_back(d))
        out[n++] = (struct key_hint){"U", _("Serial back")};
    if (d->model.count > 0 && face_answer(&d->model.slots[d->selected])[0])
        out[n++] = (struct key_hint){_("Space"), face_answer(&d->model.slots[d->selected])};
    out[n++] = (struct key_hint){_("Arrows"), _("Other slot")};
    return n;
}

const struct view view_detail = {draw_detail, key_detail, hints_detail, collect_detail, NULL};
