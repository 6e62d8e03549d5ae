/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify - is the database whole, and is it what was written? The chains find a changed, removed, added or reordered
 * record, the journal the same of every other row that states a fact; the check adds SQLite's own view and what the tables
 * cannot express. docs/audit.md says what each of them shows, and what only an anchor does. Reads only; either mode of db.
 */
#ifndef DB_CARE_VERIFY_H
#define DB_CARE_VERIFY_H

#include "db/care/verify_report.h"
#include "db/open/db.h"

/* The hash chains of attempts and audit, the journal, counts, archives, and the tables themselves. 0: report filled, good or
 * bad. -1: could not be read, *f. */
int verify_chain(struct db *db, struct verify_report *report, struct failure *f);
/* The same, and: SQLite's integrity and foreign keys, backups against their hashes. */
int verify_all(struct db *db, struct verify_report *report, struct failure *f);

#endif /* DB_CARE_VERIFY_H */
