/* SPDX-License-Identifier: Apache-2.0 */
#include "station/screen/dashboard_draw.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "base/plain.h"

/* The next character; *text moves on. Broken bytes give '?', one a byte. 0 at the end. */
static wchar_t next_code(const char **text)
{
    uint32_t code;
    size_t length = plain_next(*text, &code);

    *text += length;
    return plain_is_broken(code, length) ? L'?' : (wchar_t)code;
}

/* What stands for a code point where only ASCII can be shown. */
static const wchar_t *plain(wchar_t code)
{
    static const struct {
        wchar_t code;
        const wchar_t *plain;
    } table[] = {
        {L'ä', L"ae"}, {L'ö', L"oe"}, {L'ü', L"ue"}, {L'Ä', L"Ae"}, {L'Ö', L"Oe"}, {L'Ü', L"Ue"},
        {L'ß', L"ss"}, {L'·', L"-"},  {L'–', L"-"},  {L'…', L"."},  {L'→', L"->"}, {L'×', L"x"},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].code == code)
            return table[i].plain;
    }
    return L"?";
}

#define CELLS_MAX 512 /* wider lines are cut: no terminal shows more */

struct line {
    wchar_t text[CELLS_MAX + 8];
    int length, columns;
};

/* Adds one code point if it still fits in `width` columns. */
static bool line_add(struct line *l, wchar_t code, int width)
{
    int columns = wcwidth(code);

    /* A name may be written from right to left, but not turn its neighbours round, nor put a mark on the last of them. */
    if (columns < 0 || (columns == 0 && l->length == 0) || plain_acts((uint32_t)code) ||
        (!iswprint((wint_t)code) && code < 0x100)) {
        code = L'?';
        columns = 1;
    }
    if (l->columns + columns > width || l->length >= CELLS_MAX)
        return false;
    l->text[l->length++] = code;
    l->columns += columns;
    return true;
}

/* Returns false when the text was cut. */
static bool line_fill(struct line *l, const struct canvas *c, const char *text, int width)
{
    wchar_t code;

    l->length = l->columns = 0;
    while ((code = next_code(&text)) != 0) {
        wchar_t one[2] = {code, 0};
        const wchar_t *w = one;

        if (code >= 0x80 && c->theme->charset == CHARSET_ASCII)
            w = plain(code);
        for (; *w; w++) {
            if (!line_add(l, *w, width))
                return false;
        }
    }
    return true;
}

/* One letter with its marks; returns how many code points it has. addnwstr() loses marks on letters of two columns. */
static int put_letter(const wchar_t *text, int length)
{
    wchar_t letter[CCHARW_MAX + 1] = {text[0]};
    cchar_t cell;
    int n = 1;

    for (; n < length && wcwidth(text[n]) == 0; n++) {
        if (n < CCHARW_MAX - 1)
            letter[n] = text[n];
    }
    if (setcchar(&cell, letter, A_NORMAL, 0, NULL) == OK)
        add_wch(&cell);
    return n;
}

/*
 * A letter of two columns whose second half is at `x` loses its place to what is drawn there, or to its left. ncurses keeps the other
 * half in mind, and the terminal then has a row that is one column longer: a blank takes its place, `at` either end.
 */
static void blank_half(const struct canvas *c, int y, int x, int at)
{
    wchar_t letter[CCHARW_MAX + 1];
    cchar_t cell;
    attr_t attributes = A_NORMAL;
    short pair = 0;

    /* ncurses counts the columns of a letter in the low bits of each of its cells: 1, 2; none where it has but one. */
    if (at < 0 || x >= c->cols || mvin_wch(y, x, &cell) == ERR || (cell.attr & A_CHARTEXT) != 2)
        return;
    getcchar(&cell, letter, &attributes, &pair, NULL);
    if (setcchar(&cell, L" ", attributes & ~(attr_t)A_CHARTEXT, pair, NULL) == OK)
        mvadd_wch(y, at, &cell);
}

static void put_line(const struct canvas *c, int y, int x, enum role role, const struct line *l)
{
    blank_half(c, y, x + l->columns, x + l->columns);
    blank_half(c, y, x, x - 1);
    attr_set(c->theme->attr[role], c->theme->pair[role], NULL);
    move(y, x);
    for (int i = 0; i < l->length;)
        i += put_letter(l->text + i, l->length - i);
    attr_set(A_NORMAL, 0, NULL);
}

int draw_text(const struct canvas *c, int y, int x, int width, enum role role, const char *text)
{
    struct line l;

    if (x + width > c->cols)
        width = c->cols - x;
    if (y < 0 || y >= c->rows || x < 0 || width <= 0)
        return 0;
    if (!line_fill(&l, c, text, width) && width > 1) {
        line_fill(&l, c, text, width - 1);
        while (l.columns < width - 1)
            line_add(&l, L' ', width);
        line_add(&l, c->theme->charset == CHARSET_UTF8 ? L'…' : L'.', width);
    }
    put_line(c, y, x, role, &l);
    return l.columns;
}

