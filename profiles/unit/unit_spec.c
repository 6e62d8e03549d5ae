/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/unit/unit_spec.h"

#include <stdio.h>
#include <string.h>

#include "profiles/unit/unit_encode.h"
#include "profiles/unit/unit_nvs.h"

struct unit_item *unit_spec_add(struct unit_spec *s, int line)
{
    struct unit_item *item = &s->items[s->count];

    if (s->count == UNIT_ITEMS_MAX)
        return NULL;
    memset(item, 0, sizeof *item);
    item->first_key = s->key_count;
    s->places[s->count] = (struct unit_word){.line = line};
    s->count++;
    return item;
}

struct unit_key *unit_spec_add_key(struct unit_spec *s, int line)
{
    struct unit_key *k = &s->keys[s->key_count];

    if (s->key_count == UNIT_KEYS_MAX)
        return NULL;
    *k = (struct unit_key){.line = line};
    s->key_count++;
    s->items[s->count - 1].key_count++;
    return k;
}

struct check {
    struct unit_spec *spec;
    const char *file;
    struct complaint *c;
    struct unit_word *place;
    struct unit_item *item;
};

static int bad(const struct check *k, const char *what)
{
    return complain(k->c, FAIL_JOB, k->file, k->place->line, "unit: %s: %s", k->place->name, what);
}

static bool is_field(const struct unit_item *item)
{
    return item->form == UNIT_FORM_TEXT || item->form == UNIT_FORM_HEX || item->form == UNIT_FORM_INTEGER;
}

static int check_name(const struct check *k)
{
    for (const char *p = k->place->name; *p != '\0'; p++)
        if (strchr("abcdefghijklmnopqrstuvwxyz0123456789_-", *p) == NULL)
            return bad(k, "a name is small letters, digits, '-' and '_'");
    for (const struct unit_word *w = k->spec->places; w < k->place; w++)
        if (strcmp(w->name, k->place->name) == 0)
            return complain(k->c, FAIL_JOB, k->file, k->place->line,
                            "unit: %s: is named twice, first at line %d", w->name, w->line);
    return 0;
}

static int check_place(const struct check *k)
{
    const struct unit_item *i = k->item;
    bool by_name = k->place->partition[0] != '\0';

    if (i->form == UNIT_FORM_NONE)
        return bad(k, "has no value; write one of 'text', 'hex', 'integer', 'nvs', 'file'");
    if (by_name == i->has_at)
        return bad(k, "where does it go? Write 'at: 0x3F0000', or 'partition: NAME' (and 'offset:' in it)");
    if (i->has_offset && !by_name)
        return bad(k, "'offset' is within a partition; name it, or write 'at'");
    if (is_field(i) && !i->has_size)
        return bad(k, "has no 'size': how many bytes its field has");
    if (is_field(i) && k->place->size > UNIT_FIELD_MAX)
        return bad(k, "a field has 1024 bytes at most; longer data are a file");
    if (!is_field(i) && !by_name && !i->has_size)
        return bad(k, "has no 'size': how much of the flash is for it");
    if (i->form == UNIT_FORM_INTEGER && k->place->size != 1 && k->place->size != 2 && k->place->size != 4 &&
        k->place->size != 8)
        return bad(k, "an integer has a size of 1, 2, 4 or 8 bytes");
    if (i->has_endian && i->form != UNIT_FORM_INTEGER)
        return bad(k, "'endian' is an integer's");
    return 0;
}

static int check_template(const struct check *k, const char *text, int line)
{
    char why[UNIT_WHY_SIZE];
    const char *trouble = unit_template_trouble(text, why, sizeof why);

    if (trouble == NULL)
        return 0;
    return complain(k->c, FAIL_JOB, k->file, line, "unit: %s: the value %s", k->place->name, trouble);
}

/* A value that is the same on every board is tried now. */
static int try_value(const struct check *k)
{
    char text[UNIT_VALUE_SIZE], why[UNIT_WHY_SIZE];
    uint8_t room[UNIT_FIELD_MAX];
    const char *trouble = "is too long";

    if (unit_template_has_words(k->item->value))
        return 0;
    if (unit_template_fill(k->item->value, NULL, text, NULL) == 0)
        trouble = unit_encode_field(k->item, text, room, k->place->size, why);
    if (trouble == NULL)
        return 0;
    return complain(k->c, FAIL_JOB, k->file, k->place->line, "unit: %s: '%.80s': %s", k->place->name,
                    k->item->value, trouble);
}

/* A pool says where a unit's own file is; what is scanned may not choose a path. */
static int check_file(const struct check *k, const char *path, int line)
{
    char pool[UNIT_POOL_SIZE], alone[UNIT_POOL_SIZE + 8];

    if (unit_template_pool(path, 0, pool)) {
        snprintf(alone, sizeof alone, "{pool:%s}", pool);
        if (strcmp(alone, path) == 0)
            return 0;
    }
    return complain(k->c, FAIL_JOB, k->file, line,
                    "unit: %s: file: write '{pool:NAME}', a pool of files; a file that is the same for every "
                    "board stands below 'firmware: images:'",
                    k->place->name);
}

static int check_keys(const struct check *k)
{
    const struct place at = {k->file, k->place->line, NULL};

    for (size_t n = 0; n < k->item->key_count; n++) {
        const struct unit_key *key = &k->spec->keys[k->item->first_key + n];

        if (!key->has_value)
            return complain(k->c, FAIL_JOB, k->file, key->line,
                            "unit: %s: key '%s' has no value; write 'value:' or 'file:'", k->place->name,
                            key->key);
        if (check_template(k, key->value, key->line) != 0 ||
            (key->is_file && check_file(k, key->value, key->line) != 0))
            return -1;
    }
    return unit_nvs_check(k->spec, k->item, &at, k->c);
}

static int check_value(const struct check *k)
{
    switch (k->item->form) {
    case UNIT_FORM_NVS:
        return check_keys(k);
    case UNIT_FORM_FILE:
        if (check_template(k, k->item->value, k->place->line) != 0)
            return -1;
        return check_file(k, k->item->value, k->place->line);
    default:
        return check_template(k, k->item->value, k->place->line) != 0 ? -1 : try_value(k);
    }
}

int unit_spec_check(struct unit_spec *s, const char *file, struct complaint *c)
{
    for (size_t i = 0; i < s->count; i++) {
        struct check k = {s, file, c, &s->places[i], &s->items[i]};

        if (check_name(&k) != 0 || check_place(&k) != 0 || check_value(&k) != 0)
            return -1;
        s->places[i].image = !is_field(&s->items[i]);
        s->places[i].nvs = s->items[i].form == UNIT_FORM_NVS;
    }
    return 0;
}

bool unit_spec_uses(const struct unit_spec *s, enum unit_source source)
{
    bool uses = false;

    for (size_t i = 0; i < s->count; i++)
        uses |= unit_template_uses(s->items[i].value, source);
    for (size_t i = 0; i < s->key_count; i++)
        uses |= unit_template_uses(s->keys[i].value, source);
    return uses;
}
