/* SPDX-License-Identifier: Apache-2.0 */
#include "station/cli/time_range.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/time_text.h"

#define MINUTE_MS 60000LL
#define HOUR_MS   3600000LL
#define DAY_MS    86400000LL
/* Zones reach from -12:00 to +14:00, and two changes of one zone's clocks lie further apart than this (tzdata). */
#define ZONE_SPAN_S (26 * 3600)

static int fault_is(char fault[static TIME_FAULT_SIZE], const char *text, ...)
    __attribute__((format(printf, 2, 3)));

static int fault_is(char fault[static TIME_FAULT_SIZE], const char *text, ...)
{
    va_list args;

    va_start(args, text);
    vsnprintf(fault, TIME_FAULT_SIZE, text, args);
    va_end(args);
    return -EINVAL;
}

static int not_understood(char fault[static TIME_FAULT_SIZE])
{
    return fault_is(fault, "is not understood; say today, yesterday, 2026-11-20, 2026-11-20.., 'last 8h'"
                           " or a time as the lists print it");
}

/* ---- what was written ---- */

struct point {
    struct tm tm;    /* the figures, whatever their zone */
    int millisecond; /* what is finer is cut off */
    int64_t unit_ms; /* how long it is, by its last figure */
    bool has_offset;
    long offset_s; /* east of Greenwich */
};

/* `count` digits, no more and no fewer. */
static bool take_number(const char **at, int count, int *out)
{
    *out = 0;
    for (int i = 0; i < count; i++) {
        if (!isdigit((unsigned char)(*at)[i]))
            return false;
        *out = 10 * *out + ((*at)[i] - '0');
    }
    *at += count;
    return true;
}

static bool take_char(const char **at, const char *any)
{
    if (**at == '\0' || strchr(any, **at) == NULL)
        return false;
    (*at)++;
    return true;
}

static bool take_day(const char **at, struct point *p)
{
    if (!take_number(at, 4, &p->tm.tm_year) || !take_char(at, "-") || !take_number(at, 2, &p->tm.tm_mon) ||
        !take_char(at, "-") || !take_number(at, 2, &p->tm.tm_mday))
        return false;
    p->tm.tm_year -= 1900;
    p->tm.tm_mon -= 1;
    p->unit_ms = DAY_MS;
    return true;
}

/* ".123", with any number of digits. */
static bool take_fraction(const char **at, struct point *p)
{
    int64_t unit = 1000;

    if (!take_char(at, "."))
        return true;
    if (!isdigit((unsigned char)**at))
        return false;
    for (; isdigit((unsigned char)**at); (*at)++) {
        if (unit == 1)
            continue;
        unit /= 10;
        p->millisecond += (int)(unit * (**at - '0'));
    }
    p->unit_ms = unit;
    return true;
}

static bool take_time(const char **at, struct point *p)
{
    if (!(((*at)[0] == ' ' || (*at)[0] == 'T' || (*at)[0] == 't') && isdigit((unsigned char)(*at)[1])))
        return true; /* a day alone */
    (*at)++;
    if (!take_number(at, 2, &p->tm.tm_hour) || !take_char(at, ":") || !take_number(at, 2, &p->tm.tm_min))
        return false;
    p->unit_ms = MINUTE_MS;
    if (!take_char(at, ":"))
        return true;
    p->unit_ms = 1000;
    return take_number(at, 2, &p->tm.tm_sec) && take_fraction(at, p);
}

static bool take_offset(const char **at, struct point *p)
{
    int hours = 0, minutes = 0;

    while (take_char(at, " "))
        ;
    p->has_offset = true;
    if (take_char(at, "Zz"))
        return true;
    bool west = **at == '-';
    if (!take_char(at, "+-")) {
        p->has_offset = false;
        return true;
    }
    if (!take_number(at, 2, &hours))
        return false;
    bool has_colon = take_char(at, ":");
    if ((has_colon || **at != '\0') && !take_number(at, 2, &minutes))
        return false;
    p->offset_s = (west ? -60L : 60L) * (60L * hours + minutes);
    return hours <= 23 && minutes <= 59;
}

