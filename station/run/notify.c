/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/notify.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define TEXT_SIZE 512 /* of one datagram: a status is one short line */

struct notify {
    int fd;
    struct sockaddr_un address;
    socklen_t length;
    int64_t watchdog_us;
};

static int64_t number_of(const char *name)
{
    const char *text = getenv(name);
    char *end;
    long long n = text != NULL ? strtoll(text, &end, 10) : 0;

    return text != NULL && *end == '\0' && n > 0 ? n : 0;
}

/* A path, or "@name": of Linux's abstract names, which begin with a NUL and have no end. */
static bool read_address(struct notify *n, const char *path)
{
    size_t size = path != NULL ? strlen(path) : 0;

    if (size < 2 || size >= sizeof n->address.sun_path || (path[0] != '/' && path[0] != '@'))
        return false;
    n->address.sun_family = AF_UNIX;
    memcpy(n->address.sun_path, path, size);
    if (path[0] == '@')
        n->address.sun_path[0] = '\0';
    n->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size + (path[0] == '/'));
    return true;
}

struct notify *notify_new(void)
{
    struct notify *n = calloc(1, sizeof *n);
    bool wanted = n != NULL && read_address(n, getenv("NOTIFY_SOCKET"));
    int64_t pid = number_of("WATCHDOG_PID"), every_us = number_of("WATCHDOG_USEC");

    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    if (wanted) {
        n->watchdog_us = pid == 0 || pid == getpid() ? every_us : 0;
        n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (n->fd >= 0)
            return n;
    }
    free(n);
    return NULL;
}

void notify_free(struct notify *n)
{
    if (n == NULL)
        return;
    close(n->fd);
    free(n);
}

bool notify_say(struct notify *n, const char *format, ...)
{
    char text[TEXT_SIZE];
    va_list args;

    if (n == NULL)
        return false;
    va_start(args, format);
    int size = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (size < 0 || size >= TEXT_SIZE)
        return false;
    return sendto(n->fd, text, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL,
                  (const struct sockaddr *)&n->address, n->length) == size;
}

int64_t notify_watchdog_us(const struct notify *n)
{
    return n != NULL ? n->watchdog_us : 0;
}
