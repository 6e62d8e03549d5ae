/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mark - what an engineer said last of a unit: the newest of its RELEASE, REWORK, SCRAP and QUARANTINE. A unit whose mark is
 * SCRAP or QUARANTINE is kept back: it is not flashed, not good and not shipped until a later word. Notes are no marks.
 * Within the caller's transaction; answers SQLite codes.
 */
#ifndef DB_DESK_MARK_H
#define DB_DESK_MARK_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

struct mark {
    char word[16]; /* "SCRAP", ..; "": the unit has none */
    char actor[64], reason[256];
    int64_t attempt;
};

int mark_read(sqlite3 *h, int64_t unit, struct mark *out); /* SQLITE_OK, also where there is none */
bool mark_keeps_back(const struct mark *m);

#endif /* DB_DESK_MARK_H */