static bool same_figures(const struct tm *a, const struct tm *b)
{
    return a->tm_year == b->tm_year && a->tm_mon == b->tm_mon && a->tm_mday == b->tm_mday &&
           a->tm_hour == b->tm_hour && a->tm_min == b->tm_min && a->tm_sec == b->tm_sec;
}

/* The figures taken for UTC. */
static time_t plain_seconds(const struct tm *tm)
{
    struct tm copy = *tm;

    return timegm(&copy);
}

static int read_point(const char *text, struct point *p, char fault[static TIME_FAULT_SIZE])
{
    struct tm back;
    const char *at = text;

    *p = (struct point){.unit_ms = 0};
    if (!take_day(&at, p) || !take_time(&at, p) || !take_offset(&at, p) || *at != '\0')
        return not_understood(fault);
    time_t seconds = plain_seconds(&p->tm); /* "2026-02-31" quietly becomes March */
    if (p->tm.tm_year < 70 || gmtime_r(&seconds, &back) == NULL || !same_figures(&p->tm, &back))
        return fault_is(fault, "is no day and time of the calendar");
    return 0;
}

/* ---- when that is ---- */

/* When a local clock shows the figures: from the first to the last time. Never: both are the moment of the change. */
struct shown {
    int64_t first_s, last_s;
    bool never;
};

static long offset_at(int64_t seconds)
{
    time_t t = (time_t)seconds;
    struct tm tm;

    return localtime_r(&t, &tm) != NULL ? tm.tm_gmtoff : 0;
}

/* The first second in (before, after] with another offset than `before` has. */
static int64_t change_between(int64_t before, int64_t after)
{
    long offset = offset_at(before);

    while (after - before > 1) {
        int64_t middle = before + (after - before) / 2;

        if (offset_at(middle) == offset)
            before = middle;
        else
            after = middle;
    }
    return after;
}

static void find_shown(const struct tm *tm, struct shown *out)
{
    int64_t plain = plain_seconds(tm);
    const int64_t with_old = plain - offset_at(plain - ZONE_SPAN_S),
                  with_new = plain - offset_at(plain + ZONE_SPAN_S);
    bool old_fits = with_old + offset_at(with_old) == plain,
         new_fits = with_new + offset_at(with_new) == plain;

    out->never = !old_fits && !new_fits;
    if (out->never) {
        out->first_s = out->last_s = change_between(with_new, with_old);
        return;
    }
    out->first_s = old_fits ? with_old : with_new;
    out->last_s = new_fits ? with_new : with_old;
}

/* Local midnight after this day. */
static int64_t next_midnight_s(const struct tm *day)
{
    struct tm next = *day;
    struct shown shown;

    next.tm_mday++;
    timegm(&next); /* brings "November 31" in order */
    find_shown(&next, &shown);
    return shown.first_s;
}

struct edges {
    int64_t at_ms, after_ms; /* the first millisecond, and the first past it */
    bool never, twice;
};

static void find_edges(const struct point *p, struct edges *out)
{
    struct shown shown;

    *out = (struct edges){.never = false};
    if (p->has_offset) {
        out->at_ms = ((int64_t)plain_seconds(&p->tm) - p->offset_s) * 1000 + p->millisecond;
        out->after_ms = out->at_ms + p->unit_ms;
        return;
    }
    find_shown(&p->tm, &shown);
    bool is_day = p->unit_ms == DAY_MS;
    out->at_ms = shown.first_s * 1000 + p->millisecond;
    out->after_ms = is_day        ? next_midnight_s(&p->tm) * 1000
                    : shown.never ? shown.last_s * 1000
                                  : shown.last_s * 1000 + p->millisecond + p->unit_ms;
    if (shown.never && !is_day)
        out->at_ms = shown.first_s * 1000;
    out->never = is_day ? out->after_ms <= out->at_ms : shown.never;
    out->twice = !is_day && shown.first_s != shown.last_s;
}

static int refuse_twice(const struct edges *e, int64_t unit_ms, char fault[static TIME_FAULT_SIZE])
{
    char first[TIME_TEXT_SIZE], last[TIME_TEXT_SIZE];

    time_text_local(e->at_ms, first);
    time_text_local(e->after_ms - unit_ms, last);
    return fault_is(fault, "comes twice on that day, for clocks go back; say which: %s or %s", first, last);
}

