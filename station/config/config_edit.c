/* SPDX-License-Identifier: Apache-2.0 */
#include "station/config/config_edit.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/file.h"
#include "base/own_file.h"
#include "base/plain.h"
#include "profiles/text/arena.h"
#include "profiles/text/complaint.h"
#include "profiles/text/file_bytes.h"
#include "profiles/text/yaml_text.h"
#include "station/config/config.h"
#include "station/config/config_lines.h"
#include "station/config/config_slot_text.h"

#define PIECES_MAX 2

/* Bytes [from, to) become `text`. */
struct replacement {
    size_t from, to;
    const char *text;
};

struct config_edit {
    char path[PATH_TEXT];
    struct arena *arena;
    const char *found; /* as it was read; NULL: there was no file */
    size_t found_size;
    const char *bytes; /* as it is now */
    size_t size;
    struct yaml_text yaml;                 /* of it; nothing in it where there was no file */
    struct config *config;                 /* what it says */
    struct replacement pieces[PIECES_MAX]; /* of the edit under way, in order */
    int count, line;                       /* line: where it is, for complaints */
    const char *what;                      /* that is edited, for complaints */
    struct complaint *c;
};

static int cannot(struct config_edit *e, int line, const char *what, ...)
    __attribute__((format(printf, 3, 4)));

static int cannot(struct config_edit *e, int line, const char *what, ...)
{
    char text[400];
    va_list args;

    va_start(args, what);
    vsnprintf(text, sizeof text, what, args);
    va_end(args);
    return complain(e->c, FAIL_CONFIG, e->path, line, "%s; nothing was changed", text);
}

static int no_memory(struct config_edit *e)
{
    return complain(e->c, FAIL_NO_MEMORY, e->path, 0, "out of memory");
}

static void put(struct config_edit *e, size_t from, size_t to, const char *text)
{
    e->pieces[e->count++] = (struct replacement){from, to, text};
}

static void begin(struct config_edit *e, struct complaint *c)
{
    e->count = 0;
    e->line = 1;
    e->what = "the slot";
    e->c = c;
}

static const char *apply(const struct config_edit *e, size_t *size)
{
    size_t room = e->size + 1, at = 0, used = 0;

    for (int i = 0; i < e->count; i++)
        room += e->pieces[i].text != NULL ? strlen(e->pieces[i].text) : 0;
    char *out = arena_alloc(e->arena, room);
    for (int i = 0; out != NULL && i < e->count; i++) {
        const struct replacement *p = &e->pieces[i];
        if (p->text == NULL)
            return NULL;
        memcpy(out + used, e->bytes + at, p->from - at);
        used += p->from - at;
        memcpy(out + used, p->text, strlen(p->text));
        used += strlen(p->text);
        at = p->to;
    }
    if (out == NULL)
        return NULL;
    if (e->size > at)
        memcpy(out + used, e->bytes + at, e->size - at);
    *size = used + e->size - at;
    return out;
}

/* The new text counts when it says `wanted`, no more and no less. Takes `wanted`. */
static int commit(struct config_edit *e, struct config *wanted)
{
    struct complaint why = {0};
    struct yaml_text yaml;
    size_t size;
    int rc = -1;
    const char *text = wanted != NULL ? apply(e, &size) : NULL;
    struct config *says = text != NULL ? config_parse(e->path, text, size, &why) : NULL;

    if (text == NULL || why.code == FAIL_NO_MEMORY)
        no_memory(e);
    else if (says == NULL || !config_same(says, wanted) || yaml_text_read(text, size, e->arena, &yaml) != 0)
        cannot(e, e->line,
               "%s cannot be changed in the form it is written in; change it by hand, or write "
               "each key on a line of its own",
               e->what);
    else
        rc = 0;
    config_free(wanted);
    if (rc != 0) {
        config_free(says);
        return rc;
    }
    config_free(e->config);
    e->config = says;
    e->bytes = text;
    e->size = size;
    e->yaml = yaml;
    return 0;
}

static struct config *copy_of(const struct config *config)
{
    struct config *copy = malloc(sizeof *copy);

    if (copy != NULL)
        *copy = *config;
    return copy;
}

