/* SPDX-License-Identifier: Apache-2.0 */
/* headless_private - the two ways headless.c writes. All return 0, or -1 when the stream failed. */
#ifndef STATION_RUN_HEADLESS_PRIVATE_H
#define STATION_RUN_HEADLESS_PRIVATE_H

#include "base/clock.h"
#include "db/desk/duty.h"
#include "db/desk/serial_desk.h"
#include "station/run/headless.h"

struct system_journal;

int headless_json_start(FILE *out, const struct headless *h);
int headless_json_event(FILE *out, const struct slot_event *e, const char *serial);
int headless_json_serial(FILE *out, const struct serial_word *w, int64_t t_ms);
int headless_json_word(FILE *out, const char *event, int64_t t_ms); /* "drain", "abort" */
int headless_json_duty(FILE *out, const struct duty_names *who, int64_t t_ms);
int headless_json_note(FILE *out, const char *text, int64_t t_ms);
int headless_json_end(FILE *out, const struct tally *tally, int64_t t_ms);

/* The lines that follow are about this; j NULL: there is no journal. */
void headless_journal_event(struct system_journal *j, const struct slot_event *e, const char *serial);
void headless_journal_line(struct system_journal *j, int slot); /* 0: the station */

#endif /* STATION_RUN_HEADLESS_PRIVATE_H */
