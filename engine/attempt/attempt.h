/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attempt - one board from "it answers" to "it is recorded": the stages of base/stage.h in their order.
 *
 * What binds: identity data are durable before anything is erased; the boot sector is erased first and written last, so
 * an interrupted board boots nothing rather than half; nothing is sent twice on suspicion; only the chip's MD5 is
 * believed; the attempt is open in the record before the port is touched and closed exactly once; nothing is changed on a
 * board before the recorder gave leave.
 * One thread (the slot's worker); `config` and all it points to outlive the call.
 */
#ifndef ENGINE_ATTEMPT_ATTEMPT_H
#define ENGINE_ATTEMPT_ATTEMPT_H

#include "base/recorder.h"
#include "base/unit_data.h"
#include "engine/board/attempt_view.h"
#include "profiles/job/job.h"

struct session;
struct stub;

/* How the wait for the recorder's leave ended. */
enum attempt_await {
    AWAIT_ASK,  /* it may be asked again, and the same board still answers */
    AWAIT_GONE, /* the board was taken off */
    AWAIT_STOP  /* the station ends, or the slot is switched off */
};

/*
 * Makes what this board alone is written beside the firmware of a plan that has places for it; `attempt` is the recorder's
 * handle. Called once an attempt, when the board has leave and its own data are read, before anything of it is changed and before
 * recorder.begin(): the same board is given the same again. 0 and *out, sealed and the caller's from then on, or -1 with *f.
 */
typedef int attempt_compose(void *ctx, int64_t attempt, const struct unit_identity *unit,
                            const struct plan *plan, struct unit_data *out, struct failure *f);

struct attempt_config {
    const struct job *job;
    const struct stub *stub; /* NULL: ROM only */
    const char *stub_note;   /* why there is none; "" */
    const struct recorder *recorder;
    struct session *session; /* port and loader; may already be open and answering */
    struct attempt_start start;
    void (*publish)(void *ctx,
                    const struct attempt_view *view); /* called often; must be cheap. May be NULL */
    /* Waits for leave with the board of this MAC. NULL: nobody can wait, and a board that would have to is stopped. */
    enum attempt_await (*await)(void *ctx, const struct mac *mac);
    void *ctx;                /* of both */
    attempt_compose *compose; /* NULL: boards of a plan with such places are refused */
    void *compose_ctx;
};

/*
 * Runs to the end. Returns true when the record is closed and durable: then *out tells the result. False: the record
 * could not be opened or closed, out->failure says why and out->result is never PASS; *opened tells which.
 */
bool attempt_run(const struct attempt_config *config, struct attempt_result *out, int64_t *attempt,
                 bool *opened);

#endif /* ENGINE_ATTEMPT_ATTEMPT_H */
