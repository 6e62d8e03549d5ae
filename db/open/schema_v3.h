/* SPDX-License-Identifier: Apache-2.0 */
/* schema_v3 - migration 3, private to schema.c. Shipped: never edit, add a migration instead. */
#ifndef DB_OPEN_SCHEMA_V3_H
#define DB_OPEN_SCHEMA_V3_H

/*
 * Which units are good in which lot, and how many: counted once, at the PASS, so that reserving a place costs the same in
 * a lot of a hundred thousand, and so that the count outlives the attempts that retention moves away.
 */
/* clang-format off */
#define SCHEMA_V3 \
    {"CREATE TABLE lot_good(lot_id INTEGER NOT NULL REFERENCES lot, training INTEGER NOT NULL," \
     " unit_id INTEGER NOT NULL REFERENCES unit, PRIMARY KEY (lot_id, training, unit_id)) STRICT, WITHOUT ROWID;" \
     "CREATE TABLE lot_count(lot_id INTEGER NOT NULL REFERENCES lot, training INTEGER NOT NULL," \
     " good INTEGER NOT NULL, PRIMARY KEY (lot_id, training)) STRICT, WITHOUT ROWID;" \
     "CREATE TRIGGER lot_good_is_counted AFTER INSERT ON lot_good BEGIN" \
     " INSERT INTO lot_count(lot_id, training, good) VALUES (NEW.lot_id, NEW.training, 1)" \
     " ON CONFLICT (lot_id, training) DO UPDATE SET good = good + 1; END;" \
     "CREATE TRIGGER lot_good_is_final BEFORE UPDATE ON lot_good" \
     " BEGIN SELECT RAISE(ABORT, 'lot_good: records are never changed'); END;" \
     "CREATE TRIGGER lot_good_stays BEFORE DELETE ON lot_good" \
     " BEGIN SELECT RAISE(ABORT, 'lot_good: records are never deleted'); END;" \
     "CREATE TRIGGER attempt_pass_counts AFTER UPDATE ON attempt" \
     " WHEN NEW.result = 'PASS' AND NEW.lot_id IS NOT NULL AND NEW.unit_id IS NOT NULL BEGIN" \
     " INSERT OR IGNORE INTO lot_good(lot_id, training, unit_id)" \
     " VALUES (NEW.lot_id, NEW.kind = 'TRAINING', NEW.unit_id); END;" \
     "INSERT INTO lot_good(lot_id, training, unit_id) SELECT DISTINCT lot_id, kind = 'TRAINING', unit_id FROM attempt" \
     " WHERE result = 'PASS' AND lot_id IS NOT NULL AND unit_id IS NOT NULL;", \
     NULL}
/* clang-format on */

#endif /* DB_OPEN_SCHEMA_V3_H */
