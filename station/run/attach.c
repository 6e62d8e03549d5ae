/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/attach.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "base/clock.h"
#include "base/errno_text.h"
#include "station/print/cmd_fail.h"
#include "station/print/phrase.h"
#include "station/print/prose.h"
#include "station/print/signals.h"
#include "station/print/text.h"
#include "station/run/desk_json.h"
#include "station/run/run_review.h"
#include "station/run/run_work.h"
#include "station/screen/dashboard.h"
#include "station/work/control.h"

#define LOOK_LINE  "{\"v\":1,\"action\":\"" DESK_LOOK_ACTION "\"}\n"
#define BYTES_MAX  (4u << 20) /* of one line: it has no end, or is none of a station's */
#define BYTES_STEP 65536
#define FIRST_US   5000000 /* a station that shows itself does so at once */

#define TAKES_LOOKING DESK_BIT(DESK_WORK)
#define TAKES_WORKING (RUN_WORK_TAKES | DESK_BIT(DESK_DRAIN) | DESK_BIT(DESK_ABORT) | DESK_BIT(DESK_LOOK))

struct attach {
    const struct attach_options *options;
    int fd;
    char *bytes; /* of lines that are not read yet */
    size_t size, room;
    bool is_over; /* nothing comes any more */
    char refused[FAILURE_DETAIL_SIZE];
    struct desk_copy copy;
    struct run_review *review; /* the records, read from here; NULL until they are asked for */
    struct desk desk;
};

/* ---- what comes ---- */

/* Whatever waits in the socket. */
static void fill(struct attach *a)
{
    while (!a->is_over) {
        if (a->room - a->size < BYTES_STEP) {
            char *more = a->room < BYTES_MAX ? realloc(a->bytes, a->room + 2 * BYTES_STEP) : NULL;
            if (more == NULL) {
                a->is_over = true;
                return;
            }
            a->bytes = more;
            a->room += 2 * BYTES_STEP;
        }
        ssize_t n = recv(a->fd, a->bytes + a->size, a->room - a->size - 1, MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0)
            a->is_over = true;
        else
            a->size += (size_t)n;
    }
}

/* The oldest line, NUL ended; NULL: none is whole. It stays until it is dropped. */
static char *line(struct attach *a, size_t *size)
{
    char *end = a->size > 0 ? memchr(a->bytes, '\n', a->size) : NULL;

    if (end == NULL) {
        fill(a);
        end = a->size > 0 ? memchr(a->bytes, '\n', a->size) : NULL;
    }
    if (end == NULL)
        return NULL;
    *end = '\0';
    *size = (size_t)(end + 1 - a->bytes);
    return a->bytes;
}

static void drop(struct attach *a, size_t size)
{
    a->size -= size;
    memmove(a->bytes, a->bytes + size, a->size);
}

/* True: *out is for the log. */
static bool read_line(struct attach *a, const char *text, struct slot_event *out)
{
    enum desk_line what = desk_copy_read(&a->copy, text, out);

    if (what == DESK_LINE_REFUSED) {
        snprintf(a->refused, sizeof a->refused, "%.500s", out->status.note);
        a->is_over = true;
    }
    return what == DESK_LINE_EVENT || what == DESK_LINE_NOTE;
}

/* ---- the desk ---- */

static bool next(void *ctx, struct slot_event *out)
{
    struct attach *a = ctx;
    size_t size;
    char *text;
    bool is_news = false;

    while (!is_news && (text = line(a, &size)) != NULL) {
        is_news = read_line(a, text, out);
        drop(a, size);
    }
    return is_news;
}

static void look(void *ctx, struct desk_look *out, struct slot_status *slots)
{
    struct attach *a = ctx;
    const struct desk_copy *c = &a->copy;

    for (int i = 0; slots != NULL && i < c->slots; i++)
        slots[i] = c->status[i];
    *out = (struct desk_look){.done = c->has_ended || a->is_over,
                              .draining = c->draining,
                              .station = c->station,
                              .run = c->run,
                              .serials = slots != NULL ? c->serials : NULL};
}

