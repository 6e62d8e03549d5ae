/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/gallery.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/waker.h"
#include "station/print/json.h"
#include "station/print/outlet.h"
#include "station/print/text.h"
#include "station/run/desk_json.h"
#include "station/run/run_header.h"
#include "station/run/run_private.h"
#include "station/run/run_review.h"
#include "station/run/run_serial.h"

#define TICK_US    500000       /* how old what is shown of a slot may be */
#define PEOPLE_US  1000000      /* and of the records: lot and numbers */
#define ROOM       (256u << 10) /* bytes that wait for one guest: some minutes of a full tray's news */
#define LAST_MS    500          /* for the last words, with a guest that takes nothing */
#define TEXT_FIRST 4096

struct guest {
    struct outlet *outlet; /* NULL: nobody stands here */
    int fd;
    pid_t pid;
    bool wants_all; /* the whole state, once what waits is out */
    long dropped;   /* lines, not told yet */
};

/* Lines, gathered. */
struct text {
    char *bytes;
    size_t size, room;
};

struct gallery {
    struct run *run;
    bool has_own_screen; /* the run's: as it was at its start, whatever becomes of that terminal */
    struct waker *news, *over;
    pthread_t thread;
    atomic_int looking; /* guests there are, or are about to be */
    /* The thread's own. */
    struct guest guests[GALLERY_GUESTS];
    struct slot_status *shown, *fresh; /* by slot: as it was told last; room */
    struct desk_serial *shown_serials;
    struct desk_station station;
    struct desk_run numbers;
    struct run_review *review;
    char known[DUTY_NAME_SIZE]; /* who works here, as the next was found out */
    bool is_engineer;
    int64_t tick_us, people_us; /* when it is due */
    struct text said, bare;     /* the line of the station, and without its time */

    pthread_mutex_t lock; /* what follows */
    FILE *stream;         /* writes into `news_text` */
    struct text news_text;
    struct {
        int fd;
        pid_t pid;
    } arrived[GALLERY_GUESTS];
    int arrived_count;
    pid_t pids[GALLERY_GUESTS]; /* of who looks; 0: none */
    pid_t worker;               /* 0: none */
    bool runs;                  /* the thread was made */
};

static bool text_add(struct text *t, const char *bytes, size_t size)
{
    if (t->size + size > t->room) {
        size_t room = 2 * (t->size + size) + TEXT_FIRST;
        char *more = realloc(t->bytes, room);

        if (more == NULL)
            return false;
        t->bytes = more;
        t->room = room;
    }
    memcpy(t->bytes + t->size, bytes, size);
    t->size += size;
    return true;
}

