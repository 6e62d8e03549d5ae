/* SPDX-License-Identifier: Apache-2.0 */
#include "db/desk/pool_source.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/crypto.h>

#include "base/errno_text.h"

#define CELLS_MAX 256
#define LINE_MAX_ 65536
#define PRACTICE  "practice" /* what training gets is no unit's */

static int bad_line(const struct pool_block *b, int line, const char *why, struct failure *f)
{
    return failure_set(f, FAIL_WORK, STAGE_NONE, 0, "%.200s:%d: %s", b->source, line, why);
}

static int cannot_read(const char *path, int error, struct failure *f)
{
    return failure_set(f, FAIL_WORK, STAGE_NONE, error, "cannot read %.300s: %s", path, errno_text(error));
}

/* What stands in quotes, without them: `at` behind the first one. The end of it in the line, or NULL: they are not closed. */
static char *unquote(char *at, char *to)
{
    for (; *at != '\0'; at++) {
        if (*at == '"' && *++at != '"') {
            *to = '\0'; /* behind it at most, where the closing one stood */
            return at;
        }
        *to++ = *at;
    }
    return NULL;
}

/* Cuts a line into its cells, in place. Their number, or -1: a quote is not closed, or something follows it. */
static int split(char *line, char separator, char *cells[static CELLS_MAX])
{
    const char stop[] = {separator, '\0'};
    int count = 0;

    for (char *at = line; count < CELLS_MAX; at++) {
        cells[count++] = at;
        at = *at == '"' ? unquote(at + 1, at) : at + strcspn(at, stop);
        if (at == NULL || (*at != separator && *at != '\0'))
            return -1;
        bool end = *at == '\0';
        *at = '\0';
        if (end)
            return count;
    }
    return -1;
}

static char separator_of(const char *line)
{
    bool quoted = false;

    for (; *line != '\0'; line++) {
        quoted = quoted != (*line == '"');
        if (!quoted && strchr(",;\t", *line) != NULL)
            return *line;
    }
    return ',';
}

static bool is_name(const char *which)
{
    return which != NULL && which[strspn(which, "0123456789")] != '\0';
}

/* From 0; -1: there is none. */
static int column_of(const char *which, char *const *names, int count)
{
    if (!is_name(which)) {
        long number = which == NULL ? 1 : strtol(which, NULL, 10);
        return number >= 1 && number <= CELLS_MAX ? (int)number - 1 : -1;
    }
    for (int i = 0; i < count; i++) {
        if (strcmp(names[i], which) == 0)
            return i;
    }
    return -1;
}

struct csv {
    const struct pool_columns *columns;
    struct pool_block *block;
    struct failure *f;
    char separator;       /* 0: no line was read that holds anything */
    int line, value, mac; /* columns from 0; mac -1: none */
};

static int missing_column(struct csv *c, const char *which)
{
    char why[160];

    snprintf(why, sizeof why, "there is no column '%.100s'", which);
    return bad_line(c->block, c->line, why, c->f);
}

/* 1: the line was the heading, 0: it holds values, -1. */
static int first_line(struct csv *c, char *const *cells, int count)
{
    const struct pool_columns *o = c->columns;
    bool heading = o->has_heading || is_name(o->value) || is_name(o->mac);

    c->value = column_of(o->value, cells, count);
    c->mac = o->mac != NULL ? column_of(o->mac, cells, count) : -1;
    if (c->value < 0)
        return missing_column(c, o->value);
    if (o->mac != NULL && c->mac < 0)
        return missing_column(c, o->mac);
    return heading;
}

/* The usual reason why the first line has no value. */
static int hint_heading(struct csv *c)
{
    size_t length = strlen(c->f->detail);

    snprintf(c->f->detail + length, sizeof c->f->detail - length,
             "; where the first line has names: --heading");
    return -1;
}

static int add_row(struct csv *c, char *const *cells, int count)
{
    struct mac mac;

    if (c->value < 0 || c->value >= count || cells[c->value] == NULL || cells[c->value][0] == '\0')
        return bad_line(c->block, c->line, "there is no value in this line", c->f);
    if (c->mac < 0 || c->mac >= count || cells[c->mac][0] == '\0')
        return pool_block_add(c->block, cells[c->value], POOL_FREE, NULL, c->line, c->f);
    if (mac_parse(cells[c->mac], &mac) != 0 || mac_is_blank(&mac))
        return bad_line(c->block, c->line, "the board's MAC is none", c->f);
    return pool_block_add(c->block, cells[c->value], POOL_VERIFIED, &mac, c->line, c->f);
}

static int read_csv_line(struct csv *c, char *line)
{
    char *cells[CELLS_MAX] = {NULL};
    bool first = c->separator == '\0';

    if (c->line == 1 && strncmp(line, "\xef\xbb\xbf", 3) == 0)
        line += 3;
    if (line[0] == '\0')
        return 0;
    if (first)
        c->separator = separator_of(line);
    int count = split(line, c->separator, cells);
    if (count < 0)
        return bad_line(c->block, c->line, "a quote is not closed, or there are more than 256 columns", c->f);
    int heading = first ? first_line(c, cells, count) : 0;
    if (heading != 0)
        return heading < 0 ? -1 : 0;
    int rc = add_row(c, cells, count);
    return rc != 0 && first ? hint_heading(c) : rc;
}

