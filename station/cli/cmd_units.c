/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_units - one line a unit: what became of it last. */
#include "station/cli/cmd.h"
#include "station/cli/record_options.h"

int cmd_units(int argc, char **argv)
{
    static const struct record_column columns[] = {
        {"MAC", "mac"},       {"SERIAL", "serial"},   {"RESULT", "result"}, {">RETRIES", "retries"},
        {">CODE", "code"},    {">TRIES", "tries"},    {"LOT", "lot"},       {">SLOT", "slot"},
        {"JOB", "job"},       {"VERSION", "version"}, {"CHIP", "chip"},     {">SECONDS", "seconds"},
        {"OPENED", "opened"}, {NULL, NULL},
    };
    struct options_common common = {0};
    struct record_options o = {0};
    struct record_filter filter;
    const struct options_row rows[] = {RECORD_OPTIONS_ROWS(&o), OPTIONS_END};
    const struct options_spec spec = {
        "units", "[OPTION...]",
        "Lists the units that were identified, each by its last attempt (times are local, with their offset).\n"
        "Attempts on virtual boards are left out unless --training is given.",
        rows, 0};
    int code, first = options_parse(&spec, argc, argv, &common, &code);

    if (first < 0 || (code = record_options_filter("units", &o, &filter)) != 0)
        return code;
    struct db *db = record_open_for("units", &common, o.training, &code);
    if (db == NULL)
        return code;
    code = record_list("units", db, RECORD_UNITS, &filter, columns, common.json);
    db_close(db);
    return code;
}
