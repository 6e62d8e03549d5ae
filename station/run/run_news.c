/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/run_news.h"

#include "station/run/gallery.h"
#include "station/run/headless_private.h"
#include "station/run/run_private.h"

static int64_t since(const struct run *run)
{
    return clock_wall_ms() - run->started_ms;
}

void run_news_event(struct run *run, const struct slot_event *e, const char *serial)
{
    FILE *out = e->kind != EVENT_PROGRESS ? gallery_begin(run->gallery) : NULL;

    if (out == NULL)
        return;
    headless_json_event(out, e, serial);
    gallery_end(run->gallery);
}

void run_news_word(struct run *run, const struct serial_word *w)
{
    FILE *out = gallery_begin(run->gallery);

    if (out == NULL)
        return;
    headless_json_serial(out, w, since(run));
    gallery_end(run->gallery);
}

void run_news_note(struct run *run, const char *text)
{
    FILE *out = gallery_begin(run->gallery);

    if (out == NULL)
        return;
    headless_json_note(out, text, since(run));
    gallery_end(run->gallery);
}

void run_news_duty(struct run *run)
{
    const struct duty_names who = duty_now(db_recorder_duty(run->recorder));
    FILE *out = gallery_begin(run->gallery);

    if (out == NULL)
        return;
    headless_json_duty(out, &who, since(run));
    gallery_end(run->gallery);
}

void run_news_stop(struct run *run, const char *how)
{
    FILE *out = gallery_begin(run->gallery);

    if (out == NULL)
        return;
    headless_json_word(out, how, since(run));
    gallery_end(run->gallery);
}

void run_news_end(struct run *run)
{
    FILE *out = gallery_begin(run->gallery);

    if (out == NULL)
        return;
    headless_json_end(out, run->tally, since(run));
    gallery_end(run->gallery);
}
