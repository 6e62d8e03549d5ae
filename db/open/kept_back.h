/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kept_back - the units that somebody took out, as SQL: those whose last mark (the newest later word that is no note) says
 * that they are not to go on. Whatever counts good boards asks here, so that a new mark needs no second place
 * (docs/terminology.md, "Numbers").
 */
#ifndef DB_OPEN_KEPT_BACK_H
#define DB_OPEN_KEPT_BACK_H

/* A SELECT of one column, unit_id: archived units too. */
#define KEPT_BACK_SQL "SELECT unit_id FROM unit_mark WHERE mark IN ('SCRAP', 'QUARANTINE')"

#endif /* DB_OPEN_KEPT_BACK_H */