/* Takes `o`. A line for which there is no memory is missing: the next state has what it said. */
static void text_line(struct text *t, json_t *o)
{
    char *line = o != NULL ? json_dumps(o, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;

    json_decref(o);
    if (line != NULL && text_add(t, line, strlen(line)))
        text_add(t, "\n", 1);
    free(line);
}

static void swap(struct text *a, struct text *b)
{
    struct text t = *a;

    *a = *b;
    *b = t;
}

static long lines_of(const struct text *t)
{
    long n = 0;

    for (size_t i = 0; i < t->size; i++)
        n += t->bytes[i] == '\n';
    return n;
}

/* ---- what is shown ---- */

/* What a screen shows of it; its clock goes on by itself. */
static bool is_same(const struct slot_status *a, const struct slot_status *b)
{
    return a->state == b->state && a->act == b->act && a->stage == b->stage && a->done == b->done &&
           a->total == b->total && a->result == b->result && a->retries == b->retries &&
           a->attempt == b->attempt && a->has_unit == b->has_unit && a->failure.code == b->failure.code &&
           a->boards == b->boards && a->passed == b->passed && a->failed == b->failed &&
           strcmp(a->port, b->port) == 0 && strcmp(a->label, b->label) == 0 && strcmp(a->note, b->note) == 0;
}

/* False: between two jobs there is no engine; what was shown stays. */
static bool take_slots(struct gallery *g, bool *draining)
{
    struct run *run = g->run;

    pthread_mutex_lock(&run->engine_lock);
    bool is_there = run->engine != NULL;
    for (int i = 0; is_there && i < run->slots.count; i++)
        engine_snapshot(run->engine, i, &g->fresh[i]);
    *draining = is_there && engine_is_draining(run->engine);
    pthread_mutex_unlock(&run->engine_lock);
    return is_there;
}

static void show_slots(struct gallery *g, struct text *out)
{
    for (int i = 0; i < g->run->slots.count; i++) {
        struct desk_serial serial = {.state = DESK_SERIAL_NONE};
        run_serial_look(g->run, g->fresh[i].slot, &serial);
        bool changed = !is_same(&g->fresh[i], &g->shown[i]) || serial.state != g->shown_serials[i].state ||
                       strcmp(serial.code, g->shown_serials[i].code) != 0;
        g->shown[i] = g->fresh[i];
        g->shown_serials[i] = serial;
        if (changed)
            text_line(out, desk_json_slot(&g->shown[i], &serial, clock_wall_ms()));
    }
}

/* Numbers of the run and its lot: by the records, and not oftener than people can read. */
static void look_up(struct gallery *g)
{
    const struct duty_names who = duty_now(db_recorder_duty(g->run->recorder));

    if (strcmp(who.operator_id, g->known) != 0) {
        memcpy(g->known, who.operator_id, sizeof g->known);
        g->is_engineer = run_header_is_engineer(g->run->db, who.operator_id);
    }
    pthread_mutex_lock(&g->run->choice_lock);
    run_header_job(g->run, &g->station);
    pthread_mutex_unlock(&g->run->choice_lock);
    run_header_people(g->run, g->is_engineer, &g->station);
    if (g->review != NULL)
        run_review_run(g->review, &g->numbers);
}

static enum desk_seat seat_of(struct gallery *g)
{
    return g->has_own_screen ? SEAT_OWN : gallery_worker(g) != 0 ? SEAT_TAKEN : SEAT_FREE;
}

static void show_station(struct gallery *g, bool draining, struct text *out)
{
    const struct desk_facts facts = {.station = &g->station,
                                     .run = &g->numbers,
                                     .draining = draining,
                                     .seat = seat_of(g),
                                     .slots = g->run->slots.count,
                                     .run_id = db_run(g->run->db),
                                     .database = g->run->database,
                                     .scan_prefix = g->run->config->scan_prefix};
    struct text now = {0}, bare = {0};
    json_t *o = desk_json_station(&facts);

    text_line(&now, json_incref(o));
    if (o != NULL)
        json_object_del(o, "time");
    text_line(&bare, o);
    bool changed = bare.size != g->bare.size || memcmp(bare.bytes, g->bare.bytes, bare.size) != 0;
    if (changed && text_add(out, now.bytes, now.size)) {
        swap(&g->said, &now);
        swap(&g->bare, &bare);
    }
    free(now.bytes);
    free(bare.bytes);
}

/* Everything, for one who has nothing. */
static void show_all(const struct gallery *g, struct text *out)
{
    if (g->said.size > 0)
        text_add(out, g->said.bytes, g->said.size);
    for (int i = 0; i < g->run->slots.count; i++)
        text_line(out, desk_json_whole_slot(&g->shown[i], &g->shown_serials[i], clock_wall_ms()));
}

/* ---- the guests ---- */

static void send_away(struct gallery *g, struct guest *guest)
{
    pthread_mutex_lock(&g->lock);
    g->pids[guest - g->guests] = 0;
    if (g->worker == guest->pid)
        g->worker = 0;
    pthread_mutex_unlock(&g->lock);
    outlet_free(guest->outlet);
    close(guest->fd);
    *guest = (struct guest){.fd = -1};
    atomic_fetch_sub(&g->looking, 1);
}

static void give(struct gallery *g, struct guest *guest, const struct text *t)
{
    if (t->size > 0 && outlet_put(guest->outlet, t->bytes, t->size) != 0)
        send_away(g, guest);
}

/* News, for who keeps up with them. */
static void tell(struct gallery *g, const struct text *news)
{
    for (int i = 0; i < GALLERY_GUESTS; i++) {
        struct guest *guest = &g->guests[i];
        if (guest->outlet == NULL || news->size == 0)
            continue;
        if (guest->wants_all && guest->dropped == 0)
            continue; /* he came just now: what he gets next has it */
        if (guest->wants_all || outlet_size(guest->outlet) + news->size > ROOM) {
            guest->dropped += lines_of(news);
            guest->wants_all = true;
        } else {
            give(g, guest, news);
        }
    }
}

static void tell_dropped(const struct guest *guest, struct text *out)
{
    json_t *o = json_line_new("dropped");

    json_put_int(o, "slot", 0);
    json_put_time(o, "time", clock_wall_ms());
    json_put_int(o, "lines", guest->dropped);
    text_line(out, o);
}

/* The whole state, for who came, and for who reads again. */
static void catch_up(struct gallery *g, struct guest *guest)
{
    struct text all = {0};

    if (guest->dropped > 0)
        tell_dropped(guest, &all);
    show_all(g, &all);
    guest->wants_all = false;
    guest->dropped = 0;
    give(g, guest, &all);
    free(all.bytes);
}

/* What he takes, and whether he is there still. What he says is not listened to. */
static void serve_guest(struct gallery *g, struct guest *guest, int happened)
{
    char ignored[512];

    if ((happened & (POLLIN | POLLHUP | POLLERR)) != 0) {
        ssize_t n = recv(guest->fd, ignored, sizeof ignored, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
            send_away(g, guest);
            return;
        }
    }
    if (outlet_push(guest->outlet) != 0)
        send_away(g, guest);
}

static void seat_arrived(struct gallery *g, int fd, pid_t pid)
{
    for (int i = 0; i < GALLERY_GUESTS; i++) {
        struct guest *guest = &g->guests[i];
        if (guest->outlet != NULL)
            continue;
        *guest = (struct guest){.outlet = outlet_new(fd), .fd = fd, .pid = pid, .wants_all = true};
        if (guest->outlet == NULL)
            break;
        pthread_mutex_lock(&g->lock);
        g->pids[i] = pid;
        pthread_mutex_unlock(&g->lock);
        return;
    }
    close(fd);
    atomic_fetch_sub(&g->looking, 1);
}

/* What came meanwhile: guests first, so that they get the news as well. */
static void take_news(struct gallery *g)
{
    struct text news = {0};
    int fds[GALLERY_GUESTS], count;
    pid_t pids[GALLERY_GUESTS];

    waker_clear(g->news);
    pthread_mutex_lock(&g->lock);
    count = g->arrived_count;
    for (int i = 0; i < count; i++) {
        fds[i] = g->arrived[i].fd;
        pids[i] = g->arrived[i].pid;
    }
    g->arrived_count = 0;
    news = g->news_text;
    g->news_text = (struct text){0};
    pthread_mutex_unlock(&g->lock);
    for (int i = 0; i < count; i++)
        seat_arrived(g, fds[i], pids[i]);
    if (count > 0)
        g->tick_us = g->people_us = 0; /* they get it as it is now */
    tell(g, &news);
    free(news.bytes);
}

static void tick(struct gallery *g)
{
    struct text news = {0};
    int64_t now = clock_monotonic_us();
    bool draining;

    if (now < g->tick_us)
        return;
    g->tick_us = now + TICK_US;
    if (now >= g->people_us) {
        look_up(g);
        g->people_us = now + PEOPLE_US;
    }
    if (take_slots(g, &draining)) {
        show_station(g, draining, &news);
        show_slots(g, &news);
    }
    tell(g, &news);
    free(news.bytes);
    for (int i = 0; i < GALLERY_GUESTS; i++) {
        struct guest *guest = &g->guests[i];
        if (guest->outlet != NULL && guest->wants_all && !outlet_waits(guest->outlet))
            catch_up(g, guest);
    }
}

static int wait_ms(const struct gallery *g)
{
    if (atomic_load(&g->looking) == 0)
        return -1;
    int64_t left = g->tick_us - clock_monotonic_us();

    return left <= 0 ? 0 : (int)(left / 1000 + 1);
}

static void serve_once(struct gallery *g, int patience_ms)
{
    struct pollfd p[GALLERY_GUESTS + 2];

    for (int i = 0; i < GALLERY_GUESTS; i++) {
        const struct guest *guest = &g->guests[i];
        bool is_there = guest->outlet != NULL;
        p[i] = (struct pollfd){.fd = is_there ? guest->fd : -1,
                               .events =
                                   (short)(POLLIN | (is_there && outlet_waits(guest->outlet) ? POLLOUT : 0))};
    }
    p[GALLERY_GUESTS] = (struct pollfd){.fd = waker_fd(g->news), .events = POLLIN};
    p[GALLERY_GUESTS + 1] =
        (struct pollfd){.fd = waker_raised(g->over) ? -1 : waker_fd(g->over), .events = POLLIN};
    if (poll(p, GALLERY_GUESTS + 2, patience_ms) < 0)
        return;
    for (int i = 0; i < GALLERY_GUESTS; i++) {
        if (p[i].revents != 0)
            serve_guest(g, &g->guests[i], p[i].revents);
    }
    if (p[GALLERY_GUESTS].revents != 0)
        take_news(g);
}

/* The last words, to who takes them. */
static void say_last(struct gallery *g)
{
    int64_t until_us = clock_monotonic_us() + LAST_MS * INT64_C(1000);
    bool waits = true;

    take_news(g);
    while (waits && clock_monotonic_us() < until_us) {
        waits = false;
        for (int i = 0; i < GALLERY_GUESTS; i++)
            waits = waits || (g->guests[i].outlet != NULL && outlet_waits(g->guests[i].outlet));
        if (waits)
            serve_once(g, (int)((until_us - clock_monotonic_us()) / 1000) + 1);
    }
    for (int i = 0; i < GALLERY_GUESTS; i++) {
        if (g->guests[i].outlet != NULL)
            send_away(g, &g->guests[i]);
    }
}

static void *serve(void *arg)
{
    struct gallery *g = arg;
    struct failure f = {0};

    g->review = run_review_new(g->run->database, g->run->training, db_run(g->run->db), &f);
    while (!waker_raised(g->over)) {
        serve_once(g, wait_ms(g));
        if (atomic_load(&g->looking) > 0)
            tick(g);
    }
    say_last(g);
    run_review_free(g->review);
    return NULL;
}

/* ---- for other threads ---- */

static ssize_t take_line(void *cookie, const char *bytes, size_t size)
{
    struct gallery *g = cookie;

    return text_add(&g->news_text, bytes, size) ? (ssize_t)size : 0;
}

struct gallery *gallery_new(struct run *run)
{
    const cookie_io_functions_t functions = {.write = take_line};
    size_t slots = run->slots.count > 0 ? (size_t)run->slots.count : 1;
    struct gallery *g = calloc(1, sizeof *g);

    if (g == NULL)
        return NULL;
    g->run = run;
    g->has_own_screen = run_has_screen(run);
    pthread_mutex_init(&g->lock, NULL);
    for (int i = 0; i < GALLERY_GUESTS; i++)
        g->guests[i].fd = -1;
    g->numbers.boards_per_hour = -1;
    g->news = waker_new();
    g->over = waker_new();
    g->shown = calloc(slots, sizeof *g->shown);
    g->fresh = calloc(slots, sizeof *g->fresh);
    g->shown_serials = calloc(slots, sizeof *g->shown_serials);
    g->stream = fopencookie(g, "w", functions);
    if (g->news != NULL && g->over != NULL && g->shown != NULL && g->fresh != NULL &&
        g->shown_serials != NULL && g->stream != NULL)
        return g;
    gallery_free(g);
    return NULL;
}

void gallery_free(struct gallery *g)
{
    if (g == NULL)
        return;
    if (g->runs) {
        waker_raise(g->over);
        pthread_join(g->thread, NULL);
    }
    if (g->stream != NULL)
        fclose(g->stream);
    free(g->news_text.bytes);
    free(g->said.bytes);
    free(g->bare.bytes);
    free(g->shown);
    free(g->fresh);
    free(g->shown_serials);
    waker_free(g->news);
    waker_free(g->over);
    pthread_mutex_destroy(&g->lock);
    free(g);
}

int gallery_take(struct gallery *g, int fd, pid_t pid, struct failure *f)
{
    pthread_mutex_lock(&g->lock);
    if (!g->runs)
        g->runs = pthread_create(&g->thread, NULL, serve, g) == 0;
    bool is_room = g->runs && atomic_load(&g->looking) < GALLERY_GUESTS;
    if (is_room) {
        atomic_fetch_add(&g->looking, 1);
        g->arrived[g->arrived_count].fd = fd;
        g->arrived[g->arrived_count++].pid = pid;
    }
    pthread_mutex_unlock(&g->lock);
    if (!is_room)
        return failure_set(f, FAIL_WORK, STAGE_NONE, EUSERS, "%d others look at this station already",
                           GALLERY_GUESTS);
    waker_raise(g->news);
    return 0;
}

/* Under the lock. */
static bool is_guest(const struct gallery *g, pid_t pid)
{
    bool found = false;

    for (int i = 0; i < GALLERY_GUESTS; i++)
        found = found || g->pids[i] == pid;
    for (int i = 0; i < g->arrived_count; i++)
        found = found || g->arrived[i].pid == pid;
    return found;
}

int gallery_work(struct gallery *g, pid_t pid, bool on, struct failure *f)
{
    int rc = 0;

    if (g->has_own_screen)
        return failure_set(f, FAIL_WORK, STAGE_NONE, EBUSY, "%s",
                           N_("the station has a screen of its own: work there"));
    pthread_mutex_lock(&g->lock);
    if (!is_guest(g, pid))
        rc = failure_set(f, FAIL_WORK, STAGE_NONE, EPERM, "%s", N_("who works must look at the station"));
    else if (g->worker != 0 && g->worker != pid)
        rc = failure_set(f, FAIL_WORK, STAGE_NONE, EBUSY, "%s", N_("another screen has the work"));
    else
        g->worker = on ? pid : 0;
    pthread_mutex_unlock(&g->lock);
    return rc;
}

pid_t gallery_worker(struct gallery *g)
{
    pthread_mutex_lock(&g->lock);
    pid_t pid = g->worker;
    pthread_mutex_unlock(&g->lock);
    return pid;
}

FILE *gallery_begin(struct gallery *g)
{
    if (g == NULL || atomic_load(&g->looking) == 0)
        return NULL;
    pthread_mutex_lock(&g->lock);
    return g->stream;
}

void gallery_end(struct gallery *g)
{
    fflush(g->stream);
    pthread_mutex_unlock(&g->lock);
    waker_raise(g->news);
}
