/* SPDX-License-Identifier: Apache-2.0 */
#include "station/cli/options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "station/cli/cmd.h"
#include "station/cli/options_describe.h"
#include "base/suggest.h"
#include "station/config/paths.h"
#include "station/print/prose.h"

#define ROWS_MAX   48
#define FIRST_CODE 256 /* getopt_long's value of row 0: beyond every character */

struct table {
    struct options_row rows[ROWS_MAX];
    struct option longs[ROWS_MAX + 1];
    size_t count;
};

int options_long(const char *text, long *out)
{
    char *end;

    if (!isdigit((unsigned char)text[0]) && !(text[0] == '-' && isdigit((unsigned char)text[1])))
        return -EINVAL;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (*end != '\0')
        return -EINVAL;
    if (errno == ERANGE)
        return -ERANGE;
    *out = value;
    return 0;
}

static void add(struct table *t, const struct options_row *row)
{
    if (t->count == ROWS_MAX)
        abort(); /* a verb with more options than the table holds is a bug found by its first run */
    t->rows[t->count] = *row;
    t->longs[t->count] =
        (struct option){.name = row->name,
                        .has_arg = row->kind == OPTIONS_FLAG ? no_argument : required_argument,
                        .val = FIRST_CODE + (int)t->count};
    t->count++;
}

static void build(struct table *t, const struct options_spec *spec, struct options_common *common, bool *help)
{
    const struct options_row shared[] = {
        OPTIONS_STRING("db", &common->db, "FILE",
                       "the database; else the configuration's, else the user's own"),
        OPTIONS_STRING("config", &common->config, "FILE", "the station's configuration (flashline.yaml(5))"),
        OPTIONS_SWITCH("json", &common->json, "write JSON Lines instead of text"),
        OPTIONS_SWITCH("help", help, "show this help"),
    };

    memset(t, 0, sizeof *t);
    for (const struct options_row *own = spec->rows; own != NULL && own->name != NULL; own++)
        if (own->kind != OPTIONS_SUBVERB)
            add(t, own);
    const size_t count = sizeof shared / sizeof shared[0];
    for (size_t i = CMD_IS_PROGRAMME(spec->verb) ? count - 1 : 0; i < count; i++)
        add(t, &shared[i]);
}

/* "  left   help", further lines of the help below its first. */
static void print_row(const char *before, const struct options_row *row)
{
    char left[64];
    size_t len = strcspn(row->help, "\n");

    snprintf(left, sizeof left, "%s%s%s%s", before, row->name, row->argument != NULL ? " " : "",
             row->argument != NULL ? row->argument : "");
    prose_print(stdout, 27, "  %-25s  %.*s\n", left, (int)len, row->help);
    for (const char *at = row->help + len; *at != '\0'; at += len) {
        at++;
        len = strcspn(at, "\n");
        prose_print(stdout, 0, "%29s%.*s\n", "", (int)len, at);
    }
}

static void print_help(const struct options_spec *spec, const struct table *t)
{
    const char *title = "\nWords:\n";

    prose_print(stdout, 2, "Usage: " CMD_CALL " %s\n\n", CMD_CALL_OF(spec->verb), spec->usage);
    prose_put_paragraph(stdout, prose_columns(stdout), spec->summary);
    putchar('\n');
    for (const struct options_row *own = spec->rows; own != NULL && own->name != NULL; own++) {
        if (own->kind != OPTIONS_SUBVERB)
            continue;
        fputs(title, stdout);
        title = "";
        print_row("", own);
    }
    puts("\nOptions:");
    for (size_t i = 0; i < t->count; i++)
        if (!t->rows[i].hidden)
            print_row("--", &t->rows[i]);
}

static int wrong_value(const char *verb, const struct options_row *row, const char *value, const char *want)
{
    return cmd_fail(EXIT_USAGE, verb, "--%s: '%s' is not %s", row->name, value, want);
}

static int take_number(const char *verb, const struct options_row *row, const char *value)
{
    char want[96];
    bool limited = row->min < row->max || row->min > 0;
    double real;
    long whole = 0;
    char *end;

    if (row->kind == OPTIONS_INT) {
        if (options_long(value, &whole) == -EINVAL)
            return wrong_value(verb, row, value, "a whole number");
        real = options_long(value, &whole) == 0 ? (double)whole : INFINITY;
    } else {
        real = strtod(value, &end);
        if (end == value || *end != '\0' || !isfinite(real) || isspace((unsigned char)value[0]))
            return wrong_value(verb, row, value, "a number");
    }
    snprintf(want, sizeof want, "between %.12g and %.12g", row->min, row->max);
    if (limited && (real < row->min || real > row->max))
        return wrong_value(verb, row, value, want);
    if (!isfinite(real))
        return wrong_value(verb, row, value, "a number this machine can hold");
    if (row->kind == OPTIONS_INT)
        *(long *)row->into = whole;
    else
        *(double *)row->into = real;
    return 0;
}

