/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pin - which PINs are taken, and how often one may be guessed. Private to this room.
 *
 * Wrong PINs are rows of `event` (kind PIN): `amount` is the station's monotonic time in ms, which nobody can turn, and the
 * run's boot says which boot it counts from. A row with the amount -1 ends the series: the right PIN came. Rows of
 * earlier versions have the amount 0 and count for nothing.
 */
#ifndef DB_DESK_PIN_H
#define DB_DESK_PIN_H

#include "db/open/db_inside.h"

#define WRONG_PINS_MAX 5
#define WRONG_PIN_MS   60000

/* What is wrong with this as a new PIN, in words; NULL: nothing. */
const char *pin_trouble(const char *pin);

/*
 * Five wrong PINs within a minute: for a minute none is taken. After a restart of the machine its last series goes on, as
 * if it had been given at that moment; the wall clock says nothing here. Under the lock.
 */
bool pin_must_wait(struct db *db);
/* Notes a wrong PIN; in a transaction. `name`: whose it should have been; NULL: any engineer's. */
int pin_note_wrong(struct db *db, const char *name);
/* Notes, where wrong ones came before, that the right one was given; in a transaction. */
int pin_note_right(struct db *db);
/* Are there wrong PINs since the last right one? Under the lock. */
bool pin_has_wrong(struct db *db);

#endif /* DB_DESK_PIN_H */
