/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/port/tty_wait.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

/* Watches the nearest folder above `path` that exists: /dev/serial itself comes and goes with its ports. */
static int watch_above(int fd, const char *path)
{
    char dir[PATH_MAX];

    if (snprintf(dir, sizeof dir, "%s", path) >= (int)sizeof dir)
        return -ENAMETOOLONG;
    for (;;) {
        char *slash = strrchr(dir, '/');
        if (slash == NULL)
            return -EINVAL;
        slash[slash == dir ? 1 : 0] = '\0';
        if (inotify_add_watch(fd, dir, IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_ONLYDIR) >=
            0)
            return 0;
        if (errno != ENOENT || slash == dir)
            return -errno;
    }
}

static int wait_event(int fd, int64_t deadline_us, const struct transport_env *env)
{
    struct pollfd fds[2] = {
        {.fd = fd, .events = POLLIN},
        {.fd = env->cancel != NULL ? waker_fd(env->cancel) : -1, .events = POLLIN},
    };
    int64_t left = deadline_us == CLOCK_NEVER ? 0 : deadline_us - clock_now_us(env->clock);

    if (left < 0)
        return -ETIMEDOUT;
    struct timespec ts = {.tv_sec = left / 1000000, .tv_nsec = left % 1000000 * 1000};
    int n = ppoll(fds, 2, deadline_us == CLOCK_NEVER ? NULL : &ts, NULL);
    if (n < 0)
        return errno == EINTR ? 0 : -errno;
    if (fds[1].revents != 0)
        return -ECANCELED;
    return n == 0 ? -ETIMEDOUT : 0;
}

/* The watch is set anew after each event: what was watched may have gone, and what is nearer may have come. */
static int wait_once(const char *path, int64_t deadline_us, const struct transport_env *env)
{
    int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

    if (fd < 0)
        return -errno;
    int rc = watch_above(fd, path);
    /* It may have come between the first look and the watch. */
    if (rc == 0 && access(path, F_OK) != 0)
        rc = wait_event(fd, deadline_us, env);
    close(fd);
    return rc;
}

int tty_wait(const char *path, int64_t deadline_us, const struct transport_env *env)
{
    int rc = 0;

    while (rc == 0 && access(path, F_OK) != 0)
        rc = wait_once(path, deadline_us, env);
    return rc;
}
