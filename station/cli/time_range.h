/* SPDX-License-Identifier: Apache-2.0 */
/*
 * time_range - "when" as people say it, as a half-open span of Unix milliseconds; 0 stands for "no limit" on either side.
 *
 *   today  yesterday  2026-11-20  2026-11-20..  ..2026-11-22  2026-11-20T06:00..2026-11-20T14:00  last 8h  last 3d
 *
 * A moment is RFC 3339 as base/time_text.h writes it, or less: a day, or a day and a time to the minute, the second or a
 * part of it, with 'T' or a blank between, then nothing, 'Z', or an offset: +01:00, +0100, +01. Without one it is the local
 * zone's, where a day may have 23 or 25 hours. A moment is as long as its last figure says: a day, a minute, a millisecond;
 * at the right of ".." all of it is included. Units of "last": m, h, d, w.
 *
 * A local time that comes twice (clocks go back) begins with the first and ends with the last of the two at "..", and is
 * refused alone; one that never comes (clocks go forward) is the moment of the change at "..", and refused alone.
 */
#ifndef STATION_CLI_TIME_RANGE_H
#define STATION_CLI_TIME_RANGE_H

#include <stdint.h>

#define TIME_FAULT_SIZE 256

/* 0, or -EINVAL and in `fault` what is wrong and what to write: it follows the text in quotes. */
int time_range_parse(const char *text, int64_t now_ms, int64_t *from_ms, int64_t *to_ms,
                     char fault[static TIME_FAULT_SIZE]);
/* One moment: its first millisecond; *after (may be NULL) is the first one past it. 0, or -EINVAL as above. */
int time_point_parse(const char *text, int64_t *at_ms, int64_t *after_ms, char fault[static TIME_FAULT_SIZE]);

#endif /* STATION_CLI_TIME_RANGE_H */