static int refuse_never(const struct edges *e, char fault[static TIME_FAULT_SIZE])
{
    char change[TIME_TEXT_SIZE];

    time_text_local(e->at_ms, change);
    return fault_is(fault, "never comes, for clocks go forward then, to %s", change);
}

int time_point_parse(const char *text, int64_t *at_ms, int64_t *after_ms, char fault[static TIME_FAULT_SIZE])
{
    struct point p;
    struct edges e;
    int rc = read_point(text, &p, fault);

    if (rc != 0)
        return rc;
    find_edges(&p, &e);
    if (e.never)
        return refuse_never(&e, fault);
    if (e.twice)
        return refuse_twice(&e, p.unit_ms, fault);
    *at_ms = e.at_ms;
    if (after_ms != NULL)
        *after_ms = e.after_ms;
    return 0;
}

/* ---- spans ---- */

static int parse_last(const char *text, int64_t now_ms, int64_t *from_ms, char fault[static TIME_FAULT_SIZE])
{
    char *end;

    errno = 0;
    while (*text == ' ')
        text++;
    if (!isdigit((unsigned char)*text))
        return not_understood(fault);
    long n = strtol(text, &end, 10);
    int64_t unit = *end == 'm'   ? MINUTE_MS
                   : *end == 'h' ? HOUR_MS
                   : *end == 'd' ? DAY_MS
                   : *end == 'w' ? 7 * DAY_MS
                                 : 0;
    if (unit == 0 || end[1] != '\0' || errno != 0 || n <= 0 || n > now_ms / unit)
        return not_understood(fault);
    *from_ms = now_ms - n * unit;
    return 0;
}

static int parse_day(int64_t now_ms, int days_back, int64_t *from_ms, int64_t *to_ms)
{
    time_t seconds = (time_t)(now_ms / 1000);
    struct point p = {.unit_ms = DAY_MS};
    struct edges e;

    if (localtime_r(&seconds, &p.tm) == NULL)
        return -EINVAL;
    p.tm.tm_hour = p.tm.tm_min = p.tm.tm_sec = 0;
    p.tm.tm_mday -= days_back;
    timegm(&p.tm);
    find_edges(&p, &e);
    *from_ms = e.at_ms;
    *to_ms = e.after_ms;
    return 0;
}

/* One side of ".."; an empty one is no limit. */
static int parse_side(const char *text, size_t size, struct edges *e, char fault[static TIME_FAULT_SIZE])
{
    char side[64];
    struct point p;

    *e = (struct edges){.never = false};
    while (size > 0 && text[size - 1] == ' ')
        size--;
    if (size == 0)
        return 0;
    if (size >= sizeof side)
        return not_understood(fault);
    memcpy(side, text, size);
    side[size] = '\0';
    if (read_point(side, &p, fault) != 0)
        return -EINVAL;
    find_edges(&p, e);
    return 0;
}

int time_range_parse(const char *text, int64_t now_ms, int64_t *from_ms, int64_t *to_ms,
                     char fault[static TIME_FAULT_SIZE])
{
    const char *dots = strstr(text, ".."), *right = dots == NULL ? NULL : dots + 2;
    struct edges begin, end;

    fault[0] = '\0';
    *from_ms = *to_ms = 0;
    if (strcmp(text, "today") == 0)
        return parse_day(now_ms, 0, from_ms, to_ms);
    if (strcmp(text, "yesterday") == 0)
        return parse_day(now_ms, 1, from_ms, to_ms);
    if (strncmp(text, "last ", 5) == 0)
        return parse_last(text + 5, now_ms, from_ms, fault);
    if (dots == NULL)
        return time_point_parse(text, from_ms, to_ms, fault);
    while (*right == ' ')
        right++;
    if (dots == text && *right == '\0')
        return not_understood(fault);
    if (parse_side(text, (size_t)(dots - text), &begin, fault) != 0 ||
        parse_side(right, strlen(right), &end, fault) != 0)
        return -EINVAL;
    *from_ms = begin.at_ms;
    *to_ms = end.after_ms;
    return *to_ms != 0 && *to_ms <= *from_ms ? fault_is(fault, "ends before it begins") : 0;
}