static struct config_slot *slot_in(struct config *config, int number)
{
    for (int i = 0; config != NULL && i < config->slot_count; i++)
        if (config->slots[i].number == number)
            return &config->slots[i];
    return NULL;
}

/* The list of slots; NULL: there is none, or *e->c says why it cannot be changed. */
static const struct yaml_part *list_of(struct config_edit *e, const struct yaml_part **key)
{
    const struct yaml_part *root = e->yaml.parts;
    const struct yaml_part *list = root != NULL ? yaml_text_find(&e->yaml, root, "slots", key) : NULL;

    if (list == NULL || list->kind == YAML_PART_LIST)
        return list;
    cannot(e, list->line, "slots: is written as an alias; write the list itself here");
    return NULL;
}

/* The map of a slot that there is; NULL: *e->c says why it cannot be changed. */
static const struct yaml_part *item_of(struct config_edit *e, int number, const struct yaml_part **list)
{
    const struct config_slot *slot = slot_in(e->config, number);
    const struct yaml_part *item = NULL;

    *list = list_of(e, NULL);
    if (slot == NULL)
        cannot(e, 0, "there is no slot %d", number);
    else if (*list != NULL)
        item = yaml_text_child(&e->yaml, *list, (size_t)slot->item);
    if (item != NULL && item->kind == YAML_PART_MAP) {
        e->line = item->line;
        return item;
    }
    cannot(e, slot != NULL ? slot->line : 0, "the slot is not written out here; write it here itself");
    return NULL;
}

/* Another line with `text` behind the one on which `to` stands. */
static int add_line(struct config_edit *e, size_t to, int column, const char *text)
{
    size_t end = config_line_end(e->bytes, e->size, to);

    if (end == CONFIG_NO_PLACE)
        return cannot(e, e->line,
                      "more stands on the line behind this slot; write each slot on lines of its own");
    put(e, end, end,
        arena_text(e->arena, "%s%*s%s", config_line_break(e->bytes, e->size, end), column, "", text));
    return 0;
}

static const struct yaml_part *last_child(const struct yaml_text *t, const struct yaml_part *of)
{
    const struct yaml_part *last = NULL, *p;

    for (size_t i = 0; (p = yaml_text_child(t, of, i)) != NULL; i++)
        last = p;
    return last;
}

/* A value that stands there. */
static int replace_text(struct config_edit *e, const struct yaml_part *value, const char *key,
                        const char *text)
{
    const struct yaml_part *user = yaml_text_user(&e->yaml, value);
    bool is_glued = value->from > 0 && e->bytes[value->from - 1] == ':';

    e->line = value->line;
    if (user != NULL)
        return cannot(e, value->line, "%s: line %d takes it from here (*%s); write it out there first", key,
                      user->line, user->name);
    put(e, value->from, value->to, is_glued ? arena_text(e->arena, " %s", text) : text);
    return 0;
}

static int put_label(struct config_edit *e, const struct yaml_part *item, const char *label)
{
    const struct yaml_part *value = yaml_text_find(&e->yaml, item, "label", NULL);
    const char *text = config_quoted(e->arena, label);

    if (text == NULL)
        return no_memory(e);
    if (value != NULL)
        return replace_text(e, value, "label", text);
    if (item->flow) {
        put(e, item->inside, item->inside, arena_text(e->arena, "label: %s, ", text));
        return 0;
    }
    const struct yaml_part *first = yaml_text_child(&e->yaml, item, 0);
    return add_line(e, item->to, config_key_column(e->bytes, first->from, first->column),
                    arena_text(e->arena, "label: %s", text));
}

int config_edit_label(struct config_edit *e, int number, const char *label, struct complaint *c)
{
    const struct yaml_part *list;

    begin(e, c);
    const struct yaml_part *item = item_of(e, number, &list);
    if (item == NULL)
        return -1;
    const struct config_slot *slot = slot_in(e->config, number);
    if (strcmp(slot->label, label) == 0)
        return 0; /* it says so already */
    if (put_label(e, item, label) != 0)
        return -1;
    struct config *wanted = copy_of(e->config);
    if (wanted != NULL)
        snprintf(slot_in(wanted, number)->label, sizeof slot->label, "%s", label);
    return commit(e, wanted);
}

