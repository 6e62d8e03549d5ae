/* SPDX-License-Identifier: Apache-2.0 */
/*
 * work_client - a verb's way to change work: through the running station, or by itself when none runs. The engineer's
 * PIN comes from $FLASHLINE_PIN or, asked for when it is needed, from the terminal without echo; never from an option.
 */
#ifndef STATION_WORK_WORK_CLIENT_H
#define STATION_WORK_WORK_CLIENT_H

#include "db/desk/work.h"
#include "station/config/options_common.h"

/*
 * Does `call` (its pin is filled in here) on the database that --db or the configuration names. 0 with `who` (64 bytes or
 * NULL), or an exit code after one line on stderr: 1 refused (role, rule), 2 reason missing, 4 database.
 */
int work_request(const char *verb, const struct options_common *common, struct work_call *call, char *who);

/* One try of a guarded act, by whatever holds the database; takes WORK_PIN too. 0, or -1 with *f as work_do() has it. */
typedef int work_try(void *ctx, const struct work_call *call, struct work_receipt *receipt,
                     struct failure *f);

struct work_asker {
    const char *verb, *question; /* what the PIN is asked for with, on the terminal */
    work_try *try;
    void *ctx;
    char *
        keep; /* PIN_TEXT bytes: gets the PIN that opened, for an act that comes later; the caller wipes it. NULL: nobody does */
};

/*
 * How every door of the command line gets its leave: tries with $FLASHLINE_PIN, asks on the terminal where the engineer's
 * PIN is missing, and has a PIN that is too short changed. 0; 1: refused for want of a PIN that nobody could be asked for;
 * -1: refused. Both with *f.
 */
int work_ask_leave(const struct work_asker *asker, struct work_call *call, struct work_receipt *receipt,
                   struct failure *f);
/* One line on stderr: this PIN was taken for the last time. */
void work_tell_short_pin(const char *verb, const char *who);
/* On the database at `path`: by the station that holds it, else here. */
int work_do_at(const char *path, const struct work_call *call, struct work_receipt *receipt,
               struct failure *f);

#define PIN_TEXT 80
/*
 * A new PIN: $FLASHLINE_NEW_PIN, else asked for on the terminal, twice. 0, -ENOTTY: neither is there, -ECANCELED: Ctrl-C,
 * -EINVAL: the two differ, -ENODATA: nothing was typed (asked for once, then).
 */
int pin_ask_new(const char *question, char out[static PIN_TEXT]);

#endif /* STATION_WORK_WORK_CLIENT_H */
