/* SPDX-License-Identifier: Apache-2.0 */
/* run_duty - who starts a run, on which lot: what was named on the command line, put to the rules that every door asks. */
#include <stdio.h>
#include <unistd.h>

#include "base/plain.h"
#include "db/desk/duty.h"
#include "db/desk/work.h"
#include "station/print/cmd_fail.h"
#include "station/run/run_private.h"

struct duty_rules run_duty_rules(const struct run *run)
{
    return (struct duty_rules){.operator_required = run->config->policy.operator_required,
                               .open_lots = run->config->policy.open_lots};
}

struct duty_job run_duty_job(const struct job *job)
{
    return (struct duty_job){.name = job->name, .sha256 = job->sha256, .released = job->released};
}

bool run_has_screen(const struct run *run)
{
    return !run->options.headless && !run->options.common.json && isatty(STDIN_FILENO) &&
           isatty(STDOUT_FILENO);
}

static int check_name(const struct run *run, const char *option, const char *name)
{
    const char *trouble = name != NULL ? plain_name_trouble(name) : NULL;

    return trouble == NULL ? 0 : cmd_fail(EXIT_USAGE, run->options.verb, "%s: the name %s", option, trouble);
}

/* On a screen lot and badge may still come: it opens empty, and no board starts without. */
int run_check_names(const struct run *run)
{
    const struct config_policy *p = &run->config->policy;
    int code = check_name(run, "--operator", run->options.operator_id);

    if (code == 0)
        code = check_name(run, "--lot", run->options.lot);
    if (code != 0 || run_has_screen(run))
        return code;
    if (p->lot_required && run->options.lot == NULL)
        return cmd_fail(EXIT_USAGE, run->options.verb, "%s asks for a lot: name it with --lot",
                        run->config->path);
    if (p->operator_required && run->options.operator_id == NULL)
        return cmd_fail(EXIT_USAGE, run->options.verb,
                        "%s asks who works here: name yourself with --operator", run->config->path);
    return 0;
}

static int refuse(const struct run *run, const char *option, const struct failure *f)
{
    return cmd_fail(f->code == FAIL_DB_OPEN ? EXIT_INPUT : EXIT_USAGE, run->options.verb, "%s: %s", option,
                    f->detail);
}

int run_check_duty(struct run *run)
{
    struct duty *duty = db_recorder_duty(run->recorder);
    const struct duty_rules rules = run_duty_rules(run);
    const struct duty_job job = run_duty_job(run->job);
    const char *operator_id = run->options.operator_id, *lot = run->options.lot;
    struct failure f = {0};

    if (operator_id != NULL && (duty_rules_operator(run->db, &rules, operator_id, &f) != 0))
        return refuse(run, "--operator", &f);
    if (lot != NULL && duty_rules_lot(run->db, &rules, lot, &job, &f) < 0)
        return refuse(run, "--lot", &f);
    duty_set_operator(duty, operator_id);
    return 0;
}

int run_take_lot(struct run *run)
{
    const struct duty_names who = duty_now(db_recorder_duty(run->recorder));
    const struct duty_rules rules = run_duty_rules(run);
    const struct duty_job job = run_duty_job(run->job);
    const char *lot = run->options.lot;
    const struct work_call open = {
        .action = WORK_LOT_OPEN, .door = DOOR_START, .actor = who.operator_id, .object = lot};
    struct failure f = {0};
    int known = lot == NULL ? 0 : duty_rules_lot(run->db, &rules, lot, &job, &f);

    if (known < 0 || (known == 1 && work_do(run->db, &open, NULL, &f) != 0))
        return refuse(run, "--lot", &f);
    if (known == 1)
        fprintf(stderr, "flashline %s: note: lot %s is new and was opened\n", run->options.verb, lot);
    duty_set_lot(db_recorder_duty(run->recorder), lot);
    return 0;
}
