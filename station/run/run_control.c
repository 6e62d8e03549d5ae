/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/run_control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/waker.h"
#include "db/desk/duty.h"
#include "db/desk/operator.h"
#include "station/run/desk_json.h"
#include "station/run/far_desk.h"
#include "station/run/gallery.h"
#include "station/run/run_choice.h"
#include "station/run/run_private.h"
#include "station/run/run_scan.h"
#include "station/screen/dashboard_face.h"
#include "station/work/control_wire.h"

/* As one that is scanned on the screen: what it looks like is for the rules of scanned codes. */
static int find_badge(const struct run *run, const char *badge, struct operator_info *who, struct failure *f)
{
    struct scan_code code;

    if (!run_scan_field(run, SCAN_BADGE, badge, &code))
        return failure_set(f, FAIL_LOGIN, STAGE_NONE, 0, "%s", code.why);
    int known = operator_by_badge(run->db, code.text, who, f);
    return known == -ENOENT ? failure_set(f, FAIL_LOGIN, STAGE_NONE, ENOENT, "Nobody here has this badge.")
                            : known;
}

/* Slots that were kept from starting ask the records again, as after a choice on the screen. */
static void retry_blocked(struct run *run)
{
    struct slot_status s;

    pthread_mutex_lock(&run->engine_lock);
    for (int i = 0; run->engine != NULL && i < engine_slot_count(run->engine); i++) {
        engine_snapshot(run->engine, i, &s);
        if (s.state == SLOT_ACT && s.act == ACT_UNLOCK && !face_is_stopped(&s))
            engine_acknowledge(run->engine, s.slot);
    }
    pthread_mutex_unlock(&run->engine_lock);
}

void run_control_now(struct run *run, struct control_duty_now *now)
{
    const struct duty_names who = duty_now(db_recorder_duty(run->recorder));

    pthread_mutex_lock(&run->choice_lock);
    snprintf(now->operator_id, sizeof now->operator_id, "%s", who.operator_id);
    snprintf(now->lot, sizeof now->lot, "%s", who.lot);
    snprintf(now->job, sizeof now->job, "%s", run->job->name);
    digest_hex(run->job->sha256, SHA256_SIZE, now->job_sha256);
    snprintf(now->next_job, sizeof now->next_job, "%s", run->next_job != NULL ? run->next_job->name : "");
    snprintf(now->next_lot, sizeof now->next_lot, "%s", run->next_lot);
    pthread_mutex_unlock(&run->choice_lock);
}

static int choose(struct run *run, const struct control_duty *d, struct run_choice *choice,
                  struct work_receipt *receipt, struct failure *f)
{
    struct run_asker asker = {.door = DOOR_DUTY, .pin = d->pin, .reason = d->reason};
    struct job *job = d->job != NULL ? run_load_job(d->job, f) : NULL;

    if (d->job != NULL && job == NULL)
        return -1;
    if (job != NULL && !run_has_job(run, job))
        choice->job = job;
    int rc = run_choose(run, &asker, choice, f);
    if (rc < 0 || choice->job == NULL)
        job_free(job);
    *receipt = asker.receipt;
    return rc;
}

int run_control_duty(void *ctx, const struct control_duty *d, struct control_duty_now *now,
                     struct work_receipt *receipt, struct failure *f)
{
    struct run *run = ctx;
    struct operator_info who = {0};
    struct run_choice choice = {.operator_id = d->badge != NULL ? who.name : d->operator_id,
                                .lot = d->lot,
                                .log_out = d->log_out ? "asked" : NULL,
                                .may_open = true};
    int rc = d->badge != NULL ? find_badge(run, d->badge, &who, f) : 0;

    rc = rc == 0 ? choose(run, d, &choice, receipt, f) : -1;
    if (rc < 0)
        return -1;
    now->lot_opened = rc == 1;
    run_control_now(run, now);
    if (choice.operator_id != NULL || choice.log_out != NULL || choice.lot != NULL || choice.job != NULL) {
        retry_blocked(run);
        if (run->chosen != NULL)
            waker_raise(run->chosen);
    }
    return 0;
}

