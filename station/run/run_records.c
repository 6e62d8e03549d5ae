/* SPDX-License-Identifier: Apache-2.0 */
/* run_records - the records of a run: which database, by which rules, copied every night. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "db/desk/rules.h"
#include "db/desk/job_notes.h"
#include "station/print/cmd_fail.h"
#include "station/print/prose.h"
#include "station/run/far_desk.h"
#include "station/run/gallery.h"
#include "station/run/run_backup.h"
#include "station/run/run_control.h"
#include "profiles/unit/unit_spec.h"
#include "station/run/run_private.h"
#include "station/run/run_scan.h"
#include "station/run/run_serial.h"
#include "station/work/control.h"
#include "station/work/database_path.h"
#include "station/work/own_files.h"

#define TELL_LOOKING_BYTES (64LL << 20)

static void fill_policy(struct db_policy *out, const struct run *run)
{
    config_policy_apply(&run->config->policy, run->job->on_duplicate, out);
    /* A serial number that the job writes into each board has to be there when it does. */
    out->serial_required = out->serial_required || run->options.serials != NULL ||
                           (run->job->unit != NULL && unit_spec_uses(run->job->unit, UNIT_SERIAL));
    /* Virtual boards fail on purpose, all at once: without a station's own rules none stops them. */
    if (run->options.sim > 0 && !run->config->found)
        out->stop_slot_failures = out->stop_station_failures = out->stop_yield_percent = 0;
}

void run_apply_rules(struct run *run)
{
    struct db_policy policy;

    fill_policy(&policy, run);
    db_recorder_set_policy(run->recorder, &policy);
}

/* Whoever may write station.yaml may change the rules: at least nobody does so unseen. */
static int note_rules(struct run *run)
{
    const struct config_policy usual = CONFIG_POLICY_DEFAULT;
    char text[CONFIG_POLICY_TEXT], usually[CONFIG_POLICY_TEXT], file[PATH_MAX];
    struct failure f = {0};

    config_policy_text(&run->config->policy, text);
    config_policy_text(&usual, usually);
    if (realpath(run->config->path, file) == NULL)
        snprintf(file, sizeof file, "%s", run->config->path);
    return rules_record(run->db, file, text, usually, &f) == 0
               ? 0
               : cmd_failure(EXIT_INPUT, run->options.verb, &f);
}

int run_note_job(struct run *run)
{
    const struct job *j = run->job;
    struct failure f = {0};

    return job_notes_record(run->db, j->name, j->sha256, j->warnings, j->warning_count, &f) == 0
               ? 0
               : cmd_failure(EXIT_STATION, run->options.verb, &f);
}

static void tell_interrupted(const struct run *run)
{
    int found = db_recorder_interrupted(run->recorder);

    if (found > 0)
        fprintf(
            stderr,
            "flashline %s: %d board%s found interrupted by the last stop of the station: flash %s again\n",
            run->options.verb, found, found == 1 ? " was" : "s were", found == 1 ? "it" : "them");
}

/* From the control thread: a stop that was released by another process lets its slots go on. */
static void released(void *ctx, const struct work_call *call)
{
    struct run *run = ctx;

    if (call->action != WORK_UNLOCK)
        return;
    pthread_mutex_lock(&run->engine_lock);
    for (int i = 0; run->engine != NULL && i < run->slots.count; i++) {
        if (call->number == 0 || run->slots.slots[i].number == call->number)
            engine_acknowledge(run->engine, run->slots.slots[i].number);
    }
    pthread_mutex_unlock(&run->engine_lock);
}

/* From the control thread: a robot's scan, by the same rule as a person's. */
static int take_serial(void *ctx, const struct control_serial *s, struct failure *f)
{
    struct scan_code code = {.kind = SCAN_SERIAL};

    if (s->code != NULL && !run_scan_field(ctx, SCAN_SERIAL, s->code, &code)) {
        run_serial_refuse(ctx, s->slot, run_scan_told(ctx, s->code), code.why);
        return failure_set(f, FAIL_WORK, STAGE_NONE, 0, "slot %d: %s", s->slot, code.why);
    }
    enum serial_answer answer =
        s->code != NULL ? run_serial_scan(ctx, s->slot, code.text) : run_serial_take_back(ctx, s->slot);

    if (!serial_answer_is_refusal(answer))
        return 0;
    return failure_set(f, FAIL_WORK, STAGE_NONE, 0, "slot %d: %s", s->slot, run_serial_sentence(answer));
}

/* Before the screen is there: nobody shall wonder why nothing happens. */
static void tell_looking(void *ctx, int64_t bytes)
{
    const struct run *run = ctx;

    if (bytes >= TELL_LOOKING_BYTES)
        prose_print(stderr, 2, "flashline %s: looking the records through (%lld MiB), a few seconds\n",
                    run->options.verb, (long long)(bytes >> 20));
}

int run_open_records(struct run *run)
{
    struct failure f = {0};
    struct db_policy policy;
    int error = run->training ? path_training_database(run->options.common.db, run->database)
                              : path_database(run->options.common.db, run->config->database, run->database);

    if (error != 0)
        return cmd_fail(EXIT_INPUT, run->options.verb, "no place for the database: name one with --db");
    fill_policy(&policy, run);
    struct own_files own = {0};
    own_files_find(&run->options.common, &own);
    const struct db_options options = {.path = run->database,
                                       .own = &own.files,
                                       .mode = DB_STATION,
                                       .station = run->config->station_id,
                                       .looking = tell_looking,
                                       .looking_ctx = run};
    run->db = db_open(&options, &f);
    if (run->db == NULL)
        return cmd_failure(EXIT_INPUT, run->options.verb, &f);
    database_tell_updated(run->options.verb, run->db);
    run->recorder = db_recorder_new(run->db, &policy, &f);
    if (run->recorder == NULL)
        return cmd_failure(EXIT_INPUT, run->options.verb, &f);
    tell_interrupted(run);
    int code = run->training ? 0 : note_rules(run); /* training has none of its own */
    if (code != 0)
        return code;
    const struct control_station station = {released, take_serial, run_control_duty, run_control_screen, run};
    run->gallery = gallery_new(run);
    run->far_desk = far_desk_new();
    if (run->gallery == NULL || run->far_desk == NULL)
        return cmd_fail(EXIT_STATION, run->options.verb, "out of memory");
    run->control = control_new(run->db, &station, &f);
    if (run->control == NULL)
        return cmd_failure(EXIT_STATION, run->options.verb, &f);
    /* Training is not worth a copy. */
    if (!run->training && run->config->policy.backup_dir[0] != '\0') {
        run->backup = run_backup_new(run->db, run->config->policy.backup_dir, &f);
        if (run->backup == NULL)
            return cmd_failure(EXIT_STATION, run->options.verb, &f);
    }
    return 0;
}
