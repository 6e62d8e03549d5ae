/* SPDX-License-Identifier: Apache-2.0 */
#include "station/print/cmd_fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "station/print/prose.h"

int cmd_fail(enum exit_code code, const char *verb, const char *text, ...)
{
    va_list args;

    char *said = NULL;

    fflush(stdout);
    va_start(args, text);
    if (vasprintf(&said, text, args) < 0)
        said = NULL;
    va_end(args);
    prose_print(stderr, 2, CMD_CALL ": %s\n", CMD_CALL_OF(verb), said != NULL ? said : text);
    free(said);
    return (int)code;
}

int cmd_failure(enum exit_code code, const char *verb, const struct failure *f)
{
    return cmd_fail(code, verb, "%s (%d): %s", failure_title(f->code), (int)f->code, f->detail);
}
