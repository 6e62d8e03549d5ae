/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/attempt/attempt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/attempt/attempt_private.h"
#include "engine/chip/esp_loader.h"

/* Some only reach the board, some need the plan and the record too. */
struct step {
    int (*reach)(struct board *b);
    int (*work)(struct attempt *a);
};

static const struct step steps[] = {
    {.reach = board_open},       {.reach = board_connect}, {.reach = board_identify},
    {.work = attempt_gate},      {.work = attempt_leave},  {.reach = board_raise_baud},
    {.reach = board_start_stub}, {.work = attempt_backup}, {.work = attempt_erase},
    {.work = attempt_write},     {.work = attempt_verify}, {.work = attempt_finalise},
    {.work = attempt_confirm},   {.reach = board_let_go},
};

static int run_step(struct attempt *a, const struct step *s)
{
    return s->reach != NULL ? s->reach(&a->board) : s->work(a);
}

static int run_board(struct attempt *a)
{
    struct board *b = &a->board;

    failure_clear(&b->failure);
    b->restarts = 0;
    b->refused_before = false;
    b->result->bytes_written = b->result->bytes_unchanged = 0;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (run_step(a, &steps[i]) < 0)
            return -1;
        if (steps[i].reach == board_raise_baud)
            b->result->baud = transport_baud(b->session->port);
    }
    failure_clear(&b->failure); /* of what was got over on the way */
    return 0;
}

/* A failure that the same board may not show a second time. */
static bool may_retry(const struct attempt *a)
{
    if (a->board.tries >= a->job->retries)
        return false;
    switch (a->board.failure.code) {
    case FAIL_NOISE: /* at SYNC all rounds were tried already */
        return a->board.failure.stage != STAGE_CONNECT;
    case FAIL_BAUD_CHANGE:
    case FAIL_IDENTIFY:
    case FAIL_BACKUP_READ:
    case FAIL_STUB:
    case FAIL_ERASE:
    case FAIL_WRITE:
    case FAIL_WRITE_LOST:
    case FAIL_CHIP_REFUSED:
    case FAIL_MD5_READ:
    case FAIL_FINALISE:
        return true;
    case FAIL_MD5_MISMATCH: /* once: a flash that forgets must not get in by patience */
    case FAIL_MD5_UNPROVEN:
        return a->board.tries == 0;
    default:
        return false;
    }
}

/* Where a slower line may help. */
static bool line_was_too_fast(enum failure_code code)
{
    return code == FAIL_BAUD_CHANGE || code == FAIL_NOISE || code == FAIL_WRITE_LOST ||
           code == FAIL_IDENTIFY || code == FAIL_BACKUP_READ || code == FAIL_STUB || code == FAIL_MD5_READ ||
           code == FAIL_MD5_UNPROVEN;
}

static void prepare_retry(struct attempt *a)
{
    struct session *s = a->board.session;

    a->board.tries++;
    a->board.result->retries++;
    a->board.line_failed |= line_was_too_fast(a->board.failure.code);
    if (line_was_too_fast(a->board.failure.code) && board_lower_baud(&a->board))
        board_note(&a->board, "again at %u baud: %s", a->board.baud, a->board.failure.detail);
    else
        board_note(&a->board, "again: %s", a->board.failure.detail);
    s->answers = false;
    /* With no reset wired the loader is still where it was left, if it lives: ask it there first. */
    if (!session_can_reset(s) && esp_loader_resync(s->loader) == 0)
        s->answers = true;
}

/* The board is no longer reached: says less than what it was retried for. */
static bool lost_contact(const struct failure *f)
{
    if (f->stage != STAGE_CONNECT)
        return false;
    return f->code == FAIL_NO_SYNC || f->code == FAIL_WRONG_BOOT_MODE || f->code == FAIL_TX_PATH ||
           f->code == FAIL_NOISE || f->code == FAIL_SESSION_USED;
}

static void run_tries(struct attempt *a)
{
    struct failure first = {0};

    while (run_board(a) < 0) {
        if (first.code != FAILURE_NONE && lost_contact(&a->board.failure)) {
            a->board.failure = first;
            return;
        }
        if (!may_retry(a))
            return;
        first = a->board.failure;
        prepare_retry(a);
    }
}