/* What the station answers. False: *f. */
static bool put(struct attach *a, json_t *request, json_t **answer, struct failure *f)
{
    char text[CONTROL_ANSWER_MAX], *said = request != NULL ? json_dumps(request, JSON_COMPACT) : NULL,
                                   *whole = NULL;

    if (said != NULL && asprintf(&whole, "%s\n", said) < 0)
        whole = NULL;
    if (said != NULL)
        OPENSSL_cleanse(said, strlen(said)); /* a PIN may be in it */
    free(said);
    json_decref(request);
    int rc = control_screen(a->options->database, whole, text, f);
    if (rc == 1)
        failure_set(f, FAIL_WORK, STAGE_NONE, 0, "%s", N_("the station has ended"));
    *answer = rc == 0 ? json_loads(text, 0, NULL) : NULL;
    return rc == 0;
}

static int choices(struct attach *a, const struct desk_query *query, struct desk_choice *out)
{
    struct failure f = {0};
    json_t *answer;
    bool answered = put(a, desk_json_ask(query), &answer, &f);
    int count = answered ? desk_json_get_choices(answer, out, query->max) : -EIO;

    json_decref(answer);
    return count;
}

/* The records are read here: what they are asked costs the station nothing. */
static int ask(void *ctx, const struct desk_query *query, union desk_answer out)
{
    struct attach *a = ctx;
    struct failure f = {0};

    if ((RUN_WORK_KNOWS & DESK_BIT(query->topic)) != 0)
        return choices(a, query, out.choices);
    if (a->review == NULL)
        a->review = run_review_new(a->options->database, a->copy.station.training, a->copy.run_id, &f);
    return a->review != NULL ? run_review_ask(a->review, query, out) : -EIO;
}

/* The station may speak another language than who looks: its English is translated here, anything else stays. */
static void words(const char *text, char why[static DESK_WHY_SIZE])
{
    char said[PHRASE_SIZE];

    if (text[0] != '\0')
        snprintf(why, DESK_WHY_SIZE, "%s", phrase_words(_(text), said));
    else
        why[0] = '\0';
}

static bool take_work(struct attach *a, bool on, struct failure *f)
{
    json_t *request = json_pack("{s:i,s:s,s:b}", "v", 1, "action", DESK_WORK_ACTION, "on", on), *answer;
    bool done = put(a, request, &answer, f);

    json_decref(answer);
    if (done) {
        a->desk.takes = on ? TAKES_WORKING : TAKES_LOOKING;
        a->desk.knows = RUN_REVIEW_KNOWS | (on ? RUN_WORK_KNOWS : 0);
    }
    return done;
}

static enum desk_outcome act(void *ctx, const struct desk_act *act, char why[static DESK_WHY_SIZE])
{
    struct attach *a = ctx;
    struct failure f = {0};
    char said[DESK_WHY_SIZE];
    enum desk_outcome outcome = DESK_REFUSED;
    json_t *answer = NULL;

    why[0] = '\0';
    if (act->kind == DESK_WORK || act->kind == DESK_LOOK) {
        if (take_work(a, act->kind == DESK_WORK, &f))
            outcome = DESK_DONE;
    } else if (put(a, desk_json_act(act), &answer, &f)) {
        outcome = desk_json_get_outcome(answer, said);
        words(said, why);
    }
    if (f.code != FAILURE_NONE)
        words(f.detail, why);
    json_decref(answer);
    /* The station begins anew with it; this screen goes on. */
    return outcome == DESK_RESTART ? DESK_DONE : outcome;
}

/* ---- the verb ---- */

static int not_there(const struct attach *a)
{
    return cmd_fail(EXIT_INPUT, a->options->verb, "no station runs with %s", a->options->database);
}

/* 0, or an exit code after one line on stderr. */
static int open_station(struct attach *a)
{
    struct failure f = {0};
    int rc = control_open(a->options->database, LOOK_LINE, &a->fd, &f);

    if (rc == 1)
        return not_there(a);
    return rc == 0 ? 0
                   : cmd_fail(f.code == FAIL_DB_OPEN ? EXIT_INPUT : EXIT_SOME_FAIL, a->options->verb, "%s",
                              f.detail);
}

static bool is_whole(const struct desk_copy *c)
{
    return c->slots > 0 && c->status[c->slots - 1].slot != 0;
}

