/* SPDX-License-Identifier: Apache-2.0 */
#include "station/print/lines.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "station/print/json.h"
#include "station/print/outlet.h"
#include "station/print/signals.h"

struct line {
    struct line *next;
    size_t size;
    char text[]; /* with its newline, without a NUL */
};

struct lines {
    struct outlet *outlet; /* at most one line waits in it: the one that was begun */
    FILE *stream;
    struct line *first, *last;
    size_t held, room; /* bytes of the lines that wait here */
    long dropped;      /* not yet told */
    char *begun;       /* of a line whose newline has not come yet */
    size_t begun_size;
    int64_t started_ms;
    bool json;
    int error; /* the reader is gone: an errno */
};

static void forget_first(struct lines *l)
{
    struct line *line = l->first;

    l->first = line->next;
    if (l->first == NULL)
        l->last = NULL;
    l->held -= line->size;
    free(line);
}

/* How many the reader will not see. Told before the next one, which is where they are missing. */
static int tell_dropped(struct lines *l)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return -ENOMEM;
    if (l->json) {
        json_t *o = json_line_new("dropped");
        json_put_int(o, "slot", 0);
        json_put_int(o, "t_ms", clock_wall_ms() - l->started_ms);
        json_put_time(o, "time", clock_wall_ms());
        json_put_int(o, "lines", l->dropped);
        json_line_write(out, o);
    } else {
        fprintf(out, "(%ld lines dropped: nobody read them)\n", l->dropped);
    }
    fclose(out);
    l->dropped = 0;
    int rc = outlet_put(l->outlet, text, size);
    free(text);
    return rc;
}

int lines_push(struct lines *l)
{
    int rc = l->error != 0 ? -l->error : outlet_push(l->outlet);

    while (rc == 0 && l->first != NULL && !outlet_waits(l->outlet)) {
        if (l->dropped > 0) {
            rc = tell_dropped(l);
            continue;
        }
        rc = outlet_put(l->outlet, l->first->text, l->first->size);
        forget_first(l);
    }
    l->error = -rc;
    return rc;
}

static void hold(struct lines *l, const char *text, size_t size)
{
    struct line *line = malloc(sizeof *line + size);

    if (line == NULL) {
        l->dropped++;
        return;
    }
    line->next = NULL;
    line->size = size;
    memcpy(line->text, text, size);
    if (l->last != NULL)
        l->last->next = line;
    else
        l->first = line;
    l->last = line;
    l->held += size;
    /* The newest stays, whatever its size. */
    while (l->held > l->room && l->first != l->last) {
        forget_first(l);
        l->dropped++;
    }
}

/* Bytes of the stream; what has no newline yet is kept for the next call. */
static ssize_t take(void *cookie, const char *bytes, size_t size)
{
    struct lines *l = cookie;
    char *all = l->error == 0 ? realloc(l->begun, l->begun_size + size) : NULL;

    if (all == NULL) {
        errno = l->error != 0 ? l->error : ENOMEM;
        return 0;
    }
    memcpy(all + l->begun_size, bytes, size);
    l->begun = all;
    l->begun_size += size;
    size_t from = 0;
    for (char *end; (end = memchr(all + from, '\n', l->begun_size - from)) != NULL;) {
        hold(l, all + from, (size_t)(end + 1 - all) - from);
        from = (size_t)(end + 1 - all);
    }
    memmove(all, all + from, l->begun_size - from);
    l->begun_size -= from;
    if (lines_push(l) == 0)
        return (ssize_t)size;
    errno = l->error;
    return 0;
}

struct lines *lines_new(int fd, bool json, size_t room)
{
    const cookie_io_functions_t functions = {.write = take};
    struct lines *l = calloc(1, sizeof *l);

    if (l == NULL)
        return NULL;
    l->json = json;
    l->room = room;
    l->started_ms = clock_wall_ms();
    l->outlet = outlet_new(fd);
    l->stream = fopencookie(l, "w", functions);
    if (l->outlet != NULL && l->stream != NULL)
        return l;
    lines_free(l);
    return NULL;
}

void lines_free(struct lines *l)
{
    if (l == NULL)
        return;
    if (l->stream != NULL)
        fclose(l->stream);
    while (l->first != NULL)
        forget_first(l);
    outlet_free(l->outlet);
    free(l->begun);
    free(l);
}

FILE *lines_stream(struct lines *l)
{
    return l->stream;
}

int lines_fd(const struct lines *l)
{
    return l->error == 0 && (l->first != NULL || outlet_waits(l->outlet)) ? outlet_fd(l->outlet) : -1;
}

static int64_t now_ms(void)
{
    return clock_monotonic_us() / 1000;
}

/* Somebody asks for an end: another size of the terminal is none. */
static bool is_asked(int signal_fd)
{
    int number;

    while ((number = signals_next(signal_fd)) != 0)
        if (number != SIGWINCH)
            return true;
    return false;
}

long lines_finish(struct lines *l, int signal_fd, int patience_ms)
{
    int64_t deadline = now_ms() + patience_ms;
    long lost = 0;

    fflush(l->stream);
    while (lines_fd(l) >= 0) {
        struct pollfd p[] = {{.fd = lines_fd(l), .events = POLLOUT}, {.fd = signal_fd, .events = POLLIN}};
        int64_t left = patience_ms >= 0 ? deadline - now_ms() : -1;
        int n = patience_ms >= 0 && left <= 0 ? 0 : poll(p, 2, (int)left);
        if (n == 0 || (n < 0 && errno != EINTR) || (n > 0 && p[1].revents != 0 && is_asked(signal_fd)))
            break;
        if (p[0].revents != 0)
            deadline = now_ms() + patience_ms; /* he reads, if slowly */
        lines_push(l);
    }
    for (const struct line *line = l->first; line != NULL; line = line->next)
        lost++;
    return lost + l->dropped + outlet_waits(l->outlet);
}
