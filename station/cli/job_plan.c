/* SPDX-License-Identifier: Apache-2.0 */
#include "station/cli/job_plan.h"

#include <stdlib.h>

#include "base/clock.h"
#include "engine/board/board_plan.h"
#include "engine/board/session.h"
#include "engine/port/ftdi/transport_ftdi.h"
#include "engine/port/transport_tty.h"
#include "profiles/job/job.h"
#include "profiles/text/complaint.h"
#include "sim/board/sim_tray.h"
#include "station/cli/cmd.h"
#include "station/config/config.h"
#include "station/print/plan_print.h"
#include "station/run/job_choice.h"
#include "station/run/one_port.h"
#include "station/run/run_slots.h"
#include "station/run/stub_list.h"
#include "station/run/until_signal.h"

#define VERB "job"

struct asking {
    const struct job_plan_options *o;
    struct job *job;
    struct config *config;
    struct run_slots slots;
    struct sim_tray *tray;
    struct stub_list stubs;
    struct until_signal *signals;
    char port[ONE_PORT_SIZE];
    struct board_plan found;
};

static int find_place(struct asking *a)
{
    const struct job_plan_options *o = a->o;
    const struct sim_tray_config virtual = {
        .count = 1, .revision = 1, .seed = 1, .personalities = o->sim_personality};
    const struct run_options run = {.verb = VERB,
                                    .slots_option = o->slot != NULL ? "slot" : "port",
                                    .slots = a->port,
                                    .reset = o->reset,
                                    .sim = o->sim,
                                    .sim_time = RUN_TIME_VIRTUAL};
    struct complaint c = {0};
    char why[SIM_TRAY_ERROR] = "";

    a->config = config_load(o->common->config, &c);
    if (a->config == NULL)
        return cmd_fail(EXIT_INPUT, VERB, "%s", c.text);
    if (o->sim && (a->tray = sim_tray_new(&virtual, why)) == NULL)
        return cmd_fail(EXIT_USAGE, VERB, "the virtual board: %s", why);
    int code = o->sim ? 0 : one_port_find(VERB, o->port, o->slot, a->port);
    return code != 0 ? code : run_slots_choose(&a->slots, &run, a->config);
}

static int find_stub(struct asking *a)
{
    char why[STUB_LIST_WHY];

    if (stub_list_load(a->o->stub, a->job->chip, &a->stubs, why) < 0)
        return cmd_fail(EXIT_INPUT, VERB, "%s%s", a->o->stub != NULL ? "--stub: " : "", why);
    return 0;
}

static int exit_for(const struct failure *f)
{
    if (f->code == FAIL_ABORTED)
        return EXIT_INTERRUPTED;
    return failure_result(f) == RESULT_ERROR ? EXIT_STATION : EXIT_SOME_FAIL;
}

static int ask_board(struct asking *a)
{
    const struct engine_slot *slot = &a->slots.slots[0];
    const struct transport_binding bindings[] = {
        {a->tray != NULL ? &sim_driver : &ftdi_driver, a->tray}, {&tty_driver, NULL}, {NULL, NULL}};
    struct clock *clock = slot->virtual_time ? clock_new_virtual() : clock_new_real();
    struct session session = {
        .bindings = bindings,
        .uri = slot->uri,
        .env = {.clock = clock, .cancel = until_signal_waker(a->signals)},
        .connect = {.reset = slot->has_reset ? slot->reset : a->job->reset,
                    .cancel = until_signal_waker(a->signals),
                    .other_baud = a->job->baud},
        .presence = slot->presence,
    };
    const struct board_plan_wish wish = {
        .session = &session, .job = a->job, .stub = stub_list_first(&a->stubs), .stub_note = ""};
    struct failure f = {0};

    if (clock == NULL)
        return cmd_fail(EXIT_STATION, VERB, "out of memory");
    int rc = board_plan_look(&wish, &a->found, &f);
    session_close(&session);
    clock_free(clock);
    return rc == 0
               ? 0
               : cmd_fail(exit_for(&f), VERB, "%s (%d): %s", failure_title(f.code), (int)f.code, f.detail);
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
    if (a->job != NULL && asks) {
        a->signals = until_signal_new();
        if (a->signals == NULL)
            code = cmd_fail(EXIT_STATION, VERB, "out of memory");
        if (code == 0 && (code = find_place(a)) == 0 && (code = find_stub(a)) == 0)
            code = ask_board(a);
    }
    if (code == 0)
        tell(a, asks);
    until_signal_free(a->signals);
    stub_list_free(&a->stubs);
    sim_tray_free(a->tray);
    config_free(a->config);
    job_free(a->job);
    free(a);
    return code;
}
