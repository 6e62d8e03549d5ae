/* SPDX-License-Identifier: Apache-2.0 */
#include "station/print/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct outlet {
    int fd;
    bool own, socket;
    int flags; /* the borrowed descriptor's own, to be put back; -1: they were not changed */
    char *bytes;
    size_t from, to, room; /* what waits is bytes[from..to) */
};

static bool never_blocks(mode_t mode)
{
    return S_ISREG(mode) || S_ISBLK(mode);
}

/* A description of our own for what can block; of the borrowed one only where there is no other way. */
static void make_non_blocking(struct outlet *o)
{
    char name[32];
    struct stat st;
    int flags = fcntl(o->fd, F_GETFL);

    if (flags < 0 || fstat(o->fd, &st) != 0 || never_blocks(st.st_mode))
        return;
    o->socket = S_ISSOCK(st.st_mode);
    if (o->socket || (flags & O_ACCMODE) == O_RDONLY)
        return; /* asked not to block at each call; can not be written at all */
    snprintf(name, sizeof name, "/proc/self/fd/%d", o->fd);
    int fd = open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0) {
        o->fd = fd;
        o->own = true;
    } else if (fcntl(o->fd, F_SETFL, flags | O_NONBLOCK) == 0) {
        o->flags = flags;
    }
}

struct outlet *outlet_new(int fd)
{
    struct outlet *o = calloc(1, sizeof *o);

    if (o == NULL)
        return NULL;
    o->fd = fd;
    o->flags = -1;
    make_non_blocking(o);
    return o;
}

void outlet_free(struct outlet *o)
{
    if (o == NULL)
        return;
    if (o->own)
        close(o->fd);
    else if (o->flags >= 0)
        fcntl(o->fd, F_SETFL, o->flags);
    free(o->bytes);
    free(o);
}

bool outlet_waits(const struct outlet *o)
{
    return o->to > o->from;
}

size_t outlet_size(const struct outlet *o)
{
    return o->to - o->from;
}

int outlet_fd(const struct outlet *o)
{
    return o->fd;
}

static ssize_t write_some(const struct outlet *o, const char *bytes, size_t size)
{
    return o->socket ? send(o->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL) : write(o->fd, bytes, size);
}

int outlet_push(struct outlet *o)
{
    while (outlet_waits(o)) {
        ssize_t n = write_some(o, o->bytes + o->from, o->to - o->from);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return 0;
        if (n <= 0) {
            int error = n < 0 ? errno : EIO;
            o->from = o->to = 0;
            return -error;
        }
        o->from += (size_t)n;
    }
    o->from = o->to = 0;
    return 0;
}

int outlet_put(struct outlet *o, const void *bytes, size_t size)
{
    if (o->from > 0) {
        memmove(o->bytes, o->bytes + o->from, o->to - o->from);
        o->to -= o->from;
        o->from = 0;
    }
    if (o->to + size > o->room) {
        char *more = realloc(o->bytes, o->to + size);
        if (more == NULL)
            return -ENOMEM;
        o->bytes = more;
        o->room = o->to + size;
    }
    if (size > 0)
        memcpy(o->bytes + o->to, bytes, size);
    o->to += size;
    return outlet_push(o);
}
