/* SPDX-License-Identifier: Apache-2.0 */
#include "station/print/table.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/time_text.h"
#include "station/print/utf8.h"

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

static void print_cell(const struct table *t, size_t column, const char *text, int width, FILE *out)
{
    int pad = width - utf8_columns(text);
    bool last = column + 1 == t->columns;

    if (is_right(t, column))
        fprintf(out, "%*s%s", pad, "", text);
    else
        fprintf(out, "%s%*s", text, last ? 0 : pad, "");
    fputs(last ? "\n" : "  ", out);
}

int table_print(const struct table *t, FILE *out)
{
    int *widths = calloc(t->columns + 1, sizeof *widths);

    if (widths == NULL)
        return -1;
    for (size_t c = 0; c < t->columns; c++)
        widths[c] = width_of(t, c);
    for (size_t c = 0; c < t->columns; c++)
        print_cell(t, c, title(t, c), widths[c], out);
    for (size_t i = 0; i < t->count; i++)
        /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): no table is made without columns */
        print_cell(t, i % t->columns, t->cells[i], widths[i % t->columns], out);
    free(widths);
    return ferror(out) || t->lost ? -1 : 0;
}
