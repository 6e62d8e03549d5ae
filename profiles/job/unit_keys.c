/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/job/unit_keys.h"

#include <stdio.h>
#include <string.h>

#include "profiles/job/job_file.h"

static struct unit_spec *spec(void *target)
{
    return &((struct job_file *)target)->unit;
}

static struct unit_word *place(void *target)
{
    struct unit_spec *s = spec(target);

    return &s->places[s->count - 1];
}

static struct unit_item *item(void *target)
{
    struct unit_spec *s = spec(target);

    return &s->items[s->count - 1];
}

static struct unit_key *key(void *target)
{
    struct unit_spec *s = spec(target);

    return &s->keys[s->key_count - 1];
}

int unit_key_begin(void *target, const struct schema_value *v, struct complaint *c)
{
    if (unit_spec_add(spec(target), v->line) != NULL)
        return 0;
    return complain(c, FAIL_JOB, v->file, v->line, "unit: more than %d places; name fewer", UNIT_ITEMS_MAX);
}

static int set_name(void *target, const struct schema_value *v, struct complaint *c)
{
    (void)c;
    snprintf(place(target)->name, sizeof place(target)->name, "%s", v->text);
    return 0;
}

static int set_at(void *target, const struct schema_value *v, struct complaint *c)
{
    (void)c;
    place(target)->at = (uint32_t)v->number;
    item(target)->has_at = true;
    return 0;
}

static int set_partition(void *target, const struct schema_value *v, struct complaint *c)
{
    (void)c;
    snprintf(place(target)->partition, sizeof place(target)->partition, "%s", v->text);
    return 0;
}

static int set_offset(void *target, const struct schema_value *v, struct complaint *c)
{
    (void)c;
    if (!item(target)->has_at)
        place(target)->at = (uint32_t)v->number;
    item(target)->has_offset = true;
    return 0;
}

static int set_size(void *target, const struct schema_value *v, struct complaint *c)
{
    (void)c;
    place(target)->size = (uint32_t)v->number;
    item(target)->has_size = true;
    return 0;
}

static int begin_form(void *target, const struct schema_value *v, enum unit_form form, struct complaint *c)
{
    if (item(target)->form != UNIT_FORM_NONE && item(target)->form != form)
        return complain(
            c, FAIL_JOB, v->file, v->line,
            "unit: '%s' is one value too many; keep one of 'text', 'hex', 'integer', 'nvs', 'file'", v->key);
    item(target)->form = form;
    return 0;
}

static int set_value(void *target, const struct schema_value *v, enum unit_form form, struct complaint *c)
{
    if (begin_form(target, v, form, c) != 0)
        return -1;
    snprintf(item(target)->value, sizeof item(target)->value, "%s", v->text);
    return 0;
}

static int set_text(void *target, const struct schema_value *v, struct complaint *c)
{
    return set_value(target, v, UNIT_FORM_TEXT, c);
}

static int set_hex(void *target, const struct schema_value *v, struct complaint *c)
{
    return set_value(target, v, UNIT_FORM_HEX, c);
}

static int set_integer(void *target, const struct schema_value *v, struct complaint *c)
{
    return set_value(target, v, UNIT_FORM_INTEGER, c);
}

static int set_file(void *target, const struct schema_value *v, struct complaint *c)
{
    return set_value(target, v, UNIT_FORM_FILE, c);
}

static int set_endian(void *target, const struct schema_value *v, struct complaint *c)
{
    (void)c;
    item(target)->big_endian = v->number != 0;
    item(target)->has_endian = true;
    return 0;
}

static int begin_pair(void *target, const struct schema_value *v, struct complaint *c)
{
    if (begin_form(target, v, UNIT_FORM_NVS, c) != 0)
        return -1;
    if (unit_spec_add_key(spec(target), v->line) != NULL)
        return 0;
    return complain(c, FAIL_JOB, v->file, v->line, "nvs: more than %d keys in all; name fewer",
                    UNIT_KEYS_MAX);
}

