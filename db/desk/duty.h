/* SPDX-License-Identifier: Apache-2.0 */
/*
 * duty - who works here, and on which lot: the one owner of these two. What a command line, a badge or the lot menu says is
 * set here, and an attempt is recorded under what stands here when it opens (db/record). The engine knows neither; a screen
 * asks here. Serials are one board's: db/desk/serial_desk.h.
 *
 * Any thread, at any time.
 */
#ifndef DB_DESK_DUTY_H
#define DB_DESK_DUTY_H

#include "base/plain.h"

#define DUTY_NAME_SIZE PLAIN_NAME_SIZE

struct duty;

/* "" : nobody, no lot. */
struct duty_names {
    char operator_id[DUTY_NAME_SIZE], lot[DUTY_NAME_SIZE];
};

struct duty *duty_new(void); /* nobody, no lot. Caller owns: duty_free(). NULL: no memory */
void duty_free(struct duty *d);

/*
 * NULL or "" : nobody, no lot. 0, or -EINVAL for a text that is no name (plain_name_trouble()): what stood here stays then,
 * nothing is cut to fit.
 */
int duty_set_operator(struct duty *d, const char *name);
int duty_set_lot(struct duty *d, const char *lot);

struct duty_names duty_now(struct duty *d); /* as it is now, on every slot */

#endif /* DB_DESK_DUTY_H */
