/* SPDX-License-Identifier: Apache-2.0 */
#include "station/cli/time_range.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY_MS 86400000LL

/* mktime() with isdst -1 finds the zone's own offset of that moment; day + 1 is the next midnight, whatever the DST. */
static int64_t local_ms(struct tm t)
{
    t.tm_isdst = -1;
    time_t seconds = mktime(&t);
    return (int64_t)seconds * 1000;
}

static bool exists(struct tm wanted)
{
    struct tm t = wanted;

    t.tm_isdst = -1;
    mktime(&t); /* "2026-02-31" would quietly become March */
    return t.tm_year == wanted.tm_year && t.tm_mon == wanted.tm_mon && t.tm_mday == wanted.tm_mday;
}

static bool is_shape(const char *text, const char *shape)
{
    size_t i = 0;

    for (; shape[i] != '\0'; i++) {
        if (shape[i] == '0' ? !isdigit((unsigned char)text[i])
                            : text[i] != shape[i] && !(shape[i] == 'T' && text[i] == ' '))
            return false;
    }
    return text[i] == '\0';
}

int time_point_parse(const char *text, int64_t *at_ms, int64_t *after_ms)
{
    struct tm t = {0}, after;
    int64_t ignored;

    if (is_shape(text, "0000-00-00")) {
        sscanf(text, "%4d-%2d-%2d", &t.tm_year, &t.tm_mon, &t.tm_mday);
    } else if (is_shape(text, "0000-00-00T00:00") || is_shape(text, "0000-00-00T00:00:00")) {
        sscanf(text, "%4d-%2d-%2d%*c%2d:%2d:%2d", &t.tm_year, &t.tm_mon, &t.tm_mday, &t.tm_hour, &t.tm_min,
               &t.tm_sec);
    } else {
        return -EINVAL;
    }
    t.tm_year -= 1900;
    t.tm_mon -= 1;
    if (t.tm_year < 70 || !exists(t) || t.tm_hour > 23 || t.tm_min > 59 || t.tm_sec > 59)
        return -EINVAL;
    after = t;
    switch (strlen(text)) {
    case 10:
        after.tm_mday++;
        break;
    case 16:
        after.tm_min++;
        break;
    default:
        after.tm_sec++;
    }
    *at_ms = local_ms(t);
    *(after_ms != NULL ? after_ms : &ignored) = local_ms(after);
    return 0;
}

static int parse_last(const char *text, int64_t now_ms, int64_t *from_ms)
{
    char *end;

    errno = 0;
    while (*text == ' ')
        text++;
    if (!isdigit((unsigned char)*text))
        return -EINVAL;
    long n = strtol(text, &end, 10);
    int64_t unit = *end == 'm'   ? 60000
                   : *end == 'h' ? 3600000
                   : *end == 'd' ? DAY_MS
                   : *end == 'w' ? 7 * DAY_MS
                                 : 0;
    if (unit == 0 || end[1] != '\0' || errno != 0 || n <= 0 || n > now_ms / unit)
        return -EINVAL;
    *from_ms = now_ms - n * unit;
    return 0;
}

static int parse_day(int64_t now_ms, int days_back, int64_t *from_ms, int64_t *to_ms)
{
    time_t seconds = (time_t)(now_ms / 1000);
    struct tm t;

    if (localtime_r(&seconds, &t) == NULL)
        return -EINVAL;
    t.tm_hour = t.tm_min = t.tm_sec = 0;
    t.tm_mday -= days_back;
    *from_ms = local_ms(t);
    t.tm_mday++;
    *to_ms = local_ms(t);
    return 0;
}

int time_range_parse(const char *text, int64_t now_ms, int64_t *from_ms, int64_t *to_ms)
{
    const char *dots = strstr(text, "..");
    char left[32];

    *from_ms = *to_ms = 0;
    if (strcmp(text, "today") == 0)
        return parse_day(now_ms, 0, from_ms, to_ms);
    if (strcmp(text, "yesterday") == 0)
        return parse_day(now_ms, 1, from_ms, to_ms);
    if (strncmp(text, "last ", 5) == 0)
        return parse_last(text + 5, now_ms, from_ms);
    if (dots == NULL)
        return time_point_parse(text, from_ms, to_ms);
    if ((size_t)(dots - text) >= sizeof left || (dots == text && dots[2] == '\0'))
        return -EINVAL;
    memcpy(left, text, (size_t)(dots - text));
    left[dots - text] = '\0';
    if (left[0] != '\0' && time_point_parse(left, from_ms, NULL) != 0)
        return -EINVAL;
    /* The moment named at the right belongs to the span: a day is its whole day, a minute its whole minute. */
    int64_t begin;
    if (dots[2] != '\0' && time_point_parse(dots + 2, &begin, to_ms) != 0)
        return -EINVAL;
    return *to_ms != 0 && *to_ms <= *from_ms ? -EINVAL : 0;
}
