/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/run_words.h"

#include <errno.h>
#include <stdio.h>

#include "profiles/job/job.h"
#include "station/print/text.h"
#include "station/run/run_private.h"

const char *run_words_pin(enum work_action action)
{
    switch (action) {
    case WORK_JOB_CHANGE:
        return _("Another job is the engineer's to choose.");
    case WORK_JOB_UNRELEASED:
        return _("This job is not released: the engineer alone may start it.");
    case WORK_LOT_EXTEND:
        return _("A lot is the engineer's to extend.");
    case WORK_UNLOCK:
        return _("A stop is the engineer's to release.");
    case WORK_STUB:
        return _("The helper program is unknown: the engineer alone may flash with it.");
    case WORK_PIN:
        return _("The PIN as it is now.");
    case WORK_SLOT_CHANGE:
        return _("A slot is the engineer's to switch on or off.");
    default:
        return _("The engineer alone may do this.");
    }
}

const char *run_words_refusal(const struct failure *f)
{
    if (f->code == FAIL_ROLE && f->sys == EAGAIN)
        return _("Too many wrong PINs: wait a minute.");
    if (f->code == FAIL_ROLE && f->sys == EACCES)
        return _("That is not an engineer's PIN.");
    if (f->code == FAIL_ROLE && f->sys == EKEYEXPIRED)
        return _("This PIN is too short and was used up: change it in the menu.");
    return f->detail;
}

static const char *or_none(const char *name)
{
    return name[0] != '\0' ? name : "-";
}

void run_words_chosen(const struct control_duty_now *now, char *out, size_t size)
{
    if (now->next_job[0] == '\0')
        snprintf(out, size, _("chosen from outside: operator %s, lot %s, job %s"), or_none(now->operator_id),
                 or_none(now->lot), now->job);
    else
        snprintf(out, size, _("chosen from outside: operator %s; after these boards lot %s, job %s"),
                 or_none(now->operator_id), or_none(now->next_lot[0] != '\0' ? now->next_lot : now->lot),
                 now->next_job);
}

bool run_words_no_stub(struct run *run, char out[static RUN_WORDS_STUB])
{
    if (!run->lacks_stub || run->said_stub)
        return false;
    run->said_stub = true;
    snprintf(
        out, RUN_WORDS_STUB,
        _("This station has no helper program (stub) for %s: boards are written by the ROM loader, which takes "
          "longer; 'flashline stub install FILE' puts one in place."),
        run->job->chip);
    return true;
}
