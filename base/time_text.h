/* SPDX-License-Identifier: Apache-2.0 */
/*
 * time_text - a moment as it is told: RFC 3339, so never without its zone. Programmes (JSON, exports) get UTC; people
 * (lists, a unit's story, the screen) get their own time with its offset, which tells the two 02:30 apart of a day that has
 * them twice. Both can be given back to --time (station/cli/time_range.h). Moments are milliseconds since 1970 in UTC; the
 * zone is the process's ($TZ), as tzset() last saw it. From any thread.
 */
#ifndef BASE_TIME_TEXT_H
#define BASE_TIME_TEXT_H

#include <stdint.h>

#define TIME_TEXT_SIZE 96 /* what any seven ints would take */

/* "2026-11-20T08:15:30.123Z" */
void time_text_utc(int64_t wall_ms, char out[static TIME_TEXT_SIZE]);
/* The moment that time_text_utc() wrote so; 0: it wrote something else. */
int64_t time_text_utc_parse(const char *text);
/* "2026-11-20T09:15:30.123+01:00"; where the zone is UTC itself "Z". An offset that is no whole minute (before 1972): UTC. */
void time_text_local(int64_t wall_ms, char out[static TIME_TEXT_SIZE]);
/* The same to the second: "2026-11-20 09:15:30+01:00". */
void time_text_date(int64_t wall_ms, char out[static TIME_TEXT_SIZE]);
/* Without its day: "09:15:30+01:00". */
void time_text_clock(int64_t wall_ms, char out[static TIME_TEXT_SIZE]);

#endif /* BASE_TIME_TEXT_H */
