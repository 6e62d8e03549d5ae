/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/unit/unit_nvs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profiles/unit/nvs_make.h"
#include "profiles/unit/unit_encode.h"

static const char no_memory[] = "there is no memory for it";

void unit_bytes_wipe(struct unit_bytes *b)
{
    if (b->data != NULL)
        explicit_bzero(b->data, b->size);
    free(b->data);
    *b = (struct unit_bytes){0};
}

static const char *take(const void *bytes, size_t size, struct unit_bytes *out)
{
    out->data = malloc(size + 1);
    out->size = size;
    if (out->data == NULL)
        return no_memory;
    memcpy(out->data, bytes, size);
    return NULL;
}

static const char *take_number(enum nvs_type type, const char *text, struct unit_bytes *out, char *why)
{
    uint8_t bytes[NVS_NUMBER_MAX];
    char range[NVS_RANGE_SIZE];
    int width = nvs_number(type, text, bytes);

    if (width > 0)
        return take(bytes, (size_t)width, out);
    nvs_number_range(type, range);
    snprintf(why, UNIT_WHY_SIZE, width == -ERANGE ? "it is not within %s" : "it is no whole number (%s)",
             range);
    return why;
}

const char *unit_nvs_value(const char *type, const char *text, struct unit_bytes *out,
                           char why[static UNIT_WHY_SIZE])
{
    enum nvs_type t;
    int size;

    if (!nvs_type_named(type, &t))
        return "its type is none of " NVS_TYPE_NAMES;
    if (t == NVS_STRING)
        return take(text, strlen(text), out);
    if (t != NVS_BLOB)
        return take_number(t, text, out, why);
    size = unit_encode_hex(text, NULL, 0);
    if (size < 0)
        return "it is not in pairs of hex digits";
    out->data = malloc((size_t)size + 1);
    out->size = (size_t)size;
    if (out->data == NULL)
        return no_memory;
    unit_encode_hex(text, out->data, out->size);
    return NULL;
}

static void fill_entries(const struct unit_spec *s, const struct unit_item *item,
                         const struct unit_bytes *values, struct nvs_entry *out)
{
    for (size_t i = 0; i < item->key_count; i++) {
        const struct unit_key *k = &s->keys[item->first_key + i];

        out[i] = (struct nvs_entry){.space = k->space,
                                    .key = k->key,
                                    .value = values[i].data,
                                    .size = values[i].size,
                                    .line = k->line};
        nvs_type_named(k->type, &out[i].type);
    }
}

/* A number of the right width, or a short text, stands for a value that is not known yet. */
static const char *stand_in(const struct unit_key *k, struct unit_bytes *out, char *why)
{
    char text[UNIT_VALUE_SIZE];

    if (k->is_file || unit_template_has_words(k->value))
        return unit_nvs_value(k->type, strcmp(k->type, "blob") == 0 ? "00" : "0", out, why);
    if (unit_template_fill(k->value, NULL, text, NULL) < 0)
        return "it is too long";
    return unit_nvs_value(k->type, text, out, why);
}

/* What no partition takes, whatever its size. */
static int try_entries(const struct nvs_entry *entries, size_t count, const struct place *at,
                       struct complaint *c)
{
    uint8_t *room = malloc(UNIT_BYTES_MAX);
    int rc = room == NULL ? complain_at(c, FAIL_NO_MEMORY, at, "out of memory")
                          : nvs_make(entries, count, room, UNIT_BYTES_MAX, at, c);

    free(room);
    return rc;
}

int unit_nvs_check(const struct unit_spec *s, const struct unit_item *item, const struct place *at,
                   struct complaint *c)
{
    struct unit_bytes values[UNIT_KEYS_MAX] = {{0}};
    struct nvs_entry entries[UNIT_KEYS_MAX];
    char why[UNIT_WHY_SIZE];
    int rc = 0;

    for (size_t i = 0; i < item->key_count && rc == 0; i++) {
        const struct unit_key *k = &s->keys[item->first_key + i];
        const char *trouble = stand_in(k, &values[i], why);

        if (trouble != NULL)
            rc = complain(c, FAIL_JOB, at->file, k->line, "nvs: %s, %s: the value: %s", k->space, k->key,
                          trouble);
    }
    fill_entries(s, item, values, entries);
    if (rc == 0)
        rc = try_entries(entries, item->key_count, at, c);
    for (size_t i = 0; i < item->key_count; i++)
        unit_bytes_wipe(&values[i]);
    return rc;
}

const char *unit_nvs_make(const struct unit_spec *s, const struct unit_item *item,
                          const struct unit_bytes *values, uint8_t *out, size_t size, char *why,
                          size_t why_size)
{
    static const struct place nowhere = {"", 0, NULL};
    struct nvs_entry entries[UNIT_KEYS_MAX];
    struct complaint c = {0};

    fill_entries(s, item, values, entries);
    for (size_t i = 0; i < item->key_count; i++)
        entries[i].line = 0; /* the failure of a board has no line */
    if (nvs_make(entries, item->key_count, out, size, &nowhere, &c) == 0)
        return NULL;
    snprintf(why, why_size, "%s", c.text + strspn(c.text, ": "));
    return why;
}
