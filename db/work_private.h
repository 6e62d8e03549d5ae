/* SPDX-License-Identifier: Apache-2.0 */
/* work_private - the role check of work_do(), for work that does not fit into one transaction of one database. */
#ifndef DB_WORK_PRIVATE_H
#define DB_WORK_PRIVATE_H

#include "db/audit.h"
#include "db/work.h"

/* May `call` be done, by the operators of `db`? 0 with *actor as the audit shall name who did it, or -1 with *f. */
int work_check_role(struct db *db, const struct work_call *call, struct actor *actor, struct failure *f);

#endif /* DB_WORK_PRIVATE_H */
