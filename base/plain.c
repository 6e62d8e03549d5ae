/* SPDX-License-Identifier: Apache-2.0 */
#include "base/plain.h"

#include <string.h>

#define REPLACEMENT 0xFFFDu

size_t plain_next(const char *text, uint32_t *out)
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
        if (!plain_continues(text[i]))
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

bool plain_is_broken(uint32_t code, size_t length)
{
    return code == REPLACEMENT && length == 1;
}

bool plain_continues(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
}

static bool turns_text(uint32_t c)
{
    return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069);
}

bool plain_acts(uint32_t code)
{
    return is_control(code) || turns_text(code);
}

const char *plain_trouble(const char *text)
{
    uint32_t c;

    for (size_t n; text != NULL && (n = plain_next(text, &c)) > 0; text += n) {
        if (plain_is_broken(c, n))
            return "is not UTF-8";
        if (is_control(c))
            return "has a control character";
        if (turns_text(c))
            return "has a mark that turns the direction of writing";
    }
    return NULL;
}

#define WIDE_BLANK 0x3000u

/* Zs, but for the plain space (Unicode 15, General_Category). */
static bool is_other_blank(uint32_t c)
{
    return c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F ||
           c == WIDE_BLANK;
}

static bool is_ignorable(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {{0xAD, 0xAD},      {0x34F, 0x34F},   {0x61C, 0x61C},     {0x115F, 0x1160},
                  {0x17B4, 0x17B5},  {0x180B, 0x180F}, {0x200B, 0x200F},   {0x202A, 0x202E},
                  {0x2060, 0x206F},  {0x3164, 0x3164}, {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},
                  {0xFFA0, 0xFFA0},  {0xFFF0, 0xFFF8}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
                  {0xE0000, 0xE0FFF}};

    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    }
    return false;
}

bool plain_is_hidden(uint32_t code)
{
    return is_ignorable(code) || (is_other_blank(code) && code != WIDE_BLANK);
}

bool plain_hides(const char *name)
{
    uint32_t c, last = 0;
    size_t n;

    for (const char *at = name; (n = plain_next(at, &c)) > 0; at += n) {
        if (plain_is_hidden(c) || (at == name && c == WIDE_BLANK))
            return true;
        last = c;
    }
    return last == WIDE_BLANK;
}

bool plain_is_blank(const char *name)
{
    uint32_t c;

    for (size_t n; name != NULL && (n = plain_next(name, &c)) > 0; name += n) {
        if (c != ' ' && !is_other_blank(c) && !is_ignorable(c))
            return false;
    }
    return true;
}

const char *plain_name_trouble(const char *name)
{
    if (plain_trouble(name) != NULL)
        return plain_trouble(name);
    if (plain_is_blank(name))
        return "is blank";
    if (plain_hides(name))
        return "has a character that cannot be seen";
    return strlen(name) >= PLAIN_NAME_SIZE ? "is longer than 63 bytes" : NULL;
}

/* What no one reads as a letter, of the blocks that hold no letters at all; good enough to tell words from dots. */
static bool is_letter(uint32_t c)
{
    if (c < 0x80)
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return c >= 0xC0 && c != 0xD7 && c != 0xF7 && !(c >= 0x2000 && c <= 0x2BFF) &&
           !(c >= 0x3000 && c <= 0x303F) && !(c >= 0xFE00 && c <= 0xFE6F) && c != 0xFEFF &&
           !(c >= 0xFF00 && c <= 0xFF20) && c < 0xFFF0;
}

bool plain_is_words(const char *text)
{
    uint32_t c;

    if (text == NULL || plain_trouble(text) != NULL)
        return false;
    for (size_t n; (n = plain_next(text, &c)) > 0; text += n) {
        if (is_letter(c))
            return true;
    }
    return false;
}