/* The record of the wire begins with the attempt; what went before it is told by its head. */
static void begin_wire(struct attempt *a)
{
    struct session *s = a->board.session;
    struct wire_head *h = &a->wire;

    h->reset = (uint32_t)s->connect.reset;
    h->first_round = (uint32_t)s->connect.first_round;
    if (s->port == NULL)
        return;
    h->was_open = 1;
    h->answers = s->answers;
    h->used = s->used;
    h->is_stub = esp_loader_is_stub(s->loader);
    h->baud = transport_baud(s->port);
    h->asked_baud = transport_asked_baud(s->port);
    transport_begin_wire(s->port);
}

/* Of failures only. Want of memory costs the record of the wire, not the verdict. Caller frees. */
static uint8_t *end_wire(struct attempt *a)
{
    struct attempt_result *out = a->board.result;
    uint8_t *wire;

    if (a->board.session->port == NULL || out->result == RESULT_PASS)
        return NULL;
    a->wire.code = (uint32_t)out->failure.code;
    a->wire.stage = (uint32_t)out->failure.stage;
    a->wire.kind = (uint32_t)a->config->start.kind;
    a->wire.held = out->failure.code == a->verdict.hold.code;
    a->wire.duration_us = (uint64_t)out->duration_us;
    wire = transport_wire(a->board.session->port, &a->wire, &out->wire_len);
    out->wire = wire;
    return wire;
}

static bool close_record(struct attempt *a)
{
    const struct recorder *r = a->config->recorder;
    struct attempt_result *out = a->board.result;
    struct failure f = {0};

    board_stage(&a->board, STAGE_RECORD);
    board_publish(&a->board, "", true);
    out->failure = a->board.failure;
    out->result = failure_result(&a->board.failure);
    out->used_stub = a->board.session->loader != NULL && out->stub_note[0] == '\0' &&
                     (a->board.touched || out->result == RESULT_PASS);
    out->duration_us = clock_now_us(a->board.clock) - a->began_us;
    if (a->board.session->port != NULL)
        transport_evidence(a->board.session->port, out);
    uint8_t *wire = end_wire(a);
    int rc = r->close(r->ctx, a->record, out, &f);
    free(wire);
    out->wire = NULL;
    out->wire_len = 0;
    if (rc == 0)
        return true;
    out->result = RESULT_ERROR;
    failure_set(&out->failure, FAIL_RECORD, STAGE_RECORD, f.sys, "%s", f.detail);
    failure_while(&out->failure, "closing the record");
    return false;
}

static bool not_opened(struct attempt_result *out)
{
    if (out->failure.code == FAILURE_NONE)
        failure_set(&out->failure, FAIL_RECORD, STAGE_NONE, 0, "the record could not be opened");
    out->result = failure_result(&out->failure);
    return false;
}

bool attempt_run(const struct attempt_config *config, struct attempt_result *out, int64_t *attempt,
                 bool *opened)
{
    const struct recorder *r = config->recorder;
    struct attempt a = {
        .config = config,
        .job = config->job,
        .board =
            {
                .session = config->session,
                .clock = config->session->env.clock,
                .job = config->job,
                .stub = config->stub,
                .stub_note = config->stub_note,
                .result = out,
                .publish = config->publish,
                .publish_ctx = config->ctx,
                .baud = session_begin_line(config->session, config->job->baud),
            },
    };

    memset(out, 0, sizeof *out);
    a.began_us = a.board.stage_began_us = clock_now_us(a.board.clock);
    *opened = r->open(r->ctx, &config->start, &a.record, &out->failure) == 0;
    if (!*opened)
        return not_opened(out);
    *attempt = a.record;
    begin_wire(&a);
    run_tries(&a);
    attempt_identity_rescue(&a);
    board_leave(&a.board);
    free(a.beside);
    free(a.kept);
    attempt_wipe_unit(&a);
    return close_record(&a);
}
