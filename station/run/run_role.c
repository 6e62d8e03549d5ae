/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_role - the role lock before a run: an operator starts the released job that this station works with; another job,
 * or one that is not released, takes the engineer; so does any run on real ports that is not for the station's own
 * records. Holds for screen, lines and JSON alike; db/desk/work.h decides and audits.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "db/desk/current_job.h"
#include "db/desk/duty.h"
#include "db/desk/work.h"
#include "station/print/cmd_fail.h"
#include "station/run/run_private.h"
#include "station/run/stub_rule.h"
#include "station/work/elsewhere.h"
#include "station/work/work_client.h"

static const char *why_engineer(const struct work_call *call)
{
    switch (call->action) {
    case WORK_JOB_CHANGE:
        return "this is another job than the last";
    case WORK_REWORK_RUN:
        return "units that passed are flashed again";
    case WORK_STUB:
        return "the helper program is neither known nor released with the job";
    case WORK_ELSEWHERE:
        return "real boards are flashed for practice";
    default:
        return "the job is not released";
    }
}

static int try_here(void *ctx, const struct work_call *call, struct work_receipt *receipt, struct failure *f)
{
    return work_do(ctx, call, receipt, f);
}

static int pass_lock(struct run *run, struct work_call *call)
{
    const struct duty_names who = duty_now(db_recorder_duty(run->recorder));
    struct failure f = {0};
    char question[128];
    const struct work_asker asker = {
        .verb = run->options.verb, .question = question, .try = try_here, .ctx = run->db};

    call->door = DOOR_START;
    call->actor = who.operator_id;
    snprintf(question, sizeof question, "Engineer's PIN (%s)", why_engineer(call));
    int rc = work_ask_leave(&asker, call, NULL, &f);
    if (rc == 1)
        return cmd_fail(EXIT_USAGE, run->options.verb,
                        "%s: that takes the engineer's PIN, typed on a terminal or in "
                        "$FLASHLINE_PIN",
                        why_engineer(call));
    return rc == 0 ? 0 : cmd_failure(f.code == FAIL_RECORD ? EXIT_INPUT : EXIT_USAGE, run->options.verb, &f);
}

static int check_rework(struct run *run)
{
    struct work_call call = {
        .action = WORK_REWORK_RUN, .object = run->job->name, .reason = run->options.reason};

    if (run->options.reason == NULL)
        return cmd_fail(EXIT_USAGE, run->options.verb,
                        "--rework needs --reason: why are units that passed flashed again?");
    int code = pass_lock(run, &call);
    if (code == 0)
        db_recorder_set_rework(run->recorder, true);
    return code;
}

/* Where the audit does not say yet which job this station works with, it does from here on. */
static int note_job(struct run *run, const struct current_job *now, const char *hash)
{
    struct failure f = {0};

    if (now->noted || current_job_note(run->db, run->job->name, hash, &f) == 0)
        return 0;
    return cmd_failure(EXIT_INPUT, run->options.verb, &f);
}

static int check_job(struct run *run)
{
    struct failure f = {0};
    struct current_job now;
    char hash[SHA256_TEXT_SIZE];

    if (current_job_read(run->db, &now, &f) != 0)
        return cmd_failure(EXIT_INPUT, run->options.verb, &f);
    digest_hex(run->job->sha256, SHA256_SIZE, hash);
    struct work_call call = {
        .action = WORK_JOB_UNRELEASED, .object = run->job->name, .text = hash, .old = now.name};
    if (run->job->released) {
        if (now.sha256[0] == '\0' || strcmp(hash, now.sha256) == 0)
            return note_job(run, &now, hash);
        call.action = WORK_JOB_CHANGE;
    }
    return pass_lock(run, &call);
}

static int check_stub(struct run *run)
{
    const struct stub *refused = stub_rule_refused(run->job, stub_list_first(&run->stubs));
    char hash[SHA256_TEXT_SIZE];

    if (refused == NULL)
        return 0;
    digest_hex(refused->sha256, SHA256_SIZE, hash);
    struct work_call call = {.action = WORK_STUB, .object = run->job->name, .text = hash};
    return pass_lock(run, &call);
}

/* Real boards written for practice, or into records of one's own. */
static int check_place(struct run *run)
{
    const struct duty_names who = duty_now(db_recorder_duty(run->recorder));
    struct work_call call = {.action = WORK_ELSEWHERE,
                             .door = DOOR_START,
                             .actor = who.operator_id,
                             .object = run->job->name,
                             .text = run->training ? "practice" : run->database};

    if (elsewhere_is_home(run->config->database, run->database))
        return run->training ? pass_lock(run, &call) : 0;
    int code = elsewhere_ask(run->options.verb, &run->options.common, run->config->database, &call);
    return code == EXIT_SOME_FAIL ? EXIT_USAGE : code;
}

int run_check_role(struct run *run)
{
    int code = run->options.sim == 0 ? check_place(run) : 0;

    if (code != 0)
        return code;
    code = check_job(run);
    code = code == 0 ? check_stub(run) : code;
    if (code != 0 || !run->options.rework)
        return code;
    if (!run->training)
        return check_rework(run);
    db_recorder_set_rework(run->recorder, true); /* boards of practice are nobody's decision */
    return 0;
}
