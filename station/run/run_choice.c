/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/run_choice.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "db/desk/duty.h"
#include "db/desk/operator.h"
#include "profiles/text/complaint.h"
#include "station/run/run_private.h"
#include "station/run/stub_rule.h"

struct duty_rules run_duty_rules(const struct run *run)
{
    return (struct duty_rules){.operator_required = run->config->policy.operator_required,
                               .open_lots = run->config->policy.open_lots};
}

struct duty_job run_duty_job(const struct job *job)
{
    return (struct duty_job){.name = job->name, .sha256 = job->sha256, .released = job->released};
}

static struct duty_names now(const struct run *run)
{
    return duty_now(db_recorder_duty(run->recorder));
}

static int put(struct run *run, struct run_asker *a, const struct run_choice *c, struct work_call call,
               struct failure *f)
{
    const struct duty_names who = now(run);

    call.door = a->door;
    call.actor = c->operator_id != NULL ? c->operator_id : who.operator_id;
    call.pin = a->pin;
    call.reason = a->reason;
    a->asked = call.action;
    return work_do(run->db, &call, &a->receipt, f);
}

struct job *run_load_job(const char *name, struct failure *f)
{
    struct complaint c = {0};
    char path[PATH_TEXT];

    if (path_job(name, path) != 0) {
        failure_set(f, FAIL_WORK, STAGE_NONE, ENOENT, "%s", N_("There is no such job."));
        return NULL;
    }
    struct job *job = job_load(path, NULL, &c);
    if (job == NULL)
        failure_set(f, c.code, STAGE_NONE, 0, "%s", c.text);
    return job;
}

/* The lock keeps it from being freed meanwhile: a run changes its engine as one more choice. */
static struct engine *engine_of(struct run *run)
{
    pthread_mutex_lock(&run->engine_lock);
    struct engine *engine = run->engine;
    pthread_mutex_unlock(&run->engine_lock);
    return engine;
}

static enum tray_state look_at_tray(struct engine *engine, int *slot)
{
    struct slot_status s;
    enum tray_state state = TRAY_FREE;

    for (int i = 0; engine != NULL && i < engine_slot_count(engine) && state == TRAY_FREE; i++) {
        engine_snapshot(engine, i, &s);
        state = slot_status_runs(&s) ? TRAY_RUNS : s.act == ACT_REMOVE_BOARD ? TRAY_HAS_BOARD : TRAY_FREE;
        *slot = s.slot;
    }
    return state;
}

enum tray_state run_tray_state(struct run *run, int *slot)
{
    pthread_mutex_lock(&run->choice_lock);
    enum tray_state state = look_at_tray(engine_of(run), slot);
    pthread_mutex_unlock(&run->choice_lock);
    return state;
}

/*
 * Another job is not for the boards that stand here: what is under way finishes first, and what is done must be taken
 * off, or its slot would start on it again.
 */
static int check_tray(struct run *run, struct failure *f)
{
    int slot = 0;
    enum tray_state state = look_at_tray(engine_of(run), &slot);

    if (run->next_job != NULL)
        return failure_set(f, FAIL_WORK, STAGE_NONE, EAGAIN, "another job is being taken up: ask again");
    if (state == TRAY_RUNS)
        return failure_set(f, FAIL_WORK, STAGE_NONE, EBUSY, "%s", TRAY_RUNS_WORDS);
    return state == TRAY_FREE ? 0 : failure_set(f, FAIL_WORK, STAGE_NONE, EBUSY, TRAY_HAS_BOARD_WORDS, slot);
}

/* By the rules, all of it together: a lot and its job may come at once. As duty_rules_lot() answers. */
static int check(struct run *run, const struct run_choice *c, struct failure *f)
{
    const struct duty_names who = now(run);
    const struct duty_rules rules = run_duty_rules(run);
    const struct job *job = c->job != NULL ? c->job : run->next_job != NULL ? run->next_job : run->job;
    const struct duty_job chosen = run_duty_job(job);
    const char *lot = c->lot != NULL ? c->lot : run->next_lot[0] != '\0' ? run->next_lot : who.lot;

    if (c->job != NULL && check_tray(run, f) != 0)
        return -1;
    if (c->operator_id != NULL && duty_rules_operator(run->db, &rules, c->operator_id, f) != 0)
        return -1;
    if (c->lot == NULL && c->job == NULL)
        return 0;
    int known = duty_rules_lot(run->db, &rules, lot, &chosen, f);
    return known == 1 && c->lot == NULL ? 0 : known;
}

