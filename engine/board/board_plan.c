/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/board/board_plan.h"

#include <string.h>

#include "engine/board/board_fuses.h"
#include "engine/board/board_layout.h"
#include "engine/chip/esp_loader.h"
#include "profiles/text/complaint.h"

static int choose_plan(struct board *b, struct board_plan *out)
{
    const struct unit_identity *u = &b->chip.unit;
    struct complaint c = {0};
    char why[80];

    if (strcmp(b->chip.id, b->job->chip) != 0)
        return failure_set(&b->failure, FAIL_WRONG_CHIP, STAGE_GATE, 0, "the job is for %s, this is %s",
                           b->job->chip, b->chip.id);
    if (u->security & SECURITY_FLASH_ENCRYPTED)
        return failure_set(&b->failure, FAIL_FLASH_ENCRYPTED, STAGE_GATE, 0, "%s",
                           esp_security_text(&b->chip, SECURITY_FLASH_ENCRYPTED, why));
    if (job_accepts(b->job, u->revision, u->flash_size, &b->failure) < 0 || board_fuses_suit(b) < 0)
        return -1;
    out->plan = job_plan(b->job, u->flash_size, u->revision, &c);
    if (out->plan == NULL)
        return failure_set(&b->failure, FAIL_NO_PLAN, STAGE_GATE, 0, "%s", c.text + strspn(c.text, ": "));
    if (out->plan->needs_size > u->flash_size)
        return failure_set(&b->failure, FAIL_WRONG_FLASH_SIZE, STAGE_GATE, 0,
                           "'%s' reaches to 0x%x, the flash has %u MB", out->plan->name,
                           out->plan->needs_size, u->flash_size >> 20);
    b->has_unit = true;
    return board_layout(b, &out->plan, &out->layout);
}

/* A bootloader that the plan leaves to the board stays what it is, and is not asked for. */
static int look(struct board *b, struct board_plan *out)
{
    const uint8_t *boot = out->plan->boot != NULL ? out->plan->boot->regions[0].md5 : NULL;

    out->baud = transport_baud(b->session->port);
    out->by_stub = esp_loader_is_stub(b->session->loader);
    out->breaks = survey_wants_blanks(b);
    board_stage(b, STAGE_ERASE);
    return survey_board(b, out->plan, boot, &out->survey);
}

static int run(struct board *b, struct board_plan *out)
{
    if (board_open(b) < 0 || board_connect(b) < 0 || board_identify(b) < 0)
        return -1;
    out->unit = b->chip.unit;
    if (choose_plan(b, out) < 0 || board_raise_baud(b) < 0 || board_start_stub(b) < 0)
        return -1;
    return look(b, out);
}

int board_plan_look(const struct board_plan_wish *wish, struct board_plan *out, struct failure *f)
{
    struct attempt_result result = {0};
    struct board b = {
        .session = wish->session,
        .clock = wish->session->env.clock,
        .job = wish->job,
        .stub = wish->stub,
        .stub_note = wish->stub_note,
        .result = &result,
        .baud = wish->job->baud,
    };

    memset(out, 0, sizeof *out);
    return board_finish(&b, run(&b, out), f);
}
