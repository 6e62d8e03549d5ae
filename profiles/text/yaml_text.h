/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_text - where everything in a YAML text stands, to the byte, for programmes that change a few bytes of it and
 * leave the rest as people wrote it. Positions are libyaml's marks of its events; nothing is guessed from lines.
 *
 * Plain data in an arena; one thread. Only UTF-8, with or without its byte order mark.
 */
#ifndef PROFILES_TEXT_YAML_TEXT_H
#define PROFILES_TEXT_YAML_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

enum yaml_kind { YAML_PART_MAP, YAML_PART_LIST, YAML_PART_SCALAR, YAML_PART_ALIAS };

/* A node where it is written. The parts stand in the order of the text; those inside a map or list follow it. */
struct yaml_part {
    enum yaml_kind kind;
    size_t from,
        to; /* bytes, properties (&anchor, !tag) included; a block scalar without the breaks behind it */
    size_t inside; /* MAP, LIST in flow style: the byte behind the opening bracket; in block style: `from` */
    bool flow;     /* MAP, LIST: written in brackets */
    int line;      /* from 1 */
    int column;    /* from 0, in characters */
    const char *name; /* the anchor it has, or the alias it is; NULL: none */
    const char *text; /* SCALAR: its value, up to a NUL in it; else NULL */
    size_t next;      /* index of the part behind this one and all that is inside it */
};

struct yaml_text {
    const char *bytes;
    size_t size;
    const struct yaml_part *parts; /* the first document's; parts[0] is its root */
    size_t count;
    size_t end; /* byte where the document ends: its "..." or "---", or the end of the text */
};

/*
 * `bytes` is borrowed. 0; -EINVAL: this is no YAML (or has no document); -EILSEQ: it is not UTF-8; -ENOMEM.
 */
int yaml_text_read(const void *bytes, size_t size, struct arena *arena, struct yaml_text *out);

/* Of a MAP: the value of `key` (an alias as key counts as what it stands for), and in *at the key's part; NULL: none. */
const struct yaml_part *yaml_text_find(const struct yaml_text *t, const struct yaml_part *map,
                                       const char *key, const struct yaml_part **at);
/* Of a MAP or LIST: child number i (a map's keys and values alternate); NULL: there are fewer. */
const struct yaml_part *yaml_text_child(const struct yaml_text *t, const struct yaml_part *of, size_t i);
/* Does an alias anywhere refer to an anchor of this part or of one inside it? NULL or the alias. */
const struct yaml_part *yaml_text_user(const struct yaml_text *t, const struct yaml_part *of);

#endif /* PROFILES_TEXT_YAML_TEXT_H */
