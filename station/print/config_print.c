/* SPDX-License-Identifier: Apache-2.0 */
#include "station/print/config_print.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "profiles/pycom/lora_region.h"
#include "station/print/cmd_fail.h"
#include "station/print/json.h"
#include "station/print/table.h"

#define SHOWN_BYTES 8 /* of a run, from and to; longer ones are told by their place */

static const char *value_of(const struct config_field *f, const struct config_print *p,
                            char out[static CONFIG_VALUE_SIZE])
{
    if (!config_field_is_set(f, p->sector))
        return "-";
    if (f->secret && !p->reveal)
        return "(set; --reveal shows it)";
    config_field_text(f, p->sector, out);
    return out;
}

static void region_words(const struct config_field *f, const uint8_t *sector, char *out, size_t size)
{
    const struct lora_region *r = lora_region_of_code(sector[f->offset]);

    if (r != NULL)
        snprintf(out, size, "%s, code %u, %u to %u MHz", r->name, r->code, r->low_mhz, r->high_mhz);
}

int config_print(const struct config_print *p)
{
    static const char *const titles[] = {"FIELD", "VALUE", "WHAT IT IS", NULL};
    struct table *t = table_new(titles);
    const struct config_field *f;
    char mac[MAC_TEXT_SIZE] = "", value[CONFIG_VALUE_SIZE], words[80];

    if (p->mac != NULL)
        mac_text(p->mac, mac);
    printf("%s%sconfig block, SHA-256 %.16s\n", mac, p->mac != NULL ? ": " : "", p->sha256);
    for (size_t i = 0; (f = config_field_at(i)) != NULL; i++) {
        snprintf(words, sizeof words, "%s", f->what);
        if (f->kind == CONFIG_REGION)
            region_words(f, p->sector, words, sizeof words);
        table_text(t, f->name);
        table_text(t, value_of(f, p, value));
        table_text(t, words);
    }
    int rc = table_print(t, stdout);
    table_free(t);
    explicit_bzero(value, sizeof value);
    return rc == 0 ? EXIT_ALL_PASS : cmd_fail(EXIT_STATION, "pycom", "the table could not be written");
}

void config_print_json(const struct config_print *p)
{
    json_t *o = json_line_new("config_block"), *fields = json_object(), *hidden = json_array();
    const struct config_field *f;
    char value[CONFIG_VALUE_SIZE];

    if (p->mac != NULL)
        json_put_mac(o, "mac", p->mac);
    else
        json_put_text(o, "mac", NULL);
    json_put_text(o, "sha256", p->sha256);
    for (size_t i = 0; (f = config_field_at(i)) != NULL; i++) {
        bool set = config_field_is_set(f, p->sector), hide = f->secret && !p->reveal;
        config_field_text(f, p->sector, value);
        json_put_text(fields, f->name, set && !hide ? value : NULL);
        if (set && hide)
            json_array_append_new(hidden, json_string(f->name));
    }
    json_object_set_new(o, "fields", fields);
    json_object_set_new(o, "hidden", hidden);
    json_line_write(stdout, o);
    explicit_bzero(value, sizeof value);
}

static void print_bytes(const uint8_t *b, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        printf("%02X", b[i]);
}

void config_print_changes(uint32_t offset, const uint8_t *before, const uint8_t *after)
{
    struct config_change c;
    uint32_t at = 0;

    while (config_block_next_change(before, after, &at, &c)) {
        printf("  0x%06X  %u byte%s  %s", offset + c.offset, c.size, c.size == 1 ? "" : "s", c.name);
        if (!c.secret && c.size <= SHOWN_BYTES) {
            printf("  ");
            print_bytes(before + c.offset, c.size);
            printf(" -> ");
            print_bytes(after + c.offset, c.size);
        }
        putchar('\n');
    }
}

struct json_t *config_json_changes(uint32_t offset, const uint8_t *before, const uint8_t *after)
{
    struct config_change c;
    json_t *all = json_array();
    uint32_t at = 0;

    while (config_block_next_change(before, after, &at, &c)) {
        json_t *one = json_object();
        json_put_text(one, "field", c.name);
        json_put_int(one, "offset", offset + c.offset);
        json_put_int(one, "size", c.size);
        json_array_append_new(all, one);
    }
    return all;
}
