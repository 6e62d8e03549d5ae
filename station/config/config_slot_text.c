/* SPDX-License-Identifier: Apache-2.0 */
#include "station/config/config_slot_text.h"

#include <string.h>

#include "profiles/text/arena.h"
#include "station/config/config.h"

const char *config_quoted(struct arena *arena, const char *text)
{
    char *out = arena_alloc(arena, 2 * strlen(text) + 3), *to = out;

    if (out == NULL)
        return NULL;
    *to++ = '"';
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            *to++ = '\\';
        *to++ = *text;
    }
    *to++ = '"';
    *to = '\0';
    return out;
}

static const char *reset_word(const struct config_slot *s)
{
    static const char *const words[] = {"classic", "tight", "none"};

    return s->has_reset && s->reset <= RESET_NONE ? words[s->reset] : "";
}

/* One key of a slot: on a line of its own, or behind a comma. */
static const char *with(struct arena *arena, const char *all, const char *between, const char *key,
                        const char *value)
{
    if (all == NULL || value == NULL || value[0] == '\0')
        return all;
    return arena_text(arena, "%s%s%s: %s", all, between, key, value);
}

static const char *slot_text(struct arena *arena, const struct config_slot *s, const char *begin,
                             const char *between)
{
    const char *port = config_quoted(arena, s->port),
               *label = s->label[0] != '\0' ? config_quoted(arena, s->label) : "";
    const char *all =
        port != NULL && label != NULL ? arena_text(arena, "%snumber: %d", begin, s->number) : NULL;

    all = with(arena, all, between, "port", port);
    all = with(arena, all, between, "label", label);
    all = with(arena, all, between, "reset", reset_word(s));
    return with(arena, all, between, "presence", presence_line_word(&s->presence));
}

const char *config_slot_flow(struct arena *arena, const struct config_slot *s)
{
    const char *text = slot_text(arena, s, "{", ", ");

    return text != NULL ? arena_text(arena, "%s}", text) : NULL;
}

const char *config_slot_block(struct arena *arena, const struct config_slot *s, int column,
                              const char *line_break)
{
    const char *between = arena_text(arena, "%s%*s", line_break, column + 2, "");

    return between != NULL ? slot_text(arena, s, "- ", between) : NULL;
}
