/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/text/complaint.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int fill(struct complaint *c, enum failure_code code, const struct place *at, const char *text,
                va_list args) __attribute__((format(printf, 4, 0)));

static int fill(struct complaint *c, enum failure_code code, const struct place *at, const char *text,
                va_list args)
{
    bool inside = at->inside != NULL && at->inside[0] != '\0';
    char line[16] = "";
    int n;

    if (c == NULL || c->code != FAILURE_NONE)
        return -1;
    c->code = code;
    if (at->line > 0)
        snprintf(line, sizeof line, ":%d", at->line);
    n = snprintf(c->text, sizeof c->text, "%s%s: %s%s", at->file, line, inside ? at->inside : "",
                 inside ? ": " : "");
    if (n >= 0 && (size_t)n < sizeof c->text)
        vsnprintf(c->text + n, sizeof c->text - (size_t)n, text, args);
    /* One line, whatever a hostile file name or member name holds. */
    for (char *p = c->text; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    return -1;
}

int complain(struct complaint *c, enum failure_code code, const char *file, int line, const char *text, ...)
{
    struct place at = {file, line, NULL};
    va_list args;

    va_start(args, text);
    fill(c, code, &at, text, args);
    va_end(args);
    return -1;
}

int complain_at(struct complaint *c, enum failure_code code, const struct place *at, const char *text, ...)
{
    va_list args;

    va_start(args, text);
    fill(c, code, at, text, args);
    va_end(args);
    return -1;
}

void complaint_clear(struct complaint *c)
{
    memset(c, 0, sizeof *c);
}
