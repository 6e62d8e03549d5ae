/* SPDX-License-Identifier: Apache-2.0 */
#include "station/work/control.h"

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

#include "base/errno_text.h"
#include "base/own_file.h"
#include "base/waker.h"
#include "db/desk/duty_rules.h"
#include "station/config/paths.h"
#include "station/work/control_client.h"
#include "station/work/control_wire.h"

#define REST_MS 200 /* after an accept that failed */

struct control {
    struct db *db;
    struct waker *end;
    pthread_t thread;
    int fd;
    char path[PATH_TEXT];
    bool is_shared; /* the records are a group's, `group` */
    gid_t group;
    struct control_station station;
    /* The thread's own. */
    struct control_client clients[CONTROL_CLIENTS];
    int64_t rest_until_ms; /* nobody is accepted before: there was no descriptor or memory for him */
};

/* Is who is at the other end in `group`, by all the groups he had when he connected, or began to listen? */
static bool peer_is_in(int fd, const struct ucred *peer, gid_t group)
{
    socklen_t len = 0;
    bool found = peer->gid == group;

    if (found || getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &len) == 0 || errno != ERANGE)
        return found;
    gid_t *groups = malloc(len);
    if (groups == NULL || getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) != 0)
        len = 0;
    for (size_t i = 0; i < len / sizeof *groups; i++)
        found = found || groups[i] == group;
    free(groups);
    return found;
}

/*
 * The station's own account, root, and who shares the records: he may write the file itself when no station runs, by the same
 * rules. The mode of the socket keeps others out; this does too where a folder's owner is generous.
 */
static bool may_ask(const struct control *c, int fd)
{
    struct ucred peer;
    socklen_t len = sizeof peer;

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
           (peer.uid == geteuid() || peer.uid == 0 || (c->is_shared && peer_is_in(fd, &peer, c->group)));
}

/* -1: it cannot be told. */
static pid_t peer_of(int fd)
{
    struct ucred peer;
    socklen_t len = sizeof peer;

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 ? peer.pid : -1;
}

static char *answer_serial(struct control *c, const struct control_serial *s)
{
    const struct work_receipt receipt = {0};
    struct failure f = {0};
    int rc = c->station.serial != NULL
                 ? c->station.serial(c->station.ctx, s, &f)
                 : failure_set(&f, FAIL_WORK, STAGE_NONE, ENOSYS, "no boards are flashed there");

    return control_pack_answer(rc, &receipt, &f);
}

static char *answer_duty(struct control *c, const struct control_duty *d)
{
    struct control_duty_now now = {0};
    struct work_receipt receipt = {0};
    struct failure f = {0};
    int rc = c->station.duty != NULL
                 ? c->station.duty(c->station.ctx, d, &now, &receipt, &f)
                 : failure_set(&f, FAIL_WORK, STAGE_NONE, ENOSYS, "no boards are flashed there");

    return rc == 0 ? control_pack_duty_now(&now, &receipt) : control_pack_answer(rc, &receipt, &f);
}

/* The answer to a whole line. NULL: no memory. */
static char *answer(struct control *c, char *line)
{
    struct work_receipt receipt = {0};
    struct failure f = {0};
    struct work_call call;
    struct control_serial serial;
    struct control_duty duty;
    json_t *o = control_unpack_serial(line, &serial), *of_duty = control_unpack_duty(line, &duty);
    int rc;

    if (o != NULL || of_duty != NULL) {
        OPENSSL_cleanse(line, CONTROL_LINE_MAX);
        char *text = o != NULL ? answer_serial(c, &serial) : answer_duty(c, &duty);
        json_decref(o);
        json_decref(of_duty);
        return text;
    }
    o = control_unpack_call(line, &call);
    OPENSSL_cleanse(line, CONTROL_LINE_MAX);
    if (o == NULL)
        rc = failure_set(&f, FAIL_WORK, STAGE_NONE, EPROTO,
                         "the request is not understood: is it another version's?");
    else
        rc = work_do(c->db, &call, &receipt, &f);
    if (rc == 0 && c->station.done != NULL)
        c->station.done(c->station.ctx, &call);
    json_decref(o);
    return control_pack_answer(rc, &receipt, &f);
}

