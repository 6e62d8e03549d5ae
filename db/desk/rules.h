/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules - the station's rules of work as the audit knows them. They stand in a file that anyone with the right to write it
 * can change, so the station itself notes, at its start, that they are others than before (audit action "rules.change").
 */
#ifndef DB_DESK_RULES_H
#define DB_DESK_RULES_H

#include "db/open/db.h"

/*
 * `text`: the rules on one line; `source`: where they stand; `usual`: what they are taken to have been when nothing was ever
 * noted. Writes a row, in the role "station", when they differ from the newest one. `db` is DB_STATION. 0, or -1 with *f.
 */
int rules_record(struct db *db, const char *source, const char *text, const char *usual, struct failure *f);

#endif /* DB_DESK_RULES_H */
