/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/text/yaml_schema.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#define RULES_MAX 48 /* keys in one section; checked when a table is walked */

struct reader {
    const char *file;
    enum failure_code code;
    yaml_document_t doc;
    void *target;
    struct complaint *c;
    int key_column; /* of the value being read */
    bool flow;
};

static int walk_map(struct reader *r, yaml_node_t *node, const struct schema_rule *rules,
                    const char *section);

static int line_of(const yaml_node_t *node)
{
    return (int)node->start_mark.line + 1;
}

int schema_parse_number(const char *text, int64_t *out)
{
    bool hex = text[0] == '0' && text[1] == 'x';
    const char *p = hex ? text + 2 : text;
    uint64_t value = 0;

    if (*p == '\0' || (!hex && p[0] == '0' && p[1] != '\0'))
        return -EINVAL;
    for (; *p != '\0'; p++) {
        unsigned digit;

        if (*p >= '0' && *p <= '9')
            digit = (unsigned)(*p - '0');
        else if (hex && *p >= 'a' && *p <= 'f')
            digit = (unsigned)(*p - 'a') + 10;
        else if (hex && *p >= 'A' && *p <= 'F')
            digit = (unsigned)(*p - 'A') + 10;
        else
            return -EINVAL;
        value = value * (hex ? 16 : 10) + digit;
        if (value > INT64_MAX / 32)
            return -EINVAL;
    }
    *out = (int64_t)value;
    return 0;
}

int schema_parse_size(const char *text, int64_t *out)
{
    static const struct {
        const char *suffix;
        int64_t factor;
    } units[] = {{"KB", 1024}, {"MB", 1024 * 1024}};
    size_t len = strlen(text);
    char digits[24];
    int64_t n;

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (len < 3 || len > sizeof digits || strcmp(text + len - 2, units[i].suffix) != 0)
            continue;
        memcpy(digits, text, len - 2);
        digits[len - 2] = '\0';
        if (strncmp(digits, "0x", 2) == 0 || schema_parse_number(digits, &n) != 0 || n > 1 << 20)
            return -EINVAL;
        *out = n * units[i].factor;
        return 0;
    }
    return schema_parse_number(text, out);
}

static const char *node_word(const yaml_node_t *node)
{
    return node->type == YAML_MAPPING_NODE    ? "a section"
           : node->type == YAML_SEQUENCE_NODE ? "a list"
                                              : "a value";
}

/* Text of a scalar, or NULL: not a scalar, or with a NUL inside. */
static const char *scalar_text(const yaml_node_t *node)
{
    if (node->type != YAML_SCALAR_NODE ||
        strlen((const char *)node->data.scalar.value) != node->data.scalar.length)
        return NULL;
    return (const char *)node->data.scalar.value;
}

static int refuse(struct reader *r, int line, const char *key, const char *text, const char *what)
{
    return complain(r->c, r->code, r->file, line, "%s: '%.80s' %s", key, text, what);
}

static int check_bounds(struct reader *r, const struct schema_rule *rule, const struct schema_value *v)
{
    int64_t max = rule->max != 0 ? rule->max : 0xFFFFFFFF;

    if (v->number >= rule->min && v->number <= max)
        return 0;
    return complain(r->c, r->code, r->file, v->line, "%s: '%.80s' is out of range; write %lld to %lld",
                    rule->key, v->text, (long long)rule->min, (long long)max);
}

static int read_bool(struct reader *r, const struct schema_rule *rule, struct schema_value *v)
{
    static const char *const words[] = {"no", "yes", "false", "true"};

    for (size_t i = 0; i < 4; i++) {
        if (strcmp(v->text, words[i]) == 0) {
            v->number = (int64_t)(i & 1);
            return 0;
        }
    }
    return refuse(r, v->line, rule->key, v->text, "is neither yes nor no; write one of them");
}

static const char *choice_of(const struct schema_rule *rule, int n)
{
    return rule->choice != NULL ? rule->choice((size_t)n) : rule->choices[n];
}

static int read_choice(struct reader *r, const struct schema_rule *rule, struct schema_value *v)
{
    char all[512] = ""; /* some forty chips */
    size_t used = 0;
    const char *choice;

    for (int i = 0; (choice = choice_of(rule, i)) != NULL; i++) {
        if (strcmp(v->text, choice) == 0) {
            v->number = i;
            return 0;
        }
        if (used < sizeof all) {
            int n = snprintf(all + used, sizeof all - used, "%s%s", i > 0 ? ", " : "", choice);

            used += n > 0 ? (size_t)n : 0;
        }
    }
    return complain(r->c, r->code, r->file, v->line, "%s: '%.80s' is not known; write one of: %s", rule->key,
                    v->text, all);
}

