/* SPDX-License-Identifier: Apache-2.0 */
/* schema_v5 - migration 5, private to schema.c. Shipped: never edit, add a migration instead. */
#ifndef DB_OPEN_SCHEMA_V5_H
#define DB_OPEN_SCHEMA_V5_H

/*
 * The journal: one chain over every row that states a fact, of whatever table, in the order in which they were committed
 * (db/open/journal.h). An audit row says how many entries it stands for, and their digest; NULL: a row of before.
 * lot_past: the good boards whose attempts are archived, so that lot_good can be counted again.
 */
/* clang-format off */
#define SCHEMA_V5 \
    {"CREATE TABLE journal(seq INTEGER PRIMARY KEY AUTOINCREMENT, tbl TEXT NOT NULL, \"row\" INTEGER NOT NULL," \
     " digest BLOB NOT NULL CHECK (length(digest) = 32), hash BLOB NOT NULL CHECK (length(hash) = 32)) STRICT;" \
     "CREATE TRIGGER journal_is_final BEFORE UPDATE ON journal" \
     " BEGIN SELECT RAISE(ABORT, 'journal: records are never changed'); END;" \
     "CREATE TRIGGER journal_stays BEFORE DELETE ON journal" \
     " BEGIN SELECT RAISE(ABORT, 'journal: records are never deleted'); END;" \
     "ALTER TABLE audit ADD COLUMN facts INTEGER CHECK (facts >= 0);" \
     "ALTER TABLE audit ADD COLUMN facts_sha256 BLOB CHECK (length(facts_sha256) = 32);", \
     "CREATE TABLE lot_past(archive_id INTEGER NOT NULL REFERENCES archive, lot_id INTEGER NOT NULL REFERENCES lot," \
     " training INTEGER NOT NULL, unit_id INTEGER NOT NULL REFERENCES unit," \
     " PRIMARY KEY (archive_id, lot_id, training, unit_id)) STRICT, WITHOUT ROWID;" \
     "CREATE TRIGGER lot_past_is_final BEFORE UPDATE ON lot_past" \
     " BEGIN SELECT RAISE(ABORT, 'lot_past: records are never changed'); END;" \
     "CREATE TRIGGER lot_past_stays BEFORE DELETE ON lot_past" \
     " BEGIN SELECT RAISE(ABORT, 'lot_past: records are never deleted'); END;" \
     "INSERT INTO lot_past SELECT (SELECT max(id) FROM archive), * FROM (SELECT lot_id, training, unit_id FROM lot_good" \
     " EXCEPT SELECT lot_id, kind = 'TRAINING', unit_id FROM attempt WHERE result = 'PASS')" \
     " WHERE EXISTS (SELECT 1 FROM archive);", \
     NULL}
/* clang-format on */

#endif /* DB_OPEN_SCHEMA_V5_H */
