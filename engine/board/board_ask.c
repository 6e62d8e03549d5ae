/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/board/board_ask.h"

#include "engine/board/board.h"

static int ask(struct board *b)
{
    if (board_open(b) < 0 || board_connect(b) < 0)
        return -1;
    if (board_identify(b) == 0)
        return 0;
    if (b->failure.code != FAIL_FLASH_ID)
        return -1;
    b->failure = (struct failure){0};
    return 0;
}

int board_ask(struct session *session, struct esp_chip *out, struct failure *f)
{
    const struct job job = {.stub = STUB_NO};
    struct attempt_result result = {0};
    struct board b = {
        .session = session,
        .clock = session->env.clock,
        .job = &job,
        .result = &result,
        .rom_only = true,
    };
    int rc = board_finish(&b, ask(&b), f);

    *out = b.chip;
    return rc;
}
