/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/port/transport.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/errno_text.h"
#include "engine/port/wire_log.h"

#define URI_MAX 96

/* The last EVIDENCE_SIZE bytes that went one way. */
struct ring {
    uint8_t bytes[EVIDENCE_SIZE];
    uint64_t total;
};

struct transport {
    const struct transport_driver *driver;
    void *port;
    uint32_t baud, asked_baud; /* made; asked for */
    bool no_lines;
    struct ring tx, rx;
    struct clock *clock; /* borrowed */
    struct wire_log log;
};

static void ring_put(struct ring *r, const uint8_t *bytes, size_t len)
{
    size_t skip = len > EVIDENCE_SIZE ? len - EVIDENCE_SIZE : 0;

    r->total += skip;
    for (size_t i = skip; i < len; i++)
        r->bytes[r->total++ % EVIDENCE_SIZE] = bytes[i];
}

static uint16_t ring_copy(const struct ring *r, uint8_t out[static EVIDENCE_SIZE])
{
    uint64_t len = r->total < EVIDENCE_SIZE ? r->total : EVIDENCE_SIZE;

    for (uint64_t i = 0; i < len; i++)
        out[i] = r->bytes[(r->total - len + i) % EVIDENCE_SIZE];
    return (uint16_t)len;
}

int transport_failure(struct failure *f, enum stage stage, int error, const char *detail)
{
    static const struct {
        int error;
        enum failure_code code;
    } codes[] = {
        {EACCES, FAIL_PORT_PERMISSION}, {EPERM, FAIL_PORT_PERMISSION}, {EBUSY, FAIL_PORT_BUSY},
        {ENOENT, FAIL_PORT_MISSING},    {ENODEV, FAIL_PORT_LOST},      {ENXIO, FAIL_PORT_INTERFACE},
        {EPIPE, FAIL_PORT_STALLED},     {EHOSTDOWN, FAIL_PORT_SILENT}, {ETIMEDOUT, FAIL_PORT_SILENT},
        {ERANGE, FAIL_PORT_BAUD},       {EINVAL, FAIL_PORT_URI},       {ETIME, FAIL_DEADLINE},
        {ECANCELED, FAIL_ABORTED},      {ENOMEM, FAIL_NO_MEMORY},
    };
    enum failure_code code = FAIL_PORT_IO;

    error = abs(error);
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (codes[i].error == error)
            code = codes[i].code;
    }
    /* A port that was never there is not one that was pulled out. */
    if (stage == STAGE_OPEN && code == FAIL_PORT_LOST)
        code = FAIL_PORT_MISSING;
    return failure_set(f, code, stage, error, "%s%s%s", detail, *detail != '\0' ? ": " : "",
                       errno_text(error));
}

static const struct transport_binding *find_binding(const struct transport_binding *b, const char *uri,
                                                    size_t len)
{
    for (; b->driver != NULL; b++) {
        if (strlen(b->driver->scheme) == len && memcmp(b->driver->scheme, uri, len) == 0)
            return b;
    }
    return NULL;
}

int transport_open(struct transport **out, const struct transport_binding *bindings, const char *uri,
                   const struct transport_env *env, struct failure *f)
{
    char detail[TRANSPORT_DETAIL_SIZE] = "";
    size_t scheme = strcspn(uri, ":");
    const struct transport_binding *b = find_binding(bindings, uri, scheme);
    struct transport *t;

    if (uri[scheme] == '\0' || b == NULL || strlen(uri) >= URI_MAX)
        return failure_set(f, FAIL_PORT_URI, STAGE_OPEN, 0, "no kind of port is called '%s'", uri);
    t = calloc(1, sizeof *t);
    if (t == NULL)
        return failure_set(f, FAIL_NO_MEMORY, STAGE_OPEN, ENOMEM, "port %s", uri);
    int rc = b->driver->open(&t->port, b->ctx, uri + scheme + 1, env, detail);
    if (rc < 0) {
        free(t);
        return transport_failure(f, STAGE_OPEN, rc, *detail != '\0' ? detail : uri);
    }
    t->driver = b->driver;
    t->clock = env->clock;
    wire_log_init(&t->log, env->clock);
    *out = t;
    return 0;
}

int transport_wait_present(const struct transport_binding *bindings, const char *uri, int64_t deadline_us,
                           const struct transport_env *env)
{
    size_t scheme = strcspn(uri, ":");
    const struct transport_binding *b = find_binding(bindings, uri, scheme);

    if (uri[scheme] == '\0' || b == NULL || b->driver->wait_present == NULL)
        return -ENOTSUP;
    return b->driver->wait_present(b->ctx, uri + scheme + 1, deadline_us, env);
}

