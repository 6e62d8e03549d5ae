/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify - is the database whole, and is it what was written? The chains find a changed, removed, added or reordered
 * record, the journal the same of every other row that states a fact; the check adds SQLite's own view and what the tables
 * cannot express. docs/audit.md says what each of them shows, and what only an anchor does. Reads only; either mode of db.
 */
#ifndef DB_VERIFY_H
#define DB_VERIFY_H

#include "base/digest.h"
#include "db/db.h"

#define VERIFY_TEXT         256
#define VERIFY_FINDINGS_MAX 12
#define VERIFY_NOTES_MAX    8

struct verify_report {
    int64_t attempts; /* links that were checked */
    int64_t head_seq; /* last link; 0: none */
    uint8_t head[SHA256_SIZE];
    int64_t journal_seq; /* last entry of the journal; 0: none, as in an archive */
    uint8_t journal[SHA256_SIZE];
    int64_t first_bad;      /* link (closing order) of the first bad row; 0: none. -1: outside the chain */
    char text[VERIFY_TEXT]; /* the first finding, in words; "" when there is none */
    int found;              /* all of them; the first ones stand in `findings` */
    char findings[VERIFY_FINDINGS_MAX][VERIFY_TEXT];
    /* What is good but not held by everything: where the rules of an earlier format end, archives that are not here. */
    int noted;
    char notes[VERIFY_NOTES_MAX][VERIFY_TEXT];
};

/* The hash chains of attempts and audit, the journal, counts, archives, and the tables themselves. 0: report filled, good or
 * bad. -1: could not be read, *f. */
int verify_chain(struct db *db, struct verify_report *report, struct failure *f);
/* The same, and: SQLite's integrity and foreign keys, backups against their hashes. */
int verify_all(struct db *db, struct verify_report *report, struct failure *f);

#endif /* DB_VERIFY_H */
