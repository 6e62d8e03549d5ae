/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_operator - who works here: list, enrol, disable; cmd_unlock - release what a stop rule holds. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "db/desk/operator.h"
#include "db/desk/stop_rule.h"
#include "station/cli/cmd.h"
#include "station/cli/record_options.h"
#include "station/print/json.h"
#include "station/print/prose.h"
#include "station/print/table.h"
#include "station/work/work_client.h"

#define OPERATORS_MAX 512
#define STOPS_MAX     128

struct operator_options {
    struct options_common common;
    int role; /* index of the choice; -1: not given, the role stays as it is */
    const char *badge;
};

static int list_operators(const struct operator_options *o)
{
    static const char *const titles[] = {"NAME", "ROLE", "BADGE", "PIN", "STATE", NULL};
    struct operator_info all[OPERATORS_MAX];
    struct failure f = {0};
    int code;
    struct db *db = record_open("operator", &o->common, &code);

    if (db == NULL)
        return code;
    int rows = operator_list(db, all, OPERATORS_MAX, &f);
    db_close(db);
    if (rows < 0)
        return cmd_fail(EXIT_INPUT, "operator", "%s", f.detail);
    struct table *t = table_new(titles);
    for (int i = 0; i < rows; i++) {
        if (o->common.json) {
            json_t *line = json_line_new("operator");
            json_put_text(line, "name", all[i].name);
            json_put_text(line, "role", all[i].is_engineer ? "engineer" : "operator");
            json_put_bool(line, "badge", all[i].has_badge);
            json_put_bool(line, "pin", all[i].has_pin);
            json_put_bool(line, "active", all[i].active);
            json_line_write(stdout, line);
        } else if (t != NULL) {
            table_text(t, all[i].name);
            table_text(t, all[i].is_engineer ? "engineer" : "operator");
            table_text(t, all[i].has_badge ? "yes" : "-");
            table_text(t, all[i].has_pin ? "yes" : "-");
            table_text(t, all[i].active ? "active" : "disabled");
        }
    }
    if (!o->common.json && t != NULL)
        table_print(t, stdout);
    table_free(t);
    return EXIT_ALL_PASS;
}

static int new_pin(const char *question, char pin[static PIN_TEXT])
{
    int rc = pin_ask_new(question, pin);

    if (rc == -EINVAL)
        return cmd_fail(EXIT_USAGE, "operator", "the two PINs are not the same: nothing was changed");
    if (rc == -ENODATA)
        return cmd_fail(EXIT_USAGE, "operator", "no PIN was typed: nothing was changed");
    if (rc == -ECANCELED)
        return cmd_fail(EXIT_INTERRUPTED, "operator", "nothing was done");
    if (rc != 0)
        return cmd_fail(EXIT_USAGE, "operator", "no terminal to ask for the new PIN: set FLASHLINE_NEW_PIN");
    return 0;
}

static int add_operator(const struct operator_options *o, const char *name)
{
    static const char *const roles[] = {"operator", "engineer"};
    char pin[PIN_TEXT] = "";
    struct work_call call = {.action = WORK_OPERATOR_ADD,
                             .object = name,
                             .badge = o->badge,
                             .text = o->role >= 0 ? roles[o->role] : NULL};

    if (o->role == 1) {
        int code = new_pin("New PIN for this engineer (six digits or more, or a passphrase of eight)", pin);
        if (code != 0)
            return code;
        call.new_pin = pin;
    }
    int code = work_request("operator", &o->common, &call, NULL);
    OPENSSL_cleanse(pin, sizeof pin);
    if (code == EXIT_ALL_PASS && !o->common.json)
        prose_print(stdout, 2, "%s is enrolled%s%s\n", name, o->role >= 0 ? " as " : "",
                    o->role >= 0 ? roles[o->role] : "");
    return code;
}

static int disable_operator(const struct operator_options *o, const char *name)
{
    struct work_call call = {.action = WORK_OPERATOR_DISABLE, .object = name};
    int code = work_request("operator", &o->common, &call, NULL);

    if (code == EXIT_ALL_PASS && !o->common.json)
        prose_print(stdout, 2, "%s may not begin a board from now on\n", name);
    return code;
}

static int change_pin(const struct operator_options *o, const char *name)
{
    char pin[PIN_TEXT] = "";
    struct work_call call = {.action = WORK_PIN, .object = name, .new_pin = pin};
    int code = new_pin("The new PIN (six digits or more, or a passphrase of eight)", pin);

    if (code == 0)
        code = work_request("operator", &o->common, &call, NULL);
    OPENSSL_cleanse(pin, sizeof pin);
    if (code == EXIT_ALL_PASS && !o->common.json)
        prose_print(stdout, 2, "%s has a new PIN\n", name);
    return code;
}

