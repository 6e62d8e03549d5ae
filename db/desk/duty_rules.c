/* SPDX-License-Identifier: Apache-2.0 */
#include "db/desk/duty_rules.h"

#include <errno.h>
#include <string.h>

#include "base/plain.h"
#include "db/desk/lot.h"
#include "db/desk/operator.h"

int duty_rules_name(const char *of, const char *name, struct failure *f)
{
    const char *trouble = plain_name_trouble(name);

    return trouble == NULL ? 0 : failure_set(f, FAIL_WORK, STAGE_NONE, 0, "the %s %s", of, trouble);
}

static int refuse_unknown_operator(struct db *db, const struct duty_rules *r, const char *name,
                                   struct failure *f)
{
    int closed = operator_lock_closed(db, f);

    if (closed < 0)
        return -1;
    if (!closed && !r->operator_required)
        return 0;
    return failure_set(f, FAIL_LOGIN, STAGE_NONE, ENOENT, "nobody here is called %s: flashline operator add",
                       name);
}

int duty_rules_operator(struct db *db, const struct duty_rules *r, const char *name, struct failure *f)
{
    struct operator_info who = {0};

    if (name[0] == '\0')
        return r->operator_required ? failure_set(f, FAIL_LOGIN, STAGE_NONE, 0, "an operator is required")
                                    : 0;
    if (duty_rules_name("operator's name", name, f) != 0)
        return -1;
    int known = operator_by_name(db, name, &who, f);
    if (known == -ENOENT)
        return refuse_unknown_operator(db, r, name, f);
    if (known != 0)
        return -1;
    if (!who.active)
        return failure_set(f, FAIL_LOGIN, STAGE_NONE, EPERM, "%s may no longer work here", name);
    if (r->operator_required && !who.has_badge)
        return failure_set(f, FAIL_LOGIN, STAGE_NONE, ENOENT, "%s is not enrolled here with a badge", name);
    return 0;
}

/* A lot that names its job takes no other, nor another hash of it: the commonest mistake of a line. */
static int check_job(const struct lot_status *l, const struct duty_job *job, struct failure *f)
{
    char hash[SHA256_TEXT_SIZE];

    if (l->job_name[0] == '\0' || job == NULL)
        return 0;
    if (strcmp(l->job_name, job->name) != 0)
        return failure_set(f, FAIL_WORK, STAGE_NONE, EXDEV, "lot %s is for job %s, this is %s", l->code,
                           l->job_name, job->name);
    digest_hex(job->sha256, SHA256_SIZE, hash);
    if (strcmp(l->job_sha256, hash) == 0)
        return 0;
    return failure_set(f, FAIL_WORK, STAGE_NONE, EXDEV,
                       "lot %s is for job %s with hash %.8s, this is %s %.8s", l->code, l->job_name,
                       l->job_sha256, job->released ? "one with" : "not released,", hash);
}

static int may_be_opened(struct db *db, const struct duty_rules *r, const char *lot, struct failure *f)
{
    int closed = operator_lock_closed(db, f);

    if (closed < 0)
        return -1;
    if (r->open_lots == OPEN_LOTS_YES || (r->open_lots == OPEN_LOTS_UNSAID && !closed))
        return 1;
    return failure_set(f, FAIL_WORK, STAGE_NONE, ENOENT, "there is no lot %s: flashline lots open", lot);
}

int duty_rules_lot(struct db *db, const struct duty_rules *r, const char *lot, const struct duty_job *job,
                   struct failure *f)
{
    struct lot_status l = {0};

    if (lot[0] == '\0')
        return 0;
    if (duty_rules_name("lot's name", lot, f) != 0)
        return -1;
    int known = lot_brief(db, lot, &l, f);
    if (known == -ENOENT)
        return may_be_opened(db, r, lot, f);
    if (known != 0)
        return -1;
    if (l.closed_ms != 0)
        return failure_set(f, HOLD_LOT_FULL, STAGE_NONE, 0, "lot %s is closed", lot);
    return check_job(&l, job, f);
}
