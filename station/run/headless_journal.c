/* SPDX-License-Identifier: Apache-2.0 */
/* headless_journal - what each line is about, for a journal: docs/service.md is the contract. */
#include "station/run/headless_private.h"

#include "station/print/system_journal.h"

/* FAIL is the board's, and the line goes on; ERROR and whoever must come are the station's. */
static enum journal_priority priority_of(const struct slot_event *e)
{
    const struct slot_status *s = &e->status;

    if (e->kind == EVENT_PROGRESS)
        return JOURNAL_DEBUG;
    if (e->kind == EVENT_RESULT)
        return s->result == RESULT_PASS    ? JOURNAL_INFO
               : s->result == RESULT_ERROR ? JOURNAL_ERROR
                                           : JOURNAL_WARNING;
    if (e->kind == EVENT_NOTE || s->state == SLOT_ACT)
        return JOURNAL_NOTICE;
    return s->state == SLOT_IDLE && s->failure.code != FAILURE_NONE ? JOURNAL_ERROR : JOURNAL_INFO;
}

void headless_journal_event(struct system_journal *j, const struct slot_event *e, const char *serial)
{
    const struct slot_status *s = &e->status;
    char mac[MAC_TEXT_SIZE] = "";

    if (j == NULL)
        return;
    if (s->has_unit)
        mac_text(&s->unit.mac, mac);
    const struct journal_facts facts = {.priority = priority_of(e),
                                        .slot = s->slot,
                                        .mac = mac,
                                        .serial = serial,
                                        .stage = s->stage != STAGE_NONE ? stage_name(s->stage) : NULL,
                                        .result = e->kind == EVENT_RESULT ? result_name(s->result) : NULL,
                                        .attempt = (long long)s->attempt,
                                        .code = s->failure.code};
    system_journal_about(j, &facts);
}

void headless_journal_line(struct system_journal *j, int slot)
{
    if (j != NULL)
        system_journal_about(j, &(struct journal_facts){.priority = JOURNAL_NOTICE, .slot = slot});
}
