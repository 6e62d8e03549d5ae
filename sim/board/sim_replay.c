/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sim_replay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/board/sim_physics.h"

struct sim_replay {
    uint8_t *block; /* owned; events borrow from it */
    struct wire_record record;
    struct wire_event *events; /* owned */
    size_t count, next;        /* next: the first that has not happened */
    uint32_t given;            /* bytes of events[next], an RX, that the host has already */
    unsigned acts, acts_in_all;
    int64_t shift_us; /* clock time minus the record's */
    bool started, gone;
    struct transport_env env;
    uint8_t sent[WIRE_TX_HEAD];
    struct sim_replay_parting parting;
};

static bool is_act(const struct wire_event *e)
{
    return e->kind == WIRE_TX || e->kind == WIRE_BAUD || e->kind == WIRE_LINES;
}

/* 0: all of them; else how the block is wrong. The first pass counts. */
static int read_events(struct sim_replay *r)
{
    for (int pass = 0; pass < 2; pass++) {
        const uint8_t *at = r->record.events, *end = at + r->record.events_len;
        for (r->count = 0; at < end; r->count++) {
            struct wire_event e;
            size_t n = wire_event_decode(at, (size_t)(end - at), &e);
            if (n == 0)
                return -EBADMSG;
            if (pass == 1)
                r->events[r->count] = e;
            at += n;
        }
        if (pass == 0 && (r->events = calloc(r->count + 1, sizeof *r->events)) == NULL)
            return -ENOMEM;
    }
    for (size_t i = 0; i < r->count; i++)
        r->acts_in_all += is_act(&r->events[i]);
    return 0;
}

struct sim_replay *sim_replay_new(const uint8_t *bytes, size_t len, char error[static 160])
{
    struct sim_replay *r = calloc(1, sizeof *r);
    int rc = r != NULL && (r->block = malloc(len + 1)) != NULL ? 0 : -ENOMEM;

    if (rc == 0) {
        memcpy(r->block, bytes, len);
        rc = wire_record_decode(r->block, len, &r->record) ? read_events(r) : -EBADMSG;
    }
    if (rc < 0)
        snprintf(error, 160, "%s", rc == -ENOMEM ? "out of memory" : "the record of the wire is damaged");
    else if (r->record.head.cut_events > 0)
        snprintf(error, 160,
                 "the record is longer than its bound and was cut: %llu events in its middle are missing",
                 (unsigned long long)r->record.head.cut_events);
    if (rc < 0 || r->record.head.cut_events > 0) {
        sim_replay_free(r);
        return NULL;
    }
    return r;
}

void sim_replay_free(struct sim_replay *r)
{
    if (r == NULL)
        return;
    free(r->events);
    free(r->block);
    free(r);
}

const struct wire_head *sim_replay_head(const struct sim_replay *r)
{
    return &r->record.head;
}

const struct sim_replay_parting *sim_replay_parting(const struct sim_replay *r)
{
    return &r->parting;
}

uint32_t sim_replay_rate(const struct sim_replay *r)
{
    for (size_t i = 0; i < r->count; i++) {
        if (r->events[i].kind == WIRE_BAUD && r->events[i].asked > SIM_BANNER_BAUD)
            return r->events[i].asked;
    }
    return 0;
}

unsigned sim_replay_acts(const struct sim_replay *r, unsigned *in_all)
{
    *in_all = r->acts_in_all;
    return r->acts;
}

void sim_replay_start(struct sim_replay *r)
{
    r->started = true;
    r->shift_us = clock_now_us(r->env.clock);
}

static int64_t now(const struct sim_replay *r)
{
    return clock_now_us(r->env.clock) - r->shift_us;
}

static bool is_same(const struct wire_event *a, const struct wire_event *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == WIRE_TX)
        return a->len == b->len && a->crc == b->crc;
    return a->kind == WIRE_BAUD ? a->asked == b->asked : a->dtr == b->dtr && a->rts == b->rts;
}

static int part(struct sim_replay *r, const struct wire_event *done, const struct wire_event *recorded)
{
    struct sim_replay_parting *p = &r->parting;

    if (p->parted)
        return -EIO;
    *p = (struct sim_replay_parting){.parted = true, .act = r->acts + 1, .at_us = now(r), .done = *done};
    p->ended = recorded == NULL;
    if (recorded != NULL)
        p->recorded = *recorded;
    p->done.kept = done->len < WIRE_TX_HEAD ? done->len : WIRE_TX_HEAD;
    if (done->kind == WIRE_TX && done->bytes != NULL)
        memcpy(r->sent, done->bytes, p->done.kept);
    p->done.bytes = r->sent;
    return -EIO;
}

/* An error that the record has next, of this call; due now unless it is a read's. 0: none. */
static int error_next(struct sim_replay *r, enum wire_call call)
{
    const struct wire_event *e = &r->events[r->next];

    if (r->gone)
        return -ENODEV;
    if (r->next >= r->count || e->kind != WIRE_ERROR || e->call != call)
        return 0;
    r->next++;
    r->gone = e->error == ENODEV;
    return -e->error;
}

/* The host does `done`: is it what the record has next? What the board sent before it and nobody read is lost. */
static int act(struct sim_replay *r, const struct wire_event *done, const struct wire_event **matched)
{
    size_t at = r->next;

    *matched = NULL;
    if (!r->started)
        return 0;
    if (r->parting.parted)
        return -EIO;
    while (at < r->count && !is_act(&r->events[at]))
        at++;
    if (at == r->count)
        return r->gone ? -ENODEV : part(r, done, NULL);
    if (!is_same(done, &r->events[at]))
        return part(r, done, &r->events[at]);
    *matched = &r->events[at];
    r->acts++;
    r->next = at + 1;
    r->given = 0;
    r->shift_us += now(r) - r->events[at].at_us;
    return 0;
}

