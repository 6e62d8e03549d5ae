/* SPDX-License-Identifier: Apache-2.0 */
/* main - finds the verb and lets it work. */
#include <stdio.h>
#include <string.h>

#include "station/cli/cmd.h"
#include "station/cli/options.h"
#include "base/suggest.h"
#include "station/cli/version.h"
#include "station/print/process.h"
#include "station/print/prose.h"
#include "station/print/text.h"

static const struct verb verbs[] = {
#define X(name, help) {#name, help, cmd_##name},
    VERBS(X)
#undef X
};

#define VERB_COUNT (sizeof verbs / sizeof verbs[0])

static int print_help(FILE *out)
{
    int columns = prose_columns(out);

    prose_put(out, columns, 2,
              "Flashline " FLASHLINE_VERSION ": flashes and records many boards at once.\n\n"
              "Usage: flashline VERB [OPTION...]      flashline VERB --help tells more\n\n");
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (verbs[i].help != NULL)
            prose_print(out, 11, "  %-10s %s\n", verbs[i].name, verbs[i].help);
    prose_put(
        out, columns, 2,
        "\nThe manual is flashline(1). Which Flashline this is: flashline --version, with --json all of it.\n");
    return EXIT_ALL_PASS;
}

/* For script/man and the shell's completion: as a verb's own --describe (station/cli/options_describe.h). */
static int describe(void)
{
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (verbs[i].help != NULL)
            printf("verb\t%s\t%s\n", verbs[i].name, verbs[i].help);
    return EXIT_ALL_PASS;
}

static int refuse_verb(const char *name)
{
    const char *names[VERB_COUNT];
    size_t count = 0;

    for (size_t i = 0; i < VERB_COUNT; i++)
        if (verbs[i].help != NULL)
            names[count++] = verbs[i].name;
    const char *near = suggest_nearest(name, names, count);
    if (near != NULL)
        fprintf(stderr, "flashline: there is no verb '%s'; did you mean '%s'?\n", name, near);
    else
        fprintf(stderr, "flashline: there is no verb '%s'; 'flashline --help' lists them\n", name);
    return EXIT_USAGE;
}

static int tell_version(int argc, char **argv)
{
    bool json = argc > 2 && strcmp(argv[2], "--json") == 0;

    return argc == 2 + json
               ? version_print(json)
               : cmd_fail(EXIT_USAGE, "version", "'%s' is not understood; say --version, or --version --json",
                          argv[2 + json]);
}

int main(int argc, char **argv)
{
    process_begin();
    text_init();

    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
        return process_end(argv[1], print_help(stdout));
    if (strcmp(argv[1], OPTIONS_DESCRIBE) == 0)
        return process_end(argv[1], describe());
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "version") == 0)
        return process_end(argv[1], tell_version(argc, argv));
    for (size_t i = 0; i < VERB_COUNT; i++) {
        if (strcmp(argv[1], verbs[i].name) == 0)
            return process_end(argv[1], verbs[i].run(argc - 1, argv + 1));
    }
    return refuse_verb(argv[1]);
}
