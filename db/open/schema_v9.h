/* SPDX-License-Identifier: Apache-2.0 */
/* schema_v9 - migration 9, private to schema.c. Shipped: never edit, add a migration instead. */
#ifndef DB_OPEN_SCHEMA_V9_H
#define DB_OPEN_SCHEMA_V9_H

/*
 * A unit is its base MAC, and may have further addresses: one that its owner burnt, maybe after it was first seen, and the
 * longer form of some chips. Two units may have been given the same by mistake. The index on chips is for the numbers by chip.
 */
/* clang-format off */
#define SCHEMA_V9 \
    {"CREATE TABLE unit_address(id INTEGER PRIMARY KEY, unit_id INTEGER NOT NULL REFERENCES unit," \
     " kind TEXT NOT NULL CHECK (kind IN ('CUSTOM_MAC','EUI64'))," \
     " address BLOB NOT NULL CHECK (length(address) = CASE kind WHEN 'EUI64' THEN 8 ELSE 6 END)," \
     " first_seen_ms INTEGER NOT NULL, UNIQUE (unit_id, kind, address)) STRICT;" \
     "CREATE INDEX unit_address_address ON unit_address(address);" \
     "CREATE INDEX unit_chip ON unit(chip);" \
     "CREATE TRIGGER unit_address_is_final BEFORE UPDATE ON unit_address" \
     " BEGIN SELECT RAISE(ABORT, 'unit_address: records are never changed'); END;" \
     "CREATE TRIGGER unit_address_stays BEFORE DELETE ON unit_address" \
     " BEGIN SELECT RAISE(ABORT, 'unit_address: records are never deleted'); END;", \
     NULL}
/* clang-format on */

#endif /* DB_OPEN_SCHEMA_V9_H */
