/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time_text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define OFFSET_SIZE 8

struct moment {
    struct tm tm;
    int millisecond;
    char offset[OFFSET_SIZE]; /* "+01:00", "Z" */
};

static void moment_offset(struct moment *m)
{
    long minutes = labs(m->tm.tm_gmtoff) / 60;

    if (minutes == 0) {
        m->offset[0] = 'Z';
        m->offset[1] = '\0';
    } else {
        snprintf(m->offset, OFFSET_SIZE, "%c%02u:%02u", m->tm.tm_gmtoff < 0 ? '-' : '+',
                 (unsigned)(minutes / 60 % 24), (unsigned)(minutes % 60));
    }
}

static void moment_of(int64_t wall_ms, bool local, struct moment *m)
{
    m->millisecond = (int)((wall_ms % 1000 + 1000) % 1000);
    time_t seconds = (time_t)((wall_ms - m->millisecond) / 1000);

    *m = (struct moment){.millisecond = m->millisecond};
    if (!local || localtime_r(&seconds, &m->tm) == NULL || m->tm.tm_gmtoff % 60 != 0)
        gmtime_r(&seconds, &m->tm); /* fails beyond the year 2147483647 alone: then it is all zeros */
    moment_offset(m);
}

/* "2026-11-20T09:15:30", with `joint` for the 'T'. */
#define SECOND_FORM "%04d-%02d-%02d%c%02d:%02d:%02d"
#define SECOND_ARGS(tm, joint) \
    (tm).tm_year + 1900, (tm).tm_mon + 1, (tm).tm_mday, (joint), (tm).tm_hour, (tm).tm_min, (tm).tm_sec

static void write_moment(const struct moment *m, char out[static TIME_TEXT_SIZE])
{
    snprintf(out, TIME_TEXT_SIZE, SECOND_FORM ".%03d%s", SECOND_ARGS(m->tm, 'T'), m->millisecond, m->offset);
}

void time_text_utc(int64_t wall_ms, char out[static TIME_TEXT_SIZE])
{
    struct moment m;

    moment_of(wall_ms, false, &m);
    write_moment(&m, out);
}

int64_t time_text_utc_parse(const char *text)
{
    struct tm tm = {0};
    int millisecond, used = 0;

    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
               &tm.tm_min, &tm.tm_sec, &millisecond, &used) != 7 ||
        used == 0 || text[used] != '\0')
        return 0;
    tm.tm_year -= 1900;
    tm.tm_mon--;
    return (int64_t)timegm(&tm) * 1000 + millisecond;
}

void time_text_local(int64_t wall_ms, char out[static TIME_TEXT_SIZE])
{
    struct moment m;

    moment_of(wall_ms, true, &m);
    write_moment(&m, out);
}

void time_text_date(int64_t wall_ms, char out[static TIME_TEXT_SIZE])
{
    struct moment m;

    moment_of(wall_ms, true, &m);
    snprintf(out, TIME_TEXT_SIZE, SECOND_FORM "%s", SECOND_ARGS(m.tm, ' '), m.offset);
}

void time_text_clock(int64_t wall_ms, char out[static TIME_TEXT_SIZE])
{
    struct moment m;

    moment_of(wall_ms, true, &m);
    snprintf(out, TIME_TEXT_SIZE, "%02d:%02d:%02d%s", m.tm.tm_hour, m.tm.tm_min, m.tm.tm_sec, m.offset);
}