/* Of an entry in brackets: with the comma before it or behind it. */
static void cut_entry(struct config_edit *e, const struct yaml_part *list, const struct yaml_part *item)
{
    const struct yaml_part *before = NULL, *p;
    size_t comma = config_comma(e->bytes, e->size, item->to);

    for (size_t i = 0; (p = yaml_text_child(&e->yaml, list, i)) != item; i++)
        before = p;
    if (comma != CONFIG_NO_PLACE) {
        put(e, item->from, config_skip_blanks(e->bytes, e->size, comma + 1), "");
        return;
    }
    comma = before != NULL ? config_comma(e->bytes, e->size, before->to) : CONFIG_NO_PLACE;
    if (comma != CONFIG_NO_PLACE && config_skip_blanks(e->bytes, e->size, comma + 1) == item->from) {
        put(e, comma, item->to, "");
        return;
    }
    if (comma != CONFIG_NO_PLACE) /* a comment between them stays */
        put(e, comma, comma + 1, "");
    put(e, item->from, item->to, "");
}

/* Of an entry with a dash: whole lines. The last one leaves "[]" at the key, for a key without a list is no list. */
static int cut_lines(struct config_edit *e, const struct yaml_part *list, const struct yaml_part *item)
{
    const struct yaml_part *first = yaml_text_child(&e->yaml, list, 0), *key = NULL, *before = NULL, *p;

    list_of(e, &key);
    for (size_t i = 0; (p = yaml_text_child(&e->yaml, list, i)) != item; i++)
        before = p;
    size_t dash = config_dash(e->bytes, e->size, before != NULL ? before->to : list->from);
    size_t from = dash != CONFIG_NO_PLACE ? config_line_start(e->bytes, dash) : CONFIG_NO_PLACE;
    size_t to = config_line_end(e->bytes, e->size, item->to);
    if (from == CONFIG_NO_PLACE || to == CONFIG_NO_PLACE)
        return cannot(e, item->line, "more stands on this slot's lines; take the slot out by hand");
    if (first == item && yaml_text_child(&e->yaml, list, 1) == NULL) {
        size_t end = config_value_place(e->bytes, e->size, key->to, list->from);
        if (end == CONFIG_NO_PLACE || end > from)
            return cannot(e, item->line,
                          "the list of slots does not begin behind 'slots:'; take the slot out by hand");
        put(e, end, end, " []");
    }
    /* With the break behind it, or without one at the end of the text with the one before. */
    size_t behind = config_skip_break(e->bytes, e->size, to);
    if (behind == to && from > 0)
        from = config_back_over_break(e->bytes, from);
    put(e, from, behind, "");
    return 0;
}

int config_edit_forget(struct config_edit *e, int number, struct complaint *c)
{
    const struct yaml_part *list;

    begin(e, c);
    const struct yaml_part *item = item_of(e, number, &list);
    if (item == NULL)
        return -1;
    const struct yaml_part *user = yaml_text_user(&e->yaml, item);
    if (user != NULL)
        return cannot(e, item->line, "line %d takes a value from this slot (*%s); write it out there first",
                      user->line, user->name);
    if (list->flow)
        cut_entry(e, list, item);
    else if (cut_lines(e, list, item) != 0)
        return -1;
    struct config *wanted = copy_of(e->config);
    struct config_slot *slot = slot_in(wanted, number);
    if (slot != NULL) {
        size_t after = (size_t)(wanted->slots + wanted->slot_count - slot - 1);
        memmove(slot, slot + 1, after * sizeof *slot);
        wanted->slot_count--;
    }
    return commit(e, wanted);
}

static int root_column(const struct config_edit *e)
{
    const struct yaml_part *first =
        e->yaml.parts != NULL ? yaml_text_child(&e->yaml, e->yaml.parts, 0) : NULL;

    return first != NULL ? config_key_column(e->bytes, first->from, first->column) : 0;
}

