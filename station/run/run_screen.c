/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/run_screen.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/waker.h"
#include "db/desk/duty.h"
#include "db/record/db_recorder.h"
#include "station/print/signals.h"
#include "station/print/stop_request.h"
#include "station/print/phrase.h"
#include "station/print/prose.h"
#include "station/print/text.h"
#include "station/run/finishing.h"
#include "station/run/run_control.h"
#include "station/run/run_header.h"
#include "station/run/run_news.h"
#include "station/run/run_private.h"
#include "station/run/run_review.h"
#include "station/run/run_serial.h"
#include "station/run/run_words.h"
#include "station/run/run_work.h"
#include "station/run/service.h"
#include "station/screen/dashboard.h"

/* The desk of a run: its engine, its rules of work, its records. Events are taken once, so they are counted where they pass. */
struct run_desk {
    struct engine *engine;
    struct tally *tally;
    struct run_work *work;     /* NULL: no memory for it */
    struct run_review *review; /* NULL: the records cannot be read */
    const struct job *job;
    size_t told; /* of what is said of the job */
    struct finishing finishing;
    struct run *run;
    char chosen[SLOT_NOTE_SIZE]; /* what was said last of a choice from outside */
    struct desk_station station; /* as the screen saw it last */
    struct desk_serial serials[RUN_SIM_MAX];
};

static void look(void *ctx, struct desk_look *out, struct slot_status *slots)
{
    struct run_desk *d = ctx;

    for (int i = 0; slots != NULL && i < engine_slot_count(d->engine); i++) {
        engine_snapshot(d->engine, i, &slots[i]);
        run_serial_look(d->run, slots[i].slot, &d->serials[i]);
    }
    if (d->work != NULL)
        run_work_update(d->work, &d->station);
    finishing_tell(&d->finishing);
    service_turn(d->run->service, d->engine, d->tally);
    out->done = engine_is_done(d->engine);
    out->draining = engine_is_draining(d->engine);
    out->station = d->station;
    out->run = (struct desk_run){.boards_per_hour = -1};
    if (d->review != NULL)
        run_review_run(d->review, &out->run);
    out->serials = slots != NULL ? d->serials : NULL;
}

static int ask(void *ctx, const struct desk_query *query, union desk_answer out)
{
    struct run_desk *d = ctx;
    bool of_work = (RUN_WORK_KNOWS & DESK_BIT(query->topic)) != 0;

    return of_work ? run_work_ask(d->work, query, out) : run_review_ask(d->review, query, out);
}

static void drain(struct run_desk *d)
{
    if (!engine_is_done(d->engine))
        tally_drained(d->tally); /* after the last board it is only the way out */
    engine_drain(d->engine);
    run_news_stop(d->run, "drain");
}

static void abort_all(struct run_desk *d)
{
    if (!engine_is_done(d->engine))
        tally_aborted(d->tally);
    engine_abort(d->engine);
    run_news_stop(d->run, "abort");
}

static enum desk_outcome act(void *ctx, const struct desk_act *act, char why[static DESK_WHY_SIZE])
{
    struct run_desk *d = ctx;

    why[0] = '\0';
    if (act->kind == DESK_GO_ON)
        engine_acknowledge(d->engine, act->slot);
    else if (act->kind == DESK_DRAIN)
        drain(d);
    else if (act->kind == DESK_ABORT)
        abort_all(d);
    else
        return run_work_act(d->work, act, why);
    return DESK_DONE;
}

/* In the log, as the station's own line: slot 0. There is room for the longest: a detail and more (SLOT_NOTE_SIZE). */
static void station_says(struct slot_event *out, const char *text)
{
    *out = (struct slot_event){.kind = EVENT_NOTE, .wall_ms = clock_wall_ms()};
    snprintf(out->status.note, sizeof out->status.note, "%s", text);
}

/* What became of a scan, at its slot. */
static bool next_word(struct run_desk *d, struct slot_event *out)
{
    struct serial_word w;
    char line[RUN_SERIAL_LINE], words[PHRASE_SIZE];

    if (!serial_desk_next(db_recorder_serials(d->run->recorder), &w))
        return false;
    run_news_word(d->run, &w);
    run_serial_line(&w, w.why[0] != '\0' ? phrase_words(w.why, words) : _(run_serial_sentence(w.answer)),
                    line);
    station_says(out, line);
    out->status.slot = w.slot;
    return true;
}

/* What the records noticed. */
static bool next_note(struct run_desk *d, struct slot_event *out)
{
    char text[SLOT_NOTE_SIZE];

    if (!db_recorder_next_note(d->run->recorder, text, sizeof text))
        return false;
    run_news_note(d->run, text);
    station_says(out, text);
    return true;
}

/*
 * Others chose, through the control socket. What waits for the boards is said now, and again when it stands: with another job
 * the round ends first, and what it had said is out of sight.
 */
static bool next_choice(struct run_desk *d, struct slot_event *out)
{
    struct control_duty_now now;
    char text[SLOT_NOTE_SIZE];

    if (d->run->chosen == NULL || !waker_raised(d->run->chosen))
        return false;
    waker_clear(d->run->chosen);
    run_control_now(d->run, &now);
    run_words_chosen(&now, text, sizeof text);
    if (now.next_job[0] != '\0') {
        waker_raise(d->run->chosen);
        if (strcmp(text, d->chosen) == 0)
            return false;
    }
    memcpy(d->chosen, text, sizeof text);
    run_news_duty(d->run);
    station_says(out, text);
    return true;
}

