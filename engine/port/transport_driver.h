/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transport_driver - the table that a kind of port fills: ftdi, tty, sim. Private to drivers and engine/port/transport.c.
 *
 * One open port belongs to one worker thread. Deadlines are absolute microseconds of env->clock. Every wait ends at
 * once when env->cancel is raised (-ECANCELED): by event, never by slices. Lines can still be set after a cancel, so
 * that the chip can be left in reset. Calls return a count or 0, or a negative errno:
 *   -ENODEV    unplugged          -EACCES no permission     -EBUSY  held by another process or driver
 *   -ENOTSUP   cannot do this     -ERANGE baud not possible within 2 %     -EINVAL name not understood
 *   -ENXIO     no such interface  -EPIPE  adapter stalled   -EHOSTDOWN  adapter answers nothing at all
 *   -EIO       anything else
 */
#ifndef ENGINE_PORT_TRANSPORT_DRIVER_H
#define ENGINE_PORT_TRANSPORT_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/clock.h"
#include "base/record.h"
#include "base/waker.h"

#define TRANSPORT_DETAIL_SIZE 320 /* a port, who holds it, and what helps */

struct transport_env {
    struct clock *clock;        /* borrowed, outlives the port */
    const struct waker *cancel; /* borrowed; may be NULL */
};

struct transport_driver {
    const char *scheme; /* "ftdi": the text before the first ':' of a URI */
    /*
     * `ctx` is what the programme registered beside the driver (a tray of virtual boards); `name` is the URI after
     * the colon. `detail` gets one line of explanation on failure. Does not touch the modem lines.
     */
    int (*open)(void **port, void *ctx, const char *name, const struct transport_env *env,
                char detail[TRANSPORT_DETAIL_SIZE]);
    void (*close)(void *port);
    /* Returns 1..len bytes as soon as any are there; 0 when the deadline passed with none. */
    ssize_t (*read)(void *port, void *buf, size_t len, int64_t deadline_us);
    /* Writes all of len, or fails; -ETIMEDOUT at the deadline. */
    int (*write)(void *port, const void *buf, size_t len, int64_t deadline_us);
    /* *actual (may be NULL) gets the rate really made. */
    int (*set_baud)(void *port, uint32_t baud, uint32_t *actual);
    /* Would set_baud refuse? 0, or -ERANGE with the rates around it in `detail`. NULL: every rate may be tried. */
    int (*check_baud)(void *port, uint32_t baud, char detail[TRANSPORT_DETAIL_SIZE]);
    /* Both lines in one request. True = asserted = pin low. -ENOTSUP where there are none (a pty). */
    int (*set_lines)(void *port, bool dtr, bool rts);
    /* Forgets bytes received but not read. */
    int (*flush_input)(void *port);
    /*
     * Waits until the modem inputs in `mask` (engine/port/presence_line.h) are no longer `was`, or the deadline: returns all
     * inputs as they are then. What is received meanwhile is dropped. -ENOTSUP where there are none (a pty). NULL: none.
     */
    int (*wait_modem)(void *port, uint8_t mask, uint8_t was, int64_t deadline_us);
    /* Line errors counted since open; may be NULL. */
    void (*line_counts)(void *port, struct line_counts *out);
    /* Serial number of the adapter, "" when unknown; may be NULL. */
    const char *(*serial)(void *port);
    /*
     * Waits until a port called `name` is there to be opened: 0 (at once when it already is), -ETIMEDOUT, -ECANCELED.
     * By event, never by slices; another thread may have other ports of the same ctx open. NULL: the driver cannot tell.
     */
    int (*wait_present)(void *ctx, const char *name, int64_t deadline_us, const struct transport_env *env);
};

#endif /* ENGINE_PORT_TRANSPORT_DRIVER_H */
