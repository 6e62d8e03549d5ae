/* SPDX-License-Identifier: Apache-2.0 */
/*
 * duty_rules - whether an operator, a lot, and a job for that lot, may stand on the record of a board. One rule behind every
 * door: the start of a run or flash, the screen, the control socket and, last, the attempt that opens (db/record).
 *
 * As long as no engineer is enrolled (db/desk/operator.h) a name is taken as given: an operator nobody enrolled, a lot nobody
 * opened. From then on both must be known, but where the station's rules let lots be opened. What a lot says of its job, and
 * that it is closed, holds always. Training asks the training database the same.
 */
#ifndef DB_DESK_DUTY_RULES_H
#define DB_DESK_DUTY_RULES_H

#include "base/digest.h"
#include "db/desk/policy.h"
#include "db/open/db.h"

struct duty_rules {
    bool operator_required; /* enrolled, active and badged */
    enum open_lots open_lots;
};

/* What is flashed. */
struct duty_job {
    const char *name;
    const uint8_t *sha256; /* of the job file, SHA256_SIZE */
    bool released;
};

/* What is no name at all, of whatever it is: "the lot's name is blank". 0, or -1 with *f: FAIL_WORK. */
int duty_rules_name(const char *of, const char *name, struct failure *f);

/* "" : nobody, refused only where one is required. 0, or -1 with *f: FAIL_LOGIN (who it is), FAIL_WORK (no name at all), FAIL_DB_OPEN. */
int duty_rules_operator(struct db *db, const struct duty_rules *r, const char *name, struct failure *f);

/*
 * "" : no lot, which is not refused here. `job` NULL: none is chosen yet. 0: may be worked on; 1: there is none of that name, and
 * it may be opened (WORK_LOT_OPEN) by whoever means it; -1 with *f: FAIL_WORK, HOLD_LOT_FULL (closed), FAIL_DB_OPEN.
 */
int duty_rules_lot(struct db *db, const struct duty_rules *r, const char *lot, const struct duty_job *job,
                   struct failure *f);

#endif /* DB_DESK_DUTY_RULES_H */
