/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_serial - a board's serial number for a running station, from a robot or a line's software instead of a scanner. */
#include <stdio.h>

#include "station/cli/cmd.h"
#include "station/cli/options.h"
#include "station/print/json.h"
#include "station/work/control.h"
#include "station/work/database_path.h"

static const char summary[] =
    "Gives the board that waits in slot N its serial number, as a scan on the station's screen would: by the same rules, and\n"
    "for this board alone. --back takes it back until the board is erased; its attempt then ends ABORTED.\n"
    "The run is found by its database: --training for virtual boards and practice, --db for a file of one's own.\n"
    "Exit: 0 taken, 1 refused, 2 usage, 4 no station runs there.";

static void put_json(long slot, const char *code, const struct failure *f)
{
    json_t *o = json_line_new("serial");

    json_put_int(o, "slot", slot);
    json_put_text(o, "serial", code);
    json_put_bool(o, "refused", f != NULL);
    json_put_text(o, "text", f != NULL ? f->detail : NULL);
    json_line_write(stdout, o);
}

int cmd_serial(int argc, char **argv)
{
    struct options_common common = {0};
    long slot = 0;
    bool back = false, training = false;
    const struct options_row rows[] = {
        OPTIONS_WHOLE("slot", &slot, "N", 1, 256, "the slot in which the board stands"),
        OPTIONS_SWITCH("back", &back, "take its serial number back"),
        OPTIONS_SWITCH("training", &training, "the run is one of virtual boards, or for practice"),
        OPTIONS_END,
    };
    const struct options_spec spec = {"serial", "--slot N CODE|--back", summary, rows, 1};
    char path[PATH_TEXT];
    struct failure f = {0};
    int code;

    int first = options_parse(&spec, argc, argv, &common, &code);
    if (first < 0)
        return code;
    const char *text = first < argc ? argv[first] : NULL;
    if (slot == 0)
        return cmd_fail(EXIT_USAGE, "serial", "--slot is missing: in which slot does the board stand?");
    if (back == (text != NULL))
        return cmd_fail(EXIT_USAGE, "serial", "say which: a serial number, or --back");
    code =
        training ? database_path_training("serial", &common, path) : database_path("serial", &common, path);
    if (code != 0)
        return code;
    const struct control_serial serial = {.slot = (int)slot, .code = text};
    int rc = control_serial(path, &serial, &f);
    if (rc == 1)
        return cmd_fail(EXIT_INPUT, "serial", "no station runs with %s", path);
    if (rc != 0 && f.code == FAIL_DB_OPEN)
        return cmd_fail(EXIT_INPUT, "serial", "%s", f.detail);
    if (common.json)
        put_json(slot, text, rc != 0 ? &f : NULL);
    if (rc != 0)
        return cmd_fail(EXIT_SOME_FAIL, "serial", "%s", f.detail);
    return EXIT_ALL_PASS;
}