static int read_lines(struct csv *c, FILE *in, char *line)
{
    while (fgets(line, LINE_MAX_, in) != NULL) {
        size_t length = strcspn(line, "\n");
        c->line++;
        if (line[length] != '\n' && !feof(in))
            return bad_line(c->block, c->line, "the line is too long, or has a zero byte", c->f);
        line[length] = '\0';
        if (length > 0 && line[length - 1] == '\r')
            line[length - 1] = '\0';
        if (read_csv_line(c, line) != 0)
            return -1;
    }
    return ferror(in) ? bad_line(c->block, c->line + 1, "cannot be read", c->f) : 0;
}

int pool_read_csv(const char *path, const struct pool_columns *columns, struct pool_block *b,
                  struct failure *f)
{
    struct csv c = {.columns = columns, .block = b, .f = f};
    FILE *in = fopen(path, "re");
    char *line = malloc(LINE_MAX_);

    snprintf(b->source, sizeof b->source, "%s", path);
    int rc = in == NULL     ? cannot_read(path, errno, f)
             : line == NULL ? failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, ENOMEM, "reading %.300s", path)
                            : read_lines(&c, in, line);
    if (in != NULL)
        fclose(in);
    if (line != NULL)
        OPENSSL_cleanse(line, LINE_MAX_);
    free(line);
    return rc;
}

/* What counts in a value: its last digits, to that base. */
struct counter {
    char text[POOL_TEXT_SIZE];
    size_t from, size; /* the digits */
    int base;
};

static int digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Adds one; false: it is at its end. Colons between the digits of an address stay. */
static bool count_on(struct counter *c)
{
    for (size_t i = c->from + c->size; i-- > c->from;) {
        int digit = digit_of(c->text[i]);
        if (digit < 0)
            continue;
        digit = digit + 1 == c->base ? 0 : digit + 1;
        c->text[i] = "0123456789abcdef"[digit];
        if (digit != 0)
            return true;
    }
    return false;
}

static const char *begin_counter(const struct pool_shape *shape, const char *text, struct counter *c)
{
    const char *trouble = pool_value_normal(shape, text, c->text);
    bool is_text = shape->kind == POOL_TEXT;

    if (trouble != NULL || shape->kind == POOL_FILE)
        return trouble != NULL ? trouble : "is of no kind that counts";
    c->base = is_text ? 10 : 16;
    c->size = strlen(c->text);
    c->from = c->size;
    while (c->from > 0 &&
           (!is_text || (digit_of(c->text[c->from - 1]) >= 0 && digit_of(c->text[c->from - 1]) < 10)))
        c->from--;
    c->size -= c->from;
    return c->size > 0 ? NULL : "does not end in figures";
}

static int add_range(struct pool_block *b, struct counter *at, const char *last, long step, struct failure *f)
{
    for (long n = 0; strcmp(at->text, last) <= 0; n++) {
        if (n % step == 0 && pool_block_add(b, at->text, POOL_FREE, NULL, 0, f) != 0)
            return -1;
        if (!count_on(at))
            break;
    }
    return 0;
}

int pool_read_range(const char *text, long step, struct pool_block *b, struct failure *f)
{
    const char *between = strstr(text, "..");
    char first[POOL_TEXT_SIZE];
    struct counter from, to;

    snprintf(b->source, sizeof b->source, "%.200s", text);
    if (between == NULL || (size_t)(between - text) >= sizeof first)
        return failure_set(f, FAIL_WORK, STAGE_NONE, 0, "'%.100s' is no range: FIRST..LAST", text);
    snprintf(first, sizeof first, "%.*s", (int)(between - text), text);
    const char *trouble = begin_counter(&b->shape, first, &from);
    if (trouble == NULL)
        trouble = begin_counter(&b->shape, between + 2, &to);
    if (trouble != NULL)
        return failure_set(f, FAIL_WORK, STAGE_NONE, 0, "range %.100s: it %s", text, trouble);
    if (strlen(from.text) != strlen(to.text) ||
        strncmp(from.text, to.text, from.from < to.from ? from.from : to.from) != 0 ||
        strcmp(from.text, to.text) > 0)
        return failure_set(
            f, FAIL_WORK, STAGE_NONE, 0,
            "range %.100s: the first is not before the last, or is not as long; write 1 to 50 as 01..50",
            text);
    return add_range(b, &from, to.text, step, f);
}

static int is_value(const struct dirent *e)
{
    return e->d_name[0] != '.' && strcmp(e->d_name, PRACTICE) != 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int add_name(const char *name, struct pool_block *b, struct failure *f)
{
    char path[2 * PATH_MAX];
    struct stat st;

    snprintf(path, sizeof path, "%s/%s", b->folder, name);
    if (stat(path, &st) != 0)
        return cannot_read(path, errno, f);
    if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
        return failure_set(f, FAIL_WORK, STAGE_NONE, 0, "%.300s is neither a file nor a folder", path);
    return pool_block_add(b, name, POOL_FREE, NULL, 0, f);
}

int pool_read_folder(const char *path, struct pool_block *b, struct failure *f)
{
    struct dirent **names = NULL;
    int rc = 0;

    snprintf(b->source, sizeof b->source, "%s", path);
    if (realpath(path, b->folder) == NULL)
        return cannot_read(path, errno, f);
    int count = scandir(path, &names, is_value, by_bytes);
    if (count < 0)
        return cannot_read(path, errno, f);
    for (int i = 0; i < count; i++) {
        rc = rc == 0 ? add_name(names[i]->d_name, b, f) : rc;
        free(names[i]);
    }
    free(names);
    return rc;
}
