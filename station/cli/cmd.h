/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd - one verb, one function, one file. To add one: a row in station/cli/verbs.h and a file station/cli/cmd_<verb>.c.
 *
 * A verb gets its own arguments (argv[0] is its name), prints what it has to say and returns an enum exit_code.
 * Verbs run in the only thread there is when they start; signals and locale are as main() left them.
 */
#ifndef STATION_CLI_CMD_H
#define STATION_CLI_CMD_H

#include "station/cli/verbs.h"
#include "station/print/cmd_fail.h"

struct verb {
    const char *name, *help;
    int (*run)(int argc, char **argv);
};

#define X(name, help) int cmd_##name(int argc, char **argv);
VERBS(X)
#undef X

#endif /* STATION_CLI_CMD_H */
