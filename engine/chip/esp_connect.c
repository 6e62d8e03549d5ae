/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/chip/esp_connect.h"

#include <errno.h>

#include "engine/chip/esp_loader.h"
#include "engine/chip/esp_reset.h"

#define SYNCS_A_ROUND 5
#define SYNC_WAIT_US  100000
#define SYNC_GAP_US   50000

bool connect_can_reset(const struct connect_config *c, const struct transport *t)
{
    return c->reset != RESET_NONE && transport_has_lines(t);
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
    int rc = reset_run(t, esp_loader_clock(l), c->cancel, &s);
    if (rc == 0)
        esp_loader_restarted(l);
    /* A pty: no lines, so whoever has the board in his hands resets it. */
    return rc == -ENOTSUP ? 0 : rc;
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

int connect_run(struct esp_loader *l, const struct connect_config *c, struct failure *f)
{
    int rc = -ETIMEDOUT;

    /* What the operator's own resets have shown still counts. */
    if (connect_can_reset(c, esp_loader_transport(l)))
        boot_log_clear(esp_loader_log(l));
    for (int round = 0; round < c->rounds && rc == -ETIMEDOUT; round++)
        rc = one_round(l, c, c->first_round + round);
    if (rc == 0)
        return 0;
    if (rc == -EINVAL)
        return failure_set(f, FAIL_JOB, STAGE_CONNECT, 0, "reset sequence '%.100s' is not understood",
                           c->reset_custom);
    if (rc != -ETIMEDOUT)
        return transport_failure(f, STAGE_CONNECT, rc, "reaching the bootloader");
    return boot_log_failure(esp_loader_log(l), f);
}