static int replay_open(void **port, void *ctx, const char *name, const struct transport_env *env,
                       char detail[TRANSPORT_DETAIL_SIZE])
{
    struct sim_replay *r = ctx;

    if (*name != '\0' || r == NULL || r->env.clock != NULL) {
        snprintf(detail, TRANSPORT_DETAIL_SIZE, "a replayed board is named replay: and is there once");
        return -EINVAL;
    }
    r->env = *env;
    r->shift_us = clock_now_us(env->clock);
    r->started = r->record.head.was_open == 0;
    *port = r;
    return 0;
}

static void replay_close(void *port)
{
    (void)port; /* the replay is its owner's */
}

/* When the byte after those given was there: spread evenly over the time that the event took. */
static int64_t byte_at(const struct wire_event *e, uint32_t index)
{
    return e->len > 1 ? e->at_us + e->took_us * (int64_t)index / (int64_t)(e->len - 1) : e->at_us;
}

static size_t take_bytes(struct sim_replay *r, uint8_t *buf, size_t len)
{
    const struct wire_event *e = &r->events[r->next];
    size_t n = 0;

    while (n < len && r->given < e->len && byte_at(e, r->given) <= now(r))
        buf[n++] = e->bytes[r->given++];
    if (r->given == e->len) {
        r->next++;
        r->given = 0;
    }
    return n;
}

/* When the host next hears something without doing anything; CLOCK_NEVER: never. */
static int64_t next_at(const struct sim_replay *r)
{
    const struct wire_event *e = &r->events[r->next];

    if (!r->started || r->next >= r->count || is_act(e) ||
        (e->kind == WIRE_ERROR && e->call != WIRE_CALL_READ))
        return CLOCK_NEVER;
    return (e->kind == WIRE_RX ? byte_at(e, r->given) : e->at_us) + r->shift_us;
}

static ssize_t replay_read(void *port, void *buf, size_t len, int64_t deadline_us)
{
    struct sim_replay *r = port;

    for (;;) {
        if (r->env.cancel != NULL && waker_raised(r->env.cancel))
            return -ECANCELED;
        if (r->gone || r->parting.parted)
            return r->gone ? -ENODEV : -EIO;
        int64_t at = next_at(r);
        if (at <= clock_now_us(r->env.clock)) {
            if (r->events[r->next].kind == WIRE_ERROR)
                return error_next(r, WIRE_CALL_READ);
            return (ssize_t)take_bytes(r, buf, len);
        }
        if (clock_now_us(r->env.clock) >= deadline_us)
            return 0;
        if (at == CLOCK_NEVER && deadline_us == CLOCK_NEVER && clock_is_virtual(r->env.clock))
            return -EIO;
        int rc = clock_wait_until(r->env.clock, at < deadline_us ? at : deadline_us, r->env.cancel);
        if (rc < 0)
            return rc;
    }
}

static int replay_write(void *port, const void *buf, size_t len, int64_t deadline_us)
{
    struct sim_replay *r = port;
    const struct wire_event done = {.kind = WIRE_TX,
                                    .len = (uint32_t)len,
                                    .crc = wire_crc(buf, len),
                                    .bytes = buf},
                            *was;
    int rc = act(r, &done, &was);

    (void)deadline_us; /* the record says how it ended */
    if (rc == 0 && was != NULL)
        rc = clock_wait_until(r->env.clock, clock_after(r->env.clock, was->took_us), r->env.cancel);
    return rc < 0 ? rc : error_next(r, WIRE_CALL_WRITE);
}

static int replay_set_baud(void *port, uint32_t baud, uint32_t *actual)
{
    struct sim_replay *r = port;
    const struct wire_event done = {.kind = WIRE_BAUD, .asked = baud}, *was;
    int rc = act(r, &done, &was);

    if (rc == 0)
        rc = error_next(r, WIRE_CALL_BAUD);
    if (rc == 0 && actual != NULL)
        *actual = was != NULL ? was->made : baud == r->record.head.asked_baud ? r->record.head.baud : baud;
    return rc;
}

static int replay_check_baud(void *port, uint32_t baud, char detail[TRANSPORT_DETAIL_SIZE])
{
    int rc = error_next(port, WIRE_CALL_CHECK);

    if (rc < 0)
        snprintf(detail, TRANSPORT_DETAIL_SIZE, "%u baud, as the record has it", baud);
    return rc;
}

static int replay_set_lines(void *port, bool dtr, bool rts)
{
    const struct wire_event done = {.kind = WIRE_LINES, .dtr = dtr, .rts = rts}, *was;
    int rc = act(port, &done, &was);

    return rc < 0 ? rc : error_next(port, WIRE_CALL_LINES);
}

/* What came in time to be dropped was never recorded: only bytes that were read are. */
static int replay_flush_input(void *port)
{
    return error_next(port, WIRE_CALL_FLUSH);
}

const struct transport_driver sim_replay_driver = {
    .scheme = "replay",
    .open = replay_open,
    .close = replay_close,
    .read = replay_read,
    .write = replay_write,
    .set_baud = replay_set_baud,
    .check_baud = replay_check_baud,
    .set_lines = replay_set_lines,
    .flush_input = replay_flush_input,
};
