/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/complaint.h"

#include <stdio.h>
#include <string.h>

int complain(struct complaint *c, enum failure_code code, const char *file, int line, const char *text, ...)
{
    va_list args;
    int n;

    if (c == NULL || c->code != FAILURE_NONE)
        return -1;
    c->code = code;
    n = line > 0 ? snprintf(c->text, sizeof c->text, "%s:%d: ", file, line)
                 : snprintf(c->text, sizeof c->text, "%s: ", file);
    if (n < 0 || (size_t)n >= sizeof c->text)
        return -1;
    va_start(args, text);
    vsnprintf(c->text + n, sizeof c->text - (size_t)n, text, args);
    va_end(args);
    return -1;
}

void complaint_clear(struct complaint *c)
{
    memset(c, 0, sizeof *c);
}
