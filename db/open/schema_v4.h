/* SPDX-License-Identifier: Apache-2.0 */
/* schema_v4 - migration 4, private to schema.c. Shipped: never edit, add a migration instead. */
#ifndef DB_OPEN_SCHEMA_V4_H
#define DB_OPEN_SCHEMA_V4_H

/*
 * What wrote a board and vouched for it, and what became of its identity sector. The columns of `attempt` are NULL for
 * attempts of before, and where a new one does not know: those stand in no form of the chain (db/record/chain.c).
 */
/* clang-format off */
#define SCHEMA_V4 \
    {"ALTER TABLE attempt ADD COLUMN stub_sha256 BLOB CHECK (length(stub_sha256) = 32);" \
     "ALTER TABLE attempt ADD COLUMN chip_resets INTEGER CHECK (chip_resets >= 0);" \
     "ALTER TABLE attempt ADD COLUMN identity_left_md5 BLOB CHECK (length(identity_left_md5) = 16);" \
     /* The newest attempt among the archived ones that passed, of any kind; NULL: none, or archived before this. */ \
     "ALTER TABLE unit_past ADD COLUMN last_pass INTEGER;" \
     /* An engineer's word on a unit's identity sector: `put` goes onto the board, or (NULL) what stands there is right.
        Saved sectors of attempts up to after_attempt count no more. before_id: what was read just before. */ \
     "CREATE TABLE identity_act(id INTEGER PRIMARY KEY, unit_id INTEGER NOT NULL REFERENCES unit, at_ms INTEGER NOT NULL," \
     " after_attempt INTEGER NOT NULL, before_id INTEGER REFERENCES backup, put BLOB REFERENCES sector," \
     " CHECK ((put IS NULL) = (before_id IS NULL))) STRICT;" \
     "CREATE INDEX identity_act_unit ON identity_act(unit_id, id);" \
     /* Written and verified on the board. */ \
     "CREATE TABLE identity_act_done(act_id INTEGER PRIMARY KEY REFERENCES identity_act, at_ms INTEGER NOT NULL) STRICT;" \
     "CREATE TRIGGER identity_act_is_final BEFORE UPDATE ON identity_act" \
     " BEGIN SELECT RAISE(ABORT, 'identity_act: records are never changed'); END;" \
     "CREATE TRIGGER identity_act_stays BEFORE DELETE ON identity_act" \
     " BEGIN SELECT RAISE(ABORT, 'identity_act: records are never deleted'); END;" \
     "CREATE TRIGGER identity_act_done_is_final BEFORE UPDATE ON identity_act_done" \
     " BEGIN SELECT RAISE(ABORT, 'identity_act_done: records are never changed'); END;" \
     "CREATE TRIGGER identity_act_done_stays BEFORE DELETE ON identity_act_done" \
     " BEGIN SELECT RAISE(ABORT, 'identity_act_done: records are never deleted'); END;", \
     NULL}
/* clang-format on */

#endif /* DB_OPEN_SCHEMA_V4_H */