void transport_close(struct transport *t)
{
    if (t == NULL)
        return;
    t->driver->close(t->port);
    wire_log_done(&t->log);
    free(t);
}

ssize_t transport_read(struct transport *t, void *buf, size_t len, int64_t deadline_us)
{
    ssize_t n = t->driver->read(t->port, buf, len, deadline_us);

    if (n > 0) {
        ring_put(&t->rx, buf, (size_t)n);
        wire_log_rx(&t->log, buf, (size_t)n);
    }
    wire_log_error(&t->log, WIRE_CALL_READ, (int)n);
    return n;
}

int transport_write(struct transport *t, const void *buf, size_t len, int64_t deadline_us)
{
    /* Noted before it is sent: of a write that fails, the evidence shows what was tried. */
    ring_put(&t->tx, buf, len);
    int64_t at = clock_now_us(t->clock);
    int rc = t->driver->write(t->port, buf, len, deadline_us);
    wire_log_tx(&t->log, buf, len, at);
    wire_log_error(&t->log, WIRE_CALL_WRITE, rc);
    return rc;
}

int transport_set_baud(struct transport *t, uint32_t baud)
{
    uint32_t actual = baud;
    int rc = t->driver->set_baud(t->port, baud, &actual);

    if (rc == 0) {
        t->baud = actual;
        t->asked_baud = baud;
    }
    wire_log_baud(&t->log, baud, rc == 0 ? actual : 0);
    wire_log_error(&t->log, WIRE_CALL_BAUD, rc);
    return rc;
}

bool transport_is_at_baud(const struct transport *t, uint32_t baud)
{
    return baud == t->baud || baud == t->asked_baud;
}

int transport_check_baud(struct transport *t, uint32_t baud, enum stage stage, struct failure *f)
{
    char detail[TRANSPORT_DETAIL_SIZE] = "";
    int rc = t->driver->check_baud != NULL ? t->driver->check_baud(t->port, baud, detail) : 0;

    wire_log_error(&t->log, WIRE_CALL_CHECK, rc);
    return rc < 0 ? transport_failure(f, stage, rc, detail) : 0;
}

uint32_t transport_baud(const struct transport *t)
{
    return t->baud;
}

uint32_t transport_asked_baud(const struct transport *t)
{
    return t->asked_baud;
}

int transport_set_lines(struct transport *t, bool dtr, bool rts)
{
    int rc = t->driver->set_lines(t->port, dtr, rts);

    if (rc == -ENOTSUP)
        t->no_lines = true;
    wire_log_lines(&t->log, dtr, rts);
    wire_log_error(&t->log, WIRE_CALL_LINES, rc);
    return rc;
}

bool transport_has_lines(const struct transport *t)
{
    return !t->no_lines;
}

int transport_flush_input(struct transport *t)
{
    int rc = t->driver->flush_input(t->port);

    wire_log_error(&t->log, WIRE_CALL_FLUSH, rc);
    return rc;
}

int transport_wait_modem(struct transport *t, uint8_t mask, uint8_t was, int64_t deadline_us)
{
    return t->driver->wait_modem != NULL ? t->driver->wait_modem(t->port, mask, was, deadline_us) : -ENOTSUP;
}

const char *transport_serial(const struct transport *t)
{
    const char *serial = t->driver->serial != NULL ? t->driver->serial(t->port) : NULL;

    return serial != NULL ? serial : "";
}

void transport_begin_wire(struct transport *t)
{
    wire_log_begin(&t->log);
}

uint8_t *transport_wire(struct transport *t, const struct wire_head *head, size_t *len)
{
    struct wire_record r = {.head = *head};

    r.tx.len = ring_copy(&t->tx, r.tx.bytes);
    return wire_log_encode(&t->log, &r, len);
}

uint64_t transport_sent(const struct transport *t)
{
    return t->tx.total;
}

void transport_evidence(const struct transport *t, struct attempt_result *r)
{
    r->bytes_wire = t->tx.total + t->rx.total;
    r->tx_evidence_len = ring_copy(&t->tx, r->tx_evidence);
    r->rx_evidence_len = ring_copy(&t->rx, r->rx_evidence);
    if (t->driver->line_counts != NULL)
        t->driver->line_counts(t->port, &r->line);
}
