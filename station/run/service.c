/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "engine/slot/engine.h"
#include "station/run/notify.h"
#include "station/run/tally.h"

#define STATUS_US   5000000  /* how old a status may be */
#define EXTEND_US   60000000 /* what is asked for while boards end: a dozen of our turns */
#define STATUS_SIZE 160

struct service {
    struct notify *notify;
    int64_t every_us, due_us;
    char status[STATUS_SIZE]; /* as it was said last */
    bool is_ready, is_stopping;
};

struct service *service_new(void)
{
    struct notify *notify = notify_new();
    struct service *s = notify != NULL ? calloc(1, sizeof *s) : NULL;

    if (s == NULL) {
        notify_free(notify);
        return NULL;
    }
    s->notify = notify;
    /* Two signs of life may be lost before the third is missed. */
    int64_t watchdog_us = notify_watchdog_us(notify) / 3;
    s->every_us = watchdog_us > 0 && watchdog_us < STATUS_US ? watchdog_us : STATUS_US;
    return s;
}

void service_free(struct service *s)
{
    if (s == NULL)
        return;
    notify_free(s->notify);
    free(s);
}

void service_ready(struct service *s)
{
    if (s == NULL || s->is_ready)
        return;
    s->is_ready = true;
    notify_say(s->notify, "READY=1");
}

void service_stopping(struct service *s)
{
    if (s == NULL || s->is_stopping)
        return;
    s->is_stopping = true;
    notify_say(s->notify, "STOPPING=1");
}

static int under_way(struct engine *engine, int *asking)
{
    struct slot_status status;
    int n = 0;

    *asking = 0;
    for (int i = 0; i < engine_slot_count(engine); i++) {
        engine_snapshot(engine, i, &status);
        n += slot_status_runs(&status);
        *asking += status.state == SLOT_ACT;
    }
    return n;
}

static void say_status(struct service *s, const char *text)
{
    if (strcmp(text, s->status) != 0 && notify_say(s->notify, "STATUS=%s", text))
        snprintf(s->status, sizeof s->status, "%s", text);
}

void service_turn(struct service *s, struct engine *engine, const struct tally *tally)
{
    char text[STATUS_SIZE];
    int64_t now = clock_monotonic_us();
    int asking;

    if (s == NULL)
        return;
    bool draining = tally_was_drained(tally); /* an engine drains for another job, too */
    if (now < s->due_us && (!draining || s->is_stopping))
        return;
    s->due_us = now + s->every_us;
    int running = under_way(engine, &asking), passed = tally_count(tally, RESULT_PASS);
    int used = snprintf(text, sizeof text, "%s%d of %d slots at work, %d PASS, %d not passed",
                        draining ? "finishing: " : "", running, engine_slot_count(engine), passed,
                        tally_boards(tally) - passed);
    if (asking > 0)
        snprintf(text + used, sizeof text - (size_t)used, ", %d need%s somebody", asking,
                 asking == 1 ? "s" : "");
    if (draining) {
        service_stopping(s);
        if (running > 0)
            notify_say(s->notify, "EXTEND_TIMEOUT_USEC=%d", EXTEND_US);
    }
    say_status(s, text);
    notify_say(s->notify, "WATCHDOG=1");
}

int service_wait_ms(const struct service *s)
{
    if (s == NULL)
        return -1;
    int64_t left = s->due_us - clock_monotonic_us();

    return left <= 0 ? 0 : (int)(left / 1000 + 1);
}
