/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_rule - what a scanned code is: a serial, a lot, a badge, a job or a command, by the patterns of station.yaml (`scan:`). Pure.
 *
 * A kind fits a code when the code begins with its prefix and the whole rest matches its pattern (POSIX extended regular
 * expression, in the C locale of bytes). A code that fits no kind, or more than one, is none: it is refused by name. Control
 * characters never get through, with rules or without.
 */
#ifndef DB_DESK_SCAN_RULE_H
#define DB_DESK_SCAN_RULE_H

#include <stdbool.h>

/* X(id, word in station.yaml, the article and word in a sentence). */
#define SCAN_KINDS(X)                           \
    X(SCAN_SERIAL, "serial", "a serial number") \
    X(SCAN_LOT, "lot", "a lot")                 \
    X(SCAN_BADGE, "badge", "a badge")           \
    X(SCAN_JOB, "job", "a job")                 \
    X(SCAN_COMMAND, "command", "a command")

enum scan_kind {
#define X(id, word, sentence) id,
    SCAN_KINDS(X)
#undef X
        SCAN_KIND_COUNT
};

enum scan_case { SCAN_CASE_KEEP, SCAN_CASE_UPPER, SCAN_CASE_LOWER }; /* of ASCII letters */

#define SCAN_PATTERN_SIZE 256
#define SCAN_PREFIX_SIZE  32
#define SCAN_TEXT_SIZE    160 /* a code of 159 bytes, prefix and all */
#define SCAN_WHY_SIZE     160

/* Plain data; zeroed: no rules, a code is as it was scanned. */
struct scan_rules {
    struct {
        bool is_given;
        char pattern[SCAN_PATTERN_SIZE]; /* "" : anything behind the prefix */
        char prefix[SCAN_PREFIX_SIZE];   /* stripped; "" : none */
    } kinds[SCAN_KIND_COUNT];
    bool are_given;   /* any of them */
    bool keep_blanks; /* else blanks and line ends at both ends are cut off */
    enum scan_case letters;
};

struct scan_code {
    enum scan_kind kind;       /* SCAN_KIND_COUNT: none */
    char text[SCAN_TEXT_SIZE]; /* trimmed, in its letters, without prefix */
    char why[SCAN_WHY_SIZE];   /* when it is refused: in words, with the code */
};

const char *scan_kind_word(enum scan_kind kind); /* "lot"; static storage */

/*
 * Refused: fills out->why with "scan 'CODE' WHY" and returns false. Of `code` what can be shown, and not all of a long one: it
 * then ends in "...".
 */
bool scan_refuse(struct scan_code *out, const char *code, const char *why);

/* NULL when `pattern` can be used; else what regcomp() says of it: valid until the next call by the same thread. */
const char *scan_pattern_trouble(const char *pattern, char why[static 96]);

/*
 * Does each kind fit something that no other takes for itself? NULL when it may; else what is wrong with *kind, in words, in
 * `why`: a prefix that no code can begin with once it is trimmed and in its letters, or a kind that takes every code of another one.
 */
#define SCAN_TROUBLE_SIZE 256
const char *scan_rules_trouble(const struct scan_rules *r, enum scan_kind *kind,
                               char why[static SCAN_TROUBLE_SIZE]);

/* Blanks and letters alone: *out->text, no kind. False: it is refused (empty, too long, not plain), out->why says it. */
bool scan_clean(const struct scan_rules *r, const char *code, struct scan_code *out);
/* Which kind is it? False: refused, out->why says it by name. Without rules nothing fits: ask only where are_given. */
bool scan_decide(const struct scan_rules *r, const char *code, struct scan_code *out);
/*
 * The same for a field that waits for `kind`, by scanner or keyboard: what is typed may leave the prefix out; what fits
 * another kind alone is refused. Where there is no rule for `kind`, anything that fits no other is taken.
 */
bool scan_decide_field(const struct scan_rules *r, enum scan_kind kind, const char *code,
                       struct scan_code *out);
/* Nobody's name: "http://..", "www.". */
bool scan_is_web_address(const char *text);

#endif /* DB_DESK_SCAN_RULE_H */
