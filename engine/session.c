/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/session.h"

#include <errno.h>

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
    return 0;
}

void session_close(struct session *s)
{
    esp_loader_free(s->loader);
    transport_close(s->port);
    s->loader = NULL;
    s->port = NULL;
    s->answers = s->used = false;
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
                    "not a byte came; no reset is wired here: connect G23 to GND and press reset");
}

int session_connect(struct session *s, int rounds, struct failure *f)
{
    s->answers = false;
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
