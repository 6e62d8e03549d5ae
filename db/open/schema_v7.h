/* SPDX-License-Identifier: Apache-2.0 */
/* schema_v7 - migration 7, private to schema.c. Shipped: never edit, add a migration instead. */
#ifndef DB_OPEN_SCHEMA_V7_H
#define DB_OPEN_SCHEMA_V7_H

/*
 * A serial is scanned for a board that stands in the slot, and so for an attempt that is open already: it may be set once
 * while the attempt is open, and nothing beside it.
 */
/* clang-format off */
#define SCHEMA_V7 \
    {"DROP TRIGGER attempt_closes_once;" \
     "CREATE TRIGGER attempt_closes_once BEFORE UPDATE ON attempt" \
     " WHEN OLD.result <> 'OPEN' OR NEW.id <> OLD.id OR NEW.uuid <> OLD.uuid" \
     " OR NEW.kind <> OLD.kind OR NEW.run_id <> OLD.run_id OR NEW.slot <> OLD.slot OR NEW.port <> OLD.port" \
     " OR NEW.adapter_serial IS NOT OLD.adapter_serial OR NEW.job_id <> OLD.job_id" \
     " OR NEW.firmware_id <> OLD.firmware_id OR NEW.lot_id IS NOT OLD.lot_id" \
     " OR NEW.operator_id IS NOT OLD.operator_id" \
     " OR NEW.opened_ms <> OLD.opened_ms OR NEW.opened_mono_us <> OLD.opened_mono_us" \
     " OR NEW.serial IS NOT OLD.serial AND (OLD.serial IS NOT NULL OR NEW.result <> 'OPEN')" \
     " OR NEW.result = 'OPEN' AND (NEW.serial IS OLD.serial OR coalesce(NEW.closed_ms, NEW.closed_mono_us," \
     " NEW.duration_us, NEW.unit_id, NEW.try_no, NEW.code, NEW.stage, NEW.blame, NEW.sys, NEW.detail, NEW.retries, NEW.baud," \
     " NEW.used_stub, NEW.stub_note, NEW.bytes_written, NEW.bytes_wire, NEW.stage_ms, NEW.overrun, NEW.parity, NEW.framing," \
     " NEW.stub_sha256, NEW.chip_resets, NEW.identity_left_md5) IS NOT NULL)" \
     " BEGIN SELECT RAISE(ABORT, 'attempt: gets its serial once and goes from OPEN to closed once, nothing else changes'); END;", \
     NULL}
/* clang-format on */

#endif /* DB_OPEN_SCHEMA_V7_H */
