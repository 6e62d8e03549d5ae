/* SPDX-License-Identifier: Apache-2.0 */
/* schema_v10 - migration 10, private to schema.c. Shipped: never edit, add a migration instead. */
#ifndef DB_OPEN_SCHEMA_V10_H
#define DB_OPEN_SCHEMA_V10_H

/*
 * What was written to one unit alone has its hash in the record, and so have the public eFuses of the chip. These are known
 * while the attempt is open, like its serial, and stand there once.
 *
 * Pools hold what is handed out once (db/desk/pool.h). A value came in with a block and goes one way: FREE, RESERVED for a board's
 * MAC, WRITTEN (it may have reached the board), VERIFIED; SPOILED at any time, LENT while it is free. Secrets stand there sealed, and
 * `mark` tells two of them apart. An EUI is in one pool alone.
 */
/* clang-format off */
#define SCHEMA_V10_ATTEMPT \
    "ALTER TABLE attempt ADD COLUMN unit_data_sha256 BLOB CHECK (length(unit_data_sha256) = 32);" \
    "ALTER TABLE attempt ADD COLUMN efuse TEXT CHECK (length(efuse) > 0);" \
    "DROP TRIGGER attempt_closes_once;" \
    "CREATE TRIGGER attempt_closes_once BEFORE UPDATE ON attempt" \
    " WHEN OLD.result <> 'OPEN' OR NEW.id <> OLD.id OR NEW.uuid <> OLD.uuid" \
    " OR NEW.kind <> OLD.kind OR NEW.run_id <> OLD.run_id OR NEW.slot <> OLD.slot OR NEW.port <> OLD.port" \
    " OR NEW.adapter_serial IS NOT OLD.adapter_serial OR NEW.job_id <> OLD.job_id" \
    " OR NEW.firmware_id <> OLD.firmware_id OR NEW.lot_id IS NOT OLD.lot_id" \
    " OR NEW.operator_id IS NOT OLD.operator_id" \
    " OR NEW.opened_ms <> OLD.opened_ms OR NEW.opened_mono_us <> OLD.opened_mono_us" \
    " OR NEW.serial IS NOT OLD.serial AND (OLD.serial IS NOT NULL OR NEW.result <> 'OPEN')" \
    " OR NEW.efuse IS NOT OLD.efuse AND (OLD.efuse IS NOT NULL OR NEW.result <> 'OPEN')" \
    " OR NEW.result = 'OPEN' AND (NEW.serial IS OLD.serial AND NEW.efuse IS OLD.efuse OR coalesce(NEW.closed_ms," \
    " NEW.closed_mono_us, NEW.duration_us, NEW.unit_id, NEW.try_no, NEW.code, NEW.stage, NEW.blame, NEW.sys, NEW.detail," \
    " NEW.retries, NEW.baud, NEW.used_stub, NEW.stub_note, NEW.bytes_written, NEW.bytes_wire, NEW.stage_ms, NEW.overrun," \
    " NEW.parity, NEW.framing, NEW.stub_sha256, NEW.chip_resets, NEW.identity_left_md5, NEW.unit_data_sha256) IS NOT NULL)" \
    " BEGIN SELECT RAISE(ABORT, 'attempt: gets its serial and its eFuses once and goes from OPEN to closed once, nothing else changes'); END;"

#define V10_NEVER_GOES(table) \
    "CREATE TRIGGER " table "_stays BEFORE DELETE ON " table \
    " BEGIN SELECT RAISE(ABORT, '" table ": records are never deleted'); END;"

