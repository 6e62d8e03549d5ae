/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_attach - the screen of a station that runs already: on any terminal, also over ssh. */
#include "station/cli/cmd.h"
#include "station/cli/options.h"
#include "station/run/attach.h"
#include "station/work/database_path.h"

static const char summary[] =
    "Shows the tray of the running station on this terminal. Several may look; one of them, or the station's own screen, works:\n"
    "key w takes the work, and gives it back. q leaves; the station goes on. With --json: its state and all that happens, as lines.\n"
    "The run is found by its database: --training for virtual boards and practice, --db for a file of one's own.\n"
    "Exit: 0 left, or the station ended, 1 refused, 2 usage, 3 the connection is lost, 4 no station runs there, 5 terminal lost.";

int cmd_attach(int argc, char **argv)
{
    struct options_common common = {0};
    struct attach_options o = {.verb = "attach"};
    bool training = false;
    const struct options_row rows[] = {
        OPTIONS_SWITCH("work", &o.work, "take the work at once; another has it: do not begin"),
        OPTIONS_SWITCH("training", &training, "the run is one of virtual boards, or for practice"),
        OPTIONS_SWITCH("ascii", &o.ascii, "a screen of plain ASCII"),
        OPTIONS_SWITCH("mono", &o.mono, "a screen without colour"),
        OPTIONS_END,
    };
    const struct options_spec spec = {"attach", "[OPTION...]", summary, rows, 0};
    char path[PATH_TEXT];
    int code;

    if (options_parse(&spec, argc, argv, &common, &code) < 0)
        return code;
    if (o.work && common.json)
        return cmd_fail(
            EXIT_USAGE, "attach",
            "--work and --json exclude each other: programmes act by 'flashline duty' and 'flashline serial'");
    code =
        training ? database_path_training("attach", &common, path) : database_path("attach", &common, path);
    if (code != 0)
        return code;
    o.database = path;
    o.json = common.json;
    return attach_run(&o);
}
