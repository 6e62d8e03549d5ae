/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slot_json - a slot as JSON, both ways: the slot keys of docs/json.md. The one owner of their names and meaning: what a run writes
 * with --json and what an attached screen reads are the same.
 */
#ifndef STATION_RUN_SLOT_JSON_H
#define STATION_RUN_SLOT_JSON_H

#include <jansson.h>

#include "engine/slot/slot_event.h"

/* {"v":1,"event":EVENT,"slot":..,"t_ms":..,"time":..}; slot 0: the station. NULL: no memory. */
json_t *slot_json_line(const char *event, int slot, int64_t t_ms, int64_t wall_ms);
/* `serial`: that a result is recorded under; "" : none. `o` may be NULL. */
void slot_json_put(json_t *o, const struct slot_status *s, const char *serial);
/* When its stages began, for who has not seen them begin: key `stages`. `o` may be NULL. */
void slot_json_put_stages(json_t *o, const struct slot_status *s);
/* The line of an event. NULL: no memory. */
json_t *slot_json_event(const struct slot_event *e, const char *serial);
/*
 * Out of a line that slot_json_put() made: all of *s but `boot_pin` and the stages, which stay where the line names none. started_us
 * and now_us differ by its t_ms. What is missing or of another type counts as left out. False: it is about no slot.
 */
bool slot_json_get(const json_t *o, struct slot_status *s);
/* Of an event's line; the status is *s, as slot_json_get() left it. False: this event is no slot's. */
bool slot_json_get_event(const json_t *o, const struct slot_status *s, struct slot_event *out);

#endif /* STATION_RUN_SLOT_JSON_H */
