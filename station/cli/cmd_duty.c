/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_duty - who works at a running station, on which lot, with which job: told, and changed, from a line's software. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "station/cli/cmd.h"
#include "station/cli/options.h"
#include "station/print/json.h"
#include "station/print/prose.h"
#include "station/work/control.h"
#include "station/work/database_path.h"
#include "station/work/work_client.h"

static const char summary[] =
    "Says who works at the running station, on which lot and with which job; what is named changes, all of it or nothing, by\n"
    "the rules of its screen. Another job waits for the boards: what is flashed must be done, what is done taken off. It is\n"
    "the engineer's (PIN from $FLASHLINE_PIN or the terminal), unless nobody is one. A lot may come with its job.\n"
    "The run is found by its database: --training for virtual boards and practice, --db for a file of one's own.\n"
    "Exit: 0 done, 1 refused, 2 usage, 4 no station runs there.";

/* One request and where it goes: the PIN is filled in as it is asked for. */
struct duty_request {
    char path[PATH_TEXT];
    struct control_duty duty;
    struct control_duty_now now;
    bool none; /* no station runs there */
};

static void put_name(json_t *o, const char *key, const char *name)
{
    json_put_text(o, key, name[0] != '\0' ? name : NULL);
}

static void put_json(const struct control_duty_now *now, const struct failure *f)
{
    json_t *o = json_line_new("duty");

    json_put_bool(o, "refused", f != NULL);
    json_put_int(o, "code", f != NULL ? (int64_t)f->code : 0);
    json_put_text(o, "text", f != NULL ? f->detail : NULL);
    if (f == NULL) {
        put_name(o, "operator", now->operator_id);
        put_name(o, "lot", now->lot);
        json_put_bool(o, "lot_opened", now->lot_opened);
        put_name(o, "job", now->job);
        put_name(o, "job_sha256", now->job_sha256);
        put_name(o, "next_job", now->next_job);
        put_name(o, "next_lot", now->next_lot);
    }
    json_line_write(stdout, o);
}

static void print_line(const char *what, const char *name, const char *next)
{
    printf("%-8s  %s%s%s\n", what, name[0] != '\0' ? name : "-", next[0] != '\0' ? ", next " : "", next);
}

static void print_now(const struct control_duty_now *now)
{
    print_line("operator", now->operator_id, "");
    print_line("lot", now->lot, now->next_lot);
    print_line("job", now->job, now->next_job);
}

static int try_duty(void *ctx, const struct work_call *call, struct work_receipt *receipt, struct failure *f)
{
    struct duty_request *r = ctx;

    r->duty.pin = call->pin;
    int rc = call->action == WORK_PIN ? control_request(r->path, call, receipt, f)
                                      : control_duty(r->path, &r->duty, &r->now, receipt, f);
    r->duty.pin = NULL;
    r->none = rc == 1;
    return rc == 1 ? failure_set(f, FAIL_WORK, STAGE_NONE, 0, "no station runs with %s", r->path) : rc;
}

/* A file is the caller's: the station stands in another folder. */
static const char *job_of(const char *name, char out[static PATH_MAX])
{
    return name != NULL && strchr(name, '/') != NULL && realpath(name, out) != NULL ? out : name;
}

static int request(struct duty_request *r, bool json)
{
    const struct work_asker asker = {.verb = "duty", .question = "Engineer's PIN", .try = try_duty, .ctx = r};
    struct work_call call = {.action = WORK_JOB_CHANGE};
    struct failure f = {0};

    if (work_ask_leave(&asker, &call, NULL, &f) == 0) {
        if (r->now.lot_opened)
            prose_print(stderr, 2, "flashline duty: note: lot %s is new and was opened\n", r->duty.lot);
        if (json)
            put_json(&r->now, NULL);
        else
            print_now(&r->now);
        return EXIT_ALL_PASS;
    }
    if (json && !r->none)
        put_json(&r->now, &f);
    return cmd_fail(r->none ? EXIT_INPUT : EXIT_SOME_FAIL, "duty", "%s", f.detail);
}

int cmd_duty(int argc, char **argv)
{
    struct options_common common = {0};
    struct duty_request r = {0};
    char job[PATH_MAX];
    bool training = false;
    const struct options_row rows[] = {
        OPTIONS_STRING("operator", &r.duty.operator_id, "NAME", "who works there from now on"),
        OPTIONS_STRING("badge", &r.duty.badge, "CODE", "the same, by the badge"),
        OPTIONS_SWITCH("log-out", &r.duty.log_out, "nobody works there from now on"),
        OPTIONS_STRING("lot", &r.duty.lot, "L", "on which lot"),
        OPTIONS_STRING("job", &r.duty.job, "J", "with which job"),
        OPTIONS_SWITCH("training", &training, "the run is one of virtual boards, or for practice"),
        OPTIONS_END,
    };
    const struct options_spec spec = {"duty", "[OPTION...]", summary, rows, 0};
    int code;

    if (options_parse(&spec, argc, argv, &common, &code) < 0)
        return code;
    if ((r.duty.operator_id != NULL) + (r.duty.badge != NULL) + r.duty.log_out > 1)
        return cmd_fail(EXIT_USAGE, "duty", "say one of --operator, --badge and --log-out");
    code =
        training ? database_path_training("duty", &common, r.path) : database_path("duty", &common, r.path);
    if (code != 0)
        return code;
    r.duty.job = job_of(r.duty.job, job);
    return request(&r, common.json);
}
