/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transport - a byte pipe to one board, with the two reset lines, an evidence ring and byte counts.
 *
 * Opens "scheme:name" through the drivers it is given and adds what every driver needs: the record of the wire
 * (engine/port/wire_log.h), the last bytes in each direction, the number of bytes, and failures put into words. One thread at
 * a time; nothing here locks.
 * Returns and deadlines as in engine/port/transport_driver.h.
 */
#ifndef ENGINE_PORT_TRANSPORT_H
#define ENGINE_PORT_TRANSPORT_H

#include "base/wire_record.h"
#include "engine/port/transport_driver.h"

struct transport;

struct transport_binding {
    const struct transport_driver *driver;
    void *ctx; /* handed to driver->open */
};

/* `bindings` ends with a NULL driver. Caller owns *out: transport_close(). On failure -1 and *f (STAGE_OPEN). */
int transport_open(struct transport **out, const struct transport_binding *bindings, const char *uri,
                   const struct transport_env *env, struct failure *f);
void transport_close(struct transport *t); /* NULL is fine */
/* Waits until the port of `uri` is there: 0, -ETIMEDOUT, -ECANCELED, or -ENOTSUP where its driver cannot tell. */
int transport_wait_present(const struct transport_binding *bindings, const char *uri, int64_t deadline_us,
                           const struct transport_env *env);

ssize_t transport_read(struct transport *t, void *buf, size_t len, int64_t deadline_us);
int transport_write(struct transport *t, const void *buf, size_t len, int64_t deadline_us);
int transport_set_baud(struct transport *t,
                       uint32_t baud); /* transport_baud() then tells the rate really made */
uint32_t transport_baud(const struct transport *t);
uint32_t transport_asked_baud(const struct transport *t); /* and this what was asked for */
/* True when `baud` is what was last set, or what the adapter made of it. */
bool transport_is_at_baud(const struct transport *t, uint32_t baud);
/* 0, or -1 and *f when the adapter cannot make this rate: asked before the chip is told to change to it. */
int transport_check_baud(struct transport *t, uint32_t baud, enum stage stage, struct failure *f);
int transport_set_lines(struct transport *t, bool dtr, bool rts);
bool transport_has_lines(const struct transport *t); /* false once set_lines answered -ENOTSUP */
int transport_flush_input(struct transport *t);
/* The modem inputs once those in `mask` are no longer `was`, or at the deadline; or a negative errno. Drops what it hears. */
int transport_wait_modem(struct transport *t, uint8_t mask, uint8_t was, int64_t deadline_us);
const char *transport_serial(const struct transport *t); /* "" when unknown; borrowed until close */
/* Forgets what went over the wire so far: the block of transport_wire() begins here, as it does at the opening. */
void transport_begin_wire(struct transport *t);
/* The block of base/wire_record.h with `head` as its head. Caller owns it: free(). NULL: no memory. */
uint8_t *transport_wire(struct transport *t, const struct wire_head *head, size_t *len);
uint64_t transport_sent(const struct transport *t); /* bytes, since it was opened */
/* Fills bytes_wire, line counts and the last bytes each way of *r. */
void transport_evidence(const struct transport *t, struct attempt_result *r);
/* A driver's negative errno in words: fills *f with a 1xx code and returns -1. */
int transport_failure(struct failure *f, enum stage stage, int error, const char *detail);

#endif /* ENGINE_PORT_TRANSPORT_H */