static enum control_said of_screen(struct control *c, const struct control_client *client, char **text)
{
    if (c->station.screen == NULL)
        return CONTROL_NOT_MINE;
    return c->station.screen(c->station.ctx, client->line, client->fd, peer_of(client->fd), text);
}

/* What it sent, or room for what it gets. */
static void serve_client(struct control *c, struct control_client *client)
{
    if (client->answer == NULL) {
        int rc = control_client_read(client);
        if (rc == -EAGAIN)
            return;
        char *text = NULL;
        enum control_said said = rc == 0 ? of_screen(c, client, &text) : CONTROL_ANSWERED;
        if (said == CONTROL_TAKEN) {
            control_client_release(client);
            return;
        }
        if (said == CONTROL_NOT_MINE)
            text = answer(c, client->line);
        if (text == NULL || control_client_say(client, text) != -EAGAIN)
            control_client_close(client);
    } else if (control_client_say(client, NULL) != -EAGAIN) {
        control_client_close(client);
    }
}

/* A seat that is free, or of the client that has sat longest: who has something to say says it at once. */
static struct control_client *seat(struct control *c)
{
    struct control_client *oldest = &c->clients[0];

    for (int i = 0; i < CONTROL_CLIENTS; i++) {
        if (c->clients[i].fd < 0)
            return &c->clients[i];
        if (c->clients[i].until_ms < oldest->until_ms)
            oldest = &c->clients[i];
    }
    control_client_close(oldest);
    return oldest;
}

static void accept_one(struct control *c)
{
    int fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0) {
        /* The socket stays readable: without a rest this would be all the processor does. */
        if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
            c->rest_until_ms = control_now_ms() + REST_MS;
        return;
    }
    struct control_client *client = seat(c);
    control_client_open(client, fd, control_now_ms() + CONTROL_TALK_MS);
    if (may_ask(c, fd))
        return;
    struct failure f = {0};
    failure_set(
        &f, FAIL_ROLE, STAGE_NONE, EPERM,
        "the running station belongs to another account: ask as that account, as a member of the group that "
        "shares its records, or as root");
    char *text = control_pack_answer(-1, NULL, &f);
    if (text != NULL)
        control_client_say(client, text);
    control_client_close(client);
}

/* Sends away whoever took too long. Returns how long poll() may wait. */
static int next_deadline(struct control *c)
{
    int64_t now = control_now_ms(), next = c->rest_until_ms > now ? c->rest_until_ms : INT64_MAX;

    for (int i = 0; i < CONTROL_CLIENTS; i++) {
        struct control_client *client = &c->clients[i];
        if (client->fd >= 0 && client->until_ms <= now)
            control_client_close(client);
        if (client->fd >= 0 && client->until_ms < next)
            next = client->until_ms;
    }
    return next == INT64_MAX ? -1 : (int)(next - now);
}

static void *serve(void *arg)
{
    struct control *c = arg;

    while (!waker_raised(c->end)) {
        struct pollfd p[CONTROL_CLIENTS + 2];
        int wait_ms = next_deadline(c);
        for (int i = 0; i < CONTROL_CLIENTS; i++)
            p[i] = (struct pollfd){.fd = c->clients[i].fd,
                                   .events = c->clients[i].answer != NULL ? POLLOUT : POLLIN};
        p[CONTROL_CLIENTS] = (struct pollfd){.fd = waker_fd(c->end), .events = POLLIN};
        p[CONTROL_CLIENTS + 1] =
            (struct pollfd){.fd = c->rest_until_ms > control_now_ms() ? -1 : c->fd, .events = POLLIN};
        if (poll(p, CONTROL_CLIENTS + 2, wait_ms) <= 0)
            continue;
        for (int i = 0; i < CONTROL_CLIENTS; i++)
            if (p[i].revents != 0)
                serve_client(c, &c->clients[i]);
        if (p[CONTROL_CLIENTS + 1].revents != 0)
            accept_one(c);
    }
    for (int i = 0; i < CONTROL_CLIENTS; i++)
        control_client_close(&c->clients[i]);
    return NULL;
}

