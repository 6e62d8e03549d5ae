/* SPDX-License-Identifier: Apache-2.0 */
#include "station/cli/options_describe.h"

#include <stdio.h>
#include <string.h>

#include "station/cli/options.h"

/* What a value is, by the option's name and by what the help calls it; NULL: any. The first that fits counts. */
static const struct {
    const char *name, *argument, *source;
} sources[] = {
    {"badge", NULL, ""},
    {"slot", "N", "slots"},
    {"slot", "S", "slots"},
    {"slots", "A,B", "slots,"},
    {"job", NULL, "jobs"},
    {"lot", NULL, "lots"},
    {"operator", NULL, "operators"},
    {"result", NULL, "results"},
    {"code", NULL, "codes"},
    {"sim-personality", NULL, "personalities,"},
    {"sim-chip", NULL, "chips,"},
    {"sim-flash", NULL, "file"},
    {"region", NULL, "regions"},
    {NULL, "FILE", "file"},
    {NULL, "F", "file"},
    {NULL, "A", "file"},
    {NULL, "PEM", "file"},
    {NULL, "BACKUP", "file"},
    {NULL, "PATH|no", "file"},
    {NULL, "ARCHIVE|IMAGE|BUILDDIR|JOB", "file"},
    {NULL, "DIR", "dir"},
    {NULL, "CHIP", "chips"},
    {NULL, "CODE", "codes"},
    {NULL, "SLOT", "slots"},
    {NULL, "LOT", "lots"},
    {NULL, "J", "jobs"},
    {NULL, "OPERATOR", "operators"},
    {NULL, "POOL", "pools"},
};

/* The first word of "[CODE...] [OPTION...]": CODE. */
static size_t first_word(const char **argument)
{
    *argument += strspn(*argument, "[");
    return strcspn(*argument, " .]");
}

/* "one|two" of what is chosen from says so itself: words without capitals. */
static bool is_choice(const char *word, size_t len)
{
    return memchr(word, '|', len) != NULL && strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-_.|") == len;
}

static void put_source(const char *name, const char *argument)
{
    const char *word = argument != NULL ? argument : "";
    size_t len = first_word(&word);

    for (size_t i = 0; argument != NULL && i < sizeof sources / sizeof *sources; i++) {
        if ((sources[i].name != NULL && (name == NULL || strcmp(sources[i].name, name) != 0)) ||
            (sources[i].argument != NULL &&
             (strlen(sources[i].argument) != len || strncmp(sources[i].argument, word, len) != 0)))
            continue;
        fputs(sources[i].source, stdout);
        return;
    }
    if (is_choice(word, len))
        printf("%.*s", (int)len, word);
}

static void put_lines(const char *what, const char *text)
{
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        printf("%s\t%.*s\n", what, (int)len, text);
        text += len + (text[len] == '\n');
    }
}

static void put_row(const char *what, const char *before, const char *name, const struct options_row *row)
{
    printf("%s\t%s%s\t%s\t", what, before, row->name, row->argument != NULL ? row->argument : "");
    put_source(name, row->argument);
    putchar('\n');
    put_lines("help", row->help);
}

void options_describe(const struct options_spec *spec, const struct options_row *rows, size_t count)
{
    bool has_words = false;

    printf("usage\t%s\n", spec->usage);
    put_lines("says", spec->summary);
    for (const struct options_row *own = spec->rows; own != NULL && own->name != NULL; own++) {
        if (own->kind != OPTIONS_SUBVERB)
            continue;
        has_words = true;
        put_row("word", "", NULL, own);
    }
    if (!has_words && spec->operands_max != 0) {
        printf("operand\t");
        put_source(NULL, spec->usage);
        putchar('\n');
    }
    for (size_t i = 0; i < count; i++)
        if (!rows[i].hidden)
            put_row("option", "--", rows[i].name, &rows[i]);
}