static int set_space(void *target, const struct schema_value *v, struct complaint *c)
{
    (void)c;
    snprintf(key(target)->space, sizeof key(target)->space, "%s", v->text);
    return 0;
}

static int set_key(void *target, const struct schema_value *v, struct complaint *c)
{
    (void)c;
    snprintf(key(target)->key, sizeof key(target)->key, "%s", v->text);
    return 0;
}

static int set_type(void *target, const struct schema_value *v, struct complaint *c)
{
    (void)c;
    snprintf(key(target)->type, sizeof key(target)->type, "%s", v->text);
    return 0;
}

static int set_pair(void *target, const struct schema_value *v, bool is_file, struct complaint *c)
{
    if (key(target)->has_value)
        return complain(c, FAIL_JOB, v->file, v->line, "nvs: a key has a 'value' or a 'file'; remove one");
    key(target)->has_value = true;
    key(target)->is_file = is_file;
    snprintf(key(target)->value, sizeof key(target)->value, "%s", v->text);
    return 0;
}

static int set_pair_value(void *target, const struct schema_value *v, struct complaint *c)
{
    return set_pair(target, v, false, c);
}

static int set_pair_file(void *target, const struct schema_value *v, struct complaint *c)
{
    return set_pair(target, v, true, c);
}

static const char *const endians[] = {"little", "big", NULL};
static const char *const types[] = {"u8",  "i8",  "u16",    "i16",  "u32", "i32",
                                    "u64", "i64", "string", "blob", NULL};

static const struct schema_rule pair_rules[] = {
    {.key = "namespace", .type = SCHEMA_TEXT, .required = true, .min = 1, .max = 15, .set = set_space},
    {.key = "key", .type = SCHEMA_TEXT, .required = true, .min = 1, .max = 15, .set = set_key},
    {.key = "type", .type = SCHEMA_CHOICE, .required = true, .choices = types, .set = set_type},
    {.key = "value", .type = SCHEMA_TEXT, .min = 1, .max = UNIT_TEXT_SIZE - 1, .set = set_pair_value},
    {.key = "file", .type = SCHEMA_TEXT, .min = 1, .max = UNIT_TEXT_SIZE - 1, .set = set_pair_file},
    {.key = NULL}};

const struct schema_rule unit_key_rules[] = {
    {.key = "name",
     .type = SCHEMA_TEXT,
     .required = true,
     .min = 1,
     .max = UNIT_NAME_SIZE - 1,
     .set = set_name},
    {.key = "at", .type = SCHEMA_NUMBER, .max = FLASH_MAX - 1, .set = set_at},
    {.key = "partition", .type = SCHEMA_TEXT, .min = 1, .max = 16, .set = set_partition},
    {.key = "offset", .type = SCHEMA_NUMBER, .max = FLASH_MAX - 1, .set = set_offset},
    {.key = "size", .type = SCHEMA_SIZE, .min = 1, .max = FLASH_MAX, .set = set_size},
    {.key = "text", .type = SCHEMA_TEXT, .min = 1, .max = UNIT_TEXT_SIZE - 1, .set = set_text},
    {.key = "hex", .type = SCHEMA_TEXT, .min = 1, .max = UNIT_TEXT_SIZE - 1, .set = set_hex},
    {.key = "integer", .type = SCHEMA_TEXT, .min = 1, .max = UNIT_TEXT_SIZE - 1, .set = set_integer},
    {.key = "endian", .type = SCHEMA_CHOICE, .choices = endians, .set = set_endian},
    {.key = "nvs", .type = SCHEMA_MAP, .list = true, .map = pair_rules, .set = begin_pair},
    {.key = "file", .type = SCHEMA_TEXT, .min = 1, .max = UNIT_TEXT_SIZE - 1, .set = set_file},
    {.key = NULL}};
