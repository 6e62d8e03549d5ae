/* SPDX-License-Identifier: Apache-2.0 */
/* May this board be written at all? Every check runs before anything is erased. */
#include <stdio.h>
#include <string.h>

#include "engine/attempt/attempt_private.h"
#include "engine/board/board_fuses.h"
#include "engine/board/board_layout.h"
#include "profiles/text/complaint.h"

#define MEBIBYTE 0x100000u

static int refuse(struct attempt *a, enum failure_code code, const char *detail)
{
    return failure_set(&a->board.failure, code, STAGE_GATE, 0, "%s", detail);
}

static int check_security(struct attempt *a)
{
    static const struct {
        uint32_t bit;
        enum failure_code code;
    } refused[] = {
        {SECURITY_DOWNLOAD_DISABLED, FAIL_DOWNLOAD_DISABLED},
        {SECURITY_FLASH_ENCRYPTED, FAIL_FLASH_ENCRYPTED},
        {SECURITY_SECURE_BOOT_V1, FAIL_SECURE_BOOT},
        {SECURITY_SECURE_BOOT_V2, FAIL_SECURE_BOOT},
    };

    char why[80];

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        if (a->board.chip.unit.security & refused[i].bit)
            return refuse(a, refused[i].code, esp_security_text(&a->board.chip, refused[i].bit, why));
    }
    return 0;
}

static int check_mac(struct attempt *a)
{
    const struct mac *mac = &a->board.chip.unit.mac;
    char text[MAC_TEXT_SIZE];

    mac_text(mac, text);
    /* Whether these may pass is the station's policy, which the recorder keeps. */
    if (mac_is_blank(mac) || mac_is_multicast(mac))
        return 0;
    if (!a->board.chip.mac_crc_ok)
        return refuse(a, FAIL_MAC_CRC, text);
    if (mac_is_training(mac) && a->config->start.kind != ATTEMPT_TRAINING)
        return refuse(a, FAIL_TRAINING_MAC, text);
    return 0;
}

static int check_chip(struct attempt *a)
{
    if (strcmp(a->board.chip.id, a->job->chip) != 0)
        return failure_set(&a->board.failure, FAIL_WRONG_CHIP, STAGE_GATE, 0, "the job is for %s, this is %s",
                           a->job->chip, a->board.chip.id);
    return 0;
}

static int check_kind(struct attempt *a)
{
    const struct unit_identity *u = &a->board.chip.unit;

    return job_accepts(a->job, u->revision, u->flash_size, &a->board.failure);
}

/* The job's loader refuses this too; the identity of a board is worth two locks. */
static bool writes_what_is_kept(const struct plan *p)
{
    bool found = false;

    for (size_t i = 0; i < p->piece_count; i++)
        found |= plan_keeps(p, p->pieces[i].offset, p->pieces[i].size);
    for (size_t i = 0; i < p->final_count; i++)
        found |= plan_keeps(p, p->finals[i].offset, p->finals[i].size);
    return found;
}

static int choose_plan(struct attempt *a)
{
    const struct unit_identity *u = &a->board.chip.unit;
    struct complaint c = {0};

    a->plan = job_plan(a->job, u->flash_size, u->revision, &c);
    if (a->plan == NULL)
        return failure_set(&a->board.failure, FAIL_NO_PLAN, STAGE_GATE, 0, "%s",
                           c.text + strspn(c.text, ": "));
    if (a->plan->needs_size > u->flash_size)
        return failure_set(&a->board.failure, FAIL_WRONG_FLASH_SIZE, STAGE_GATE, 0,
                           "'%s' reaches to 0x%x, the flash has %u MB", a->plan->name, a->plan->needs_size,
                           u->flash_size / MEBIBYTE);
    if (a->plan->unit_count > 0 && a->config->compose == NULL)
        return failure_set(&a->board.failure, FAIL_JOB, STAGE_GATE, 0,
                           "'%s' writes unit data ('%s'), and nobody here makes them", a->plan->name,
                           a->plan->unit[0].name);
    if (writes_what_is_kept(a->plan))
        return failure_set(&a->board.failure, FAIL_JOB, STAGE_GATE, 0,
                           "'%s' would write the identity sector, or another that the job protects",
                           a->plan->name);
    return 0;
}

static int ask_recorder(struct attempt *a)
{
    const struct recorder *r = a->config->recorder;

    if (r->identify(r->ctx, a->record, &a->board.chip.unit, &a->verdict, &a->board.failure) == 0)
        return 0;
    a->board.failure.stage = STAGE_GATE;
    return failure_while(&a->board.failure, "asking the records about this unit");
}

static int check_verdict(struct attempt *a)
{
    char text[MAC_TEXT_SIZE];

    if (a->verdict.allowed) {
        /* A group address that policy lets through must still be what the fuses say; blank fuses have no CRC. */
        mac_text(&a->board.chip.unit.mac, text);
        return a->board.chip.mac_crc_ok || mac_is_blank(&a->board.chip.unit.mac)
                   ? 0
                   : refuse(a, FAIL_MAC_CRC, text);
    }
    a->board.failure = a->verdict.hold;
    a->board.failure.stage = STAGE_GATE;
    return -1;
}

/* Once an attempt. */
static int check_layout(struct attempt *a)
{
    if (!a->plan->asks_board || a->has_layout)
        return 0;
    if (board_layout(&a->board, &a->plan, &a->layout) < 0)
        return -1;
    a->has_layout = true;
    return 0;
}

int attempt_gate(struct attempt *a)
{
    if (a->board.has_unit)
        return check_layout(a);
    board_stage(&a->board, STAGE_GATE);
    /* A MAC misread is no unit's; every other board is put to the recorder before it is judged. */
    if (check_mac(a) < 0 || ask_recorder(a) < 0)
        return -1;
    if (check_security(a) < 0 || check_chip(a) < 0 || check_kind(a) < 0 || board_fuses_suit(&a->board) < 0 ||
        check_verdict(a) < 0 || choose_plan(a) < 0)
        return -1;
    a->board.has_unit = true;
    return check_layout(a);
}
