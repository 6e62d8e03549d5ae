/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/replay_run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/attempt/attempt.h"
#include "engine/board/session.h"
#include "engine/chip/esp_loader.h"
#include "engine/chip/esp_stub.h"
#include "engine/chip/esp_wire.h"

static int take_open(void *ctx, const struct attempt_start *start, int64_t *attempt, struct failure *f)
{
    (void)ctx;
    (void)start;
    (void)f;
    *attempt = 1;
    return 0;
}

/* The records' word on this board as it was then: a hold, or nothing against it. */
static int judge(void *ctx, int64_t attempt, const struct unit_identity *unit,
                 struct recorder_verdict *verdict, struct failure *f)
{
    const struct wire_head *h = ctx;

    (void)attempt;
    (void)unit;
    (void)f;
    memset(verdict, 0, sizeof *verdict);
    verdict->allowed = h->held == 0;
    if (!verdict->allowed)
        failure_set(&verdict->hold, (enum failure_code)h->code, (enum stage)h->stage, 0,
                    "as the records decided then");
    return 0;
}

static int take_backup(void *ctx, int64_t attempt, const struct backup *backup, struct failure *f)
{
    (void)ctx;
    (void)attempt;
    (void)backup;
    (void)f;
    return 0;
}

static int take_close(void *ctx, int64_t attempt, const struct attempt_result *result, struct failure *f)
{
    (void)ctx;
    (void)attempt;
    (void)result;
    (void)f;
    return 0;
}

static int know_nothing(void *ctx, int64_t attempt, uint32_t offset, struct saved_sector *out,
                        struct failure *f)
{
    (void)ctx;
    (void)attempt;
    (void)offset;
    (void)f;
    *out = (struct saved_sector){0};
    return 0;
}

static const struct recorder no_records = {
    .open = take_open, .identify = judge, .backup = take_backup, .close = take_close, .saved = know_nothing};

/* The session as the attempt found it. */
static int prepare(struct session *s, struct sim_replay *replay, struct failure *f)
{
    const struct wire_head *h = sim_replay_head(replay);

    if (h->was_open == 0)
        return 0;
    if (session_open(s, f) < 0)
        return -1;
    int rc = transport_set_baud(s->port, h->asked_baud);
    if (rc < 0)
        return transport_failure(f, STAGE_OPEN, rc, "");
    s->answers = h->answers != 0;
    s->used = h->used != 0;
    esp_loader_set_stub(s->loader, h->is_stub != 0);
    sim_replay_start(replay);
    return 0;
}

int replay_run(struct sim_replay *replay, const struct job *job, const struct stub *stub,
               struct attempt_result *out, struct failure *f)
{
    const struct wire_head *h = sim_replay_head(replay);
    const struct transport_binding bindings[] = {{&sim_replay_driver, replay}, {NULL, NULL}};
    struct recorder recorder = no_records;
    struct clock *clock = clock_new_virtual();
    struct session session = {.bindings = bindings,
                              .uri = "replay:",
                              .env = {.clock = clock},
                              .baud = sim_replay_rate(replay), /* the slot's, as it was then */
                              .connect = {.reset = (enum reset_method)h->reset,
                                          .reset_custom = job->reset_custom,
                                          .first_round = (int)h->first_round,
                                          .other_baud = job->baud}};
    struct attempt_config config = {
        .job = job,
        .stub = stub,
        .stub_note = "no stub",
        .recorder = &recorder,
        .session = &session,
        .start = {.kind = (enum attempt_kind)h->kind, .slot = 1, .port = "replay:"}};
    int64_t attempt;
    bool opened;

    memset(out, 0, sizeof *out);
    recorder.ctx = (void *)h;
    if (clock == NULL)
        return failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, ENOMEM, "replay");
    int rc = prepare(&session, replay, f);
    if (rc == 0)
        attempt_run(&config, out, &attempt, &opened);
    session_close(&session);
    clock_free(clock);
    return rc;
}

bool replay_is_same(const struct sim_replay *replay, const struct attempt_result *out)
{
    const struct wire_head *h = sim_replay_head(replay);

    return !sim_replay_parting(replay)->parted && (uint32_t)out->failure.code == h->code &&
           (uint32_t)out->failure.stage == h->stage;
}

/* "FLASH_MD5 of 28 bytes"; "115200 baud"; "lines DTR 0 RTS 1". */
static void act_words(const struct wire_event *e, char *out, size_t size)
{
    const char *request = e->kind == WIRE_TX ? esp_request_name(e->bytes, e->kept) : NULL;

    if (request != NULL)
        snprintf(out, size, "%s of %u bytes on the wire", request, e->len);
    else if (e->kind == WIRE_TX)
        snprintf(out, size, "%u bytes that are no request", e->len);
    else if (e->kind == WIRE_BAUD)
        snprintf(out, size, "a change to %u baud", e->asked);
    else
        snprintf(out, size, "the lines DTR %d RTS %d", e->dtr, e->rts);
}

void replay_words_parting(const struct sim_replay *replay, char out[static REPLAY_WORDS_SIZE])
{
    const struct sim_replay_parting *p = sim_replay_parting(replay);
    char done[80], recorded[80] = "nothing more";

    out[0] = '\0';
    if (!p->parted)
        return;
    act_words(&p->done, done, sizeof done);
    if (!p->ended)
        act_words(&p->recorded, recorded, sizeof recorded);
    const char *both = !p->ended && strcmp(done, recorded) == 0 ? ", with other content" : "";
    snprintf(out, REPLAY_WORDS_SIZE, "act %u of the host, at %.3f s, is %s; the record has %s%s", p->act,
             (double)p->at_us / 1e6, done, recorded, both);
    if (!p->ended && *both == '\0')
        snprintf(out + strlen(out), REPLAY_WORDS_SIZE - strlen(out), " at %.3f s",
                 (double)p->recorded.at_us / 1e6);
}
