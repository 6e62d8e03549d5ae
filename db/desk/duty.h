/* SPDX-License-Identifier: Apache-2.0 */
/*
 * duty - who works here, on which lot, and which serial was scanned for which slot: the one owner of these three. What a
 * command line, a badge, the lot menu or a scanner says is set here, and an attempt is recorded under what stands here when
 * it opens (db/record). The engine knows none of them; a screen asks here.
 *
 * Any thread, at any time.
 */
#ifndef DB_DESK_DUTY_H
#define DB_DESK_DUTY_H

#include "base/plain.h"

#define DUTY_SLOTS_MAX 256
#define DUTY_NAME_SIZE PLAIN_NAME_SIZE

struct duty;

/* "" : nobody, no lot, no serial. */
struct duty_names {
    char operator_id[DUTY_NAME_SIZE], lot[DUTY_NAME_SIZE], serial[DUTY_NAME_SIZE];
};

struct duty *duty_new(void); /* nobody, no lot, no serial. Caller owns: duty_free(). NULL: no memory */
void duty_free(struct duty *d);

/*
 * NULL or "" : nobody, no lot, no serial. 0, or -EINVAL for a text that is no name (plain_name_trouble()): what stood here
 * stays then, nothing is cut to fit.
 */
int duty_set_operator(struct duty *d, const char *name);
int duty_set_lot(struct duty *d, const char *lot);
/* For the slot's next attempts until one passes. Slots beyond DUTY_SLOTS_MAX have none: -EINVAL. */
int duty_set_serial(struct duty *d, int slot, const char *serial);

/* As it is now, with the serial of that slot; slot 0: without a serial. */
struct duty_names duty_now(struct duty *d, int slot);

#endif /* DB_DESK_DUTY_H */