static int read_text(struct reader *r, const struct schema_rule *rule, const struct schema_value *v)
{
    size_t len = strlen(v->text), max = rule->max != 0 ? (size_t)rule->max : 255;

    if (len < (size_t)rule->min)
        return complain(r->c, r->code, r->file, v->line, "%s: has no value; write one or remove the line",
                        rule->key);
    if (len > max)
        return complain(r->c, r->code, r->file, v->line, "%s: is longer than %zu bytes; shorten it",
                        rule->key, max);
    for (const char *p = v->text; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            return complain(r->c, r->code, r->file, v->line, "%s: holds a control character; remove it",
                            rule->key);
    return 0;
}

static int read_scalar(struct reader *r, yaml_node_t *node, const struct schema_rule *rule,
                       struct schema_value *v)
{
    bool quoted;

    v->text = scalar_text(node);
    if (v->text == NULL)
        return complain(r->c, r->code, r->file, v->line, "%s: is %s; write a single value", rule->key,
                        node_word(node));
    quoted = node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    if (rule->type != SCHEMA_TEXT && v->text[0] == '\0')
        return complain(r->c, r->code, r->file, v->line, "%s: has no value; write one or remove the line",
                        rule->key);
    if (rule->type != SCHEMA_TEXT && quoted)
        return refuse(r, v->line, rule->key, v->text, "is text in quotes; write it without them");
    switch (rule->type) {
    case SCHEMA_TEXT:
        return read_text(r, rule, v);
    case SCHEMA_NUMBER:
        if (schema_parse_number(v->text, &v->number) != 0)
            return refuse(r, v->line, rule->key, v->text,
                          "is not a whole number; write it like 17 or 0x1000");
        return check_bounds(r, rule, v);
    case SCHEMA_SIZE:
        if (schema_parse_size(v->text, &v->number) != 0)
            return refuse(r, v->line, rule->key, v->text,
                          "is not a size; write it like 4MB, 512KB or 0x1000");
        return check_bounds(r, rule, v);
    case SCHEMA_BOOL:
        return read_bool(r, rule, v);
    default:
        return read_choice(r, rule, v);
    }
}

/* '!int 5' or '!secret x': a word with a meaning of its own, which nobody here would obey. */
static int refuse_tag(struct reader *r, const yaml_node_t *node, const char *key)
{
    static const char *const plain[] = {YAML_STR_TAG, YAML_SEQ_TAG, YAML_MAP_TAG};
    const char *tag = (const char *)node->tag;

    for (size_t i = 0; tag != NULL && i < sizeof plain / sizeof plain[0]; i++) {
        if (strcmp(tag, plain[i]) == 0)
            return 0;
    }
    return complain(r->c, r->code, r->file, line_of(node), "%s: has the YAML tag '%.80s'; remove it", key,
                    tag != NULL ? tag : "");
}

static struct schema_spot spot_of(const struct reader *r, const yaml_node_t *node)
{
    return (struct schema_spot){.key_column = r->key_column,
                                .line = (int)node->start_mark.line,
                                .column = (int)node->start_mark.column,
                                .end_line = (int)node->end_mark.line,
                                .end_column = (int)node->end_mark.column,
                                .flow = r->flow};
}

static int read_value(struct reader *r, yaml_node_t *node, const struct schema_rule *rule)
{
    struct schema_value v = {r->file, line_of(node), rule->key, "", 0, spot_of(r, node)};

    if (refuse_tag(r, node, rule->key) != 0)
        return -1;
    if (rule->type == SCHEMA_MAP) {
        if (node->type != YAML_MAPPING_NODE)
            return complain(r->c, r->code, r->file, v.line, "%s: is %s; write a section with keys of its own",
                            rule->key, node_word(node));
        if (rule->set != NULL && rule->set(r->target, &v, r->c) != 0)
            return -1;
        return walk_map(r, node, rule->map, rule->key);
    }
    if (read_scalar(r, node, rule, &v) != 0)
        return -1;
    return rule->set != NULL ? rule->set(r->target, &v, r->c) : 0;
}

static int read_rule(struct reader *r, yaml_node_t *node, const struct schema_rule *rule)
{
    if (!rule->list || (node->type != YAML_SEQUENCE_NODE && rule->type != SCHEMA_MAP))
        return read_value(r, node, rule);
    if (node->type != YAML_SEQUENCE_NODE)
        return complain(r->c, r->code, r->file, line_of(node),
                        "%s: is %s; write a list ('- ' before each item)", rule->key, node_word(node));
    if (node->data.sequence.items.start == node->data.sequence.items.top && !rule->may_be_empty)
        return complain(r->c, r->code, r->file, line_of(node),
                        "%s: is an empty list; add an item or remove the line", rule->key);
    for (yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top; i++)
        if (read_value(r, yaml_document_get_node(&r->doc, *i), rule) != 0)
            return -1;
    return 0;
}

static const struct schema_rule *find_rule(const struct schema_rule *rules, const char *key)
{
    for (; rules->key != NULL; rules++)
        if (strcmp(rules->key, key) == 0)
            return rules;
    return NULL;
}

static int unknown_key(struct reader *r, int line, const char *key, const struct schema_rule *rules,
                       const char *section)
{
    char all[300] = "";
    size_t used = 0;

    for (int i = 0; rules[i].key != NULL && used < sizeof all; i++) {
        int n = snprintf(all + used, sizeof all - used, "%s%s", i > 0 ? ", " : "", rules[i].key);

        used += n > 0 ? (size_t)n : 0;
    }
    return complain(r->c, r->code, r->file, line, "%.80s: unknown key%s%s; known here: %s", key,
                    section != NULL ? " in " : "", section != NULL ? section : "", all);
}

static int walk_map(struct reader *r, yaml_node_t *node, const struct schema_rule *rules, const char *section)
{
    int seen[RULES_MAX] = {0}; /* line of each key met */

    for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top; p++) {
        yaml_node_t *key_node = yaml_document_get_node(&r->doc, p->key);
        const char *key = scalar_text(key_node);
        const struct schema_rule *rule;
        size_t at;

        if (key == NULL)
            return complain(r->c, r->code, r->file, line_of(key_node), "a key is %s; write a plain word",
                            node_word(key_node));
        rule = find_rule(rules, key);
        at = rule != NULL ? (size_t)(rule - rules) : 0;
        if (rule == NULL || at >= RULES_MAX)
            return unknown_key(r, line_of(key_node), key, rules, section);
        if (seen[at] != 0)
            return complain(r->c, r->code, r->file, line_of(key_node),
                            "%s: is given twice, first at line %d; remove one", key, seen[at]);
        seen[at] = line_of(key_node);
        r->key_column = (int)key_node->start_mark.column;
        r->flow = node->data.mapping.style == YAML_FLOW_MAPPING_STYLE;
        if (read_rule(r, yaml_document_get_node(&r->doc, p->value), rule) != 0)
            return -1;
    }
    for (size_t i = 0; i < RULES_MAX && rules[i].key != NULL; i++)
        if (rules[i].required && seen[i] == 0)
            return complain(r->c, r->code, r->file, line_of(node), "%s: is missing%s%s; add it", rules[i].key,
                            section != NULL ? " from " : "", section != NULL ? section : "");
    return 0;
}