/*
 * The group's and nobody else's, before anybody can connect. In a setgid folder the socket was made the group's by the kernel:
 * who gives it away all the same is refused by the sandbox of flashline.service, which lets nobody change an owner. 0, or -1 and errno.
 */
static int share(const struct control *c)
{
    struct stat made;

    if (c->is_shared &&
        (stat(c->path, &made) != 0 || (made.st_gid != c->group && chown(c->path, (uid_t)-1, c->group) != 0)))
        return -1;
    return chmod(c->path, c->is_shared ? 0660 : 0600);
}

static int listen_here(struct control *c)
{
    struct sockaddr_un address;
    int folder = control_address(db_path(c->db), &address, c->path), rc = 0;

    if (folder < 0)
        return folder;
    c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (c->fd < 0) {
        rc = -errno;
    } else {
        unlink(c->path); /* left by a station that died: we hold its lock now */
        c->is_shared = own_file_sharing_group(db_path(c->db), &c->group);
        /* Nobody can connect before listen(), so group and mode are in place in time. */
        if (bind(c->fd, (struct sockaddr *)&address, sizeof address) != 0 || share(c) != 0 ||
            listen(c->fd, 8) != 0)
            rc = -errno;
    }
    close(folder);
    return rc;
}

struct control *control_new(struct db *db, const struct control_station *station, struct failure *f)
{
    struct control *c = calloc(1, sizeof *c);
    int rc = -ENOMEM;

    if (c == NULL)
        goto fail;
    c->db = db;
    c->fd = -1;
    c->station = *station;
    for (int i = 0; i < CONTROL_CLIENTS; i++)
        c->clients[i].fd = -1;
    c->end = waker_new();
    if (c->end == NULL || (rc = listen_here(c)) != 0)
        goto fail;
    rc = -pthread_create(&c->thread, NULL, serve, c);
    if (rc != 0)
        goto fail;
    return c;
fail:
    failure_set(f, FAIL_CONFIG, STAGE_NONE, -rc, "control socket %s: %s", c != NULL ? c->path : "",
                errno_text(-rc));
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

/* Who listens there may be anybody where a folder's owner is generous: he gets no PIN. Who shares the records has it in them. */
static bool is_trusted(int fd, const char *path)
{
    struct ucred peer;
    struct stat st;
    socklen_t len = sizeof peer;
    gid_t group;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
        return false;
    return peer.uid == geteuid() || peer.uid == 0 || (stat(path, &st) == 0 && peer.uid == st.st_uid) ||
           (own_file_sharing_group(path, &group) && peer_is_in(fd, &peer, group));
}

static int connect_to(const char *path)
{
    const struct timeval patience = {.tv_sec = CONTROL_TALK_MS / 1000};
    struct sockaddr_un address;
    int folder = control_address(path, &address, NULL), error = 0;

    if (folder < 0)
        return folder;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* For connect() too, which waits while others stand in the queue. */
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) != 0 ||
        connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        error = -errno;
    else if (!is_trusted(fd, path))
        error = -EPERM;
    close(folder);
    if (error != 0 && fd >= 0)
        close(fd);
    return error != 0 ? error : fd;
}

/* Says `text`, wipes and frees it. */
static int say(int fd, char *text)
{
    int rc = text == NULL ? -EILSEQ : strlen(text) >= CONTROL_LINE_MAX ? -E2BIG : control_write(fd, text);

    if (text != NULL)
        OPENSSL_cleanse(text, strlen(text));
    free(text);
    return rc;
}

