/* SPDX-License-Identifier: Apache-2.0 */
/* operator_private - enrolling, inside the caller's transaction; answers SQLite codes. */
#ifndef DB_DESK_OPERATOR_PRIVATE_H
#define DB_DESK_OPERATOR_PRIVATE_H

#include "db/open/db_inside.h"

/* Adds, or changes what is not NULL of, an operator, who is active then; a new one without a role is an operator. */
int operator_enrol(struct db *db, const char *name, const char *role, const char *badge, const char *pin);
int operator_set_active(struct db *db, const char *name, bool active); /* SQLITE_NOTFOUND: no such name */

#endif /* DB_DESK_OPERATOR_PRIVATE_H */
