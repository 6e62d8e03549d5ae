/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/job/reset_words.h"

#include <stdlib.h>
#include <string.h>

#define RESET_STEPS 32 /* as many as the engine runs */

static bool is_line(const char *text, size_t len)
{
    return len == 1 && (text[0] == '0' || text[0] == '1');
}

/* Seconds like 1, 0.05 or .5: six digits behind the point, ten seconds at most. */
static bool is_wait(const char *text, size_t len)
{
    size_t whole = strspn(text, "0123456789"), part = 0;

    if (text[whole] == '.')
        part = strspn(text + whole + 1, "0123456789");
    if (whole + part == 0 || whole > 9 || part > 6 || whole + (part > 0 ? part + 1 : 0) != len)
        return false;
    unsigned long seconds = strtoul(text, NULL, 10);
    return seconds < 10 || (seconds == 10 && strspn(text + whole + (part > 0), "0") >= part);
}

bool reset_words_are_good(const char *text)
{
    for (int steps = 0; steps < RESET_STEPS; steps++) {
        size_t len = strcspn(text, "|");
        const char *rest = text + 1;
        bool good =
            len > 1 &&
            ((strchr("DR", *text) != NULL && is_line(rest, len - 1)) ||
             (strchr("WH", *text) != NULL && is_wait(rest, len - 1)) ||
             (*text == 'U' && len == 4 && is_line(rest, 1) && rest[1] == ',' && is_line(rest + 2, 1)));

        if (!good)
            return false;
        if (text[len] == '\0')
            return true;
        text += len + 1;
    }
    return false;
}
