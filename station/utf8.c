/* SPDX-License-Identifier: Apache-2.0 */
#include "station/utf8.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define REPLACEMENT 0xFFFDu

size_t utf8_next(const char *text, uint32_t *out)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *p = (const unsigned char *)text;
    size_t len = p[0] < 0x80             ? 1
                 : (p[0] & 0xE0) == 0xC0 ? 2
                 : (p[0] & 0xF0) == 0xE0 ? 3
                 : (p[0] & 0xF8) == 0xF0 ? 4
                                         : 0;

    *out = p[0];
    if (p[0] == '\0')
        return 0;
    if (len == 1)
        return 1;
    uint32_t c = len > 0 ? p[0] & (0xFFu >> (len + 1)) : 0;
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80)
            len = 0;
        else
            c = c << 6 | (p[i] & 0x3Fu);
    }
    if (len == 0 || c < least[len] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
        *out = REPLACEMENT;
        return 1;
    }
    *out = c;
    return len;
}

char *utf8_repair(const char *text)
{
    char *copy = malloc(3 * strlen(text) + 1), *to = copy;
    uint32_t c;

    if (copy == NULL)
        return NULL;
    for (size_t n; (n = utf8_next(text, &c)) > 0; text += n) {
        int bad = c == REPLACEMENT && n == 1;
        memcpy(to, bad ? "\xEF\xBF\xBD" : text, bad ? 3 : n);
        to += bad ? 3 : n;
    }
    *to = '\0';
    return copy;
}

static bool does_something(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069);
}

char *utf8_plain(const char *text)
{
    char *copy = utf8_repair(text), *to = copy, *from = copy;
    uint32_t c;

    if (copy == NULL)
        return NULL;
    for (size_t n; (n = utf8_next(from, &c)) > 0; from += n) {
        if (does_something(c)) {
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

    for (size_t n; (n = utf8_next(text, &c)) > 0; text += n) {
        int w = c < 0x80 ? 1 : wcwidth((wchar_t)c);
        columns += w < 0 ? 1 : w; /* the C locale knows no width beyond ASCII */
    }
    return columns;
}
