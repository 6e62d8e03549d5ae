/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/attempt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/attempt_private.h"

static int run_board(struct attempt *a)
{
    static int (*const steps[])(struct attempt *) = {
        attempt_open,     attempt_connect,    attempt_identify, attempt_gate,  attempt_raise_baud,
        attempt_backup,   attempt_start_stub, attempt_erase,    attempt_write, attempt_verify,
        attempt_finalise, attempt_confirm,    attempt_let_go,
    };

    failure_clear(&a->failure);
    a->restarts = 0;
    a->refused_before = false;
    a->result->bytes_written = 0;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (steps[i](a) < 0)
            return -1;
        if (steps[i] == attempt_raise_baud)
            a->result->baud = transport_baud(a->session->port);
    }
    failure_clear(&a->failure); /* of what was got over on the way */
    return 0;
}

/* A failure that the same board may not show a second time. */
static bool may_retry(const struct attempt *a)
{
    if (a->boards >= a->job->retries)
        return false;
    switch (a->failure.code) {
    case FAIL_NOISE: /* at SYNC all rounds were tried already */
        return a->failure.stage != STAGE_CONNECT;
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
        return a->boards == 0;
    default:
        return false;
    }
}

/* Where a slower line may help. */
static bool line_was_too_fast(enum failure_code code)
{
    return code == FAIL_BAUD_CHANGE || code == FAIL_NOISE || code == FAIL_WRITE_LOST ||
           code == FAIL_BACKUP_READ || code == FAIL_STUB || code == FAIL_MD5_READ ||
           code == FAIL_MD5_UNPROVEN;
}

static void prepare_retry(struct attempt *a)
{
    struct session *s = a->session;

    a->boards++;
    a->result->retries++;
    a->line_failed |= line_was_too_fast(a->failure.code);
    if (line_was_too_fast(a->failure.code) && attempt_lower_baud(a))
        attempt_note(a, "again at %u baud: %.80s", a->baud, a->failure.detail);
    else
        attempt_note(a, "again: %.100s", a->failure.detail);
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
        if (first.code != FAILURE_NONE && lost_contact(&a->failure)) {
            a->failure = first;
            return;
        }
        if (!may_retry(a))
            return;
        first = a->failure;
        prepare_retry(a);
    }
}

static bool close_record(struct attempt *a)
{
    const struct recorder *r = a->config->recorder;
    struct attempt_result *out = a->result;
    struct failure f = {0};

    attempt_stage(a, STAGE_RECORD);
    attempt_publish(a, "", true);
    out->failure = a->failure;
    out->result = failure_result(&a->failure);
    out->used_stub = a->session->loader != NULL && a->touched && out->stub_note[0] == '\0';
    out->duration_us = clock_now_us(a->clock) - a->began_us;
    if (a->session->port != NULL)
        transport_evidence(a->session->port, out);
    if (r->close(r->ctx, a->record, out, &f) == 0)
        return true;
    out->result = RESULT_ERROR;
    failure_set(&out->failure, FAIL_RECORD, STAGE_RECORD, f.sys, "%s", f.detail);
    return false;
}

bool attempt_run(const struct attempt_config *config, struct attempt_result *out, int64_t *attempt,
                 bool *opened)
{
    const struct recorder *r = config->recorder;
    struct attempt a = {
        .config = config,
        .job = config->job,
        .session = config->session,
        .clock = config->session->env.clock,
        .result = out,
        .baud = config->job->baud,
    };

    memset(out, 0, sizeof *out);
    a.began_us = a.stage_began_us = clock_now_us(a.clock);
    *opened = r->open(r->ctx, &config->start, &a.record, &out->failure) == 0;
    if (!*opened) {
        if (out->failure.code == FAILURE_NONE)
            failure_set(&out->failure, FAIL_RECORD, STAGE_NONE, 0, "the record could not be opened");
        out->result = failure_result(&out->failure);
        return false;
    }
    *attempt = a.record;
    run_tries(&a);
    attempt_identity_rescue(&a);
    attempt_leave(&a);
    free(a.beside);
    return close_record(&a);
}
