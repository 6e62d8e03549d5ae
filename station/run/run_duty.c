/* SPDX-License-Identifier: Apache-2.0 */
/* run_duty - who starts a run, on which lot: what was named on the command line, put to the rules that every door asks. */
#include <stdio.h>
#include <unistd.h>

#include "db/desk/duty.h"
#include "station/print/cmd_fail.h"
#include "station/print/prose.h"
#include "station/run/run_choice.h"
#include "station/run/run_private.h"

bool run_has_screen(const struct run *run)
{
    return !run->options.headless && !run->options.common.json && isatty(STDIN_FILENO) &&
           isatty(STDOUT_FILENO);
}

static int refuse(const struct run *run, const char *option, const struct failure *f)
{
    return cmd_fail(f->code == FAIL_DB_OPEN ? EXIT_INPUT : EXIT_USAGE, run->options.verb, "%s: %s", option,
                    f->detail);
}

static int check_name(const struct run *run, const char *option, const char *of, const char *name)
{
    struct failure f = {0};

    return name == NULL || duty_rules_name(of, name, &f) == 0 ? 0 : refuse(run, option, &f);
}

/* On a screen lot and badge may still come: it opens empty, and no board starts without. */
int run_check_names(const struct run *run)
{
    const struct config_policy *p = &run->config->policy;
    int code = check_name(run, "--operator", "operator's name", run->options.operator_id);

    if (code == 0)
        code = check_name(run, "--lot", "lot's name", run->options.lot);
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
    const struct run_choice choice = {.lot = run->options.lot, .may_open = true};
    struct run_asker asker = {.door = DOOR_START};
    struct failure f = {0};
    int known = choice.lot == NULL ? 0 : run_choose(run, &asker, &choice, &f);

    if (known < 0)
        return refuse(run, "--lot", &f);
    if (known == 1)
        prose_print(stderr, 2, "flashline %s: note: lot %s is new and was opened\n", run->options.verb,
                    choice.lot);
    return 0;
}
