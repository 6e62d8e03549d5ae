/* SPDX-License-Identifier: Apache-2.0 */
#include "station/config/config_lines.h"

#include <stdbool.h>
#include <string.h>

static bool is_break(char c)
{
    return c == '\n' || c == '\r';
}

static size_t skip_spaces(const char *text, size_t size, size_t at)
{
    while (at < size && (text[at] == ' ' || text[at] == '\t'))
        at++;
    return at;
}

size_t config_line_end_any(const char *text, size_t size, size_t at)
{
    while (at < size && !is_break(text[at]))
        at++;
    return at;
}

size_t config_line_start_any(const char *text, size_t at)
{
    while (at > 0 && !is_break(text[at - 1]))
        at--;
    /* A byte order mark takes no column. */
    return at == 0 && strncmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : at;
}

size_t config_skip_break(const char *text, size_t size, size_t at)
{
    if (at + 1 < size && text[at] == '\r' && text[at + 1] == '\n')
        return at + 2;
    return at < size && is_break(text[at]) ? at + 1 : at;
}

size_t config_back_over_break(const char *text, size_t at)
{
    if (at > 1 && text[at - 1] == '\n' && text[at - 2] == '\r')
        return at - 2;
    return at > 0 && is_break(text[at - 1]) ? at - 1 : at;
}

size_t config_skip_blanks(const char *text, size_t size, size_t at)
{
    size_t end = skip_spaces(text, size, at), next = config_skip_break(text, size, end);

    return next != end ? skip_spaces(text, size, next) : end;
}

size_t config_line_end(const char *text, size_t size, size_t at)
{
    size_t end = skip_spaces(text, size, at);

    if (end == size || is_break(text[end]))
        return end;
    if (text[end] != '#' || end == at)
        return CONFIG_NO_PLACE;
    return config_line_end_any(text, size, end);
}

size_t config_line_start(const char *text, size_t at)
{
    size_t start = config_line_start_any(text, at);

    for (size_t i = start; i < at; i++)
        if (text[i] != ' ')
            return CONFIG_NO_PLACE;
    return start;
}

const char *config_line_break(const char *text, size_t size, size_t at)
{
    size_t end = at < size && is_break(text[at]) ? at : config_line_end_any(text, size, 0);

    if (end + 1 < size && text[end] == '\r' && text[end + 1] == '\n')
        return "\r\n";
    return end < size && text[end] == '\r' ? "\r" : "\n";
}

/* Blanks, breaks and comments. */
static size_t skip_nothing(const char *text, size_t size, size_t at)
{
    while (at < size && (text[at] == ' ' || text[at] == '\t' || is_break(text[at]) || text[at] == '#'))
        at = text[at] == '#' ? config_line_end_any(text, size, at) : at + 1;
    return at;
}

/* The end of the last &anchor or !tag at `at`; `at` itself where there is none. */
static size_t skip_properties(const char *text, size_t size, size_t at)
{
    size_t end = at;

    while (at < size && (text[at] == '&' || text[at] == '!')) {
        while (at < size && text[at] != ' ' && !is_break(text[at]))
            at++;
        end = at;
        at = skip_spaces(text, size, at);
    }
    return end;
}

size_t config_dash(const char *text, size_t size, size_t at)
{
    at = skip_nothing(text, size, skip_properties(text, size, at));
    return at < size && text[at] == '-' ? at : CONFIG_NO_PLACE;
}

size_t config_comma(const char *text, size_t size, size_t at)
{
    at = skip_nothing(text, size, at);
    return at < size && text[at] == ',' ? at : CONFIG_NO_PLACE;
}

size_t config_value_place(const char *text, size_t size, size_t key, size_t value)
{
    size_t end = skip_properties(text, size, value);

    if (end != value)
        return end;
    key = skip_spaces(text, size, key);
    return key < size && text[key] == ':' ? key + 1 : CONFIG_NO_PLACE;
}

int config_key_column(const char *text, size_t at, int column)
{
    size_t back = at;

    while (back > 0 && text[back - 1] == ' ')
        back--;
    return back > 0 && back < at && text[back - 1] == '?' ? column - (int)(at - back) - 1 : column;
}
