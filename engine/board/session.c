/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/board/session.h"

#include <errno.h>

#include "engine/chip/esp_loader.h"
#include "engine/chip/esp_reset.h"

#define BOUNCE_US 50000 /* a contact that opens for less is still closed */

/* What the port hears of its switch, at the latest by `until_us`: 1: a board, 0: none, or a negative errno. */
static int read_switch(const struct session *s, int64_t until_us)
{
    uint8_t empty = s->presence.inverted ? s->presence.input : 0;
    int rc = transport_wait_modem(s->port, s->presence.input, empty, until_us);

    return rc < 0 ? rc : (rc & s->presence.input) != empty;
}

/* A switch that cannot be read would make an empty slot of every board: said at once, and by name. */
static int check_switch(const struct session *s, struct failure *f)
{
    int rc = s->presence.input != 0 ? read_switch(s, clock_now_us(s->env.clock)) : 0;

    if (rc == -ENOTSUP)
        return failure_set(f, FAIL_PORT_PRESENCE, STAGE_OPEN, 0, "%s has no input '%s'", s->uri,
                           presence_line_word(&s->presence));
    return rc < 0 ? transport_failure(f, STAGE_OPEN, rc, s->uri) : 0;
}

bool session_is_empty(const struct session *s)
{
    return s->presence.input != 0 && read_switch(s, clock_now_us(s->env.clock)) == 0;
}

static int require_board(const struct session *s, struct failure *f)
{
    int rc = s->presence.input != 0 ? read_switch(s, clock_after(s->env.clock, BOUNCE_US)) : 1;

    if (rc == 0)
        return failure_set(f, FAIL_NO_SYNC, STAGE_CONNECT, 0,
                           "no board lies in the slot, says its switch (%s)",
                           presence_line_word(&s->presence));
    return rc < 0 ? transport_failure(f, STAGE_CONNECT, rc, "the slot's switch") : 0;
}

int session_open(struct session *s, struct failure *f)
{
    if (s->port != NULL)
        return 0;
    if (transport_open(&s->port, s->bindings, s->uri, &s->env, f) < 0)
        return -1;
    s->loader = esp_loader_new(s->port, s->env.clock);
    if (s->loader == NULL) {
        session_close(s);
        return failure_set(f, FAIL_NO_MEMORY, STAGE_OPEN, ENOMEM, "loader of %s", s->uri);
    }
    int rc = transport_set_baud(s->port, ESP_SYNC_BAUD);
    if (rc < 0) {
        session_close(s);
        return transport_failure(f, STAGE_OPEN, rc, "115200 baud");
    }
    rc = check_switch(s, f);
    if (rc < 0)
        session_close(s);
    return rc;
}

void session_close(struct session *s)
{
    esp_loader_free(s->loader);
    transport_close(s->port);
    s->loader = NULL;
    s->port = NULL;
    s->answers = s->used = false;
}

uint32_t session_begin_line(struct session *s, uint32_t max)
{
    s->line = (struct session_line){0};
    return s->baud != 0 && s->baud < max ? s->baud : max;
}

/* Where only the operator can reset, silence and noise have a meaning of their own. */
static void explain_by_hand(const struct session *s, struct failure *f)
{
    if (f->code == FAIL_NOISE || (f->code == FAIL_NO_SYNC && s->used))
        failure_set(f, FAIL_SESSION_USED, STAGE_CONNECT, 0, "%s",
                    f->code == FAIL_NOISE ? "it answers, but at another rate"
                                          : "it answered before and no longer does");
    else if (f->code == FAIL_NO_SYNC)
        failure_set(f, FAIL_NO_SYNC, STAGE_CONNECT, 0,
                    "not a byte came; no reset is wired here: connect %s to GND and press reset",
                    s->connect.boot_pin != NULL ? s->connect.boot_pin : "the boot pin");
}

int session_connect(struct session *s, int rounds, struct failure *f)
{
    s->answers = false;
    if (require_board(s, f) < 0)
        return -1;
    s->connect.rounds = rounds;
    if (connect_run(s->loader, &s->connect, f) < 0) {
        s->connect.first_round++;
        if (!session_can_reset(s))
            explain_by_hand(s, f);
        return -1;
    }
    s->answers = s->used = true;
    return 0;
}

bool session_can_reset(const struct session *s)
{
    return s->port != NULL && connect_can_reset(&s->connect, s->port);
}
