/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_units - one line a unit: what became of it last. */
#include <stdio.h>

#include "station/cli/archived_rows.h"
#include "station/cli/cmd.h"
#include "station/cli/record_options.h"
#include "station/print/prose.h"

static const struct record_column columns[] = {
    {"MAC", "mac"},    {"SERIAL", "serial"},   {"RESULT", "result"}, {">RETRIES", "retries"},
    {">CODE", "code"}, {">TRIES", "tries"},    {"LOT", "lot"},       {">SLOT", "slot"},
    {"JOB", "job"},    {"VERSION", "version"}, {"CHIP", "chip"},     {">SECONDS", "seconds"},
    {"MARK", "mark"},  {"OPENED", "opened"},   {NULL, NULL},
};

struct listing {
    const struct record_filter *filter;
    bool json;
};

static int tell(void *ctx, struct db *rows)
{
    const struct listing *l = ctx;

    return record_list("units", rows, RECORD_UNITS, l->filter, columns, l->json);
}

/* What may leave may have been archived meanwhile: those units are listed too, where it is said of which lot or board. */
static int list_archived(struct db *db, const struct record_filter *filter, bool json)
{
    const struct past_ask ask = {.mac = filter->has_mac ? &filter->mac : NULL,
                                 .serial = filter->serial,
                                 .lot = filter->lot,
                                 .still_last = true};
    struct listing l = {filter, json};
    const struct archived_call call = {"units", json, &ask, tell, &l};
    struct past_file one;
    struct failure f = {0};

    if (ask.mac != NULL || ask.serial != NULL || ask.lot != NULL)
        return archived_rows(db, &call);
    int files = past_files(db, &ask, &one, 1, &f);
    if (files > 0)
        prose_print(stderr, 2, "units in archives are not among these: say --lot, --mac or --serial\n");
    return files < 0 ? cmd_fail(EXIT_INPUT, "units", "%s", f.detail) : EXIT_ALL_PASS;
}

int cmd_units(int argc, char **argv)
{
    struct options_common common = {0};
    struct record_options o = {0};
    struct record_filter filter;
    const struct options_row rows[] = {RECORD_OPTIONS_SHIPPABLE(&o), RECORD_OPTIONS_ROWS(&o), OPTIONS_END};
    const struct options_spec spec = {
        "units", "[OPTION...]",
        "Lists the units that were identified, each by its last attempt (times are local, with their offset).\n"
        "Attempts on virtual boards are left out unless --training is given.\n"
        "--shippable: the last attempt of any kind is a production PASS, the unit is not scrapped or in quarantine, and its\n"
        "serial number, if one was asked for or is there, is no other unit's.",
        rows, 0};
    int code, first = options_parse(&spec, argc, argv, &common, &code);

    if (first < 0 || (code = record_options_filter("units", &o, &filter)) != 0)
        return code;
    struct db *db = record_open_filtered("units", &common, &filter, &code);
    if (db == NULL)
        return code;
    code = record_list("units", db, RECORD_UNITS, &filter, columns, common.json);
    if (code == EXIT_ALL_PASS && filter.shippable)
        code = list_archived(db, &filter, common.json);
    db_close(db);
    return code;
}
