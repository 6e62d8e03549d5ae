/* SPDX-License-Identifier: Apache-2.0 */
#include "station/print/cmd_fail.h"

#include <stdarg.h>
#include <stdio.h>

int cmd_fail(enum exit_code code, const char *verb, const char *text, ...)
{
    va_list args;

    fflush(stdout);
    fprintf(stderr, CMD_CALL ": ", CMD_CALL_OF(verb));
    va_start(args, text);
    vfprintf(stderr, text, args);
    va_end(args);
    fputc('\n', stderr);
    return (int)code;
}

int cmd_failure(enum exit_code code, const char *verb, const struct failure *f)
{
    return cmd_fail(code, verb, "%s (%d): %s", failure_title(f->code), (int)f->code, f->detail);
}
