/* SPDX-License-Identifier: Apache-2.0 */
/*
 * operator - who works here: a badge says who, a PIN says that it is really the engineer.
 *
 * Badges are kept as salted SHA-256, PINs as scrypt (N = 16384, r = 8, p = 1; 32 bytes): neither can be read back.
 * As long as no engineer is enrolled the role lock is open, and the audit says so; the first engineer closes it.
 */
#ifndef DB_DESK_OPERATOR_H
#define DB_DESK_OPERATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/open/db.h"

#define PIN_MIN        6 /* digits; what has other characters in it is a passphrase */
#define PASSPHRASE_MIN 8
#define PIN_MAX        64

struct operator_info {
    int64_t id;
    char name[64];
    bool is_engineer, active, has_badge, has_pin;
};

/* 0, -ENOENT when no active operator has this badge, or -1 with *f (FAIL_DB_OPEN). */
int operator_by_badge(struct db *db, const char *badge, struct operator_info *out, struct failure *f);
/* The same, active or not: a badge that opens nothing any more is still no serial number. */
int operator_by_any_badge(struct db *db, const char *badge, struct operator_info *out, struct failure *f);
/* By name, active or not: 0, -ENOENT, or -1 with *f. */
int operator_by_name(struct db *db, const char *name, struct operator_info *out, struct failure *f);
/* All of them, by name. Rows filled (at most `max`), or -1 with *f. */
int operator_list(struct db *db, struct operator_info *out, int max, struct failure *f);
/* Is the role lock closed: is there an active engineer with a PIN? -1 with *f. */
int operator_lock_closed(struct db *db, struct failure *f);
/* What is wrong with this as a new PIN, in words; NULL: nothing. */
const char *operator_pin_trouble(const char *pin);
/*
 * Whose PIN is it? `name` NULL: any active engineer's. 0 with *out, -EACCES: nobody's, -EAGAIN: too many wrong PINs in
 * the last minute of the machine's own time (db/desk/pin.h), or -1 with *f. Takes about 50 ms a candidate, on purpose. A wrong
 * PIN is an `event` when db writes.
 */
int operator_by_pin(struct db *db, const char *name, const char *pin, struct operator_info *out,
                    struct failure *f);

#endif /* DB_DESK_OPERATOR_H */
