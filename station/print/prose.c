/* SPDX-License-Identifier: Apache-2.0 */
#include "station/print/prose.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/plain.h"

#define COLUMNS_MIN 40 /* narrower is no place to read: the terminal breaks as it likes */

int prose_columns(FILE *out)
{
    struct winsize size;
    int fd = fileno(out);

    if (fd < 0 || !isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col < COLUMNS_MIN)
        return 0;
    return size.ws_col;
}

/* Characters of `len` bytes, each taken to be one column wide. */
static int width(const char *text, size_t len)
{
    int n = 0;

    for (size_t i = 0; i < len; i++)
        n += !plain_continues(text[i]);
    return n;
}

/* A word with the blanks before it, which are what a table is made of: they stay, unless the line is broken there. */
static size_t next_word(const char *text, size_t len, size_t *blanks)
{
    size_t n = 0;

    while (n < len && text[n] == ' ')
        n++;
    *blanks = n;
    while (n < len && text[n] != ' ')
        n++;
    return n;
}

static void put_line(FILE *out, int columns, int hang, const char *line, size_t len)
{
    int at = 0, deep = hang + (int)strspn(line, " ");
    bool is_first = true;

    while (len > 0) {
        size_t blanks, n = next_word(line, len, &blanks);
        int wide = width(line, n);
        if (!is_first && columns > 0 && at + wide >= columns && n > blanks) {
            fprintf(out, "\n%*s", deep, "");
            at = deep + wide - (int)blanks;
            fwrite(line + blanks, 1, n - blanks, out);
        } else {
            at += wide;
            fwrite(line, 1, n, out);
        }
        is_first = false;
        line += n;
        len -= n;
    }
}

void prose_put(FILE *out, int columns, int hang, const char *text)
{
    for (;;) {
        size_t len = strcspn(text, "\n");
        put_line(out, columns, hang, text, len);
        if (text[len] == '\0')
            return;
        fputc('\n', out);
        text += len + 1;
    }
}

void prose_put_paragraph(FILE *out, int columns, const char *text)
{
    char *joined = columns > 0 ? strdup(text) : NULL;

    for (char *p = joined; p != NULL && *p != '\0'; p++)
        if (*p == '\n' && p > joined && p[-1] != '.' && p[-1] != '\n' && strchr(" \n", p[1]) == NULL)
            *p = ' ';
    prose_put(out, columns, 0, joined != NULL ? joined : text);
    free(joined);
}

void prose_print(FILE *out, int hang, const char *format, ...)
{
    char *text = NULL;
    va_list args, again;

    va_start(args, format);
    va_copy(again, args);
    if (vasprintf(&text, format, args) < 0) {
        vfprintf(out, format, again);
    } else {
        prose_put(out, prose_columns(out), hang, text);
        free(text);
    }
    va_end(again);
    va_end(args);
}
