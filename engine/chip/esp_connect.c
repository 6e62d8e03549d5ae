/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/chip/esp_connect.h"

#include <errno.h>

#include "engine/chip/esp_loader.h"
#include "engine/chip/esp_reset.h"
#include "engine/port/transport.h"

#define SYNCS_A_ROUND 5
#define SYNC_WAIT_US  100000
#define SYNC_GAP_US   50000
/* A ROM's boot text is 130 to 200 bytes at 115200; then it measures the rate of what comes, and not before. */
#define BOOT_TEXT_US 25000
#define LAST_LINE_US 3000 /* "wait uart download(secure mode)" and its end */

bool connect_can_reset(const struct connect_config *c, const struct transport *t)
{
    return c->reset != RESET_NONE && transport_has_lines(t);
}

/* Until a chip that prints its boot text has printed all of it. One that prints nothing has had its time. */
static int await_loader(struct esp_loader *l, uint64_t since)
{
    const struct boot_log *log = esp_loader_log(l);
    struct clock *clock = esp_loader_clock(l);
    int64_t until = clock_after(clock, BOOT_TEXT_US);
    int rc = boot_log_begins(log, since) ? 1 : 0;

    while (rc > 0 && !boot_log_waits(log, since) && clock_now_us(clock) < until)
        rc = esp_loader_hear(l, until);
    return rc > 0 ? esp_loader_listen(l, clock_after(clock, LAST_LINE_US)) : rc;
}

static int reset_chip(struct esp_loader *l, const struct connect_config *c, int round)
{
    struct transport *t = esp_loader_transport(l);
    struct reset_sequence s;

    if (!connect_can_reset(c, t))
        return 0;
    const char *text = reset_text(c->reset, c->reset_custom, round);
    if (text == NULL || reset_parse(text, &s, NULL) < 0)
        return -EINVAL;
    uint64_t since = boot_log_heard(esp_loader_log(l));
    int rc = reset_run(l, c->cancel, &s);
    if (rc == 0)
        esp_loader_restarted(l);
    /* A pty: no lines, so whoever has the board in his hands resets it. */
    return rc == -ENOTSUP ? 0 : rc < 0 ? rc : await_loader(l, since);
}

static int sync_round(struct esp_loader *l)
{
    int rc = -ETIMEDOUT;

    for (int i = 0; i < SYNCS_A_ROUND && rc == -ETIMEDOUT; i++) {
        rc = esp_loader_sync(l, SYNC_WAIT_US);
        if (rc != -ETIMEDOUT)
            break;
        rc = esp_loader_listen(l, clock_after(esp_loader_clock(l), SYNC_GAP_US));
        rc = rc == 0 ? -ETIMEDOUT : rc;
    }
    return rc;
}

static int one_round(struct esp_loader *l, const struct connect_config *c, int round)
{
    struct transport *t = esp_loader_transport(l);
    bool other = !connect_can_reset(c, t) && c->other_baud != 0 && round % 2 == 1;
    int rc = transport_set_baud(t, other ? c->other_baud : ESP_SYNC_BAUD);

    esp_loader_set_target(l, NULL); /* a board that somebody resets by hand may be another */
    if (rc == 0)
        rc = transport_flush_input(t);
    if (rc == 0)
        rc = reset_chip(l, c, round);
    return rc < 0 ? rc : sync_round(l);
}

int connect_run(struct esp_loader *l, struct connect_config *c, struct failure *f)
{
    int rc = -ETIMEDOUT;

    /* What the operator's own resets have shown still counts. */
    if (connect_can_reset(c, esp_loader_transport(l)))
        boot_log_clear(esp_loader_log(l));
    for (int round = 0; round < c->rounds && rc == -ETIMEDOUT; round++) {
        c->round = c->first_round + round;
        rc = one_round(l, c, c->round);
    }
    if (rc == 0)
        return 0;
    if (rc == -EINVAL)
        return failure_set(f, FAIL_JOB, STAGE_CONNECT, 0, "reset sequence '%.100s' is not understood",
                           c->reset_custom);
    if (rc != -ETIMEDOUT)
        return transport_failure(f, STAGE_CONNECT, rc, "reaching the bootloader");
    return boot_log_failure(esp_loader_log(l), f);
}