/* What is said of the job, before anything that a board does: the lines in front of the screen are out of sight. */
static bool next_of_job(struct run_desk *d, struct slot_event *out)
{
    char why[RUN_WORDS_STUB];

    if (d->told < d->job->warning_count) {
        station_says(out, d->job->warnings[d->told++]);
        return true;
    }
    if (!run_words_no_stub(d->run, why))
        return false;
    station_says(out, why);
    return true;
}

static bool next(void *ctx, struct slot_event *out)
{
    struct run_desk *d = ctx;
    char serial[SERIAL_SIZE];

    if (next_of_job(d, out))
        return true;
    if (!engine_next_event(d->engine, out))
        return next_word(d, out) || next_note(d, out) || next_choice(d, out);
    run_serial_event(d->run, out, serial);
    tally_event(d->tally, out, serial);
    run_news_event(d->run, out, serial);
    if (out->kind == EVENT_RESULT && d->work != NULL)
        run_work_active(d->work);
    return true;
}

static void fill_station(struct desk_station *out, const struct run *s)
{
    const struct duty_names who = duty_now(db_recorder_duty(s->recorder));

    memset(out, 0, sizeof *out);
    run_header_job(s, out);
    snprintf(out->lot, sizeof out->lot, "%s", who.lot);
    snprintf(out->operator_id, sizeof out->operator_id, "%s", who.operator_id);
    out->without_run = s->work == NULL;
}

/* Records that cannot be read, or no memory for the menus, leave a screen without these; flashing goes on. */
static void open_desk(struct run *run)
{
    struct failure f = {0};

    if (run->review == NULL)
        run->review = run_review_new(run->database, run->training, db_run(run->db), &f);
    if (run->work == NULL)
        run->work = run_work_new(run);
    else
        run_work_refresh(run->work);
}

/* Without a terminal the boards are finished unseen: signals are heard, and who meets the lock is told. */
static void finish_unseen(struct run_desk *d, int signal_fd)
{
    struct pollfd p[] = {{.fd = engine_event_fd(d->engine), .events = POLLIN},
                         {.fd = signal_fd, .events = POLLIN}};
    struct stop_request stop = {0};
    struct slot_event e;
    int number;

    while (!engine_is_done(d->engine)) {
        finishing_tell(&d->finishing);
        service_turn(d->run->service, d->engine, d->tally);
        if (poll(p, 2, service_wait_ms(d->run->service)) < 0 && errno != EINTR)
            return;
        while (next(d, &e))
            continue;
        while ((number = signals_next(signal_fd)) != 0) {
            if (stop_request_take(&stop, number, clock_monotonic_us()) == STOP_ABORT)
                abort_all(d);
        }
    }
}

enum run_screen_end run_screen_show(struct run *run)
{
    char why[DASHBOARD_WHY_SIZE] = "";
    struct slot_event left;

    open_desk(run);
    struct run_desk mine = {.engine = run->engine,
                            .tally = run->tally,
                            .work = run->work,
                            .review = run->review,
                            .run = run,
                            .job = run->job,
                            .finishing = {.db = run->db, .engine = run->engine}};
    const struct desk desk = {.ctx = &mine,
                              .slot_count = engine_slot_count(run->engine),
                              .event_fd = engine_event_fd(run->engine),
                              .word_fd = serial_desk_fd(db_recorder_serials(run->recorder)),
                              .takes = run->work != NULL ? RUN_WORK_TAKES : 0,
                              .knows = (run->work != NULL ? RUN_WORK_KNOWS : 0) |
                                       (run->review != NULL ? RUN_REVIEW_KNOWS : 0),
                              .look = look,
                              .next = next,
                              .ask = ask,
                              .act = act};
    fill_station(&mine.station, run);
    const struct dashboard_config config = {
        .desk = &desk,
        .signal_fd = run->signal_fd,
        .ascii = run->options.ascii,
        .mono = run->options.mono,
        .scan_prefix = run->config->scan_prefix,
        .bell_command = run->config->bell_command[0] != '\0' ? run->config->bell_command : NULL};
    enum dashboard_end end = dashboard_run(&config, why);
    if (end == DASHBOARD_UNUSABLE) {
        prose_print(stderr, 2, "flashline %s: no screen: %s; going on with plain lines\n", run->options.verb,
                    why);
        return RUN_SCREEN_NONE;
    }
    if (end == DASHBOARD_RESTART)
        engine_drain(
            run->engine); /* idle slots end; the tally does not count this as someone's wish to stop */
    if (end == DASHBOARD_LOST)
        finish_unseen(&mine, run->signal_fd);
    engine_join(run->engine);
    while (next(&mine, &left)) /* what ended after the screen did */
        continue;
    /* Another job that came from outside ends the round without a key. */
    bool is_next = end == DASHBOARD_DONE && !tally_was_drained(run->tally);
    return end == DASHBOARD_RESTART || is_next ? RUN_SCREEN_RESTART : RUN_SCREEN_OVER;
}