/* Keys of the root at the end of the document: `text` is without an indent, its lines end with `line_break`. */
static int add_to_root(struct config_edit *e, const char *text)
{
    const char *line_break = config_line_break(e->bytes, e->size, 0);
    bool is_line = e->size == 0 || config_line_start(e->bytes, e->yaml.end) == e->yaml.end;

    put(e, e->yaml.end, e->yaml.end,
        text == NULL ? NULL
                     : arena_text(e->arena, "%s%*s%s%s", is_line ? "" : line_break, root_column(e), "", text,
                                  is_line ? line_break : ""));
    return 0;
}

/* An entry in the brackets of a map. */
static int add_to_flow(struct config_edit *e, const struct yaml_part *map, const char *entry)
{
    put(e, map->inside, map->inside,
        entry == NULL
            ? NULL
            : arena_text(e->arena, "%s%s", entry, yaml_text_child(&e->yaml, map, 0) != NULL ? ", " : ""));
    return 0;
}

/* The list of slots itself. */
static int add_section(struct config_edit *e, const struct config_slot *s)
{
    const struct yaml_part *root = e->yaml.parts;
    const char *line_break = config_line_break(e->bytes, e->size, 0);

    if (root != NULL && root->flow) {
        const char *slot = config_slot_flow(e->arena, s);
        return add_to_flow(e, root, slot != NULL ? arena_text(e->arena, "slots: [%s]", slot) : NULL);
    }
    int column = root_column(e) + 2;
    const char *slot = config_slot_block(e->arena, s, column, line_break);
    return add_to_root(e, slot != NULL ? arena_text(e->arena, "slots:%s%*s%s", line_break, column, "", slot)
                                       : NULL);
}

static int add_item(struct config_edit *e, const struct yaml_part *list, const struct config_slot *s)
{
    const struct yaml_part *last = last_child(&e->yaml, list);

    e->line = list->line;
    if (list->flow) {
        const char *slot = config_slot_flow(e->arena, s);
        size_t at = last != NULL ? last->to : list->inside;
        put(e, at, at, slot == NULL ? NULL : arena_text(e->arena, "%s%s", last != NULL ? ", " : "", slot));
        return 0;
    }
    size_t dash = config_dash(e->bytes, e->size, list->from);
    if (dash == CONFIG_NO_PLACE || last == NULL)
        return cannot(e, list->line,
                      "the list of slots cannot be continued as it is written; add the slot by hand");
    int column = (int)(dash - config_line_start_any(e->bytes, dash));
    const char *line_break =
        config_line_break(e->bytes, e->size, config_line_end_any(e->bytes, e->size, last->to));
    const char *slot = config_slot_block(e->arena, s, column, line_break);
    return slot != NULL ? add_line(e, last->to, column, slot) : no_memory(e);
}

static int by_number(const void *a, const void *b)
{
    return ((const struct config_slot *)a)->number - ((const struct config_slot *)b)->number;
}

int config_edit_add(struct config_edit *e, const struct config_slot *slot, struct complaint *c)
{
    begin(e, c);
    if (e->config->slot_count == CONFIG_SLOTS_MAX)
        return cannot(e, 0, "a station has at most %d slots", CONFIG_SLOTS_MAX);
    if (slot_in(e->config, slot->number) != NULL)
        return cannot(e, slot_in(e->config, slot->number)->line, "slot %d is described already",
                      slot->number);
    const struct yaml_part *list = list_of(e, NULL);
    if (list == NULL && c != NULL && c->code != FAILURE_NONE)
        return -1;
    if ((list != NULL ? add_item(e, list, slot) : add_section(e, slot)) != 0)
        return -1;
    struct config *wanted = copy_of(e->config);
    if (wanted != NULL) {
        wanted->slots[wanted->slot_count++] = *slot;
        qsort(wanted->slots, (size_t)wanted->slot_count, sizeof *slot, by_number);
    }
    return commit(e, wanted);
}

static const struct {
    const char *section, *key, *what; /* section NULL: of the root */
} texts[] = {[CONFIG_STATION] = {NULL, "station", "the station's name"},
             [CONFIG_DATABASE] = {NULL, "database", "the database"},
             [CONFIG_BACKUP_DIR] = {"policy", "backup_dir", "the folder of backups"}};

