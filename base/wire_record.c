/* SPDX-License-Identifier: Apache-2.0 */
#include "base/wire_record.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/digest.h"

#define MAGIC      "FLWIRE1\n"
#define MAGIC_SIZE 8
#define HEAD_MAX   (MAGIC_SIZE + 14 * 10 + WIRE_TAIL + 3)

struct reader {
    const uint8_t *at, *end;
    bool bad;
};

static uint8_t *put(uint8_t *p, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        *p++ = (uint8_t)(v | 0x80);
    *p++ = (uint8_t)v;
    return p;
}

static uint64_t get(struct reader *r)
{
    uint64_t v = 0;

    for (unsigned shift = 0; shift < 63 && r->at < r->end; shift += 7) {
        uint8_t byte = *r->at++;
        v |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80)
            return v;
    }
    r->bad = true;
    return 0;
}

static uint32_t get32(struct reader *r)
{
    uint64_t v = get(r);

    r->bad |= v > UINT32_MAX;
    return (uint32_t)v;
}

static const uint8_t *get_bytes(struct reader *r, size_t len)
{
    const uint8_t *p = r->at;

    if (r->bad || (size_t)(r->end - r->at) < len) {
        r->bad = true;
        return NULL;
    }
    r->at += len;
    return p;
}

uint32_t wire_crc(const void *bytes, size_t len)
{
    return (uint32_t)crc32_z(0, bytes, len);
}

size_t wire_event_encode(uint8_t out[static WIRE_EVENT_MAX], const struct wire_event *e)
{
    uint8_t *p = out;

    *p++ = (uint8_t)e->kind;
    p = put(p, (uint64_t)e->at_us);
    switch (e->kind) {
    case WIRE_TX:
    case WIRE_RX:
        p = put(put(put(put(p, (uint64_t)e->took_us), e->len), e->crc), e->kept);
        memcpy(p, e->bytes, e->kept);
        p += e->kept;
        break;
    case WIRE_BAUD:
        p = put(put(p, e->asked), e->made);
        break;
    case WIRE_LINES:
        *p++ = (uint8_t)(e->dtr | e->rts << 1);
        break;
    default:
        p = put(put(p, (uint64_t)e->call), (uint64_t)e->error);
    }
    return (size_t)(p - out);
}

static void get_transfer(struct reader *r, struct wire_event *e)
{
    e->took_us = (int64_t)get(r);
    e->len = get32(r);
    e->crc = get32(r);
    e->kept = get32(r);
    r->bad |= e->kept > WIRE_RX_MAX || e->kept > e->len;
    e->bytes = get_bytes(r, e->kept);
}

size_t wire_event_decode(const uint8_t *in, size_t len, struct wire_event *out)
{
    struct reader r = {.at = in, .end = in + len, .bad = len == 0};
    uint64_t kind = get(&r);

    memset(out, 0, sizeof *out);
    r.bad |= kind < WIRE_TX || kind >= WIRE_KIND_COUNT;
    out->kind = r.bad ? WIRE_ERROR : (enum wire_kind)kind;
    out->at_us = (int64_t)get(&r);
    if (out->kind == WIRE_TX || out->kind == WIRE_RX) {
        get_transfer(&r, out);
    } else if (out->kind == WIRE_BAUD) {
        out->asked = get32(&r);
        out->made = get32(&r);
    } else if (out->kind == WIRE_LINES) {
        uint32_t bits = get32(&r);
        out->dtr = bits & 1;
        out->rts = bits & 2;
    } else {
        uint32_t call = get32(&r), error = get32(&r);
        r.bad |= call > WIRE_CALL_FLUSH || error == 0 || error > 4095;
        out->call = r.bad ? WIRE_CALL_READ : (enum wire_call)call;
        out->error = (int)(error & 4095);
    }
    return r.bad ? 0 : (size_t)(r.at - in);
}

static uint8_t *put_tail(uint8_t *p, const struct wire_tail *t)
{
    p = put(p, t->len);
    memcpy(p, t->bytes, t->len);
    return p + t->len;
}

static uint8_t *put_head(uint8_t *p, const struct wire_head *h)
{
    const uint64_t numbers[] = {h->code, h->stage, h->was_open,    h->answers,   h->is_stub,
                                h->used, h->baud,  h->asked_baud,  h->reset,     h->first_round,
                                h->kind, h->held,  h->duration_us, h->cut_events};

    /* NOLINTNEXTLINE(bugprone-not-null-terminated-result): the first bytes of a record, not text */
    memcpy(p, MAGIC, MAGIC_SIZE);
    p += MAGIC_SIZE;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        p = put(p, numbers[i]);
    return p;
}

uint8_t *wire_record_encode(const struct wire_record *r, const struct wire_part parts[static 3], size_t *len)
{
    uint8_t *out = malloc(HEAD_MAX + parts[0].len + parts[1].len + parts[2].len + SHA256_SIZE);
    uint8_t *p = out;

    if (out == NULL)
        return NULL;
    p = put_tail(put_head(p, &r->head), &r->tx);
    for (int i = 0; i < 3; i++) {
        if (parts[i].len > 0)
            memcpy(p, parts[i].bytes, parts[i].len);
        p += parts[i].len;
    }
    digest_sha256(out, (size_t)(p - out), p);
    *len = (size_t)(p - out) + SHA256_SIZE;
    return out;
}

bool wire_record_is(const uint8_t *bytes, size_t len)
{
    return len > MAGIC_SIZE && memcmp(bytes, MAGIC, MAGIC_SIZE - 2) == 0;
}

static void get_head(struct reader *r, struct wire_head *h)
{
    uint32_t *const numbers[] = {&h->code,    &h->stage,       &h->was_open, &h->answers,
                                 &h->is_stub, &h->used,        &h->baud,     &h->asked_baud,
                                 &h->reset,   &h->first_round, &h->kind,     &h->held};

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        *numbers[i] = get32(r);
    h->duration_us = get(r);
    h->cut_events = get(r);
}

static void get_tail(struct reader *r, struct wire_tail *t)
{
    uint32_t len = get32(r);
    const uint8_t *bytes;

    r->bad |= len > WIRE_TAIL;
    bytes = get_bytes(r, len);
    if (bytes == NULL)
        return;
    t->len = len;
    memcpy(t->bytes, bytes, len);
}

bool wire_record_decode(const uint8_t *bytes, size_t len, struct wire_record *out)
{
    uint8_t hash[SHA256_SIZE];

    memset(out, 0, sizeof *out);
    if (len < MAGIC_SIZE + SHA256_SIZE || memcmp(bytes, MAGIC, MAGIC_SIZE) != 0)
        return false;
    digest_sha256(bytes, len - SHA256_SIZE, hash);
    if (memcmp(hash, bytes + len - SHA256_SIZE, SHA256_SIZE) != 0)
        return false;
    struct reader r = {.at = bytes + MAGIC_SIZE, .end = bytes + len - SHA256_SIZE};
    get_head(&r, &out->head);
    get_tail(&r, &out->tx);
    out->events = r.at;
    out->events_len = (size_t)(r.end - r.at);
    return !r.bad;
}
