/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_explain - the failure table for people: one code, or all of it; docs/failures.md is made here. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/failure.h"
#include "station/cli/cmd.h"
#include "station/cli/options.h"
#include "base/suggest.h"
#include "station/print/json.h"

#define CODES_MAX 256

static const char *const hundreds[] = {
    "",
    "The port",
    "Reaching the bootloader",
    "Identity and the gate",
    "Backup of the identity sector",
    "Stub, erase and write",
    "Verify",
    "Finalise and reset",
    "Jobs, archives, configuration",
    "Records and the station",
};

static enum result result_of(enum failure_code code)
{
    struct failure f;

    failure_set(&f, code, STAGE_OPEN, 0, "%s", "");
    return failure_result(&f);
}

static void print_text(enum failure_code code)
{
    printf("%d %s: %s\n  result  %s\n  blame   %s\n  remedy  %s\n", (int)code, failure_name(code),
           failure_title(code), result_name(result_of(code)), blame_name(failure_blame(code)),
           failure_remedy(code));
}

static void print_json(enum failure_code code)
{
    json_t *o = json_line_new("code");

    json_put_int(o, "code", code);
    json_put_text(o, "name", failure_name(code));
    json_put_text(o, "title", failure_title(code));
    json_put_text(o, "result", result_name(result_of(code)));
    json_put_text(o, "blame", blame_name(failure_blame(code)));
    json_put_text(o, "remedy", failure_remedy(code));
    json_line_write(stdout, o);
}

static void print_markdown(void)
{
    enum failure_code code;
    int hundred = 0;

    puts(
        "# Failure codes\n\n"
        "Made by `flashline explain --all --markdown` from `base/failure_codes.h`; a test keeps it true.\n"
        "Numbers are stored in databases for years: they are never changed and never used again. The blame here is\n"
        "the table's; evidence may move it, and the result moves with it: the board's fault is FAIL, a board that\n"
        "someone must decide about is HOLD, everything else is ERROR (or ABORTED, INTERRUPTED).");
    for (int i = 0; (code = failure_at(i)) != FAILURE_NONE; i++) {
        if ((int)code / 100 != hundred) {
            hundred = (int)code / 100;
            printf(
                "\n## %dxx: %s\n\n| code | name | title | result | blame | remedy |\n|---|---|---|---|---|---|\n",
                hundred, hundreds[hundred]);
        }
        printf("| %d | `%s` | %s | %s | %s | %s |\n", (int)code, failure_name(code), failure_title(code),
               result_name(result_of(code)), blame_name(failure_blame(code)), failure_remedy(code));
    }
}

/* "601", "FAIL_MD5_MISMATCH" or, after the underscore, "md5_mismatch". */
static enum failure_code find_code(const char *text)
{
    enum failure_code code;
    long number = 0;

    if (options_long(text, &number) != 0)
        number = 0;
    for (int i = 0; (code = failure_at(i)) != FAILURE_NONE; i++) {
        const char *name = failure_name(code);
        if (number == (long)code || strcasecmp(text, name) == 0 ||
            strcasecmp(text, strchr(name, '_') + 1) == 0)
            return code;
    }
    return FAILURE_NONE;
}

static int refuse(const char *text)
{
    const char *names[CODES_MAX];
    size_t count = 0;

    for (enum failure_code code; count < CODES_MAX && (code = failure_at((int)count)) != FAILURE_NONE;
         count++)
        names[count] = failure_name(code);
    const char *near = suggest_nearest(text, names, count);
    if (near != NULL)
        return cmd_fail(EXIT_USAGE, "explain", "there is no code '%s'; did you mean %s?", text, near);
    return cmd_fail(EXIT_USAGE, "explain", "there is no code '%s'; 'flashline explain --all' lists them",
                    text);
}

int cmd_explain(int argc, char **argv)
{
    struct options_common common = {0};
    bool all = false, markdown = false;
    const struct options_row rows[] = {
        OPTIONS_SWITCH("all", &all, "every code there is"),
        OPTIONS_SWITCH("markdown", &markdown, "with --all: as docs/failures.md"),
        OPTIONS_END,
    };
    const struct options_spec spec = {"explain", "CODE... | --all",
                                      "Says what a failure code means, whose fault it is and what to do.\n"
                                      "CODE is a number (601) or a name (FAIL_MD5_MISMATCH).",
                                      rows, -1};
    int code, first = options_parse(&spec, argc, argv, &common, &code);

    if (first < 0)
        return code;
    if (all == (first < argc) || (markdown && !all))
        return cmd_fail(EXIT_USAGE, "explain", "name a code, or say --all (with or without --markdown)");
    if (markdown) {
        print_markdown();
        return EXIT_ALL_PASS;
    }
    void (*print)(enum failure_code) = common.json ? print_json : print_text;
    enum failure_code c;
    for (int i = 0; all && (c = failure_at(i)) != FAILURE_NONE; i++)
        print(c);
    for (; first < argc; first++) {
        if ((c = find_code(argv[first])) == FAILURE_NONE)
            return refuse(argv[first]);
        print(c);
    }
    return EXIT_ALL_PASS;
}
