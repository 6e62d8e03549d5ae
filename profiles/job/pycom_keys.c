/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/job/pycom_keys.h"

#include <stdio.h>
#include <string.h>

#include "profiles/job/job_file.h"
#include "profiles/job/pycom_board.h"
#include "profiles/pycom/config_block.h"
#include "profiles/pycom/lora_region.h"
#include "profiles/pycom/pycom_model.h"

int pycom_key_region(void *target, const struct schema_value *v, struct complaint *c)
{
    struct job_file *f = target;

    (void)c;
    snprintf(f->region, sizeof f->region, "%s", v->text);
    f->region_line = v->line;
    return 0;
}

int pycom_key_eui(void *target, const struct schema_value *v, struct complaint *c)
{
    struct job_file *f = target;

    (void)c;
    snprintf(f->eui, sizeof f->eui, "%s", v->text);
    f->eui_line = v->line;
    return 0;
}

/* What the command line names for the job; a released job is its file and nothing else. */
static int take_option(struct job_file *f, const char *region, struct complaint *c)
{
    if (f->region[0] != '\0')
        return complain(c, FAIL_JOB, f->path, f->region_line,
                        "region: the job says it, so --region cannot; change one of them");
    if (f->job->released)
        return complain(c, FAIL_JOB, f->path, 0, "is released: its region is its file's, not --region's");
    if (strlen(region) >= sizeof f->region)
        return complain(c, FAIL_JOB, f->path, 0, "--region: '%.40s..' is too long", region);
    snprintf(f->region, sizeof f->region, "%s", region);
    return 0;
}

/* The board as far as it is known, by its firmware's name; "": not at all. */
static const char *board_of(const struct job_file *f)
{
    return pycom_board_is(f->job->board) ? f->job->board : f->job->firmware_board;
}

static int choose(const struct job_file *f, const char *board, struct lora_choice *out, struct complaint *c)
{
    const struct lora_wish wish = {.text = f->region, .board = board, .firmware = f->job->firmware_version};
    char why[LORA_REGION_WHY];

    return lora_region_choose(&wish, out, why) == 0
               ? 0
               : complain(c, FAIL_JOB, f->path, f->region_line, "region: %s", why);
}

static struct unit_item *add_place(struct job_file *f, const char *field, int line, struct complaint *c)
{
    const struct config_field *at = config_field_find(field);
    struct unit_item *item = unit_spec_add(&f->unit, line);
    struct unit_word *place;

    if (item == NULL) {
        complain(c, FAIL_JOB, f->path, line, "%s: more than %d places of unit data; name fewer", field,
                 UNIT_ITEMS_MAX);
        return NULL;
    }
    place = &f->unit.places[f->unit.count - 1];
    snprintf(place->name, sizeof place->name, "%s", field);
    place->at = CONFIG_SECTOR + at->offset;
    place->size = at->size;
    item->has_at = item->has_size = true;
    return item;
}

/*
 * Which board it is may be the firmware's to say: then only what no board is called is refused here, and what that one does not
 * take by pycom_keys_check(), which knows what it takes instead.
 */
static int find_region(const struct job_file *f, struct lora_choice *out, struct complaint *c)
{
    const struct lora_wish wish = {.text = f->region};
    char why[LORA_REGION_WHY];

    if (pycom_board_is(f->job->board))
        return choose(f, f->job->board, out, c);
    return lora_region_choose(&wish, out, why) == 0 || out->region != NULL
               ? 0
               : complain(c, FAIL_JOB, f->path, f->region_line, "region: %s", why);
}

static int add_region(struct job_file *f, struct complaint *c)
{
    struct unit_item *item = add_place(f, "region", f->region_line, c);
    struct lora_choice choice;

    if (item == NULL || find_region(f, &choice, c) != 0)
        return -1;
    item->form = UNIT_FORM_INTEGER;
    snprintf(item->value, sizeof item->value, "%u", choice.region->code);
    snprintf(f->job->region, sizeof f->job->region, "%s", choice.region->name);
    return 0;
}

/* One that is the same for every board would make them one to the network. */
static int add_eui(struct job_file *f, struct complaint *c)
{
    struct unit_item *item = add_place(f, "eui", f->eui_line, c);

    if (item == NULL)
        return -1;
    if (!unit_template_has_words(f->eui))
        return complain(c, FAIL_JOB, f->path, f->eui_line,
                        "eui: '%.40s' would be every board's; name where each gets its own: \"{pool:eui}\"",
                        f->eui);
    item->form = UNIT_FORM_HEX;
    snprintf(item->value, sizeof item->value, "%s", f->eui);
    return 0;
}

int pycom_keys_add(struct job_file *f, struct complaint *c)
{
    if (f->region_option != NULL && take_option(f, f->region_option, c) != 0)
        return -1;
    if (f->region[0] != '\0' && add_region(f, c) != 0)
        return -1;
    return f->eui[0] != '\0' ? add_eui(f, c) : 0;
}

int pycom_keys_check(const struct job_file *f, struct complaint *c)
{
    const char *key = f->region[0] != '\0' ? "region" : "eui", *board = board_of(f);
    int line = f->region[0] != '\0' ? f->region_line : f->eui_line;
    const struct pycom_model *m = pycom_model_find(board);
    struct lora_choice choice;

    if (f->region[0] == '\0' && f->eui[0] == '\0')
        return 0;
    if (m == NULL)
        return complain(c, FAIL_JOB, f->path, line,
                        "%s: is for Pycom's boards with LoRa (LoPy, LoPy4, FiPy); neither the job nor its "
                        "firmware says that it is for one",
                        key);
    if ((m->radios & PYCOM_RADIO_LORA) == 0)
        return complain(c, FAIL_JOB, f->path, line,
                        "%s: %s has no LoRa radio: it is for LoPy, LoPy4 and FiPy", key, board);
    return f->region[0] != '\0' ? choose(f, board, &choice, c) : 0;
}