/* The helper programs stay over a change of job, but for another chip: are they some that this job takes? */
static int check_stubs(struct run *run, struct run_asker *a, const struct run_choice *c, struct failure *f)
{
    char hash[SHA256_TEXT_SIZE], why[STUB_LIST_WHY];
    bool stay = strcmp(c->job->chip, run->job->chip) == 0;
    struct stub_list others = {0};
    int rc = stay ? 0 : stub_list_load(run->options.stub, c->job->chip, &others, why);

    if (rc < 0)
        return failure_set(f, FAIL_WORK, STAGE_NONE, -rc, "%.200s", why);
    const struct stub *refused = stub_rule_refused(c->job, stub_list_first(stay ? &run->stubs : &others));
    if (refused != NULL) {
        digest_hex(refused->sha256, SHA256_SIZE, hash);
        rc = put(run, a, c, (struct work_call){.action = WORK_STUB, .object = c->job->name, .text = hash}, f);
    }
    stub_list_free(&others);
    return rc;
}

static int leave_for_job(struct run *run, struct run_asker *a, const struct run_choice *c, struct failure *f)
{
    char hash[SHA256_TEXT_SIZE];

    digest_hex(c->job->sha256, SHA256_SIZE, hash);
    const struct work_call job = {.action = c->job->released ? WORK_JOB_CHANGE : WORK_JOB_UNRELEASED,
                                  .object = c->job->name,
                                  .text = hash,
                                  .old = run->job->name};
    if (put(run, a, c, job, f) != 0)
        return -1;
    return check_stubs(run, a, c, f);
}

/* A name that is taken as given is nobody's login. */
static int leave_for_operator(struct run *run, struct run_asker *a, const struct run_choice *c,
                              struct failure *f)
{
    const struct duty_names before = now(run);
    struct operator_info who = {0};

    if (c->log_out != NULL && before.operator_id[0] != '\0')
        return put(
            run, a, c,
            (struct work_call){.action = WORK_LOGOUT, .object = before.operator_id, .text = c->log_out}, f);
    if (c->operator_id == NULL)
        return 0;
    int known = operator_by_name(run->db, c->operator_id, &who, f);
    if (known == -ENOENT)
        return 0;
    return known != 0 ? -1
                      : put(run, a, c,
                            (struct work_call){
                                .action = WORK_LOGIN, .object = c->operator_id, .old = before.operator_id},
                            f);
}

/* What stands already goes on until the boards that began with it are done: then run.c takes up the next. */
static void stand(struct run *run, const struct run_choice *c)
{
    struct duty *duty = db_recorder_duty(run->recorder);
    struct engine *engine = engine_of(run);

    if (c->operator_id != NULL || c->log_out != NULL)
        duty_set_operator(duty, c->log_out != NULL ? "" : c->operator_id);
    if (c->job != NULL) {
        run->next_job = c->job;
        if (engine != NULL)
            engine_drain(engine);
    }
    if (c->lot != NULL && run->next_job != NULL)
        snprintf(run->next_lot, sizeof run->next_lot, "%s", c->lot);
    else if (c->lot != NULL)
        duty_set_lot(duty, c->lot);
}

static int choose(struct run *run, struct run_asker *a, const struct run_choice *c, struct failure *f)
{
    int known = check(run, c, f);

    if (known < 0 || (known == 1 && !c->may_open))
        return known;
    if ((c->job != NULL && leave_for_job(run, a, c, f) != 0) || leave_for_operator(run, a, c, f) != 0 ||
        (known == 1 && put(run, a, c, (struct work_call){.action = WORK_LOT_OPEN, .object = c->lot}, f) != 0))
        return -1;
    stand(run, c);
    return known;
}

int run_choose(struct run *run, struct run_asker *asker, const struct run_choice *choice, struct failure *f)
{
    int rc;

    asker->asked = WORK_ACTION_COUNT;
    pthread_mutex_lock(&run->choice_lock);
    if (asker->door == DOOR_DUTY && !run->is_open)
        rc = failure_set(f, FAIL_WORK, STAGE_NONE, EAGAIN, "the run begins or ends: ask again");
    else
        rc = choose(run, asker, choice, f);
    pthread_mutex_unlock(&run->choice_lock);
    return rc;
}

void run_choice_open(struct run *run)
{
    pthread_mutex_lock(&run->choice_lock);
    run->is_open = true;
    pthread_mutex_unlock(&run->choice_lock);
}

bool run_goes_on(struct run *run, bool may)
{
    pthread_mutex_lock(&run->choice_lock);
    bool again = may && run->next_job != NULL;
    run->is_open = again;
    pthread_mutex_unlock(&run->choice_lock);
    return again;
}

bool run_has_job(struct run *run, const struct job *job)
{
    pthread_mutex_lock(&run->choice_lock);
    const struct job *now = run->next_job != NULL ? run->next_job : run->job;
    bool same = strcmp(now->name, job->name) == 0 && memcmp(now->sha256, job->sha256, SHA256_SIZE) == 0;
    pthread_mutex_unlock(&run->choice_lock);
    return same;
}