/* YAML forbids tabs for indentation only, but two editors showing two different files is the usual cause of grief. */
static int refuse_tabs(struct reader *r, const char *bytes, size_t size)
{
    bool comment = false;
    int line = 1;

    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '\n') {
            line++;
            comment = false;
        } else if (bytes[i] == '#') {
            comment = true;
        } else if (bytes[i] == '\t' && !comment) {
            return complain(r->c, r->code, r->file, line, "a tab; use spaces");
        }
    }
    return 0;
}

static int parse_error(struct reader *r, const yaml_parser_t *parser)
{
    int line = parser->error == YAML_READER_ERROR ? 0 : (int)parser->problem_mark.line + 1;

    if (parser->error == YAML_MEMORY_ERROR)
        return complain(r->c, FAIL_NO_MEMORY, r->file, 0, "out of memory");
    return complain(r->c, r->code, r->file, line, "is not valid YAML: %s; correct it",
                    parser->problem != NULL ? parser->problem : "unreadable");
}

/* Only one document a file: a second one would be silently ignored. */
static int refuse_second(struct reader *r, yaml_parser_t *parser)
{
    yaml_document_t next;
    yaml_node_t *root;
    int rc = 0;

    if (!yaml_parser_load(parser, &next))
        return parse_error(r, parser);
    root = yaml_document_get_root_node(&next);
    if (root != NULL)
        rc = complain(r->c, r->code, r->file, line_of(root), "a second document begins; keep one per file");
    yaml_document_delete(&next);
    return rc;
}

int schema_read(const char *file, const void *bytes, size_t size, const struct schema_rule *rules,
                void *target, enum failure_code code, struct complaint *c)
{
    struct reader r = {.file = file, .code = code, .target = target, .c = c};
    yaml_parser_t parser;
    yaml_node_t *root;
    int rc = -1;

    if (refuse_tabs(&r, bytes, size) != 0)
        return -1;
    if (!yaml_parser_initialize(&parser))
        return complain(c, FAIL_NO_MEMORY, file, 0, "out of memory");
    yaml_parser_set_input_string(&parser, bytes, size);
    if (!yaml_parser_load(&parser, &r.doc)) {
        parse_error(&r, &parser);
        goto no_document;
    }
    root = yaml_document_get_root_node(&r.doc);
    if (root == NULL || (root->type == YAML_SCALAR_NODE && root->data.scalar.length == 0))
        complain(c, code, file, 1, "the file is empty; write at least '%s:'", rules[0].key);
    else if (root->type != YAML_MAPPING_NODE)
        complain(c, code, file, line_of(root), "the file is %s; write 'key: value' lines", node_word(root));
    else if (walk_map(&r, root, rules, NULL) == 0)
        rc = refuse_second(&r, &parser);
    yaml_document_delete(&r.doc);
no_document:
    yaml_parser_delete(&parser);
    return rc;
}
