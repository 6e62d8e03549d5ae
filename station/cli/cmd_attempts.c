/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_attempts - one line an attempt, oldest first. */
#include "station/cli/cmd.h"
#include "station/cli/record_options.h"

int cmd_attempts(int argc, char **argv)
{
    static const struct record_column columns[] = {
        {">ATTEMPT", "attempt"}, {"OPENED", "opened"},    {">SLOT", "slot"},        {"MAC", "mac"},
        {"RESULT", "result"},    {">RETRIES", "retries"}, {">CODE", "code"},        {"STAGE", "stage"},
        {">TRY", "try"},         {"LOT", "lot"},          {"OPERATOR", "operator"}, {"CHIP", "chip"},
        {"VERSION", "version"},  {">SECONDS", "seconds"}, {"DETAIL", "detail"},     {NULL, NULL},
    };
    struct options_common common = {0};
    struct record_options o = {0};
    struct record_filter filter;
    const struct options_row rows[] = {RECORD_OPTIONS_ROWS(&o), OPTIONS_END};
    const struct options_spec spec = {
        "attempts", "[OPTION...]",
        "Lists attempts, running ones too, oldest first (times are local, with their offset).\n"
        "Attempts on virtual boards are left out unless --training is given.",
        rows, 0};
    int code, first = options_parse(&spec, argc, argv, &common, &code);

    if (first < 0 || (code = record_options_filter("attempts", &o, &filter)) != 0)
        return code;
    struct db *db = record_open_filtered("attempts", &common, &filter, &code);
    if (db == NULL)
        return code;
    filter.running = true;
    code = record_list("attempts", db, RECORD_ATTEMPTS, &filter, columns, common.json);
    db_close(db);
    return code;
}
