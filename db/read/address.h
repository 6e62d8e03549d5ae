/* SPDX-License-Identifier: Apache-2.0 */
/*
 * address - which unit an address belongs to. A unit's name is its base MAC; its owner may have burnt a MAC of his own beside it,
 * and some chips have a longer form, the EUI-64. Any of them leads to the unit, in every usual notation.
 *
 * Threads: as the database handle.
 */
#ifndef DB_READ_ADDRESS_H
#define DB_READ_ADDRESS_H

#include "base/mac.h"
#include "db/open/db.h"

enum address_kind { ADDRESS_BASE_MAC, ADDRESS_CUSTOM_MAC, ADDRESS_EUI64 };

/* "MAC", "custom MAC", "EUI-64"; static storage. */
const char *address_kind_name(enum address_kind k);

/* The newest of a kind, of the unit `u` of a query: nobody burns a second one, but nobody is kept from trying. */
#define ADDRESS_SQL(kind) \
    "(SELECT address FROM unit_address WHERE unit_id = u.id AND kind = '" kind "' ORDER BY id DESC LIMIT 1)"
#define ADDRESS_CUSTOM_MAC_SQL ADDRESS_SQL("CUSTOM_MAC")
#define ADDRESS_EUI64_SQL      ADDRESS_SQL("EUI64")

struct address_unit {
    struct mac mac; /* the unit's base MAC */
    enum address_kind kind;
};

/*
 * The units that have it, the newest first: one by its base MAC alone, since that is nobody else's; several may have been given
 * the same custom one. Units filled (at most `max`), 0: it is no address, or nobody's that is known; -1: *f.
 */
int address_find(struct db *db, const char *text, struct address_unit *out, int max, struct failure *f);

#endif /* DB_READ_ADDRESS_H */
