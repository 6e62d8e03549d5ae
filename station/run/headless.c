/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/headless.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/time_text.h"
#include "base/waker.h"
#include "db/record/db_recorder.h"
#include "station/print/system_journal.h"
#include "station/print/lines.h"
#include "station/print/remedy.h"
#include "station/print/signals.h"
#include "station/print/stop_request.h"
#include "station/print/utf8.h"
#include "station/run/finishing.h"
#include "station/run/far_desk.h"
#include "station/run/gallery.h"
#include "station/run/headless_private.h"
#include "station/run/run_choice.h"
#include "station/run/run_news.h"
#include "station/run/run_private.h"
#include "station/run/run_serial.h"
#include "station/run/run_work.h"
#include "station/run/service.h"

#define SLOTS_TOLD 256
#define WORK_MS    1000 /* how soon who does nothing is logged out */

struct room {
    const struct headless *h;
    FILE *out;
    struct system_journal *journal; /* NULL: what is said has no fields */
    int64_t started_ms;
    int quarters[SLOTS_TOLD]; /* per slot: last quarter of the stage already told */
    bool lost;                /* stdout is gone */
    struct stop_request stop;
    struct finishing finishing;
};

static void print_act(FILE *out, const struct slot_status *s)
{
    switch (s->act) {
    case ACT_BOOT_JUMPER:
        fprintf(out, ": connect %s to GND and press reset", s->boot_pin);
        break;
    case ACT_REMOVE_BOARD:
        fputs(": remove the board", out);
        break;
    case ACT_UNLOCK:
        fputs(": stopped: call the engineer to unlock", out);
        break;
    case ACT_LEAVE:
        fputs(": scan the serial number of its board", out);
        break;
    case ACT_NONE:
        break;
    }
}

/* A journal has the time of each entry. */
static void print_stamp(const struct room *r, int64_t wall_ms, int slot)
{
    char text[TIME_TEXT_SIZE];

    time_text_clock(wall_ms, text);
    if (r->journal == NULL)
        fprintf(r->out, "%s  ", text);
    fprintf(r->out, "slot %-3d ", slot);
}

/* Why a slot stands still although no attempt runs: its port is not there, held, or not understood. */
static void print_problem(FILE *out, const struct slot_status *s)
{
    const struct failure *f = &s->failure;
    char remedy[REMEDY_SIZE];

    if (f->code != FAILURE_NONE && s->state == SLOT_IDLE)
        fprintf(out, ": %d %s (%s). %s", (int)f->code, failure_title(f->code), f->detail,
                remedy_plain(f->code, s->boot_pin, remedy));
}

static void print_result(FILE *out, const struct slot_event *e, const char *serial)
{
    const struct slot_status *s = &e->status;
    char mac[MAC_TEXT_SIZE] = "no MAC read", remedy[REMEDY_SIZE];

    if (s->has_unit)
        mac_text(&s->unit.mac, mac);
    fprintf(out, "%s%s  %s  %s%s%.1f s", result_name(s->result),
            s->result == RESULT_PASS && s->retries > 0 ? " after a retry" : "", mac, serial,
            serial[0] != '\0' ? "  " : "", (double)e->t_ms / 1e3);
    if (s->failure.code != FAILURE_NONE)
        fprintf(out, "  %d %s at %s (%s). %s", (int)s->failure.code, failure_title(s->failure.code),
                stage_name(s->failure.stage), s->failure.detail,
                remedy_plain(s->failure.code, s->boot_pin, remedy));
    fputc('\n', out);
}

/* Progress comes often; for people a line each quarter is enough. */
static bool is_told(struct room *r, const struct slot_event *e)
{
    const struct slot_status *s = &e->status;
    int i = s->slot - 1, quarter = s->total > 0 ? (int)(s->done * 4 / s->total) : 0;

    if (i < 0 || i >= SLOTS_TOLD)
        return true;
    if (e->kind != EVENT_PROGRESS) {
        r->quarters[i] = 0;
        return true;
    }
    if (quarter == r->quarters[i])
        return false;
    r->quarters[i] = quarter;
    return true;
}