/* Takes `o`. */
static char *line_of(json_t *o)
{
    char *text = o != NULL ? json_dumps(o, JSON_COMPACT) : NULL, *line = NULL;

    json_decref(o);
    if (text != NULL && asprintf(&line, "%s\n", text) < 0)
        line = NULL;
    free(text);
    return line;
}

static char *refused(const struct failure *f)
{
    return control_pack_answer(-1, NULL, f);
}

static char *ends(void)
{
    struct failure f = {0};

    failure_set(&f, FAIL_WORK, STAGE_NONE, EAGAIN, "the run begins or ends: ask again");
    return refused(&f);
}

static char *take_act(struct run *run, const json_t *o)
{
    struct desk_act act;
    enum desk_outcome outcome;
    char why[DESK_WHY_SIZE];
    struct failure f = {0};

    if (!desk_json_get_act(o, &act)) {
        failure_set(&f, FAIL_WORK, STAGE_NONE, EPROTO,
                    "the request is not understood: is it another version's?");
        return refused(&f);
    }
    if (!far_desk_act(run->far_desk, &act, &outcome, why))
        return ends();
    return line_of(desk_json_outcome(outcome, why));
}

static char *take_question(struct run *run, const json_t *o)
{
    struct desk_query query;
    int count = -EIO;
    bool known = desk_json_get_ask(o, &query);
    struct desk_choice *choices = known ? calloc((size_t)query.max, sizeof *choices) : NULL;

    if (choices != NULL && !far_desk_ask(run->far_desk, &query, choices, &count)) {
        free(choices);
        return ends();
    }
    char *line = line_of(desk_json_choices(choices, count));
    free(choices);
    return line;
}

static char *take_work(struct run *run, const json_t *o, pid_t pid)
{
    struct failure f = {0};
    bool on = json_is_true(json_object_get(o, "on"));
    int rc = gallery_work(run->gallery, pid, on, &f);
    const struct work_receipt nobody = {0};

    return control_pack_answer(rc, &nobody, &f);
}

/* Only the process that has the work is heard. */
static char *of_worker(struct run *run, const json_t *o, pid_t pid, bool is_act)
{
    struct failure f = {0};

    if (pid > 0 && pid == gallery_worker(run->gallery))
        return is_act ? take_act(run, o) : take_question(run, o);
    failure_set(&f, FAIL_WORK, STAGE_NONE, EPERM, "this screen only looks");
    return refused(&f);
}

static enum control_said take_guest(struct run *run, int fd, pid_t pid, char **answer)
{
    struct failure f = {0};

    if (gallery_take(run->gallery, fd, pid, &f) == 0)
        return CONTROL_TAKEN;
    *answer = refused(&f);
    return CONTROL_ANSWERED;
}

static enum control_said take(struct run *run, const json_t *o, const char *action, int fd, pid_t pid,
                              char **answer)
{
    bool is_act = strcmp(action, DESK_ACT_ACTION) == 0;

    if (strcmp(action, DESK_LOOK_ACTION) == 0)
        return take_guest(run, fd, pid, answer);
    if (strcmp(action, DESK_WORK_ACTION) == 0)
        *answer = take_work(run, o, pid);
    else if (is_act || strcmp(action, DESK_ASK_ACTION) == 0)
        *answer = of_worker(run, o, pid, is_act);
    else
        return CONTROL_NOT_MINE;
    return CONTROL_ANSWERED;
}

enum control_said run_control_screen(void *ctx, const char *line, int fd, pid_t pid, char **answer)
{
    json_t *o = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    const char *action = json_string_value(json_object_get(o, "action"));
    enum control_said said = CONTROL_NOT_MINE;

    if (action != NULL && json_integer_value(json_object_get(o, "v")) == 1)
        said = take(ctx, o, action, fd, pid, answer);
    json_decref(o);
    return said;
}