/* *fd, and 0; 1: no station is there; -1: *f. */
static int reach(const char *path, int *fd, struct failure *f)
{
    char why[OWN_DENIED_SIZE];

    *fd = connect_to(path);
    if (*fd >= 0)
        return 0;
    if (*fd == -ENOENT || *fd == -ECONNREFUSED)
        return 1;
    if (*fd == -EPERM)
        return failure_set(
            f, FAIL_WORK, STAGE_NONE, EPERM,
            "somebody else listens in the station's place (%.200s.sock); nothing was told to him", path);
    own_file_denied(path, "--db", -*fd, why);
    return failure_set(f, FAIL_DB_OPEN, STAGE_NONE, -*fd, "the station of %.200s cannot be asked: %s", path,
                       why);
}

static int unanswered(int rc, struct failure *f)
{
    if (rc == -EILSEQ)
        return failure_set(f, FAIL_WORK, STAGE_NONE, EILSEQ, "a text is not UTF-8; the station was not told");
    if (rc == -E2BIG)
        return failure_set(f, FAIL_WORK, STAGE_NONE, E2BIG,
                           "longer than any name or reason; the station was not told");
    return failure_set(f, FAIL_WORK, STAGE_NONE, -rc, "the running station does not answer: %s",
                       errno_text(-rc));
}

/*
 * Takes `text`, as control_request() answers; `line` (of `size` bytes) is the answer where 0 is returned. An answer may be there before
 * the question is: to who is refused unheard.
 */
static int request(const char *path, char *text, struct work_receipt *receipt, char *line, size_t size,
                   struct failure *f)
{
    int fd, found = reach(path, &fd, f);

    if (found != 0) {
        if (text != NULL)
            OPENSSL_cleanse(text, strlen(text));
        free(text);
        return found;
    }
    int rc = say(fd, text);
    if (rc == 0 || rc == -EPIPE)
        rc = control_read_line(fd, line, size);
    close(fd);
    return rc != 0 ? unanswered(rc, f) : control_unpack_answer(line, receipt, f);
}

int control_request(const char *path, const struct work_call *call, struct work_receipt *receipt,
                    struct failure *f)
{
    char line[CONTROL_LINE_MAX];

    return request(path, control_pack_call(call), receipt, line, sizeof line, f);
}

int control_serial(const char *path, const struct control_serial *s, struct failure *f)
{
    char line[CONTROL_LINE_MAX];

    return request(path, control_pack_serial(s), NULL, line, sizeof line, f);
}

/* JSON has no bytes that are no text: what is no name is said here, in the words that the station would say it in. */
static int check_names(const struct control_duty *d, struct failure *f)
{
    if (d->operator_id != NULL && duty_rules_name("operator's name", d->operator_id, f) != 0)
        return -1;
    return d->lot != NULL ? duty_rules_name("lot's name", d->lot, f) : 0;
}

int control_duty(const char *path, const struct control_duty *d, struct control_duty_now *now,
                 struct work_receipt *receipt, struct failure *f)
{
    char line[CONTROL_LINE_MAX];
    int rc = check_names(d, f);

    if (rc == 0)
        rc = request(path, control_pack_duty(d), receipt, line, sizeof line, f);
    if (rc != 0 || control_unpack_duty_now(line, now))
        return rc;
    return failure_set(f, FAIL_WORK, STAGE_NONE, EPROTO,
                       "the running station gave no answer that is understood");
}

int control_screen(const char *path, char *text, char answer[static CONTROL_ANSWER_MAX], struct failure *f)
{
    return request(path, text, NULL, answer, CONTROL_ANSWER_MAX, f);
}

int control_open(const char *path, const char *line, int *fd, struct failure *f)
{
    int rc = reach(path, fd, f);

    if (rc != 0)
        return rc;
    rc = control_write(*fd, line);
    if (rc == 0 || rc == -EPIPE) /* why it was refused stands there */
        return 0;
    close(*fd);
    return unanswered(rc, f);
}