static int print_event(struct room *r, const struct slot_event *e, const char *serial)
{
    FILE *out = r->out;
    const struct slot_status *s = &e->status;

    if (!is_told(r, e))
        return 0;
    headless_journal_event(r->journal, e, serial);
    print_stamp(r, e->wall_ms, s->slot);
    switch (e->kind) {
    case EVENT_STATE:
        fputs(slot_state_name(s->state), out);
        print_act(out, s);
        print_problem(out, s);
        fputc('\n', out);
        break;
    case EVENT_STAGE:
        fprintf(out, "%s\n", stage_name(s->stage));
        break;
    case EVENT_PROGRESS:
        fprintf(out, "%s %d %%\n", stage_name(s->stage), s->total > 0 ? (int)(s->done * 100 / s->total) : 0);
        break;
    case EVENT_RESULT:
        print_result(out, e, serial);
        break;
    case EVENT_NOTE:
        fprintf(out, "note: %s\n", s->note);
        break;
    }
    return fflush(out) != 0 || ferror(out) ? -1 : 0;
}

static int64_t since(const struct room *r)
{
    return clock_wall_ms() - r->started_ms;
}

static bool is_ready(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};

    return poll(&p, 1, 0) == 1;
}

/* A failed write means the reader is gone or the disk full: told once, and nobody flashes unseen. */
static void written(struct room *r, int error)
{
    int why = errno;

    if (error == 0 || r->lost)
        return;
    r->lost = true;
    if (is_ready(STDERR_FILENO)) /* it may be the same terminal, stopped */
        fprintf(stderr, "flashline: the output cannot be written (%s): no new boards, running ones finish\n",
                errno_text(why));
    tally_drained(r->h->tally);
    engine_drain(r->h->engine);
}

/* What a slow reader left waiting. */
static void push_lines(struct room *r)
{
    int error = lines_push(r->h->lines);

    errno = -error;
    written(r, error);
}

static void word(struct room *r, const char *event, const char *sentence)
{
    if (r->lost)
        return;
    headless_journal_line(r->journal, 0);
    if (r->h->json)
        written(r, headless_json_word(r->out, event, since(r)));
    else
        written(r, fprintf(r->out, "%s\n", sentence) < 0 || fflush(r->out) != 0 ? -1 : 0);
}

static void drain(struct room *r)
{
    tally_drained(r->h->tally);
    engine_drain(r->h->engine);
    run_news_stop(r->h->run, "drain");
    word(r, "drain", "draining: no new boards, running ones finish; once more aborts them");
}

static void abort_all(struct room *r)
{
    tally_aborted(r->h->tally);
    engine_abort(r->h->engine);
    run_news_stop(r->h->run, "abort");
    word(r, "abort", "aborting: running boards end as ABORTED");
}

static void take_signals(struct room *r)
{
    int number;

    while ((number = signals_next(r->h->signal_fd)) != 0) {
        switch (stop_request_take(&r->stop, number, clock_monotonic_us())) {
        case STOP_DRAIN:
            drain(r);
            break;
        case STOP_WARN:
            word(r, "drain", "draining already: once more, a second from now, aborts the running boards");
            break;
        case STOP_ABORT:
            abort_all(r);
            break;
        case STOP_NONE:
            break;
        }
    }
}

static void take_events(struct room *r)
{
    struct slot_event e;
    char serial[SERIAL_SIZE];

    while (engine_next_event(r->h->engine, &e)) {
        run_serial_event(r->h->run, &e, serial);
        tally_event(r->h->tally, &e, serial);
        run_news_event(r->h->run, &e, serial);
        if (e.kind == EVENT_RESULT && r->h->run->work != NULL)
            run_work_active(r->h->run->work);
        if (!r->lost)
            written(r, r->h->json ? headless_json_event(r->out, &e, serial) : print_event(r, &e, serial));
    }
}

static int print_word(struct room *r, const struct serial_word *w)
{
    char line[RUN_SERIAL_LINE];

    run_serial_line(w, run_serial_words(w), line);
    headless_journal_line(r->journal, w->slot);
    print_stamp(r, clock_wall_ms(), w->slot);
    return fprintf(r->out, "serial: %s\n", line) < 0 || fflush(r->out) != 0 ? -1 : 0;
}

/* What became of the scans. */
static void take_words(struct room *r)
{
    struct serial_desk *desk = db_recorder_serials(r->h->recorder);
    struct serial_word w;

    while (serial_desk_next(desk, &w)) {
        run_news_word(r->h->run, &w);
        if (!r->lost)
            written(r, r->h->json ? headless_json_serial(r->out, &w, since(r)) : print_word(r, &w));
    }
}

