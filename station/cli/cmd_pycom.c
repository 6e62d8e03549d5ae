/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_pycom - what Pycom's boards have and others have not: LoRa regions. */
#include <stdio.h>
#include <string.h>

#include "station/cli/cmd.h"
#include "station/cli/options.h"
#include "station/cli/pycom_regions.h"

static const char summary[] =
    "regions lists the LoRa regions that Pycom's firmware knows, their codes and which boards take them, and every country\n"
    "with its plan; with a WORD (a name, a code, a country) what that one leads to. Pycom's own updater writes no IN865: its\n"
    "India is no region, and LoRa does not start.";

int cmd_pycom(int argc, char **argv)
{
    struct options_common common = {0};
    const char *board = NULL;
    const struct options_row rows[] = {
        OPTIONS_DOES("regions", "[WORD]", "the LoRa regions and countries, or what WORD leads to"),
        OPTIONS_STRING("board", &board, "B", "the board's type, where that matters: LoPy, LoPy4, FiPy"),
        OPTIONS_END,
    };
    const struct options_spec spec = {"pycom", "WORD [OPTION...]", summary, rows, 2};
    int code, first = options_parse(&spec, argc, argv, &common, &code);

    if (first < 0)
        return code;
    if (first < argc && strcmp(argv[first], "regions") == 0)
        return pycom_regions(first + 1 < argc ? argv[first + 1] : NULL, board, common.json);
    if (first == argc)
        return cmd_fail(EXIT_USAGE, "pycom", "say what: flashline pycom regions");
    return cmd_fail(EXIT_USAGE, "pycom", "'%s' is not understood; usage: flashline pycom regions [WORD]",
                    argv[first]);
}
