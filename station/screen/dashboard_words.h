/* SPDX-License-Identifier: Apache-2.0 */
/* dashboard_words - facts put into sentences of the operator's language, for the log, the event line and lists. */
#ifndef STATION_SCREEN_DASHBOARD_WORDS_H
#define STATION_SCREEN_DASHBOARD_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "station/screen/dashboard_draw.h"
#include "station/screen/dashboard_model.h"

void words_clock(int64_t wall_ms, char *out,
                 size_t size); /* local time: "16:00:00"; dates: base/time_text.h */
void words_decimal(double value, char *out, size_t size); /* "21.4", with the language's decimal sign */
void words_seconds(int64_t ms, char *out, size_t size);   /* "21.4 s" */
/* The longest of the state's words that fits; "" where not even the shortest does. */
const char *words_face(const struct canvas *c, const struct slot_status *s, int width);
void words_log(const struct log_entry *e, char *out, size_t size); /* without the time */
void words_log_brief(const struct log_entry *e, char *out,
                     size_t size);        /* the same in codes, for a short line */
const char *words_blame(enum blame b);    /* "station", translated */
const char *words_role(const char *role); /* "operator", "engineer", translated; others as they are */
/* One line of hex for evidence, at most `max` bytes from the end of it. */
void words_hex(const uint8_t *bytes, size_t length, size_t max, char *out, size_t size);

#endif /* STATION_SCREEN_DASHBOARD_WORDS_H */
