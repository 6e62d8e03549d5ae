/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/text/yaml_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/plain.h"
#include "profiles/text/arena.h"

struct builder {
    struct yaml_text *text;
    struct arena *arena;
    struct yaml_part *parts;
    size_t count, room;
    size_t *open; /* maps and lists not yet closed */
    size_t depth, open_room;
    size_t *starts; /* byte of each character; libyaml's marks count characters */
    size_t characters;
};

/* libyaml passes over a byte order mark without counting it. */
static int index_characters(struct builder *b)
{
    const char *bytes = b->text->bytes;
    size_t size = b->text->size, at = size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

    b->starts = malloc((size + 1) * sizeof *b->starts);
    if (b->starts == NULL)
        return -ENOMEM;
    for (; at < size; at++)
        if (!plain_continues(bytes[at]))
            b->starts[b->characters++] = at;
    b->starts[b->characters] = size;
    return 0;
}

static size_t byte_of(const struct builder *b, const yaml_mark_t *mark)
{
    return b->starts[mark->index < b->characters ? mark->index : b->characters];
}

/* Twice the room when it is full. */
static int grow(void **array, size_t *room, size_t count, size_t item)
{
    if (count < *room)
        return 0;
    size_t more = *room > 0 ? 2 * *room : 64;
    void *bigger = realloc(*array, more * item);
    if (bigger == NULL)
        return -ENOMEM;
    *array = bigger;
    *room = more;
    return 0;
}

static const char *copy(struct builder *b, const yaml_char_t *text)
{
    return text != NULL ? arena_text(b->arena, "%s", (const char *)text) : NULL;
}

/* A block scalar's mark stands behind the breaks that follow it. */
static size_t trim(const struct builder *b, size_t from, size_t to)
{
    const char *bytes = b->text->bytes;

    while (to > from && (bytes[to - 1] == '\n' || bytes[to - 1] == '\r' || bytes[to - 1] == ' '))
        to--;
    return to;
}

static int begin(struct builder *b, const yaml_event_t *e, enum yaml_kind kind, const yaml_char_t *name)
{
    if (grow((void **)&b->parts, &b->room, b->count, sizeof *b->parts) != 0)
        return -ENOMEM;
    size_t from = byte_of(b, &e->start_mark), to = byte_of(b, &e->end_mark);
    b->parts[b->count] = (struct yaml_part){.kind = kind,
                                            .from = from,
                                            .to = trim(b, from, to),
                                            .inside = from,
                                            .line = (int)e->start_mark.line + 1,
                                            .column = (int)e->start_mark.column,
                                            .name = copy(b, name),
                                            .next = b->count + 1};
    b->count++;
    return name != NULL && b->parts[b->count - 1].name == NULL ? -ENOMEM : 0;
}

static int open_part(struct builder *b, const yaml_event_t *e, enum yaml_kind kind, const yaml_char_t *name,
                     bool flow)
{
    if (begin(b, e, kind, name) != 0 ||
        grow((void **)&b->open, &b->open_room, b->depth, sizeof *b->open) != 0)
        return -ENOMEM;
    struct yaml_part *p = &b->parts[b->count - 1];
    p->flow = flow;
    p->inside = flow ? byte_of(b, &e->end_mark) : p->from;
    b->open[b->depth++] = b->count - 1;
    return 0;
}

/* A bracket closes itself; a block ends where its last part does, for its mark stands at what comes next. */
static void close_part(struct builder *b, const yaml_event_t *e)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): libyaml ends no part that it has not begun */
    struct yaml_part *p = &b->parts[b->open[--b->depth]];

    p->next = b->count;
    if (p->flow)
        p->to = byte_of(b, &e->end_mark);
    for (size_t i = (size_t)(p - b->parts) + 1; !p->flow && i < p->next; i = b->parts[i].next)
        p->to = b->parts[i].to;
}

/* A value that is not there ("? key" without ": value") is marked where the next thing stands, lines below. */
static void pull_up(struct builder *b, struct yaml_part *p)
{
    size_t before = b->count > 1 ? p[-1].to : 0;

    if (p->from == p->to && p->from > before &&
        memchr(b->text->bytes + before, '\n', p->from - before) != NULL)
        p->from = p->to = p->inside = before;
}

static int scalar(struct builder *b, const yaml_event_t *e)
{
    if (begin(b, e, YAML_PART_SCALAR, e->data.scalar.anchor) != 0)
        return -ENOMEM;
    struct yaml_part *p = &b->parts[b->count - 1];
    p->text = copy(b, e->data.scalar.value);
    pull_up(b, p);
    return p->text != NULL ? 0 : -ENOMEM;
}