/* What the file will say then; NULL: no memory, or *e->c. */
static struct config *wanted_text(struct config_edit *e, enum config_text which, const char *value)
{
    struct config *wanted = copy_of(e->config);
    int error = 0;

    if (wanted == NULL)
        no_memory(e);
    else if (which == CONFIG_STATION)
        error = snprintf(wanted->station_id, sizeof wanted->station_id, "%s", value) >=
                        (int)sizeof wanted->station_id
                    ? -ENAMETOOLONG
                    : 0;
    else
        error = path_written(e->path, value,
                             which == CONFIG_DATABASE ? wanted->database : wanted->policy.backup_dir);
    if (error == 0)
        return wanted;
    config_free(wanted);
    cannot(e, 0, "%s: '%.200s': %s", texts[which].key, value, errno_text(-error));
    return NULL;
}

static int put_text(struct config_edit *e, enum config_text which, const char *text)
{
    const char *section = texts[which].section, *key = texts[which].key;
    const char *entry = arena_text(e->arena, "%s: %s", key, text);
    const struct yaml_part *root = e->yaml.parts, *map = root;

    if (map != NULL && section != NULL)
        map = yaml_text_find(&e->yaml, root, section, NULL);
    if (map != NULL && map->kind != YAML_PART_MAP)
        return cannot(e, map->line, "%s: is written as an alias; write it out here", section);
    const struct yaml_part *value = map != NULL ? yaml_text_find(&e->yaml, map, key, NULL) : NULL;
    if (value != NULL)
        return replace_text(e, value, key, text);
    if (map != NULL && map->flow)
        return add_to_flow(e, map, entry);
    if (map == root && section == NULL)
        return add_to_root(e, entry);
    if (map != NULL && map != root) {
        const struct yaml_part *first = yaml_text_child(&e->yaml, map, 0);
        e->line = map->line;
        return first == NULL || entry == NULL
                   ? no_memory(e)
                   : add_line(e, map->to, config_key_column(e->bytes, first->from, first->column), entry);
    }
    if (root != NULL && root->flow)
        return add_to_flow(e, root, arena_text(e->arena, "%s: {%s: %s}", section, key, text));
    return add_to_root(e, arena_text(e->arena, "%s:%s%*s%s: %s", section,
                                     config_line_break(e->bytes, e->size, 0), root_column(e) + 2, "", key,
                                     text));
}

int config_edit_put(struct config_edit *e, enum config_text which, const char *value, struct complaint *c)
{
    begin(e, c);
    e->what = texts[which].what;
    if (plain_trouble(value) != NULL)
        return cannot(e, 0, "%s: what is to stand there %s", texts[which].key, plain_trouble(value));
    struct config *wanted = wanted_text(e, which, value);
    if (wanted == NULL)
        return -1;
    const char *text = config_quoted(e->arena, value);
    int rc = config_same(wanted, e->config) ? 1 : text == NULL ? no_memory(e) : put_text(e, which, text);
    if (rc == 0)
        return commit(e, wanted);
    config_free(wanted);
    return rc == 1 ? 0 : -1; /* 1: it says so already */
}

const char *config_edit_result(const struct config_edit *e, size_t *size)
{
    *size = e->size;
    return e->bytes;
}

static int understand(struct config_edit *e, struct complaint *c)
{
    begin(e, c);
    if (e->found == NULL) {
        e->bytes = "";
        e->config = calloc(1, sizeof *e->config);
        if (e->config != NULL)
            e->config->policy = (struct config_policy)CONFIG_POLICY_DEFAULT;
        return e->config != NULL ? 0 : no_memory(e);
    }
    e->bytes = e->found;
    e->size = e->found_size;
    e->config = config_parse(e->path, e->bytes, e->size, c);
    if (e->config == NULL)
        return -1;
    int rc = yaml_text_read(e->bytes, e->size, e->arena, &e->yaml);
    if (rc == -ENOMEM)
        return no_memory(e);
    return rc == 0 ? 0 : cannot(e, 1, "is not written in UTF-8; save it as UTF-8 first");
}

