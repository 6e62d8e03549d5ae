/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_slot_text - a slot, and a text, as they are written in station.yaml. For config_edit.c. Pure; what is returned stands in
 * the arena, NULL: no memory.
 */
#ifndef STATION_CONFIG_CONFIG_SLOT_TEXT_H
#define STATION_CONFIG_CONFIG_SLOT_TEXT_H

struct arena;
struct config_slot;

/* In double quotes; control characters must not be in it. */
const char *config_quoted(struct arena *arena, const char *text);
/* "{number: 1, port: ..}" */
const char *config_slot_flow(struct arena *arena, const struct config_slot *s);
/* As lines; the first one's indent is the caller's. */
const char *config_slot_block(struct arena *arena, const struct config_slot *s, int column,
                              const char *line_break);

#endif /* STATION_CONFIG_CONFIG_SLOT_TEXT_H */
