/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_role - the role lock before a run: an operator starts the released job that this station works with; another job,
 * or one that is not released, takes the engineer; so does any run on real ports that is not for the station's own
 * records. Holds for screen, lines and JSON alike; db/work.h decides and audits.
 */
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "db/operator.h"
#include "db/record_query.h"
#include "db/work.h"
#include "station/cmd.h"
#include "station/elsewhere.h"
#include "station/run_private.h"
#include "station/work_client.h"

/* Name and hash of the newest production attempt's job; both "" when there is none. -1: *f. */
static int read_last_job(struct db *db, char name[static 64], char hash[static SHA256_TEXT_SIZE],
                         struct failure *f)
{
    struct record_filter filter = RECORD_FILTER_ALL;

    name[0] = hash[0] = '\0';
    filter.newest = 1;
    struct record_cursor *c = record_query(db, RECORD_ATTEMPTS, &filter, f);
    if (c == NULL)
        return -1;
    int got = record_next(c, f);
    if (got == 1) {
        snprintf(name, 64, "%s", record_text(c, record_field_index(RECORD_ATTEMPTS, "job")));
        snprintf(hash, SHA256_TEXT_SIZE, "%s",
                 record_text(c, record_field_index(RECORD_ATTEMPTS, "job_sha256")));
    }
    record_cursor_free(c);
    return got < 0 ? -1 : 0;
}

static const char *why_engineer(const struct work_call *call)
{
    return call->action == WORK_JOB_CHANGE   ? "this is another job than the last"
           : call->action == WORK_REWORK_RUN ? "units that passed are flashed again"
                                             : "the job is not released";
}

static int ask(const struct run *run, struct work_call *call, char pin[static PIN_TEXT])
{
    const char *why = why_engineer(call);
    char question[96];

    snprintf(question, sizeof question, "Engineer's PIN (%s)", why);
    if (pin_ask("FLASHLINE_PIN", question, pin) != 0)
        return cmd_fail(EXIT_USAGE, run->options.verb,
                        "%s: that takes the engineer's PIN, typed on a terminal or in "
                        "$FLASHLINE_PIN",
                        why);
    call->pin = pin;
    return 0;
}

static int pass_lock(struct run *run, struct work_call *call)
{
    struct failure f = {0};
    char pin[PIN_TEXT] = "";
    int closed = operator_lock_closed(run->db, &f);
    int code = closed < 0 ? run_fail(run, EXIT_INPUT, &f) : closed > 0 ? ask(run, call, pin) : 0;

    if (code == 0 && work_do(run->db, call, NULL, &f) != 0)
        code = run_fail(run, f.code == FAIL_RECORD ? EXIT_INPUT : EXIT_USAGE, &f);
    explicit_bzero(pin, sizeof pin);
    call->pin = NULL;
    return code;
}

static int check_rework(struct run *run)
{
    struct work_call call = {.action = WORK_REWORK_RUN,
                             .actor = run->options.operator_id,
                             .object = run->job->name,
                             .reason = run->options.reason};

    if (run->options.reason == NULL)
        return cmd_fail(EXIT_USAGE, run->options.verb,
                        "--rework needs --reason: why are units that passed flashed again?");
    int code = pass_lock(run, &call);
    if (code == 0)
        db_recorder_set_rework(run->recorder, true);
    return code;
}

static int check_job(struct run *run)
{
    struct failure f = {0};
    char last[64], last_hash[SHA256_TEXT_SIZE], hash[SHA256_TEXT_SIZE];

    if (read_last_job(run->db, last, last_hash, &f) != 0)
        return run_fail(run, EXIT_INPUT, &f);
    digest_hex(run->job->sha256, SHA256_SIZE, hash);
    struct work_call call = {.action = WORK_JOB_UNRELEASED,
                             .actor = run->options.operator_id,
                             .object = run->job->name,
                             .text = hash,
                             .old = last};
    if (run->job->released && run->from_file) {
        if (last_hash[0] == '\0' || strcmp(hash, last_hash) == 0)
            return 0;
        call.action = WORK_JOB_CHANGE;
    }
    return pass_lock(run, &call);
}

/* Real boards written for practice, or into records of one's own. */
static int check_place(struct run *run)
{
    struct work_call call = {.action = WORK_ELSEWHERE,
                             .actor = run->options.operator_id,
                             .object = run->job->name,
                             .text = run->training ? "practice" : run->database};

    if (elsewhere_is_home(run->config->database, run->database))
        return run->training ? pass_lock(run, &call) : 0;
    int code = elsewhere_ask(run->options.verb, &run->options.common, run->config->database, &call);
    return code == EXIT_SOME_FAIL ? EXIT_USAGE : code;
}

int run_check_role(struct run *run)
{
    int code = run->options.sim > 0 ? 0 : check_place(run);

    if (code != 0)
        return code;
    if (run->training) {
        db_recorder_set_rework(run->recorder, run->options.rework);
        return 0;
    }
    code = check_job(run);
    return code == 0 && run->options.rework ? check_rework(run) : code;
}
