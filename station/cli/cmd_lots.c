/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_lots - lots and how far they are; open, extend, close and reopen them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/desk/lot.h"
#include "db/read/past.h"
#include "profiles/job/job.h"
#include "profiles/text/complaint.h"
#include "station/cli/cmd.h"
#include "station/cli/record_options.h"
#include "station/config/paths.h"
#include "station/print/json.h"
#include "station/print/prose.h"
#include "station/print/table.h"
#include "station/work/database_path.h"
#include "station/work/work_client.h"

#define LOTS_MAX 10000

struct lots_options {
    struct options_common common;
    long planned, by;
    const char *work_order, *job, *reason, *operator_id;
    bool all, training;
};

/* The archive files that hold a part of a lot; -1: *f. */
static int find_archives(struct db *db, const struct lot_status *l, struct past_file *files,
                         struct failure *f)
{
    const struct past_ask ask = {.lot = l->code};

    return past_files(db, &ask, files, PAST_FILES_MAX, f);
}

static json_t *names_of(const struct past_file *files, int count)
{
    json_t *names = json_array();

    for (int i = 0; i < count; i++)
        json_array_append_new(names, json_string(files[i].name));
    return names;
}

static void tell_archives(const struct lot_status *l, const struct past_file *files, int count)
{
    for (int i = 0; i < count; i++)
        printf("%s: %s in archive %s\n", l->code,
               files[i].certain ? "a part of it is" : "a part of it may be", files[i].name);
}

static void put_json(const struct lot_status *l, const struct past_file *files, int count)
{
    json_t *o = json_line_new("lot");

    json_put_text(o, "lot", l->code);
    json_put_text(o, "work_order", l->work_order[0] != '\0' ? l->work_order : NULL);
    json_put_int(o, "planned", l->planned);
    json_put_int(o, "good", l->good);
    json_put_int(o, "running", l->running);
    json_put_int(o, "units", l->units);
    json_put_int(o, "attempts", l->attempts);
    json_put_time(o, "opened", l->opened_ms);
    json_put_bool(o, "closed", l->closed_ms != 0);
    json_put_text(o, "job", l->job_name[0] != '\0' ? l->job_name : NULL);
    json_put_text(o, "job_sha256", l->job_sha256[0] != '\0' ? l->job_sha256 : NULL);
    json_object_set_new(o, "archives", names_of(files, count));
    json_line_write(stdout, o);
}

static void put_row(struct table *t, const struct lot_status *l)
{
    const char *state = l->closed_ms != 0                         ? "closed"
                        : l->planned > 0 && l->good >= l->planned ? "complete"
                                                                  : "open";

    table_text(t, l->code);
    table_text(t, l->work_order);
    table_text(t, state);
    if (l->job_name[0] != '\0')
        table_format(t, "%s %.8s", l->job_name, l->job_sha256);
    else
        table_text(t, "");
    table_format(t, "%lld", (long long)l->good);
    if (l->planned > 0)
        table_format(t, "%lld", (long long)l->planned);
    else
        table_text(t, "-");
    table_format(t, "%lld", (long long)l->running);
    table_format(t, "%lld", (long long)l->units);
    table_format(t, "%lld", (long long)l->attempts);
}

/* As JSON with its archives, or as a row; behind the table the archives are told. 0, or -1: *f. */
static int put_lots(struct db *db, const struct lot_status *lots, int rows, struct table *t,
                    struct failure *f)
{
    struct past_file *files = calloc(PAST_FILES_MAX, sizeof *files);
    int count = files == NULL ? failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, 0, "listing lots") : 0;

    for (int i = 0; i < rows && t != NULL; i++)
        put_row(t, &lots[i]);
    if (t != NULL && count >= 0)
        table_print(t, stdout);
    for (int i = 0; i < rows && count >= 0; i++) {
        count = find_archives(db, &lots[i], files, f);
        if (count >= 0 && t == NULL)
            put_json(&lots[i], files, count);
        else if (count >= 0)
            tell_archives(&lots[i], files, count);
    }
    free(files);
    return count < 0 ? -1 : 0;
}

static int list(const struct lots_options *o)
{
    static const char *const titles[] = {"LOT",      "WORK ORDER", "STATE",  "JOB",       ">GOOD",
                                         ">PLANNED", ">RUNNING",   ">UNITS", ">ATTEMPTS", NULL};
    struct lot_status *lots = calloc(LOTS_MAX, sizeof *lots);
    struct table *t = table_new(titles);
    struct failure f = {0};
    int code = EXIT_ALL_PASS;
    struct db *db =
        lots == NULL || t == NULL ? NULL : record_open_for("lots", &o->common, o->training, &code);
    int rows = db == NULL ? 0 : lot_list(db, o->all, o->training, lots, LOTS_MAX, &f);

    if (db != NULL && rows >= 0)
        rows = put_lots(db, lots, rows, o->common.json ? NULL : t, &f);
    table_free(t);
    free(lots);
    db_close(db);
    return rows < 0 ? cmd_fail(EXIT_INPUT, "lots", "%s", f.detail) : code;
}

