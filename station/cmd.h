/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd - one verb, one function, one file. To add one: a row in station/verbs.h and a file station/cmd_<verb>.c.
 *
 * A verb gets its own arguments (argv[0] is its name), prints what it has to say and returns an enum exit_code.
 * Verbs run in the only thread there is when they start; signals and locale are as main() left them.
 */
#ifndef STATION_CMD_H
#define STATION_CMD_H

#include "base/failure.h"
#include "station/exit_code.h"
#include "station/verbs.h"

struct verb {
    const char *name, *help;
    int (*run)(int argc, char **argv);
};

#define X(name, help) int cmd_##name(int argc, char **argv);
VERBS(X)
#undef X

/* Prints "flashline VERB: text" and a newline to stderr and returns `code`: `return cmd_fail(EXIT_INPUT, "run", ...)`. */
int cmd_fail(enum exit_code code, const char *verb, const char *text, ...)
    __attribute__((format(printf, 3, 4)));
/* The same for a failure: its title, number and detail. */
int cmd_failure(enum exit_code code, const char *verb, const struct failure *f);

#endif /* STATION_CMD_H */
