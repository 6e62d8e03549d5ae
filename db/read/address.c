/* SPDX-License-Identifier: Apache-2.0 */
#include "db/read/address.h"

#include <string.h>

#include "db/open/db_inside.h"
#include "db/open/sql.h"

const char *address_kind_name(enum address_kind k)
{
    static const char *const names[] = {"MAC", "custom MAC", "EUI-64"};

    return names[k];
}

/* How many bytes; 0: it is none. */
static int parse(const char *text, uint8_t out[static EUI64_SIZE])
{
    struct mac mac;

    if (mac_parse(text, &mac) == 0) {
        memcpy(out, mac.bytes, sizeof mac.bytes);
        return (int)sizeof mac.bytes;
    }
    return eui64_parse(text, out) == 0 ? EUI64_SIZE : 0;
}

int address_find(struct db *db, const char *text, struct address_unit *out, int max, struct failure *f)
{
    uint8_t bytes[EUI64_SIZE];
    int size = parse(text, bytes), count = 0;

    if (size == 0)
        return 0;
    db_lock(db);
    sqlite3_stmt *s = sql_prepare(
        db->h,
        "SELECT mac, 'MAC', 0 AS id FROM unit WHERE mac = ?1"
        " UNION ALL SELECT u.mac, a.kind, a.id FROM unit_address a JOIN unit u ON u.id = a.unit_id"
        " WHERE a.address = ?1 AND NOT EXISTS (SELECT 1 FROM unit WHERE mac = ?1) ORDER BY id DESC",
        "b", bytes, size);
    int rc = s == NULL ? sqlite3_errcode(db->h) : SQLITE_DONE;
    while (s != NULL && count < max && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        const char *kind = sql_text(s, 1);
        struct address_unit *u = &out[count];
        if (sqlite3_column_bytes(s, 0) != (int)sizeof u->mac.bytes)
            continue;
        memcpy(u->mac.bytes, sqlite3_column_blob(s, 0), sizeof u->mac.bytes);
        u->kind = strcmp(kind, "EUI64") == 0        ? ADDRESS_EUI64
                  : strcmp(kind, "CUSTOM_MAC") == 0 ? ADDRESS_CUSTOM_MAC
                                                    : ADDRESS_BASE_MAC;
        count++;
    }
    sqlite3_finalize(s);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        count = sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "look for an address", f);
    db_unlock(db);
    return count;
}
