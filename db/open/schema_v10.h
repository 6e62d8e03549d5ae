/* SPDX-License-Identifier: Apache-2.0 */
/* schema_v10 - migration 10, private to schema.c. Shipped: never edit, add a migration instead. */
#ifndef DB_OPEN_SCHEMA_V10_H
#define DB_OPEN_SCHEMA_V10_H

/*
 * What was written to one unit alone has its hash in the record, and so have the public eFuses of the chip. These are known
 * while the attempt is open, like its serial, and stand there once.
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

#define SCHEMA_V10 {SCHEMA_V10_ATTEMPT, NULL}
/* clang-format on */

#endif /* DB_OPEN_SCHEMA_V10_H */