int config_edit_begin(struct config_edit *e, const char *text, struct complaint *c)
{
    begin(e, c);
    if (e->found != NULL)
        return cannot(e, 0, "is there already");
    struct config *says = config_parse(e->path, text, strlen(text), c);
    const char *bytes = says != NULL ? arena_text(e->arena, "%s", text) : NULL;
    if (bytes == NULL || yaml_text_read(bytes, strlen(bytes), e->arena, &e->yaml) != 0) {
        config_free(says);
        return says != NULL ? no_memory(e) : -1;
    }
    config_free(e->config);
    e->config = says;
    e->bytes = bytes;
    e->size = strlen(bytes);
    return 0;
}

static struct config_edit *make(const char *path, struct complaint *c)
{
    struct config_edit *e = calloc(1, sizeof *e);

    if (e != NULL)
        e->arena = arena_new();
    if (e == NULL || e->arena == NULL) {
        free(e);
        complain(c, FAIL_NO_MEMORY, path, 0, "out of memory");
        return NULL;
    }
    snprintf(e->path, sizeof e->path, "%s", path);
    e->c = c;
    return e;
}

struct config_edit *config_edit_text(const char *file, const void *bytes, size_t size, struct complaint *c)
{
    struct config_edit *e = make(file, c);

    if (e == NULL)
        return NULL;
    e->found = bytes;
    e->found_size = size;
    if (understand(e, c) == 0)
        return e;
    config_edit_free(e);
    return NULL;
}

/* The file's bytes; *bytes NULL: there is none. */
static int read_file(struct config_edit *e, const char **bytes, size_t *size, struct complaint *c)
{
    const struct place at = {e->path, 0, NULL};
    const uint8_t *found = NULL;

    *bytes = NULL;
    *size = 0;
    struct stat st;
    if (access(e->path, F_OK) != 0 && errno == ENOENT) {
        if (lstat(e->path, &st) != 0)
            return 0;
        return cannot(e, 0, "is a link to a file that is not there; make that file, or remove the link");
    }
    if (file_bytes_read(e->path, CONFIG_BYTES_MAX, e->arena, &found, size, FAIL_CONFIG, &at, c) != 0)
        return -1;
    *bytes = (const char *)found;
    return 0;
}

struct config_edit *config_edit_open(const char *path, struct complaint *c)
{
    struct config_edit *e = make(path, c);

    if (e == NULL)
        return NULL;
    if (read_file(e, &e->found, &e->found_size, c) == 0 && understand(e, c) == 0)
        return e;
    config_edit_free(e);
    return NULL;
}

/* What was edited is what is there now, and it has one name. */
static int check_file(struct config_edit *e, struct complaint *c)
{
    const char *now;
    size_t size;
    struct stat st;

    if (read_file(e, &now, &size, c) != 0)
        return -1;
    if ((now == NULL) != (e->found == NULL) || size != e->found_size ||
        (now != NULL && memcmp(now, e->found, size) != 0))
        return cannot(e, 0, "was changed by somebody else meanwhile; try again");
    if (now != NULL && stat(e->path, &st) == 0 && st.st_nlink > 1)
        return cannot(e, 0,
                      "has %ld names (hard links), of which one would keep the old text; remove the others",
                      (long)st.st_nlink);
    return 0;
}

int config_edit_save(struct config_edit *e, struct complaint *c)
{
    begin(e, c);
    if (check_file(e, c) != 0)
        return -1;
    if (e->bytes == e->found)
        return 0;
    int rc = e->found == NULL ? path_make_parents(e->path) : 0;
    if (rc == 0)
        rc = file_save(e->path, e->bytes, e->size, FILE_FOLLOW | FILE_KEEP_OWNER);
    if (rc != 0) {
        char why[OWN_DENIED_SIZE];
        own_file_denied(e->path, NULL, -rc, why);
        return cannot(e, 0, "cannot be written: %s", why);
    }
    e->found = e->bytes;
    e->found_size = e->size;
    return 0;
}

void config_edit_free(struct config_edit *e)
{
    if (e == NULL)
        return;
    config_free(e->config);
    arena_free(e->arena);
    free(e);
}
