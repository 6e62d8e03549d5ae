/* SPDX-License-Identifier: Apache-2.0 */
/* schema_v8 - migration 8, private to schema.c. Shipped: never edit, add a migration instead. */
#ifndef DB_OPEN_SCHEMA_V8_H
#define DB_OPEN_SCHEMA_V8_H

/*
 * A later word is a unit's: it may be QUARANTINE too, and names its unit, so that it stands when its attempt is archived
 * (NULL: a word of before, told by its attempt). A mark is a unit's last word that is no note. An attempt knows whether a
 * serial was asked for (NULL: it was not, or nobody noted it). What archives hold is known here: the serials, who was tried in
 * which lot how often and how it ended, and whose the words of before are. An archive of before has no row in tried_past.
 */
/* clang-format off */
#define V8_NEVER(table) \
    "CREATE TRIGGER " table "_is_final BEFORE UPDATE ON " table \
    " BEGIN SELECT RAISE(ABORT, '" table ": records are never changed'); END;" \
    "CREATE TRIGGER " table "_stays BEFORE DELETE ON " table \
    " BEGIN SELECT RAISE(ABORT, '" table ": records are never deleted'); END;"

#define SCHEMA_V8_WORDS \
    "CREATE TABLE correction_8(id INTEGER PRIMARY KEY, attempt_id INTEGER NOT NULL, at_ms INTEGER NOT NULL," \
    " actor TEXT NOT NULL, action TEXT NOT NULL CHECK (action IN ('RELEASE','REWORK','SCRAP','NOTE','QUARANTINE'))," \
    " reason TEXT NOT NULL, unit_id INTEGER REFERENCES unit) STRICT;" \
    "INSERT INTO correction_8 SELECT id, attempt_id, at_ms, actor, action, reason, NULL FROM correction;" \
    "DROP TABLE correction; ALTER TABLE correction_8 RENAME TO correction;" \
    "CREATE INDEX correction_unit ON correction(unit_id, id) WHERE unit_id IS NOT NULL;" \
    "CREATE INDEX correction_attempt ON correction(attempt_id);" \
    V8_NEVER("correction") \
    "ALTER TABLE attempt ADD COLUMN serial_asked INTEGER CHECK (serial_asked = 1);" \
    "CREATE TRIGGER attempt_was_asked BEFORE UPDATE ON attempt WHEN NEW.serial_asked IS NOT OLD.serial_asked" \
    " BEGIN SELECT RAISE(ABORT, 'attempt: whether a serial was asked for is never changed'); END;"

#define SCHEMA_V8_PAST \
    "CREATE TABLE serial_past(archive_id INTEGER NOT NULL REFERENCES archive, serial TEXT NOT NULL," \
    " unit_id INTEGER NOT NULL REFERENCES unit, training INTEGER NOT NULL, passes INTEGER NOT NULL," \
    " last_attempt INTEGER NOT NULL, PRIMARY KEY (archive_id, serial, unit_id, training)) STRICT, WITHOUT ROWID;" \
    "CREATE INDEX serial_past_serial ON serial_past(serial);" \
    /* lot_id 0: in no lot; unit_id 0: never identified. */ \
    "CREATE TABLE tried_past(archive_id INTEGER NOT NULL REFERENCES archive, lot_id INTEGER NOT NULL," \
    " training INTEGER NOT NULL, unit_id INTEGER NOT NULL, attempts INTEGER NOT NULL, last_attempt INTEGER NOT NULL," \
    " last_result TEXT NOT NULL, PRIMARY KEY (archive_id, unit_id, lot_id, training)) STRICT, WITHOUT ROWID;" \
    "CREATE INDEX tried_past_lot ON tried_past(lot_id, training, archive_id, unit_id, last_result, last_attempt, attempts);" \
    "CREATE TABLE word_past(archive_id INTEGER NOT NULL REFERENCES archive, correction_id INTEGER NOT NULL REFERENCES correction," \
    " unit_id INTEGER NOT NULL REFERENCES unit, PRIMARY KEY (archive_id, correction_id)) STRICT, WITHOUT ROWID;" \
    "CREATE INDEX word_past_unit ON word_past(unit_id);" \
    V8_NEVER("serial_past") V8_NEVER("tried_past") V8_NEVER("word_past")

#define SCHEMA_V8_VIEWS \
    "CREATE VIEW unit_word AS" \
    " SELECT id, unit_id, attempt_id, at_ms, actor, action, reason FROM correction WHERE unit_id IS NOT NULL" \
    " UNION ALL SELECT c.id, i.unit_id, c.attempt_id, c.at_ms, c.actor, c.action, c.reason FROM identification i" \
    " JOIN correction c ON c.attempt_id = i.attempt_id WHERE i.n = 0 AND c.unit_id IS NULL" \
    " UNION ALL SELECT c.id, p.unit_id, c.attempt_id, c.at_ms, c.actor, c.action, c.reason FROM word_past p" \
    " JOIN correction c ON c.id = p.correction_id WHERE c.unit_id IS NULL;" \
    "CREATE VIEW unit_mark AS SELECT unit_id, max(id) AS id, attempt_id, at_ms, actor, action AS mark, reason FROM unit_word" \
    " WHERE action <> 'NOTE' GROUP BY unit_id;"

#define SCHEMA_V8 {SCHEMA_V8_WORDS, SCHEMA_V8_PAST, SCHEMA_V8_VIEWS, NULL}
/* clang-format on */

#endif /* DB_OPEN_SCHEMA_V8_H */
