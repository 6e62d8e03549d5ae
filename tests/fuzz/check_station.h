/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_station - what must hold of any bytes taken for station.yaml: they are refused in one line, or understood; and
 * an edit of what was understood is refused with nothing changed, or leaves a text that says the same but for the one
 * thing. Aborts when it does not. Returns how many edits were made.
 */
#ifndef TESTS_FUZZ_CHECK_STATION_H
#define TESTS_FUZZ_CHECK_STATION_H

#include <stdbool.h>

#include "station/config/config.h"
#include "station/config/config_edit.h"
#include "tests/fuzz/check_plan.h"

#define STATION_FREE_PORT "tty:/dev/a-port-that-is-new"
#define STATION_NEW_LABEL "neu \"1\" # \\ \xc3\xa9"

static inline void check_bounds(const struct config *config)
{
    must(config->slot_count >= 0 && config->slot_count <= CONFIG_SLOTS_MAX, "too many slots");
    must(config->layout_rows >= 0 && config->layout_rows <= 64, "a layout out of its bounds");
    for (int i = 0; i < config->slot_count; i++) {
        must(config->slots[i].number >= 1 && config->slots[i].number <= CONFIG_SLOTS_MAX, "a slot's number");
        must(i == 0 || config->slots[i - 1].number < config->slots[i].number, "slots out of order");
        must(strchr(config->slots[i].port, ':') != NULL, "a slot without a port");
    }
    must(config->policy.stop_slot_failures >= 0 && config->policy.stop_slot_failures <= 1000,
         "a rule out of bounds");
}

/* The same slot of another reading; NULL: it is not there. */
static inline const struct config_slot *check_find(const struct config *config, int number)
{
    for (int i = 0; i < config->slot_count; i++)
        if (config->slots[i].number == number)
            return &config->slots[i];
    return NULL;
}

/* Everything but slot `number`, by what a run would see: not by the comparison that the edit itself makes. */
static inline void check_others(const struct config *before, const struct config *after, int number)
{
    char a[CONFIG_POLICY_TEXT], b[CONFIG_POLICY_TEXT];

    must(strcmp(before->station_id, after->station_id) == 0, "an edit changed the station's name");
    must(strcmp(before->database, after->database) == 0, "an edit changed the database");
    must(strcmp(before->bell_command, after->bell_command) == 0, "an edit changed the bell");
    must(strcmp(before->scan_prefix, after->scan_prefix) == 0, "an edit changed the scanner");
    must(before->layout_rows == after->layout_rows && before->layout_columns == after->layout_columns,
         "an edit changed the layout");
    config_policy_text(&before->policy, a);
    config_policy_text(&after->policy, b);
    must(strcmp(a, b) == 0 && strcmp(before->policy.backup_dir, after->policy.backup_dir) == 0,
         "an edit changed the rules");
    for (int i = 0; i < before->slot_count; i++) {
        const struct config_slot *s = &before->slots[i], *t = check_find(after, s->number);
        if (s->number == number)
            continue;
        must(t != NULL && strcmp(s->port, t->port) == 0 && strcmp(s->label, t->label) == 0 &&
                 s->has_reset == t->has_reset && s->reset == t->reset &&
                 s->presence.input == t->presence.input && s->presence.inverted == t->presence.inverted,
             "an edit changed another slot");
    }
}

enum check_edit { CHECK_LABEL, CHECK_FORGET, CHECK_ADD, CHECK_EDITS };

static inline int check_make_edit(struct config_edit *e, enum check_edit edit, int number,
                                  struct complaint *c)
{
    const struct config_slot fresh = {
        .number = number, .port = STATION_FREE_PORT, .has_reset = true, .reset = RESET_TIGHT};

    return edit == CHECK_LABEL    ? config_edit_label(e, number, STATION_NEW_LABEL, c)
           : edit == CHECK_FORGET ? config_edit_forget(e, number, c)
                                  : config_edit_add(e, &fresh, c);
}

static inline void check_result(const struct config *before, const struct config *after, enum check_edit edit,
                                int number)
{
    const struct config_slot *was = check_find(before, number), *is = check_find(after, number);

    check_others(before, after, number);
    must(after->slot_count == before->slot_count + (edit == CHECK_ADD) - (edit == CHECK_FORGET),
         "slots came or went");
    if (edit == CHECK_FORGET) {
        must(is == NULL, "a slot that was forgotten is there");
        return;
    }
    must(is != NULL, "the slot is gone");
    if (edit == CHECK_LABEL)
        must(strcmp(is->label, STATION_NEW_LABEL) == 0 && strcmp(is->port, was->port) == 0,
             "the label is not there");
    else
        must(strcmp(is->port, STATION_FREE_PORT) == 0 && is->reset == RESET_TIGHT,
             "the new slot is not there");
}

/* How many bytes of the old text are not in the new one, taken from both ends. */
static inline size_t check_lost(const char *a, size_t a_size, const char *b, size_t b_size)
{
    size_t front = 0, back = 0;

    while (front < a_size && front < b_size && a[front] == b[front])
        front++;
    while (back < a_size - front && back < b_size - front && a[a_size - 1 - back] == b[b_size - 1 - back])
        back++;
    return a_size - front - back;
}

static inline bool check_edit(const void *data, size_t size, const struct config *before,
                              enum check_edit edit, int number)
{
    struct complaint c = {0};
    struct config_edit *e = config_edit_text("s.yaml", data, size, &c);
    size_t new_size;

    if (e == NULL || check_make_edit(e, edit, number, &c) != 0) {
        check_complaint(&c);
        must(strncmp(c.text, "s.yaml", 6) == 0, "a refusal that does not name the file");
        if (e != NULL) {
            const char *text = config_edit_result(e, &new_size);
            must(new_size == size && memcmp(text, data, size) == 0, "a refused edit changed the text");
        }
        config_edit_free(e);
        return false;
    }
    const char *text = config_edit_result(e, &new_size);
    struct config *after = config_parse("s.yaml", text, new_size, &c);
    must(after != NULL, "an edit left a text that cannot be read");
    check_result(before, after, edit, number);
    must(edit != CHECK_ADD || check_lost(data, size, text, new_size) == 0, "a new slot cost something");
    config_free(after);
    config_edit_free(e);
    return true;
}

static inline int check_station(const void *data, size_t size)
{
    struct complaint c = {0};
    struct config *config = config_parse("s.yaml", data, size, &c);
    int made = 0, fresh = 1;

    if (config == NULL) {
        check_complaint(&c);
        return 0;
    }
    check_bounds(config);
    for (int i = 0; i < config->slot_count; i++) {
        int number = config->slots[i].number;
        fresh += number == fresh;
        if (i > 0 && i < config->slot_count - 1 && config->slot_count > 4)
            continue; /* the first and the last are the odd ones */
        made += check_edit(data, size, config, CHECK_LABEL, number);
        made += check_edit(data, size, config, CHECK_FORGET, number);
    }
    if (fresh <= CONFIG_SLOTS_MAX)
        made += check_edit(data, size, config, CHECK_ADD, fresh);
    config_free(config);
    return made;
}

#endif /* TESTS_FUZZ_CHECK_STATION_H */
