/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forger - somebody who owns the file, has read docs/database.md and makes the hashes anew after changing rows. Written from
 * that page, not with the functions that it attacks.
 */
#ifndef TESTS_SUPPORT_FORGER_H
#define TESTS_SUPPORT_FORGER_H

#include <stdbool.h>

#include <sqlite3.h>

void forge_links(sqlite3 *h); /* the chain of attempts */
void forge_audit(sqlite3 *h);
/*
 * The journal. What changed is written into its newest entry, or with `append` into one more at the end. `audit_too`: with the
 * digests that audit rows carry of it, and their chain.
 */
void forge_journal(sqlite3 *h, bool append, bool audit_too);
/* Drops every trigger; the answer is the script that makes them again. Caller: sqlite3_free(). */
char *forge_triggers_off(sqlite3 *h);

#endif /* TESTS_SUPPORT_FORGER_H */