static int print_duty(FILE *out, const struct duty_names *who)
{
    char *operator_id = utf8_plain(who->operator_id), *lot = utf8_plain(who->lot);
    int bad = operator_id == NULL || lot == NULL ||
              fprintf(out, "duty: operator %s, lot %s\n", operator_id[0] != '\0' ? operator_id : "-",
                      lot[0] != '\0' ? lot : "-") < 0 ||
              fflush(out) != 0;

    free(operator_id);
    free(lot);
    return bad ? -1 : 0;
}

/* Others chose, through the control socket. */
static void take_choice(struct room *r)
{
    if (r->h->chosen == NULL || !waker_raised(r->h->chosen))
        return;
    waker_clear(r->h->chosen);
    const struct duty_names who = duty_now(db_recorder_duty(r->h->recorder));
    headless_journal_line(r->journal, 0);
    run_news_duty(r->h->run);
    if (!r->lost)
        written(r, r->h->json ? headless_json_duty(r->out, &who, since(r)) : print_duty(r->out, &who));
}

/* What the records noticed: a clock that jumped, a lot nearly done. */
static void take_notes(struct room *r)
{
    char text[SLOT_NOTE_SIZE];

    while (!r->lost && db_recorder_next_note(r->h->recorder, text, sizeof text)) {
        char *plain = r->h->json ? NULL : utf8_plain(text); /* names of lots are in it */
        headless_journal_line(r->journal, 0);
        run_news_note(r->h->run, text);
        if (r->h->json)
            written(r, headless_json_note(r->out, text, since(r)));
        else
            written(r, plain == NULL || fprintf(r->out, "note: %s\n", plain) < 0 || fflush(r->out) != 0 ? -1
                                                                                                        : 0);
        free(plain);
    }
}

/* The tray's own acts of an attached screen. */
static void act(void *ctx, const struct desk_act *act)
{
    struct room *r = ctx;

    if (act->kind == DESK_GO_ON)
        engine_acknowledge(r->h->engine, act->slot);
    else if (act->kind == DESK_DRAIN)
        drain(r);
    else
        abort_all(r);
}

/* Somebody works here from outside: by the rules of a screen of our own, idle time included. */
static void take_far_acts(struct room *r)
{
    struct run *run = r->h->run;
    struct desk_station header;

    far_desk_turn(run->far_desk, run, act, r);
    if (run->work != NULL && gallery_worker(run->gallery) != 0)
        run_work_update(run->work, &header);
}

static int wait_ms(const struct room *r)
{
    int service = service_wait_ms(r->h->service);
    bool somebody_works = gallery_worker(r->h->run->gallery) != 0;

    return somebody_works && (service < 0 || service > WORK_MS) ? WORK_MS : service;
}

bool headless_run(const struct headless *h)
{
    struct room r = {.h = h,
                     .out = h->journal != NULL ? system_journal_stream(h->journal) : lines_stream(h->lines),
                     .journal = h->journal,
                     .started_ms = clock_wall_ms(),
                     .finishing = {.db = h->db, .engine = h->engine}};
    struct pollfd polled[] = {{.fd = engine_event_fd(h->engine), .events = POLLIN},
                              {.fd = h->signal_fd, .events = POLLIN},
                              {.events = POLLOUT},
                              {.fd = serial_desk_fd(db_recorder_serials(h->recorder)), .events = POLLIN},
                              {.fd = h->chosen != NULL ? waker_fd(h->chosen) : -1, .events = POLLIN},
                              {.fd = far_desk_fd(h->run->far_desk), .events = POLLIN}};

    if (h->json)
        written(&r, headless_json_start(r.out, h));
    for (bool done = false; !done;) {
        polled[2].fd = lines_fd(h->lines);
        if (poll(polled, sizeof polled / sizeof polled[0], wait_ms(&r)) < 0 && errno != EINTR)
            break;
        push_lines(&r);
        take_signals(&r);
        take_far_acts(&r);
        done = engine_is_done(h->engine); /* before the last events are taken: none comes after it */
        take_events(&r);
        take_words(&r);
        take_choice(&r);
        take_notes(&r);
        finishing_tell(&r.finishing);
        service_turn(h->service, h->engine, h->tally);
    }
    bool again = run_goes_on(h->run, !tally_was_drained(h->tally));
    if (h->json && !r.lost && !again)
        headless_json_end(r.out, h->tally, since(&r));
    return again;
}
