/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options - a verb's options and words as a table: parsed strictly; --help, the manual's pages (script/man) and the shell's
 * completion come from the same rows.
 *
 * Every verb has --db, --config, --json and --help with one meaning (a programme of its own --help alone); a verb's own
 * rows come before them. A value lands where the row points: bool for a flag, const char * for text (borrowed from
 * argv), long, double, or int (index of the choice). What is not given keeps what the variable held. An unknown option,
 * a missing or wrong value is one line
 * on stderr that names it, with the nearest match, and exit code 2.
 *
 *     struct options_common common = {0};
 *     long count = 0;
 *     const struct options_row rows[] = {
 *         OPTIONS_WHOLE("count", &count, "N", 1, 1000000, "stop after N boards"),
 *         OPTIONS_END};
 *     const struct options_spec spec = {"run", "--job J [OPTION...]", "flashes boards", rows, .operands_max = 0};
 *     int code, first = options_parse(&spec, argc, argv, &common, &code);
 *     if (first < 0)
 *         return code;      (--help ends here too, with code 0)
 *     ... argv[first] .. argv[argc - 1] are the operands
 */
#ifndef STATION_CLI_OPTIONS_H
#define STATION_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#define OPTIONS_DESCRIBE "--describe"

#include "station/config/options_common.h"

enum options_kind {
    OPTIONS_FLAG,
    OPTIONS_TEXT,
    OPTIONS_INT,
    OPTIONS_REAL,
    OPTIONS_CHOICE,
    OPTIONS_SUBVERB /* no option: a word that may follow the verb, "learn" of slots; the verb itself looks for it */
};

struct options_row {
    const char *name; /* "job"; NULL ends the table */
    enum options_kind kind;
    void *into; /* bool *, const char **, long *, double *, int *; OPTIONS_SUBVERB: none */
    const char *
        argument; /* "N" in the help; for OPTIONS_CHOICE the words: "real|virtual"; what completion offers for it:
                             options_describe.c */
    const char *help; /* one line; of OPTIONS_SUBVERB lines */
    double min, max;  /* OPTIONS_INT, OPTIONS_REAL: inclusive; both 0: no limit */
    bool hidden;      /* for other programmes, not for people: left out of --help */
};

/* The rows' constructors. */
#define OPTIONS_SWITCH(n, into_, help_)                               \
    {                                                                 \
        .name = n, .kind = OPTIONS_FLAG, .into = into_, .help = help_ \
    }
#define OPTIONS_STRING(n, into_, arg, help_)                                           \
    {                                                                                  \
        .name = n, .kind = OPTIONS_TEXT, .into = into_, .argument = arg, .help = help_ \
    }
#define OPTIONS_WHOLE(n, into_, arg, min_, max_, help_)                                             \
    {                                                                                               \
        .name = n, .kind = OPTIONS_INT, .into = into_, .argument = arg, .help = help_, .min = min_, \
        .max = max_                                                                                 \
    }
#define OPTIONS_NUMBER(n, into_, arg, min_, max_, help_)                                             \
    {                                                                                                \
        .name = n, .kind = OPTIONS_REAL, .into = into_, .argument = arg, .help = help_, .min = min_, \
        .max = max_                                                                                  \
    }
#define OPTIONS_WORD(n, into_, words, help_)                                               \
    {                                                                                      \
        .name = n, .kind = OPTIONS_CHOICE, .into = into_, .argument = words, .help = help_ \
    }
/* `argument`: what follows the word, "SLOT NAME"; NULL: nothing. */
#define OPTIONS_DOES(n, arg, help_)                                        \
    {                                                                      \
        .name = n, .kind = OPTIONS_SUBVERB, .argument = arg, .help = help_ \
    }
#define OPTIONS_END  \
    {                \
        .name = NULL \
    }

struct options_spec {
    const char *verb, *usage,
        *summary;                   /* usage: what follows the verb; summary: sentences, may hold newlines */
    const struct options_row *rows; /* may be NULL */
    int operands_max;               /* how many words may follow the options; -1: any number */
};

/*
 * The index in argv of the first operand (argv is reordered: operands last), or -1 with *exit_code set. OPTIONS_DESCRIBE alone
 * writes the table for other programmes (options_describe.h) and ends with code 0.
 */
int options_parse(const struct options_spec *spec, int argc, char **argv, struct options_common *common,
                  int *exit_code);

/* The whole of `text` as a decimal number: 0, or -EINVAL (not a number), -ERANGE. */
int options_long(const char *text, long *out);

#endif /* STATION_CLI_OPTIONS_H */
