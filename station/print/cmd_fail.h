/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_fail - the line that tells why a verb ends, and the code it ends with: the same from whatever depth it comes. */
#ifndef STATION_PRINT_CMD_FAIL_H
#define STATION_PRINT_CMD_FAIL_H

#include "base/failure.h"
#include "station/print/exit_code.h"

/*
 * How a verb is called, for printf: "flashline run". One that begins with '-' is a programme of its own: "-sim" is
 * flashline-sim.
 */
#define CMD_CALL                "flashline%s%s"
#define CMD_CALL_OF(verb_)      CMD_IS_PROGRAMME(verb_) ? "" : " ", (verb_)
#define CMD_IS_PROGRAMME(verb_) ((verb_)[0] == '-')

/* Prints "flashline VERB: text" and a newline to stderr and returns `code`: `return cmd_fail(EXIT_INPUT, "run", ...)`. */
int cmd_fail(enum exit_code code, const char *verb, const char *text, ...)
    __attribute__((format(printf, 3, 4)));
/* The same for a failure: its title, number and detail. */
int cmd_failure(enum exit_code code, const char *verb, const struct failure *f);

#endif /* STATION_PRINT_CMD_FAIL_H */
