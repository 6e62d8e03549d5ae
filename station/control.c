/* SPDX-License-Identifier: Apache-2.0 */
#include "station/control.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "base/waker.h"
#include "station/control_wire.h"
#include "station/paths.h"

struct control {
    struct db *db;
    struct waker *end;
    pthread_t thread;
    int fd;
    char path[PATH_TEXT];
    pthread_mutex_t lock; /* guards the two below */
    void (*done)(void *ctx, const struct work_call *call);
    void *done_ctx;
};

/* The mode of the socket keeps others out; this does too where a folder's owner is generous. */
static bool is_owner(int fd)
{
    struct ucred peer;
    socklen_t len = sizeof peer;

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
           (peer.uid == geteuid() || peer.uid == 0);
}

static void tell_done(struct control *c, const struct work_call *call)
{
    pthread_mutex_lock(&c->lock);
    if (c->done != NULL)
        c->done(c->done_ctx, call);
    pthread_mutex_unlock(&c->lock);
}

void control_watch(struct control *c, void (*done)(void *ctx, const struct work_call *call), void *ctx)
{
    pthread_mutex_lock(&c->lock);
    c->done = done;
    c->done_ctx = ctx;
    pthread_mutex_unlock(&c->lock);
}

static void answer(struct control *c, int fd)
{
    char line[CONTROL_LINE_MAX];
    struct work_receipt receipt = {0};
    struct failure f = {0};
    struct work_call call;
    int rc = control_read_line(fd, line);

    if (rc != 0)
        return;
    json_t *o = control_unpack_call(line, &call);
    OPENSSL_cleanse(line, sizeof line);
    if (!is_owner(fd))
        rc = failure_set(&f, FAIL_ROLE, STAGE_NONE, EPERM, "the station belongs to another user");
    else if (o == NULL)
        rc = failure_set(&f, FAIL_WORK, STAGE_NONE, EPROTO,
                         "the request is not understood: is it another version's?");
    else
        rc = work_do(c->db, &call, &receipt, &f);
    if (rc == 0)
        tell_done(c, &call);
    json_decref(o);
    char *text = control_pack_answer(rc, &receipt, &f);
    if (text != NULL)
        control_write(fd, text);
    free(text);
}

static void *serve(void *arg)
{
    struct control *c = arg;

    while (!waker_raised(c->end)) {
        struct pollfd p[] = {{.fd = c->fd, .events = POLLIN}, {.fd = waker_fd(c->end), .events = POLLIN}};
        if (poll(p, 2, -1) < 0 || (p[0].revents & POLLIN) == 0)
            continue;
        int fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            continue;
        answer(c, fd);
        close(fd);
    }
    return NULL;
}

static int listen_here(struct control *c)
{
    struct sockaddr_un address;
    int folder = control_address(db_path(c->db), &address, c->path), rc = 0;

    if (folder < 0)
        return folder;
    c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0) {
        rc = -errno;
    } else {
        unlink(c->path); /* left by a station that died: we hold its lock now */
        /* Nobody can connect before listen(), so the mode is in place in time. */
        if (bind(c->fd, (struct sockaddr *)&address, sizeof address) != 0 || chmod(c->path, 0600) != 0 ||
            listen(c->fd, 8) != 0)
            rc = -errno;
    }
    close(folder);
    return rc;
}

struct control *control_new(struct db *db, struct failure *f)
{
    struct control *c = calloc(1, sizeof *c);
    int rc = -ENOMEM;

    if (c == NULL)
        goto fail;
    c->db = db;
    c->fd = -1;
    pthread_mutex_init(&c->lock, NULL);
    c->end = waker_new();
    if (c->end == NULL || (rc = listen_here(c)) != 0)
        goto fail;
    rc = -pthread_create(&c->thread, NULL, serve, c);
    if (rc != 0)
        goto fail;
    return c;
fail:
    failure_set(f, FAIL_CONFIG, STAGE_NONE, -rc, "control socket %s: %s", c != NULL ? c->path : "",
                strerror(-rc));
    if (c != NULL) {
        if (c->fd >= 0)
            close(c->fd);
        waker_free(c->end);
    }
    free(c);
    return NULL;
}

void control_free(struct control *c)
{
    if (c == NULL)
        return;
    waker_raise(c->end);
    pthread_join(c->thread, NULL);
    unlink(c->path);
    close(c->fd);
    waker_free(c->end);
    free(c);
}

static int connect_to(const char *path)
{
    struct sockaddr_un address;
    int folder = control_address(path, &address, NULL);

    if (folder < 0)
        return folder;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        int err = errno;
        close(fd);
        errno = err;
        fd = -1;
    }
    int err = errno;
    close(folder);
    return fd >= 0 ? fd : -err;
}

int control_request(const char *path, const struct work_call *call, struct work_receipt *receipt,
                    struct failure *f)
{
    char line[CONTROL_LINE_MAX];
    int fd = connect_to(path);

    if (fd == -ENOENT || fd == -ECONNREFUSED)
        return 1;
    if (fd < 0)
        return failure_set(f, FAIL_WORK, STAGE_NONE, -fd, "the running station cannot be asked: %s",
                           strerror(-fd));
    char *text = control_pack_call(call);
    int rc = text == NULL ? -ENOMEM : control_write(fd, text);
    if (text != NULL)
        OPENSSL_cleanse(text, strlen(text));
    free(text);
    if (rc == 0)
        rc = control_read_line(fd, line);
    close(fd);
    if (rc != 0)
        return failure_set(f, FAIL_WORK, STAGE_NONE, -rc, "the running station does not answer: %s",
                           strerror(-rc));
    return control_unpack_answer(line, receipt, f);
}
