/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run_words.h"

#include <errno.h>

#include "station/text.h"

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
    return f->detail;
}
