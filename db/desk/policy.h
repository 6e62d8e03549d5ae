/* SPDX-License-Identifier: Apache-2.0 */
/* policy - the rules a recorder holds attempts to. Plain data; the station fills it from its configuration and job. */
#ifndef DB_DESK_POLICY_H
#define DB_DESK_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/duplicate.h"

/* What to do with an address that no board should have. */
enum address_policy {
    ADDRESS_REFUSE, /* HOLD_MAC_BLANK */
    ADDRESS_WARN    /* allowed, an event is noted */
};

/* May a lot that nobody opened be worked on? */
enum open_lots {
    OPEN_LOTS_UNSAID, /* as long as no engineer is enrolled */
    OPEN_LOTS_NO,
    OPEN_LOTS_YES
};

struct db_policy {
    enum duplicate_rule on_duplicate;
    /*
     * All 00 or all ff. Boards let through share one unit row, for nothing tells them apart: they are no duplicates of each
     * other, get no boot sector from the records, and are held in a lot with a plan, which could not count them.
     */
    enum address_policy on_blank;
    enum address_policy on_multicast;
    bool
        operator_required; /* no board starts without an operator who is enrolled, active and badged (FAIL_LOGIN) */
    bool lot_required, serial_required;
    enum open_lots open_lots;
    /* Stop rules; 0 switches one off (db/desk/stop_rule.h). */
    int stop_slot_failures;    /* consecutive on one slot: the slot stops */
    int stop_station_failures; /* consecutive on the station: everything stops */
    int stop_yield_percent; /* passes among the last stop_yield_window attempts below this: everything stops */
    int stop_yield_window;
    int64_t disk_floor; /* bytes that must be free to start a board; 0: no floor */
    int lot_warn_left;  /* warn when a lot has this many places left */
};

/* Refuse duplicates, blank and multicast; 3 on a slot, 10 on the station, 50 % of the last 50; 64 MiB; warn at 10. */
#define DB_POLICY_DEFAULT                                                                                \
    {                                                                                                    \
        .on_duplicate = DUPLICATE_REFUSE, .stop_slot_failures = 3, .stop_station_failures = 10,          \
        .stop_yield_percent = 50, .stop_yield_window = 50, .disk_floor = 64LL << 20, .lot_warn_left = 10 \
    }

#endif /* DB_DESK_POLICY_H */
