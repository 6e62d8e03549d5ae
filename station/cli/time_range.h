/* SPDX-License-Identifier: Apache-2.0 */
/*
 * time_range - "when" as people say it, as a half-open span of Unix milliseconds. Days and hours of day are local time
 * (so a day may have 23 or 25 hours); 0 stands for "no limit" on either side.
 *
 *   today  yesterday  2026-11-20  2026-11-20..  ..2026-11-22  2026-11-20T06:00..2026-11-20T14:00  last 8h  last 3d
 *
 * A day at the right of ".." is included whole. Units of "last": m, h, d, w.
 */
#ifndef STATION_CLI_TIME_RANGE_H
#define STATION_CLI_TIME_RANGE_H

#include <stdint.h>

/* 0, or -EINVAL: not understood, or it ends before it begins. */
int time_range_parse(const char *text, int64_t now_ms, int64_t *from_ms, int64_t *to_ms);
/* One date or date and time: its first millisecond; *after (may be NULL) is the first one past it. 0 or -EINVAL. */
int time_point_parse(const char *text, int64_t *at_ms, int64_t *after_ms);

#endif /* STATION_CLI_TIME_RANGE_H */
