/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run_screen.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "db/record/db_recorder.h"
#include "station/dashboard.h"
#include "station/run_private.h"
#include "station/run_review.h"
#include "station/run_work.h"

/* The engine's calls under the names the screen knows. Events are taken once, so they are counted where they pass. */
struct counted {
    struct engine *engine;
    struct tally *tally;
    struct run_work *work;
    struct db_recorder *recorder;
};

static int count_slots(void *ctx)
{
    struct counted *c = ctx;

    return engine_slot_count(c->engine);
}

static void snapshot(void *ctx, int i, struct slot_status *out)
{
    struct counted *c = ctx;

    engine_snapshot(c->engine, i, out);
}

static void drain(void *ctx)
{
    struct counted *c = ctx;

    if (!engine_is_done(c->engine))
        tally_drained(c->tally); /* after the last board it is only the way out */
    engine_drain(c->engine);
}

static void abort_all(void *ctx)
{
    struct counted *c = ctx;

    if (!engine_is_done(c->engine))
        tally_aborted(c->tally);
    engine_abort(c->engine);
}

static void acknowledge(void *ctx, int slot_number)
{
    struct counted *c = ctx;

    engine_acknowledge(c->engine, slot_number);
}

static bool is_done(void *ctx)
{
    struct counted *c = ctx;

    return engine_is_done(c->engine);
}

static bool is_draining(void *ctx)
{
    struct counted *c = ctx;

    return engine_is_draining(c->engine);
}

static int event_fd(void *ctx)
{
    struct counted *c = ctx;

    return engine_event_fd(c->engine);
}

/* What the records noticed stands in the log as the station's own line: slot 0. */
static bool next_note(struct counted *c, struct slot_event *out)
{
    char text[256];

    if (!db_recorder_next_note(c->recorder, text, sizeof text))
        return false;
    *out = (struct slot_event){.kind = EVENT_NOTE, .wall_ms = clock_wall_ms()};
    snprintf(out->status.note, sizeof out->status.note, "%.95s", text);
    return true;
}

static bool next_event(void *ctx, struct slot_event *out)
{
    struct counted *c = ctx;

    if (!engine_next_event(c->engine, out))
        return next_note(c, out);
    tally_event(c->tally, out);
    if (out->kind == EVENT_RESULT && c->work != NULL)
        run_work_active(c->work);
    return true;
}

static void fill_station(struct dashboard_station *out, const struct run *s)
{
    char hash[SHA256_TEXT_SIZE];

    memset(out, 0, sizeof *out);
    digest_hex(s->job->firmware_sha256, SHA256_SIZE, hash);
    snprintf(out->job, sizeof out->job, "%s", s->job->name);
    snprintf(out->firmware_version, sizeof out->firmware_version, "%s", s->job->firmware_version);
    snprintf(out->firmware_tail, sizeof out->firmware_tail, "%s",
             hash + SHA256_TEXT_SIZE - sizeof out->firmware_tail);
    snprintf(out->lot, sizeof out->lot, "%s", s->options.lot != NULL ? s->options.lot : "");
    snprintf(out->operator_id, sizeof out->operator_id, "%s",
             s->options.operator_id != NULL ? s->options.operator_id : "");
    snprintf(out->station_id, sizeof out->station_id, "%s", s->config->station_id);
    out->training = s->training;
    out->layout_rows = s->config->layout_rows;
    out->layout_cols = s->config->layout_columns;
}

/* Records that cannot be read, or no memory for the menus, leave a screen without these; flashing goes on. */
static void open_desk(struct run *run)
{
    struct failure f = {0};

    if (run->review == NULL)
        run->review = run_review_new(run->database, run->training, &f);
    if (run->work == NULL)
        run->work = run_work_new(run);
    else
        run_work_refresh(run->work);
}

enum run_screen_end run_screen_show(struct run *run)
{
    char why[DASHBOARD_WHY_SIZE] = "";
    struct dashboard_station station;
    struct slot_event left;

    open_desk(run);
    struct counted counted = {
        .engine = run->engine, .tally = run->tally, .work = run->work, .recorder = run->recorder};
    const struct dashboard_source source = {.ctx = &counted,
                                            .slot_count = count_slots,
                                            .snapshot = snapshot,
                                            .drain = drain,
                                            .abort = abort_all,
                                            .acknowledge = acknowledge,
                                            .is_done = is_done,
                                            .is_draining = is_draining,
                                            .event_fd = event_fd,
                                            .next_event = next_event};
    fill_station(&station, run);
    const struct dashboard_config config = {
        .source = &source,
        .station = &station,
        .signal_fd = run->signal_fd,
        .ascii = run->options.ascii,
        .mono = run->options.mono,
        .scan_prefix = run->config->scan_prefix,
        .review = run->review != NULL ? run_review_face(run->review) : NULL,
        .work = run->work != NULL ? run_work_face(run->work) : NULL,
        .update = run->work != NULL ? run_work_update : NULL,
        .update_ctx = run->work,
        .bell_command = run->config->bell_command[0] != '\0' ? run->config->bell_command : NULL};
    enum dashboard_end end = dashboard_run(&config, why);
    if (end == DASHBOARD_UNUSABLE) {
        fprintf(stderr, "flashline %s: no screen: %s; going on with plain lines\n", run->options.verb, why);
        return RUN_SCREEN_NONE;
    }
    if (end == DASHBOARD_RESTART)
        engine_drain(
            run->engine); /* idle slots end; the tally does not count this as someone's wish to stop */
    engine_join(run->engine);
    while (next_event(&counted, &left)) /* what ended after the screen did */
        continue;
    return end == DASHBOARD_RESTART && run->next_job != NULL ? RUN_SCREEN_RESTART : RUN_SCREEN_OVER;
}
