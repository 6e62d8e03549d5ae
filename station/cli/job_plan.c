/* SPDX-License-Identifier: Apache-2.0 */
#include "station/cli/job_plan.h"

#include <stdlib.h>

#include "engine/board/board_plan.h"
#include "profiles/job/job.h"
#include "station/cli/cmd.h"
#include "station/print/plan_print.h"
#include "station/run/hand_board.h"
#include "station/run/job_choice.h"
#include "station/run/stub_list.h"

#define VERB "job"

struct asking {
    const struct job_plan_options *o;
    struct job *job;
    struct stub_list stubs;
    struct hand_board_options at;
    struct hand_board board;
    struct board_plan found;
};

static int find_stub(struct asking *a)
{
    char why[STUB_LIST_WHY];

    if (stub_list_load(a->o->stub, a->job->chip, &a->stubs, why) < 0)
        return cmd_fail(EXIT_INPUT, VERB, "%s%s", a->o->stub != NULL ? "--stub: " : "", why);
    return 0;
}

static int look(void *ctx, struct session *session, struct failure *f)
{
    struct asking *a = ctx;
    const struct board_plan_wish wish = {
        .session = session, .job = a->job, .stub = stub_list_first(&a->stubs), .stub_note = ""};

    return board_plan_look(&wish, &a->found, f);
}

static int ask_board(struct asking *a)
{
    const struct job_plan_options *o = a->o;
    struct failure f = {0};

    a->at = (struct hand_board_options){.verb = VERB,
                                        .common = o->common,
                                        .port = o->port,
                                        .slot = o->slot,
                                        .reset = o->reset,
                                        .unwired = a->job->reset,
                                        .other_baud = a->job->baud,
                                        .sim = o->sim,
                                        .sim_personality = o->sim_personality};
    int code = hand_board_open(&a->board, &a->at, HAND_BOARD_NO_RECORDS);
    if (code != 0 || (code = find_stub(a)) != 0)
        return code;
    return hand_board_work(&a->board, look, a, &f) == 0
               ? 0
               : cmd_fail(hand_board_exit(&f), VERB, "%s (%d): %s", failure_title(f.code), (int)f.code,
                          f.detail);
}

static void tell(const struct asking *a, bool asked)
{
    if (a->o->common->json)
        plan_print_json(a->job, asked ? &a->found : NULL);
    else
        plan_print(a->job, asked ? &a->found : NULL);
}

int job_plan_show(const struct job_plan_options *o)
{
    const struct job_extra extra = {.firmware = o->firmware};
    struct asking *a = calloc(1, sizeof *a);
    bool asks = o->port != NULL || o->slot != NULL || o->sim;
    int code = 0;

    if (a == NULL)
        return cmd_fail(EXIT_STATION, VERB, "out of memory");
    a->o = o;
    a->job = job_choice_open(VERB, o->job, &extra, &code);
    if (a->job != NULL && asks)
        code = ask_board(a);
    if (code == 0)
        tell(a, asks);
    if (a->at.verb != NULL)
        hand_board_close(&a->board);
    stub_list_free(&a->stubs);
    job_free(a->job);
    free(a);
    return code;
}
