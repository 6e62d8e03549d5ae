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

#define DUTY_SLOTS_MAX 256
#define DUTY_NAME_SIZE 64 /* a name of 63 bytes; what is longer is refused where it is said */

struct duty;

/* "" : nobody, no lot, no serial. */
struct duty_names {
    char operator_id[DUTY_NAME_SIZE], lot[DUTY_NAME_SIZE], serial[DUTY_NAME_SIZE];
};

struct duty *duty_new(void); /* nobody, no lot, no serial. Caller owns: duty_free(). NULL: no memory */
void duty_free(struct duty *d);

/* NULL or "" : nobody, no lot, no serial. */
void duty_set_operator(struct duty *d, const char *name);
void duty_set_lot(struct duty *d, const char *lot);
/* For the slot's next attempts until one passes. Slots beyond DUTY_SLOTS_MAX have none. */
void duty_set_serial(struct duty *d, int slot, const char *serial);

/* As it is now, with the serial of that slot; slot 0: without a serial. */
struct duty_names duty_now(struct duty *d, int slot);

#endif /* DB_DESK_DUTY_H */
