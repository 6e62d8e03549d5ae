/* SPDX-License-Identifier: Apache-2.0 */
#include "db/care/verify_report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void verify_bad(struct verify_report *r, int64_t seq, const char *text, ...)
{
    char line[VERIFY_TEXT];
    va_list args;

    va_start(args, text);
    vsnprintf(line, sizeof line, text, args);
    va_end(args);
    if (r->first_bad == 0) {
        r->first_bad = seq;
        memcpy(r->text, line, sizeof line);
    }
    if (r->found < VERIFY_FINDINGS_MAX)
        memcpy(r->findings[r->found], line, sizeof line);
    r->found++;
}

void verify_note(struct verify_report *r, const char *text, ...)
{
    va_list args;

    va_start(args, text);
    if (r->noted < VERIFY_NOTES_MAX)
        vsnprintf(r->notes[r->noted], VERIFY_TEXT, text, args);
    va_end(args);
    r->noted++;
}