static int take_choice(const char *verb, const struct options_row *row, const char *value)
{
    char want[96];
    const char *at = row->argument;

    for (int i = 0; *at != '\0'; i++) {
        size_t len = strcspn(at, "|");
        if (strlen(value) == len && strncmp(at, value, len) == 0) {
            *(int *)row->into = i;
            return 0;
        }
        at += len + (at[len] == '|');
    }
    snprintf(want, sizeof want, "one of %s", row->argument);
    return wrong_value(verb, row, value, want);
}

/* By what the help calls it: a file or a folder. */
static bool is_place(const struct options_row *row)
{
    static const char *const words[] = {"FILE", "DIR", "F", "PATH|no"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(row->argument, words[i]) == 0)
            return true;
    return false;
}

static int take_text(const char *verb, const struct options_row *row, const char *value)
{
    char fault[PATH_FAULT];

    if (value[0] == '\0')
        return cmd_fail(EXIT_USAGE, verb, "--%s: the value is empty", row->name);
    if (is_place(row) && path_is_other(value, fault))
        return cmd_fail(EXIT_USAGE, verb, "--%s: '%s' %s", row->name, value, fault);
    *(const char **)row->into = value;
    return 0;
}

static int take(const char *verb, const struct options_row *row, const char *value)
{
    switch (row->kind) {
    case OPTIONS_FLAG:
        *(bool *)row->into = true;
        return 0;
    case OPTIONS_TEXT:
        return take_text(verb, row, value);
    case OPTIONS_CHOICE:
        return take_choice(verb, row, value);
    case OPTIONS_INT:
    case OPTIONS_REAL:
    case OPTIONS_SUBVERB: /* never in the table of options */
        break;
    }
    return take_number(verb, row, value);
}

static int refuse_unknown(const char *verb, const struct table *t, const char *word)
{
    const char *names[ROWS_MAX];
    char bare[64];

    for (size_t i = 0; i < t->count; i++)
        names[i] = t->rows[i].name;
    snprintf(bare, sizeof bare, "%.*s", (int)strcspn(word, "="), word);
    const char *near = strncmp(bare, "--", 2) == 0 ? suggest_nearest(bare + 2, names, t->count) : NULL;
    if (near != NULL)
        return cmd_fail(EXIT_USAGE, verb, "unknown option '%s'; did you mean '--%s'?", bare, near);
    return cmd_fail(EXIT_USAGE, verb, "unknown option '%s'; '" CMD_CALL " --help' lists them", bare,
                    CMD_CALL_OF(verb));
}

/* What getopt_long said '?' or ':' about, in words. */
static int refuse(const char *verb, const struct table *t, char **argv, int what)
{
    const struct options_row *row = optopt >= FIRST_CODE && (size_t)(optopt - FIRST_CODE) < t->count
                                        ? &t->rows[optopt - FIRST_CODE]
                                        : NULL;

    if (what == ':' && row != NULL)
        return cmd_fail(EXIT_USAGE, verb, "--%s needs a value: --%s %s", row->name, row->name, row->argument);
    if (row != NULL)
        return cmd_fail(EXIT_USAGE, verb, "--%s takes no value", row->name);
    if (optopt > 0 && optopt < FIRST_CODE) {
        const char letter[] = {'-', (char)optopt, '\0'};
        return refuse_unknown(verb, t, letter);
    }
    return refuse_unknown(verb, t, argv[optind - 1]);
}

int options_parse(const struct options_spec *spec, int argc, char **argv, struct options_common *common,
                  int *exit_code)
{
    struct table t;
    bool help = false;
    int what;

    build(&t, spec, common, &help);
    if (argc == 2 && strcmp(argv[1], OPTIONS_DESCRIBE) == 0) {
        *exit_code = EXIT_ALL_PASS;
        options_describe(spec, t.rows, t.count);
        return -1;
    }
    opterr = 0;
    optind = 0; /* GNU: forget any earlier scan */
    *exit_code = EXIT_ALL_PASS;
    while (*exit_code == 0 && (what = getopt_long(argc, argv, ":h", t.longs, NULL)) != -1) {
        if (what == 'h')
            help = true;
        else if (what == '?' || what == ':')
            *exit_code = refuse(spec->verb, &t, argv, what);
        else
            *exit_code = take(spec->verb, &t.rows[what - FIRST_CODE], optarg);
    }
    if (*exit_code != 0)
        return -1;
    if (help) {
        print_help(spec, &t);
        return -1;
    }
    if (spec->operands_max >= 0 && argc - optind > spec->operands_max) {
        *exit_code = cmd_fail(EXIT_USAGE, spec->verb, "'%s' is one word too many; usage: " CMD_CALL " %s",
                              argv[optind + spec->operands_max], CMD_CALL_OF(spec->verb), spec->usage);
        return -1;
    }
    return optind;
}
