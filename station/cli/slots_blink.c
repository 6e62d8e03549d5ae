/* SPDX-License-Identifier: Apache-2.0 */
#include "station/cli/slots_blink.h"

#include <poll.h>
#include <unistd.h>

#include "engine/port/ftdi/transport_ftdi.h"
#include "engine/port/transport_tty.h"
#include "engine/port/transport.h"
#include "station/cli/cmd.h"
#include "station/print/signals.h"

#define VERB        "slots"
#define HALF_US     INT64_C(250000)
#define BLINK_BAUD  9600
#define BLINK_BYTES 96 /* a tenth of a second of light */

static int light(struct transport *t, bool on, bool lines, int64_t until_us)
{
    static const uint8_t zeros[BLINK_BYTES];

    if (lines)
        return transport_set_lines(t, on, false);
    return on ? transport_write(t, zeros, sizeof zeros, until_us) : 0;
}

/* True when a signal came before that: the port must be closed in order, or the kernel's driver would stay off. */
static bool rest(const struct clock *clock, int64_t until_us, int signal_fd)
{
    struct pollfd p = {.fd = signal_fd, .events = POLLIN};
    int64_t left = until_us - clock_now_us(clock);

    return poll(&p, 1, left > 0 ? (int)(left / 1000) : 0) > 0;
}

static int blink(struct transport *t, struct clock *clock, int64_t end_us, bool lines, int signal_fd)
{
    bool on = false;
    int r = transport_set_baud(t, BLINK_BAUD);

    while (r == 0 && clock_now_us(clock) < end_us) {
        int64_t until = clock_after(clock, HALF_US);
        on = !on;
        r = light(t, on, lines, clock_after(clock, 4 * HALF_US));
        if (r == 0 && rest(clock, until, signal_fd))
            break;
    }
    if (lines && r == 0)
        r = transport_set_lines(t, false, false);
    return r;
}

int slots_blink_run(const struct config_slot *slot, long seconds, bool lines)
{
    const struct transport_binding bindings[] = {{&ftdi_driver, NULL}, {&tty_driver, NULL}, {NULL, NULL}};
    struct clock *clock = clock_new_real();
    const struct transport_env env = {.clock = clock};
    struct transport *t = NULL;
    struct failure f = {0};
    int r = -1, signal_fd = signals_open(false);

    if (clock == NULL || signal_fd < 0)
        return cmd_fail(EXIT_STATION, VERB, "out of memory");
    if (transport_open(&t, bindings, slot->port, &env, &f) == 0) {
        r = blink(t, clock, clock_after(clock, seconds * 1000000), lines, signal_fd);
        if (r < 0)
            transport_failure(&f, STAGE_OPEN, r, slot->port);
    }
    transport_close(t);
    clock_free(clock);
    close(signal_fd);
    if (r < 0)
        return cmd_fail(EXIT_STATION, VERB, "slot %d: %s (%d: %s)", slot->number, failure_remedy(f.code),
                        (int)f.code, f.detail);
    return EXIT_ALL_PASS;
}
