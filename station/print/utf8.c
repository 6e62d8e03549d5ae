/* SPDX-License-Identifier: Apache-2.0 */
#include "station/print/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/plain.h"

char *utf8_repair(const char *text)
{
    char *copy = malloc(3 * strlen(text) + 1), *to = copy;
    uint32_t c;

    if (copy == NULL)
        return NULL;
    for (size_t n; (n = plain_next(text, &c)) > 0; text += n) {
        bool bad = plain_is_broken(c, n);
        memcpy(to, bad ? "\xEF\xBF\xBD" : text, bad ? 3 : n);
        to += bad ? 3 : n;
    }
    *to = '\0';
    return copy;
}

char *utf8_plain(const char *text)
{
    char *copy = utf8_repair(text), *to = copy, *from = copy;
    uint32_t c;

    if (copy == NULL)
        return NULL;
    for (size_t n; (n = plain_next(from, &c)) > 0; from += n) {
        if (plain_acts(c)) {
            *to++ = '?';
        } else {
            memmove(to, from, n);
            to += n;
        }
    }
    *to = '\0';
    return copy;
}

int utf8_columns(const char *text)
{
    int columns = 0;
    uint32_t c;

    for (size_t n; (n = plain_next(text, &c)) > 0; text += n) {
        int w = c < 0x80 ? 1 : wcwidth((wchar_t)c);
        columns += w < 0 ? 1 : w; /* the C locale knows no width beyond ASCII */
    }
    return columns;
}
