/* SPDX-License-Identifier: Apache-2.0 */
#include "station/cli/pycom_regions.h"

#include <stdio.h>

#include "profiles/pycom/lora_country.h"
#include "profiles/pycom/lora_region.h"
#include "station/cli/cmd.h"
#include "station/print/json.h"
#include "station/print/table.h"

static const char *takers(const struct lora_region *r)
{
    static const char *const words[] = {"LoPy, LoPy4, FiPy", "LoPy4", "none"};

    return words[r->takers];
}

static void put_region(const struct lora_region *r, const char *country)
{
    json_t *o = json_line_new("lora_region");

    json_put_text(o, "region", r->name);
    json_put_int(o, "code", r->code);
    json_put_int(o, "low_mhz", r->low_mhz);
    json_put_int(o, "high_mhz", r->high_mhz);
    json_put_text(o, "taken_by", takers(r));
    json_put_text(o, "since", r->since[0] != '\0' ? r->since : NULL);
    json_put_text(o, "country", country);
    json_line_write(stdout, o);
}

static void put_country(const struct lora_country *c)
{
    json_t *o = json_line_new("lora_country");

    json_put_text(o, "country", c->names[0]);
    json_put_text(o, "iso", c->iso);
    json_put_text(o, "plan", c->plan);
    json_line_write(stdout, o);
}

static void put_all(void)
{
    const struct lora_country *c;
    const struct lora_region *r;

    for (size_t i = 0; (r = lora_region_at(i)) != NULL; i++)
        put_region(r, NULL);
    for (size_t i = 0; (c = lora_country_at(i)) != NULL; i++)
        put_country(c);
}

static int print_regions(void)
{
    static const char *const titles[] = {"REGION",        ">CODE", ">MHZ", "TAKEN BY",
                                         "FROM FIRMWARE", "WHERE", NULL};
    struct table *t = table_new(titles);
    const struct lora_region *r;

    for (size_t i = 0; (r = lora_region_at(i)) != NULL; i++) {
        table_text(t, r->name);
        table_format(t, "%u", r->code);
        table_format(t, "%u-%u", r->low_mhz, r->high_mhz);
        table_text(t, takers(r));
        table_text(t, r->since[0] != '\0' ? r->since : "-");
        table_text(t, r->where);
    }
    int rc = table_print(t, stdout);
    table_free(t);
    return rc;
}

static int print_countries(void)
{
    static const char *const titles[] = {"COUNTRY", "ISO", "PLAN", NULL};
    struct table *t = table_new(titles);
    const struct lora_country *c;

    for (size_t i = 0; (c = lora_country_at(i)) != NULL; i++) {
        table_text(t, c->names[0]);
        table_text(t, c->iso);
        table_text(t, c->plan);
    }
    int rc = table_print(t, stdout);
    table_free(t);
    return rc;
}

static int print_all(void)
{
    int rc = print_regions();

    putchar('\n');
    if (rc == 0)
        rc = print_countries();
    return rc == 0 ? EXIT_ALL_PASS : cmd_fail(EXIT_STATION, "pycom", "the table could not be written");
}

static int tell_one(const char *word, const char *board, bool json)
{
    const struct lora_wish wish = {.text = word, .board = board};
    struct lora_choice choice;
    char why[LORA_REGION_WHY];

    if (lora_region_choose(&wish, &choice, why) != 0)
        return cmd_fail(EXIT_SOME_FAIL, "pycom", "%s", why);
    if (json)
        put_region(choice.region, choice.country);
    else
        printf("%s%s%s, code %u, %u to %u MHz\n", choice.country != NULL ? choice.country : "",
               choice.country != NULL ? ": " : "", choice.region->name, choice.region->code,
               choice.region->low_mhz, choice.region->high_mhz);
    return EXIT_ALL_PASS;
}

int pycom_regions(const char *word, const char *board, bool json)
{
    if (word != NULL)
        return tell_one(word, board, json);
    if (!json)
        return print_all();
    put_all();
    return EXIT_ALL_PASS;
}