/* 1: the document has ended. */
static int take(struct builder *b, const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_SCALAR_EVENT:
        return scalar(b, e);
    case YAML_ALIAS_EVENT:
        return begin(b, e, YAML_PART_ALIAS, e->data.alias.anchor);
    case YAML_SEQUENCE_START_EVENT:
        return open_part(b, e, YAML_PART_LIST, e->data.sequence_start.anchor,
                         e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE);
    case YAML_MAPPING_START_EVENT:
        return open_part(b, e, YAML_PART_MAP, e->data.mapping_start.anchor,
                         e->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        close_part(b, e);
        return 0;
    case YAML_DOCUMENT_END_EVENT:
        b->text->end = byte_of(b, &e->start_mark);
        return 1;
    case YAML_STREAM_END_EVENT:
        return -EINVAL;
    default:
        return 0;
    }
}

static int read_events(struct builder *b, yaml_parser_t *parser)
{
    int rc = 0;

    while (rc == 0) {
        yaml_event_t e;
        if (!yaml_parser_parse(parser, &e))
            return parser->error == YAML_MEMORY_ERROR ? -ENOMEM : -EINVAL;
        rc = take(b, &e);
        yaml_event_delete(&e);
    }
    if (parser->encoding != YAML_UTF8_ENCODING)
        return -EILSEQ;
    return rc < 0 ? rc : 0;
}

/* Into the arena, where it lives as long as its texts. */
static int keep(struct builder *b)
{
    size_t size = b->count * sizeof *b->parts;
    struct yaml_part *parts = b->count > 0 ? arena_alloc(b->arena, size) : NULL;

    if (parts == NULL)
        return b->count > 0 ? -ENOMEM : -EINVAL;
    memcpy(parts, b->parts, size);
    b->text->parts = parts;
    b->text->count = b->count;
    return 0;
}

int yaml_text_read(const void *bytes, size_t size, struct arena *arena, struct yaml_text *out)
{
    struct builder b = {.text = out, .arena = arena};
    yaml_parser_t parser;

    *out = (struct yaml_text){.bytes = bytes, .size = size, .end = size};
    if (!yaml_parser_initialize(&parser))
        return -ENOMEM;
    yaml_parser_set_input_string(&parser, bytes, size);
    int rc = index_characters(&b);
    if (rc == 0)
        rc = read_events(&b, &parser);
    if (rc == 0)
        rc = keep(&b);
    yaml_parser_delete(&parser);
    free(b.parts);
    free(b.open);
    free(b.starts);
    return rc;
}

/* What an alias stands for: the last anchor of that name before it. */
static const struct yaml_part *resolve(const struct yaml_text *t, const struct yaml_part *p)
{
    if (p->kind != YAML_PART_ALIAS)
        return p;
    for (const struct yaml_part *q = p; q-- > t->parts;)
        if (q->kind != YAML_PART_ALIAS && q->name != NULL && strcmp(q->name, p->name) == 0)
            return q;
    return p;
}

const struct yaml_part *yaml_text_child(const struct yaml_text *t, const struct yaml_part *of, size_t i)
{
    size_t at = (size_t)(of - t->parts) + 1;

    while (i-- > 0 && at < of->next)
        at = t->parts[at].next;
    return at < of->next ? &t->parts[at] : NULL;
}

const struct yaml_part *yaml_text_find(const struct yaml_text *t, const struct yaml_part *map,
                                       const char *key, const struct yaml_part **at)
{
    const struct yaml_part *k, *value;

    for (size_t i = 0; (k = yaml_text_child(t, map, i)) != NULL; i += 2) {
        const struct yaml_part *real = resolve(t, k);
        value = yaml_text_child(t, map, i + 1);
        if (value != NULL && real->text != NULL && strcmp(real->text, key) == 0) {
            if (at != NULL)
                *at = k;
            return value;
        }
    }
    return NULL;
}

const struct yaml_part *yaml_text_user(const struct yaml_text *t, const struct yaml_part *of)
{
    for (size_t i = of->next; i < t->count; i++)
        if (t->parts[i].kind == YAML_PART_ALIAS && resolve(t, &t->parts[i]) >= of &&
            resolve(t, &t->parts[i]) < t->parts + of->next)
            return &t->parts[i];
    return NULL;
}
