/* SPDX-License-Identifier: Apache-2.0 */
/* verify_private - the steps of verify, one file each. They add to the report and answer SQLite codes. */
#ifndef DB_CARE_VERIFY_PRIVATE_H
#define DB_CARE_VERIFY_PRIVATE_H

#include <sqlite3.h>

#include "db/care/verify_report.h"

/* verify_journal.c: the journal's own chain, every row against its entry, what only a person may do against the audit. */
int verify_journal(sqlite3 *h, struct verify_report *r);
/* verify_house.c: archives against their rows and files; lots against what they count; the tables against the format. */
int verify_archives(sqlite3 *h, const char *path, struct verify_report *r);
int verify_counts(sqlite3 *h, struct verify_report *r);
int verify_tables(sqlite3 *h, struct verify_report *r);

#endif /* DB_CARE_VERIFY_PRIVATE_H */
