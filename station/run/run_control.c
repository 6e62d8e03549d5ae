/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/run_control.h"

#include <errno.h>
#include <stdio.h>

#include "base/waker.h"
#include "db/desk/duty.h"
#include "db/desk/operator.h"
#include "station/run/run_choice.h"
#include "station/run/run_private.h"
#include "station/run/run_scan.h"
#include "station/screen/dashboard_face.h"

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
