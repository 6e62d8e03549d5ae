/* SPDX-License-Identifier: Apache-2.0 */
#include "station/cli/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void doctor_add(struct doctor_report *r, const char *check, const char *subject, enum failure_code code,
                const char *remedy, const char *words, ...)
{
    va_list args;

    if (r->count == r->room) {
        size_t room = r->room > 0 ? r->room * 2 : 32;
        struct doctor_finding *more = realloc(r->findings, room * sizeof *more);
        if (more == NULL) {
            r->lost = true;
            return;
        }
        r->findings = more;
        r->room = room;
    }
    struct doctor_finding *f = &r->findings[r->count++];
    *f = (struct doctor_finding){.check = check, .well = remedy == NULL, .code = code};
    snprintf(f->subject, sizeof f->subject, "%s", subject);
    snprintf(f->remedy, sizeof f->remedy, "%s", remedy != NULL ? remedy : "");
    va_start(args, words);
    vsnprintf(f->words, sizeof f->words, words, args);
    va_end(args);
}

void doctor_report_free(struct doctor_report *r)
{
    free(r->findings);
    *r = (struct doctor_report){0};
}