/* The lot is for this released job and no other. */
static int open_for_job(const struct lots_options *o, struct work_call *call)
{
    char path[PATH_TEXT], hash[SHA256_TEXT_SIZE];
    struct complaint c = {0};

    if (path_job(o->job, path) != 0)
        return cmd_fail(EXIT_INPUT, "lots", "there is no job '%s' in %s; a file needs a '/' or .yaml", o->job,
                        path);
    struct job *job = job_load(path, NULL, &c);
    if (job == NULL)
        return cmd_fail(EXIT_INPUT, "lots", "%s", c.text);
    digest_hex(job->sha256, SHA256_SIZE, hash);
    call->job = job->name;
    call->job_sha256 = hash;
    int code =
        job->released
            ? work_request("lots", &o->common, call, NULL)
            : cmd_fail(EXIT_USAGE, "lots",
                       "job %s is not released, and a lot is for a released one: flashline job release",
                       job->name);
    job_free(job);
    return code;
}

/* What became of it: a command that says nothing leaves open whether it was meant. */
static void tell(const struct lots_options *o, const struct work_call *call)
{
    const char *lot = call->object;

    if (o->common.json)
        return;
    if (call->action == WORK_LOT_EXTEND)
        prose_print(stdout, 2, "lot %s: %lld %s planned\n", lot,
                    (long long)(call->number < 0 ? -call->number : call->number),
                    call->number < 0 ? "fewer" : "more");
    else if (call->action == WORK_LOT_CLOSE)
        prose_print(stdout, 2, "lot %s is closed\n", lot);
    else if (call->action == WORK_LOT_REOPEN)
        prose_print(stdout, 2, "lot %s is open again\n", lot);
    else if (call->number > 0)
        prose_print(stdout, 2, "lot %s is open: %lld planned%s%s\n", lot, (long long)call->number,
                    o->job != NULL ? ", for job " : "", o->job != NULL ? o->job : "");
    else
        prose_print(stdout, 2, "lot %s is open, for any number of boards%s%s\n", lot,
                    o->job != NULL ? " of job " : "", o->job != NULL ? o->job : "");
}

static int change(const struct lots_options *o, const char *what, const char *lot)
{
    static const struct {
        const char *name;
        enum work_action action;
    } verbs[] = {{"open", WORK_LOT_OPEN},
                 {"extend", WORK_LOT_EXTEND},
                 {"close", WORK_LOT_CLOSE},
                 {"reopen", WORK_LOT_REOPEN}};
    struct work_call call = {
        .action = WORK_ACTION_COUNT, .object = lot, .reason = o->reason, .actor = o->operator_id};

    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(what, verbs[i].name) == 0)
            call.action = verbs[i].action;
    }
    if (call.action == WORK_ACTION_COUNT)
        return cmd_fail(EXIT_USAGE, "lots", "'%s' is not one of open, extend, close, reopen", what);
    if (lot == NULL)
        return cmd_fail(EXIT_USAGE, "lots", "%s needs a lot: flashline lots %s LOT", what, what);
    if (call.action == WORK_LOT_EXTEND && o->by == 0)
        return cmd_fail(EXIT_USAGE, "lots", "extend needs a number: --by N");
    call.number = call.action == WORK_LOT_OPEN ? o->planned : call.action == WORK_LOT_EXTEND ? o->by : 0;
    call.text = call.action == WORK_LOT_OPEN ? o->work_order : NULL;
    int code = call.action == WORK_LOT_OPEN && o->job != NULL ? open_for_job(o, &call)
                                                              : work_request("lots", &o->common, &call, NULL);
    if (code == EXIT_ALL_PASS)
        tell(o, &call);
    return code;
}

int cmd_lots(int argc, char **argv)
{
    struct lots_options o = {0};
    const struct options_row rows[] = {
        OPTIONS_DOES("open", "LOT", "opens it, with a plan, a work order and a job if they are said"),
        OPTIONS_DOES("extend", "LOT", "plans more good boards (--by N --reason TEXT)"),
        OPTIONS_DOES("close", "LOT", "no more boards start in it"),
        OPTIONS_DOES("reopen", "LOT", "opens a closed lot again (--reason TEXT)"),
        OPTIONS_WHOLE("planned", &o.planned, "N", 0, 100000000,
                      "open: how many good boards; 0 or not given: open-ended"),
        OPTIONS_STRING("work-order", &o.work_order, "W", "open: the work order"),
        OPTIONS_STRING("job", &o.job, "J", "open: for this released job and this hash of it alone"),
        OPTIONS_WHOLE("by", &o.by, "N", -100000000, 100000000, "extend: how many more (negative: fewer)"),
        OPTIONS_STRING("reason", &o.reason, "TEXT", "extend, reopen: why"),
        OPTIONS_STRING("operator", &o.operator_id, "NAME", "who asks"),
        OPTIONS_SWITCH("all", &o.all, "list closed lots too"),
        OPTIONS_SWITCH("training", &o.training,
                       "count training attempts; without --db, the lots of the training database"),
        OPTIONS_END,
    };
    const struct options_spec spec = {
        "lots", "[WORD LOT] [OPTION...]",
        "Lists lots, newest first: good boards, planned, running now.\n"
        "extend, close and reopen are the engineer's (PIN from $FLASHLINE_PIN or the terminal).",
        rows, 2};
    char training[PATH_TEXT];
    int code, first = options_parse(&spec, argc, argv, &o.common, &code);

    if (first < 0)
        return code;
    if (o.training && o.common.db == NULL) {
        if ((code = database_path_training("lots", &o.common, training)) != 0)
            return code;
        o.common.db = training;
    }
    return first == argc ? list(&o) : change(&o, argv[first], first + 1 < argc ? argv[first + 1] : NULL);
}
