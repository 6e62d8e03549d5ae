/* SPDX-License-Identifier: Apache-2.0 */
/* config_scan - `scan:` of station.yaml: what a scanned code is (db/desk/scan_rule.h). */
#include <stdio.h>
#include <string.h>

#include "base/plain.h"
#include "profiles/text/complaint.h"
#include "station/config/config.h"
#include "station/config/config_private.h"

/* In the order of enum scan_case. */
static const char *const letters[] = {"keep", "upper", "lower", NULL};

static int set_trim(void *target, const struct schema_value *v, struct complaint *c)
{
    (void)c;
    ((struct config *)target)->scan.keep_blanks = v->number == 0;
    return 0;
}

static int set_case(void *target, const struct schema_value *v, struct complaint *c)
{
    (void)c;
    ((struct config *)target)->scan.letters = (enum scan_case)v->number;
    return 0;
}

static int set_kind(void *target, const struct schema_value *v, struct complaint *c)
{
    struct config *config = target;
    int kind = 0;

    (void)c;
    while (kind < SCAN_KIND_COUNT - 1 && strcmp(scan_kind_word((enum scan_kind)kind), v->key) != 0)
        kind++;
    config->scan_kind = kind;
    config->scan_lines[kind] = v->line;
    config->scan.kinds[kind].is_given = config->scan.are_given = true;
    return 0;
}

static int set_pattern(void *target, const struct schema_value *v, struct complaint *c)
{
    struct config *config = target;
    char why[96];

    if (scan_pattern_trouble(v->text, why) != NULL)
        return complain(c, FAIL_CONFIG, v->file, v->line,
                        "pattern: '%.80s' is no POSIX extended regular expression (%s); correct it", v->text,
                        why);
    snprintf(config->scan.kinds[config->scan_kind].pattern, SCAN_PATTERN_SIZE, "%s", v->text);
    return 0;
}

static int set_prefix(void *target, const struct schema_value *v, struct complaint *c)
{
    struct config *config = target;
    const char *trouble = plain_trouble(v->text);

    if (trouble != NULL)
        return complain(c, FAIL_CONFIG, v->file, v->line,
                        "prefix: %s, and no code with it is taken; write what can be read", trouble);
    snprintf(config->scan.kinds[config->scan_kind].prefix, SCAN_PREFIX_SIZE, "%s", v->text);
    return 0;
}

static const struct schema_rule kind_rules[] = {
    {.key = "pattern", .type = SCHEMA_TEXT, .min = 1, .max = SCAN_PATTERN_SIZE - 1, .set = set_pattern},
    {.key = "prefix", .type = SCHEMA_TEXT, .min = 1, .max = SCAN_PREFIX_SIZE - 1, .set = set_prefix},
    {.key = NULL},
};

const struct schema_rule config_scan_rules[] = {
    {.key = "trim", .type = SCHEMA_BOOL, .set = set_trim},
    {.key = "case", .type = SCHEMA_CHOICE, .choices = letters, .set = set_case},
#define X(id, word, sentence) {.key = word, .type = SCHEMA_MAP, .map = kind_rules, .set = set_kind},
    SCAN_KINDS(X)
#undef X
        {.key = NULL},
};

int config_scan_check(const struct config *config, const char *file, struct complaint *c)
{
    enum scan_kind kind;
    char why[SCAN_TROUBLE_SIZE];

    if (scan_rules_trouble(&config->scan, &kind, why) == NULL)
        return 0;
    return complain(c, FAIL_CONFIG, file, config->scan_lines[kind], "%s", why);
}