int cmd_operator(int argc, char **argv)
{
    struct operator_options o = {.role = -1};
    const struct options_row rows[] = {
        OPTIONS_DOES("add", "OPERATOR", "enrols a person, or changes badge, PIN or role"),
        OPTIONS_DOES("disable", "OPERATOR", "takes the right to work away"),
        OPTIONS_DOES("pin", "OPERATOR",
                     "changes an engineer's own PIN, which it asks for too ($FLASHLINE_PIN)"),
        OPTIONS_WORD("role", &o.role, "operator|engineer",
                     "add: what the person may do (not given: as it was, or operator)"),
        OPTIONS_STRING("badge", &o.badge, "CODE", "add: the badge as the scanner reads it"),
        OPTIONS_END,
    };
    const struct options_spec spec = {
        "operator", "[WORD OPERATOR] [OPTION...]",
        "Lists who is enrolled; with a word it changes that.\n"
        "With the first engineer the role lock closes: from then on engineer's work needs a PIN ($FLASHLINE_PIN or\n"
        "the terminal). An engineer's new PIN is asked for, or taken from $FLASHLINE_NEW_PIN: six digits or\n"
        "more, or a passphrase of eight characters or more.",
        rows, 2};
    int code, first = options_parse(&spec, argc, argv, &o.common, &code);

    if (first < 0)
        return code;
    if (first == argc)
        return list_operators(&o);
    const char *what = argv[first], *name = first + 1 < argc ? argv[first + 1] : NULL;
    bool add = strcmp(what, "add") == 0, pin = strcmp(what, "pin") == 0;
    if (!add && !pin && strcmp(what, "disable") != 0)
        return cmd_fail(EXIT_USAGE, "operator", "'%s' is not one of add, disable, pin", what);
    if (name == NULL || name[0] == '\0')
        return cmd_fail(EXIT_USAGE, "operator", "%s needs a name: flashline operator %s NAME", what, what);
    if (pin)
        return change_pin(&o, name);
    return add ? add_operator(&o, name) : disable_operator(&o, name);
}

static int list_stops(const struct options_common *common, bool training)
{
    struct stop_info stops[STOPS_MAX];
    struct failure f = {0};
    int code;
    struct db *db = record_open("unlock", common, &code);

    if (db == NULL)
        return code;
    int rows = stop_list(db, training, stops, STOPS_MAX, &f);
    db_close(db);
    if (rows < 0)
        return cmd_fail(EXIT_INPUT, "unlock", "%s", f.detail);
    for (int i = 0; i < rows; i++) {
        if (common->json) {
            json_t *o = json_line_new("stop");
            json_put_int(o, "slot", stops[i].slot);
            json_put_text(o, "text", stops[i].text);
            json_put_time(o, "since", stops[i].at_ms);
            json_line_write(stdout, o);
        } else {
            printf("%s\n", stops[i].text);
        }
    }
    if (rows == 0 && !common->json)
        puts("no stop holds");
    return EXIT_ALL_PASS;
}

int cmd_unlock(int argc, char **argv)
{
    struct options_common common = {0};
    long slot = -1;
    bool station = false, training = false;
    const char *reason = NULL, *operator_id = NULL;
    const struct options_row rows[] = {
        OPTIONS_WHOLE("slot", &slot, "N", 1, 9999, "the slot that is stopped"),
        OPTIONS_SWITCH("station", &station, "the station's own stop"),
        OPTIONS_STRING("reason", &reason, "TEXT", "what was wrong and what was done about it"),
        OPTIONS_STRING("operator", &operator_id, "NAME", "who asks"),
        OPTIONS_SWITCH("training", &training, "list the stops of training attempts"),
        OPTIONS_END,
    };
    const struct options_spec spec = {
        "unlock", "[--slot N | --station] --reason TEXT",
        "Releases what a stop rule holds; without a slot or --station it lists what is held.\n"
        "The engineer's (PIN from $FLASHLINE_PIN or the terminal).",
        rows, 0};
    int code, first = options_parse(&spec, argc, argv, &common, &code);

    if (first < 0)
        return code;
    if (slot < 0 && !station)
        return reason == NULL ? list_stops(&common, training)
                              : cmd_fail(EXIT_USAGE, "unlock", "say what: --slot N or --station");
    if (slot > 0 && station)
        return cmd_fail(EXIT_USAGE, "unlock", "--slot and --station are two stops: one at a time");
    struct work_call call = {
        .action = WORK_UNLOCK, .number = station ? 0 : slot, .reason = reason, .actor = operator_id};
    code = work_request("unlock", &common, &call, NULL);
    if (code == EXIT_ALL_PASS && !common.json && station)
        puts("the station's stop is released");
    else if (code == EXIT_ALL_PASS && !common.json)
        printf("the stop of slot %ld is released\n", slot);
    return code;
}
