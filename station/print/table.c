/* SPDX-License-Identifier: Apache-2.0 */
#include "station/print/table.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/time_text.h"
#include "station/print/prose.h"
#include "station/print/utf8.h"

#define WIDE_GAP      2 /* blanks between columns */
#define RECORD_INDENT 2 /* of what a long word of a record goes on with */

struct table {
    const char *const *titles;
    size_t columns, count, room;
    char **cells; /* row after row */
    bool lost;
};

struct table *table_new(const char *const *titles)
{
    struct table *t = calloc(1, sizeof *t);

    if (t == NULL)
        return NULL;
    t->titles = titles;
    while (titles[t->columns] != NULL)
        t->columns++;
    return t;
}

void table_free(struct table *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < t->count; i++)
        free(t->cells[i]);
    free(t->cells);
    free(t);
}

static int lose(struct table *t)
{
    t->lost = true;
    return -1;
}

int table_text(struct table *t, const char *text)
{
    if (t->count == t->room) {
        size_t room = t->room == 0 ? 64 : 2 * t->room;
        char **cells = realloc(t->cells, room * sizeof *cells);
        if (cells == NULL)
            return lose(t);
        t->cells = cells;
        t->room = room;
    }
    char *copy = utf8_plain(text != NULL ? text : "");
    if (copy == NULL)
        return lose(t);
    t->cells[t->count++] = copy;
    return 0;
}

int table_format(struct table *t, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return table_text(t, text);
}

int table_time(struct table *t, int64_t wall_ms)
{
    char text[TIME_TEXT_SIZE];

    time_text_local(wall_ms, text);
    return table_text(t, text);
}

size_t table_rows(const struct table *t)
{
    return t->columns == 0 ? 0 : (t->count + t->columns - 1) / t->columns;
}

static bool is_right(const struct table *t, size_t column)
{
    return t->titles[column][0] == '>';
}

static const char *title(const struct table *t, size_t column)
{
    return t->titles[column] + is_right(t, column);
}

static int width_of(const struct table *t, size_t column)
{
    int width = utf8_columns(title(t, column));

    for (size_t i = column; i < t->count; i += t->columns) {
        int w = utf8_columns(t->cells[i]);
        width = w > width ? w : width;
    }
    return width;
}

static void print_cell(const struct table *t, size_t column, const char *text, int width, int gap, FILE *out)
{
    int pad = width - utf8_columns(text);
    bool last = column + 1 == t->columns;

    if (is_right(t, column))
        fprintf(out, "%*s%s", pad, "", text);
    else
        fprintf(out, "%s%*s", text, last ? 0 : pad, "");
    fprintf(out, "%*s", last ? 0 : gap, "");
    if (last)
        fputc('\n', out);
}

static void print_rows(const struct table *t, const int *widths, int gap, FILE *out)
{
    for (size_t c = 0; c < t->columns; c++)
        print_cell(t, c, title(t, c), widths[c], gap, out);
    for (size_t i = 0; i < t->count; i++)
        /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): no table is made without columns */
        print_cell(t, i % t->columns, t->cells[i], widths[i % t->columns], gap, out);
}

static int longest_word(const char *text)
{
    int longest = 0;
    char *copy = strdup(text), *rest = NULL;

    for (char *word = copy == NULL ? NULL : strtok_r(copy, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest)) {
        int wide = utf8_columns(word);
        longest = wide > longest ? wide : longest;
    }
    free(copy);
    return longest;
}

/* What goes on does so below the value's own beginning; where a word is too long for that place, at a small indent. */
static int print_field(const char *name, const char *value, int name_width, int columns, FILE *out)
{
    int at = name_width + WIDE_GAP, hang = at;
    char *line = NULL;

    if (*value == '\0') {
        if (*name != '\0')
            fprintf(out, "%s\n", name);
        return 0;
    }
    if (at + longest_word(value) >= columns)
        hang = RECORD_INDENT;
    if (*name == '\0') /* its line begins with blanks, which prose_put() counts already */
        hang = 0;
    if (asprintf(&line, "%s%*s%s\n", name, at - utf8_columns(name), "", value) < 0)
        return -1;
    prose_put(out, columns, hang, line);
    free(line);
    return 0;
}

/* Without rows the names alone, as the other form has its titles. */
static int print_records(const struct table *t, int columns, FILE *out)
{
    int name_width = 0, rc = 0;
    size_t count = t->count > 0 ? t->count : t->columns;

    for (size_t c = 0; c < t->columns; c++) {
        int w = utf8_columns(title(t, c));
        name_width = w > name_width ? w : name_width;
    }
    for (size_t i = 0; i < count && rc == 0; i++) {
        /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): no table is made without columns */
        size_t c = i % t->columns;
        if (c == 0 && i > 0)
            fputc('\n', out);
        rc = print_field(title(t, c), t->count > 0 ? t->cells[i] : "", name_width, columns, out);
    }
    return rc;
}

int table_print_within(const struct table *t, int columns, FILE *out)
{
    int *widths = calloc(t->columns + 1, sizeof *widths);
    int text = 0, gaps = (int)t->columns - 1, rc = 0;

    if (widths == NULL)
        return -1;
    for (size_t c = 0; c < t->columns; c++)
        text += widths[c] = width_of(t, c);
    if (columns <= 0 || text + WIDE_GAP * gaps <= columns)
        print_rows(t, widths, WIDE_GAP, out);
    else if (text + gaps <= columns)
        print_rows(t, widths, 1, out);
    else
        rc = print_records(t, columns, out);
    free(widths);
    return rc != 0 || ferror(out) || t->lost ? -1 : 0;
}

int table_print(const struct table *t, FILE *out)
{
    return table_print_within(t, prose_columns(out), out);
}
