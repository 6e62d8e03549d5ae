/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/skipped.h"

static int rows;
static char last[512];

void skipped_row(const char *why, ...)
{
    char text[sizeof last];
    va_list args;

    va_start(args, why);
    vsnprintf(text, sizeof text, why, args);
    va_end(args);
    rows++;
    if (strcmp(text, last) == 0)
        return;
    snprintf(last, sizeof last, "%s", text);
    printf("skipped: %s\n", text);
    fflush(stdout);
}

int skipped_rows(void)
{
    return rows;
}