int draw_width(const struct canvas *c, const char *text)
{
    struct line l;

    line_fill(&l, c, text, CELLS_MAX);
    return l.columns;
}

int draw_whole(const struct canvas *c, int y, int x, int width, enum role role, const char *text)
{
    return draw_width(c, text) <= width ? draw_text(c, y, x, width, role, text) : 0;
}

int draw_textf(const struct canvas *c, int y, int x, int width, enum role role, const char *format, ...)
{
    char text[WORDS_SIZE];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return draw_text(c, y, x, width, role, text);
}

int draw_right(const struct canvas *c, int y, int x, int width, enum role role, const char *text)
{
    int used = draw_width(c, text);

    if (used > width)
        used = width;
    return draw_text(c, y, x + width - used, used, role, text);
}

int draw_centre(const struct canvas *c, int y, int x, int width, enum role role, const char *text)
{
    int used = draw_width(c, text);

    if (used > width)
        used = width;
    return draw_text(c, y, x + (width - used) / 2, used, role, text);
}

/* Bytes of `text` that fill one row of `width` columns, broken at a space where there is one. */
static size_t row_bytes(const struct canvas *c, const char *text, int width)
{
    const char *p = text, *space = NULL;
    struct line l = {.length = 0};
    wchar_t code;

    for (;;) {
        const char *at = p;
        const wchar_t *w;
        wchar_t one[2] = {0};

        code = next_code(&p);
        if (code == 0)
            return (size_t)(at - text);
        if (code == L' ')
            space = at;
        one[0] = code;
        w = code >= 0x80 && c->theme->charset == CHARSET_ASCII ? plain(code) : one;
        for (; *w; w++) {
            if (!line_add(&l, *w, width))
                return space && space > text ? (size_t)(space - text)
                       : at > text           ? (size_t)(at - text)
                                             : (size_t)(p - text); /* wider than the row: alone, cut there */
        }
    }
}

static int wrap(const struct canvas *c, struct box b, enum role role, const char *text, bool draw)
{
    int row = 0;

    while (*text && row < b.h && b.w > 0) {
        char part[WORDS_SIZE];
        size_t n = row_bytes(c, text, b.w);

        if (row == b.h - 1 && draw) {
            draw_text(c, b.y + row, b.x, b.w, role, text);
            return row + 1;
        }
        if (n >= sizeof part)
            n = sizeof part - 1;
        memcpy(part, text, n);
        part[n] = '\0';
        if (draw)
            draw_text(c, b.y + row, b.x, b.w, role, part);
        row++;
        text += n;
        while (*text == ' ')
            text++;
    }
    return row;
}

int draw_wrapped(const struct canvas *c, struct box b, enum role role, const char *text)
{
    return wrap(c, b, role, text, true);
}

int draw_wrapped_rows(const struct canvas *c, int width, const char *text)
{
    return wrap(c, (struct box){0, 0, 100, width}, ROLE_TEXT, text, false);
}

bool draw_fits(const struct canvas *c, struct box b, const char *text)
{
    char word[WORDS_SIZE];

    if (draw_wrapped_rows(c, b.w, text) > b.h)
        return false;
    for (size_t n; *text; text += n + strspn(text + n, " ")) {
        n = strcspn(text, " ");
        snprintf(word, sizeof word, "%.*s", (int)n, text);
        if (draw_width(c, word) > b.w)
            return false;
    }
    return true;
}

void draw_fill(const struct canvas *c, struct box b, enum role role, const char *symbol)
{
    struct line l = {.length = 0};
    const char *p;

    if (b.x < 0 || b.x >= c->cols)
        return;
    if (b.x + b.w > c->cols)
        b.w = c->cols - b.x;
    for (;;) {
        p = symbol;
        if (!line_add(&l, next_code(&p), b.w))
            break;
    }
    for (int y = b.y; y < b.y + b.h; y++) {
        if (y >= 0 && y < c->rows)
            put_line(c, y, b.x, role, &l);
    }
}

void draw_bar(const struct canvas *c, int y, int x, int width, int percent)
{
    const struct theme_symbols *s = c->theme->symbols;
    int eighths, full;

    if (width <= 0)
        return;
    if (percent < 0)
        percent = 0;
    eighths = width * 8 * (percent > 100 ? 100 : percent) / 100;
    full = eighths / 8;
    draw_fill(c, (struct box){y, x, 1, full}, ROLE_BAR, s->bar_full);
    draw_fill(c, (struct box){y, x + full, 1, width - full}, ROLE_BAR_REST, s->bar_rest);
    if (eighths % 8 && *s->bar_part[1])
        draw_text(c, y, x + full, 1, ROLE_BAR, s->bar_part[eighths % 8]);
}