#define SCHEMA_V10_POOL \
    "CREATE TABLE pool(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE," \
    " kind TEXT NOT NULL CHECK (kind IN ('TEXT','HEX','MAC','EUI64','FILE')), size INTEGER NOT NULL CHECK (size > 0)," \
    " key_id BLOB CHECK (length(key_id) = 8), folder TEXT CHECK ((folder IS NOT NULL) = (kind = 'FILE'))," \
    " low_water INTEGER NOT NULL CHECK (low_water >= 0), created_ms INTEGER NOT NULL) STRICT;" \
    "CREATE TABLE pool_block(id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, pool_id INTEGER NOT NULL REFERENCES pool," \
    " at_ms INTEGER NOT NULL, way TEXT NOT NULL CHECK (way IN ('IMPORTED','TAKEN','LENT')), station TEXT, source TEXT," \
    " amount INTEGER NOT NULL CHECK (amount > 0)) STRICT;" \
    "CREATE TABLE pool_value(id INTEGER PRIMARY KEY, pool_id INTEGER NOT NULL REFERENCES pool," \
    " block_id INTEGER NOT NULL REFERENCES pool_block, value TEXT, sealed BLOB, mark BLOB CHECK (length(mark) = 32), eui BLOB," \
    " state TEXT NOT NULL CHECK (state IN ('FREE','RESERVED','WRITTEN','VERIFIED','SPOILED','LENT'))," \
    " lent_id INTEGER REFERENCES pool_block, mac BLOB CHECK (length(mac) = 6), attempt_id INTEGER, changed_ms INTEGER NOT NULL," \
    " CHECK ((value IS NULL) = (sealed IS NOT NULL)), CHECK ((sealed IS NULL) = (mark IS NULL))," \
    " CHECK ((lent_id IS NOT NULL) = (state = 'LENT'))," \
    " CHECK (state NOT IN ('FREE','LENT') OR (mac IS NULL AND attempt_id IS NULL))," \
    " CHECK (state NOT IN ('RESERVED','WRITTEN') OR mac IS NOT NULL)) STRICT;"

#define SCHEMA_V10_ONCE \
    "CREATE UNIQUE INDEX pool_value_value ON pool_value(pool_id, value) WHERE value IS NOT NULL;" \
    "CREATE UNIQUE INDEX pool_value_mark ON pool_value(pool_id, mark) WHERE mark IS NOT NULL;" \
    "CREATE UNIQUE INDEX pool_value_eui ON pool_value(eui) WHERE eui IS NOT NULL;" \
    "CREATE UNIQUE INDEX pool_value_mac ON pool_value(pool_id, mac) WHERE mac IS NOT NULL AND state <> 'SPOILED';" \
    "CREATE INDEX pool_value_free ON pool_value(pool_id, id) WHERE state = 'FREE';" \
    "CREATE INDEX pool_value_attempt ON pool_value(attempt_id) WHERE attempt_id IS NOT NULL;" \
    "CREATE TRIGGER pool_keeps BEFORE UPDATE ON pool WHEN NEW.id <> OLD.id OR NEW.name <> OLD.name OR NEW.kind <> OLD.kind" \
    " OR NEW.key_id IS NOT OLD.key_id OR NEW.folder IS NOT OLD.folder OR NEW.created_ms <> OLD.created_ms" \
    " OR NEW.size < OLD.size BEGIN SELECT RAISE(ABORT, 'pool: what it is never changes'); END;" \
    "CREATE TRIGGER pool_block_is_final BEFORE UPDATE ON pool_block" \
    " BEGIN SELECT RAISE(ABORT, 'pool_block: records are never changed'); END;" \
    "CREATE TRIGGER pool_value_goes_on BEFORE UPDATE ON pool_value WHEN NEW.id <> OLD.id OR NEW.pool_id <> OLD.pool_id" \
    " OR NEW.block_id <> OLD.block_id OR NEW.value IS NOT OLD.value OR NEW.sealed IS NOT OLD.sealed OR NEW.mark IS NOT OLD.mark" \
    " OR NEW.eui IS NOT OLD.eui OR (OLD.mac IS NOT NULL AND NEW.mac IS NOT OLD.mac)" \
    " OR NOT (CASE OLD.state WHEN 'FREE' THEN NEW.state IN ('RESERVED','SPOILED','LENT')" \
    " WHEN 'RESERVED' THEN NEW.state IN ('RESERVED','WRITTEN','VERIFIED','SPOILED')" \
    " WHEN 'WRITTEN' THEN NEW.state IN ('WRITTEN','VERIFIED','SPOILED')" \
    " WHEN 'VERIFIED' THEN NEW.state = 'SPOILED' ELSE 0 END)" \
    " BEGIN SELECT RAISE(ABORT, 'pool_value: what was handed out never comes back'); END;" \
    V10_NEVER_GOES("pool") V10_NEVER_GOES("pool_block") V10_NEVER_GOES("pool_value")

#define SCHEMA_V10 {SCHEMA_V10_ATTEMPT, SCHEMA_V10_POOL, SCHEMA_V10_ONCE, NULL}
/* clang-format on */

#endif /* DB_OPEN_SCHEMA_V10_H */