/* How it ended, when it was not who looks that had enough. */
static int ended(const struct attach *a)
{
    const struct desk_copy *c = &a->copy;

    if (a->refused[0] != '\0')
        return cmd_fail(EXIT_SOME_FAIL, a->options->verb, "%s", a->refused);
    if (c->has_ended) {
        prose_print(stderr, 2, "flashline %s: the station has ended: %d boards, %d PASS, exit code %d\n",
                    a->options->verb, c->boards, c->passed, c->exit_code);
        return EXIT_ALL_PASS;
    }
    return cmd_fail(EXIT_STATION, a->options->verb,
                    "the connection to the station is lost: it was killed, or is of another version");
}

/* Until the whole state is there: before it no screen has a size. 0, or an exit code after one line on stderr. */
static int wait_for_state(struct attach *a)
{
    struct slot_event ignored;
    int64_t until_us = clock_monotonic_us() + FIRST_US;

    while (!is_whole(&a->copy) && !a->is_over && !a->copy.has_ended) {
        struct pollfd p = {.fd = a->fd, .events = POLLIN};
        int64_t left = until_us - clock_monotonic_us();
        if (left <= 0 || (poll(&p, 1, (int)(left / 1000) + 1) < 0 && errno != EINTR))
            return cmd_fail(EXIT_STATION, a->options->verb, "the running station does not answer");
        while (next(a, &ignored))
            continue;
    }
    return is_whole(&a->copy) ? 0 : ended(a);
}

static int begin(struct attach *a)
{
    struct failure f = {0};
    int code = open_station(a);

    if (code == 0 && !a->options->json)
        code = wait_for_state(a);
    if (code == 0 && a->options->work && !take_work(a, true, &f))
        code = cmd_fail(EXIT_SOME_FAIL, a->options->verb, "%s", f.detail);
    return code;
}

static int show_screen(struct attach *a, int signal_fd)
{
    char why[DASHBOARD_WHY_SIZE] = "";

    a->desk.slot_count = a->copy.slots;
    a->desk.event_fd = a->fd;
    const struct dashboard_config config = {.desk = &a->desk,
                                            .signal_fd = signal_fd,
                                            .ascii = a->options->ascii,
                                            .mono = a->options->mono,
                                            .scan_prefix = a->copy.scan_prefix};
    switch (dashboard_run(&config, why)) {
    case DASHBOARD_UNUSABLE:
        return cmd_fail(EXIT_STATION, a->options->verb, "no screen: %s; --json tells it in lines", why);
    case DASHBOARD_LOST:
        return EXIT_INTERRUPTED;
    case DASHBOARD_LEFT:
        return EXIT_ALL_PASS;
    case DASHBOARD_DONE:
    case DASHBOARD_RESTART:
        break;
    }
    return ended(a);
}

/* As they come. A reader that goes away early has seen enough. */
static int copy_lines(struct attach *a, int signal_fd)
{
    struct pollfd p[] = {{.fd = a->fd, .events = POLLIN}, {.fd = signal_fd, .events = POLLIN}};
    struct slot_event ignored;
    size_t size;
    char *text;

    for (;;) {
        while ((text = line(a, &size)) != NULL) {
            read_line(a, text, &ignored);
            if (a->refused[0] == '\0' && (puts(text) == EOF || fflush(stdout) != 0))
                return EXIT_ALL_PASS;
            drop(a, size);
        }
        if (a->is_over || a->copy.has_ended)
            return ended(a);
        if (poll(p, 2, -1) > 0 && p[1].revents != 0 && signals_next(signal_fd) != 0)
            return EXIT_ALL_PASS;
    }
}

int attach_run(const struct attach_options *options)
{
    struct attach a = {.options = options, .fd = -1};

    a.desk = (struct desk){.ctx = &a,
                           .word_fd = -1,
                           .takes = TAKES_LOOKING,
                           .knows = RUN_REVIEW_KNOWS,
                           .is_far = true,
                           .look = look,
                           .next = next,
                           .ask = ask,
                           .act = act};
    int signal_fd = signals_open(!options->json), code;
    if (signal_fd < 0)
        return cmd_fail(EXIT_STATION, options->verb, "signals: %s", errno_text(-signal_fd));
    code = begin(&a);
    if (code == 0 && !is_whole(&a.copy) && !options->json)
        code = EXIT_ALL_PASS; /* it ended, and that was said */
    else if (code == 0)
        code = options->json ? copy_lines(&a, signal_fd) : show_screen(&a, signal_fd);
    if (a.fd >= 0)
        close(a.fd);
    close(signal_fd);
    run_review_free(a.review);
    desk_copy_free(&a.copy);
    free(a.bytes);
    return code;
}
