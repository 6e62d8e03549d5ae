/* SPDX-License-Identifier: Apache-2.0 */
/* pool_work - what an engineer does to pools, inside the transaction of work_do(). SQLite codes. */
#ifndef DB_DESK_POOL_WORK_H
#define DB_DESK_POOL_WORK_H

#include "db/desk/work.h"
#include "db/open/db_inside.h"

#define POOL_SAID_SIZE 512

/* For the audit: what was, and what is. SQLITE_ABORT: `why` says what is in the way. */
struct pool_said {
    char old[POOL_SAID_SIZE], fresh[POOL_SAID_SIZE], why[POOL_SAID_SIZE];
};

/* WORK_POOL_IMPORT, WORK_POOL_TAKE, WORK_POOL_SPOIL, WORK_POOL_LEND; the other acts on pools only record. */
int pool_work(struct db *db, const struct work_call *call, struct pool_said *said);

#endif /* DB_DESK_POOL_WORK_H */
