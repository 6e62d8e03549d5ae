/* SPDX-License-Identifier: Apache-2.0 */
/* work_inside - the asking half of work_do(); alone for work that does not fit into one transaction of one database. */
#ifndef DB_DESK_WORK_INSIDE_H
#define DB_DESK_WORK_INSIDE_H

#include "db/desk/audit.h"
#include "db/desk/work.h"

/* The leave that was given. */
struct work_leave {
    struct actor actor; /* as the audit shall name who did it */
    bool pin_short;     /* by a PIN that is too short: work_use_up_pin() in the act's transaction */
};

/* May `call` be done, by the operators of `db`? 0, or -1 with *f as work_do() has it. */
int work_ask(struct db *db, const struct work_call *call, struct work_leave *leave, struct failure *f);
/* The same for who cannot use up a short PIN: it is refused (EKEYEXPIRED). */
int work_check_role(struct db *db, const struct work_call *call, struct actor *actor, struct failure *f);
/* Notes in the audit that a short PIN was taken for the last time; inside the caller's transaction. SQLite code. */
int work_use_up_pin(struct db *db, const char *engineer);

#endif /* DB_DESK_WORK_INSIDE_H */
