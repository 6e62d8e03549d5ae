/* SPDX-License-Identifier: Apache-2.0 */
/* schema_v1 - migration 1, private to schema.c. Shipped: never edit, add a migration instead. */
#ifndef DB_OPEN_SCHEMA_V1_H
#define DB_OPEN_SCHEMA_V1_H

/* Times: *_ms is Unix time in UTC, *_us a duration or CLOCK_MONOTONIC. Revision is major * 100 + minor. */
/* clang-format off */
#define SCHEMA_V1_WORK \
    "CREATE TABLE station(id INTEGER PRIMARY KEY CHECK (id = 1), uuid TEXT NOT NULL, name TEXT NOT NULL," \
    " created_ms INTEGER NOT NULL) STRICT;" \
    /* One start of the programme. */ \
    "CREATE TABLE run(id INTEGER PRIMARY KEY, uuid TEXT NOT NULL, version TEXT NOT NULL, host TEXT NOT NULL," \
    " pid INTEGER NOT NULL, boot_id TEXT NOT NULL, tz_min INTEGER NOT NULL, started_ms INTEGER NOT NULL) STRICT;" \
    "CREATE TABLE operator(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE," \
    " role TEXT NOT NULL CHECK (role IN ('operator','engineer'))," \
    " badge_salt BLOB, badge_hash BLOB, pin_salt BLOB, pin_hash BLOB," \
    " active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)), created_ms INTEGER NOT NULL) STRICT;" \
    "CREATE TABLE job(id INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 BLOB NOT NULL CHECK (length(sha256) = 32)," \
    " first_used_ms INTEGER NOT NULL, UNIQUE (name, sha256)) STRICT;" \
    "CREATE TABLE firmware(id INTEGER PRIMARY KEY, source TEXT NOT NULL, version TEXT NOT NULL," \
    " sha256 BLOB NOT NULL CHECK (length(sha256) = 32), first_used_ms INTEGER NOT NULL," \
    " UNIQUE (sha256, source, version)) STRICT;" \
    "CREATE TABLE lot(id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, work_order TEXT," \
    " planned INTEGER NOT NULL DEFAULT 0 CHECK (planned >= 0), opened_ms INTEGER NOT NULL, closed_ms INTEGER) STRICT;" \
    "CREATE TABLE slot(number INTEGER PRIMARY KEY CHECK (number >= 1), port TEXT NOT NULL, adapter_serial TEXT," \
    " first_used_ms INTEGER NOT NULL) STRICT;" \
    "CREATE TABLE unit(id INTEGER PRIMARY KEY, mac BLOB NOT NULL UNIQUE CHECK (length(mac) = 6)," \
    " chip TEXT NOT NULL, revision INTEGER NOT NULL, flash_id INTEGER NOT NULL, flash_size INTEGER NOT NULL," \
    " first_seen_ms INTEGER NOT NULL) STRICT;"

#define SCHEMA_V1_ATTEMPT \
    "CREATE TABLE attempt(id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE," \
    " kind TEXT NOT NULL CHECK (kind IN ('PRODUCTION','REWORK','TRAINING'))," \
    " run_id INTEGER NOT NULL REFERENCES run, slot INTEGER NOT NULL REFERENCES slot, port TEXT NOT NULL," \
    " adapter_serial TEXT, job_id INTEGER NOT NULL REFERENCES job, firmware_id INTEGER NOT NULL REFERENCES firmware," \
    " lot_id INTEGER REFERENCES lot, operator_id INTEGER REFERENCES operator, serial TEXT," \
    " opened_ms INTEGER NOT NULL, opened_mono_us INTEGER NOT NULL," \
    /* From here on: NULL until the attempt is closed. */ \
    " result TEXT NOT NULL DEFAULT 'OPEN' CHECK (result IN ('OPEN','PASS','FAIL','ERROR','HOLD','ABORTED','INTERRUPTED'))," \
    " closed_ms INTEGER, closed_mono_us INTEGER, duration_us INTEGER, unit_id INTEGER REFERENCES unit," \
    " try_no INTEGER, code INTEGER, stage TEXT, blame TEXT, sys INTEGER, detail TEXT, retries INTEGER, baud INTEGER," \
    " used_stub INTEGER, stub_note TEXT, bytes_written INTEGER, bytes_wire INTEGER, stage_ms TEXT," \
    " overrun INTEGER, parity INTEGER, framing INTEGER," \
    " CHECK ((result = 'OPEN') = (closed_ms IS NULL))) STRICT;" \
    "CREATE TABLE identification(attempt_id INTEGER NOT NULL REFERENCES attempt, n INTEGER NOT NULL," \
    " unit_id INTEGER NOT NULL REFERENCES unit, at_ms INTEGER NOT NULL, chip TEXT NOT NULL, revision INTEGER NOT NULL," \
    " flash_id INTEGER NOT NULL, flash_size INTEGER NOT NULL, crystal_mhz INTEGER NOT NULL, security INTEGER NOT NULL," \
    " verdict INTEGER NOT NULL, rework_of INTEGER, PRIMARY KEY (attempt_id, n)) STRICT, WITHOUT ROWID;" \
    /* A flash sector's bytes, kept once however often they are read. */ \
    "CREATE TABLE sector(sha256 BLOB PRIMARY KEY CHECK (length(sha256) = 32)," \
    " data BLOB NOT NULL CHECK (length(data) = 4096)) STRICT, WITHOUT ROWID;" \
    /* attempt_id is not a foreign key: backups outlive the attempts that retention moves to an archive. */ \
    "CREATE TABLE backup(id INTEGER PRIMARY KEY, attempt_id INTEGER NOT NULL, unit_id INTEGER NOT NULL REFERENCES unit," \
    " kind TEXT NOT NULL CHECK (kind IN ('CONFIG','BOOT_SECTOR')), offset INTEGER NOT NULL," \
    " sha256 BLOB NOT NULL REFERENCES sector, at_ms INTEGER NOT NULL) STRICT;" \
    "CREATE TABLE evidence(attempt_id INTEGER PRIMARY KEY REFERENCES attempt, tx BLOB NOT NULL, rx BLOB NOT NULL) STRICT;" \
    "CREATE TABLE chain(seq INTEGER PRIMARY KEY, attempt_id INTEGER NOT NULL UNIQUE REFERENCES attempt," \
    " prev_hash BLOB NOT NULL CHECK (length(prev_hash) = 32), hash BLOB NOT NULL CHECK (length(hash) = 32)) STRICT;" \
    /* A later word on a closed attempt: the attempt itself never changes. */ \
    "CREATE TABLE correction(id INTEGER PRIMARY KEY, attempt_id INTEGER NOT NULL, at_ms INTEGER NOT NULL," \
    " actor TEXT NOT NULL, action TEXT NOT NULL CHECK (action IN ('RELEASE','REWORK','SCRAP','NOTE'))," \
    " reason TEXT NOT NULL) STRICT;"

#define SCHEMA_V1_HOUSE \
    "CREATE TABLE audit(id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, actor TEXT NOT NULL, role TEXT NOT NULL," \
    " action TEXT NOT NULL, object TEXT NOT NULL, old TEXT, new TEXT, reason TEXT," \
    " prev_hash BLOB NOT NULL CHECK (length(prev_hash) = 32), hash BLOB NOT NULL CHECK (length(hash) = 32)) STRICT;" \
    /* What happened to the station itself: clock jumps, low disk, backups. */ \
    "CREATE TABLE event(id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, run_id INTEGER REFERENCES run," \
    " kind TEXT NOT NULL, amount INTEGER, text TEXT NOT NULL) STRICT;" \
    "CREATE TABLE stop(id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, slot INTEGER, training INTEGER NOT NULL," \
    " rule TEXT NOT NULL, text TEXT NOT NULL, attempt_id INTEGER NOT NULL) STRICT;" \
    "CREATE TABLE stop_release(stop_id INTEGER PRIMARY KEY REFERENCES stop, at_ms INTEGER NOT NULL," \
    " actor TEXT NOT NULL, reason TEXT NOT NULL, after_attempt INTEGER NOT NULL) STRICT;" \
    /* Rows first_seq..last_seq of the chain live in `file` from now on. */ \
    "CREATE TABLE archive(id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, file TEXT NOT NULL, file_sha256 BLOB NOT NULL," \
    " first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL, last_hash BLOB NOT NULL, rows INTEGER NOT NULL) STRICT;" \
    /* What duplicate checks must still know of units whose attempts are archived. */ \
    "CREATE TABLE unit_past(archive_id INTEGER NOT NULL REFERENCES archive, unit_id INTEGER NOT NULL REFERENCES unit," \
    " attempts INTEGER NOT NULL, passes INTEGER NOT NULL, training_attempts INTEGER NOT NULL," \
    " PRIMARY KEY (archive_id, unit_id)) STRICT, WITHOUT ROWID;"

#define SCHEMA_V1_INDEXES \
    "CREATE INDEX attempt_open ON attempt(id) WHERE result = 'OPEN';" \
    "CREATE INDEX attempt_opened ON attempt(opened_ms);" \
    "CREATE INDEX attempt_unit ON attempt(unit_id, id);" \
    "CREATE INDEX attempt_slot ON attempt(slot, id);" \
    "CREATE INDEX attempt_lot ON attempt(lot_id, kind, result, unit_id);" \
    "CREATE INDEX attempt_serial ON attempt(serial) WHERE serial IS NOT NULL;" \
    "CREATE INDEX identification_unit ON identification(unit_id, attempt_id);" \
    "CREATE INDEX backup_unit ON backup(unit_id, kind, id);" \
    "CREATE INDEX unit_past_unit ON unit_past(unit_id);"

#define NEVER_CHANGES(table) \
    "CREATE TRIGGER " table "_is_final BEFORE UPDATE ON " table \
    " BEGIN SELECT RAISE(ABORT, '" table ": records are never changed'); END;"
#define NEVER_GOES(table) \
    "CREATE TRIGGER " table "_stays BEFORE DELETE ON " table \
    " BEGIN SELECT RAISE(ABORT, '" table ": records are never deleted'); END;"
/* A row may go only after its place in the chain is noted in `archive`. */
#define GOES_WHEN_ARCHIVED(table, attempt) \
    "CREATE TRIGGER " table "_stays BEFORE DELETE ON " table \
    " WHEN NOT EXISTS (SELECT 1 FROM chain c JOIN archive a ON c.seq BETWEEN a.first_seq AND a.last_seq" \
    " WHERE c.attempt_id = OLD." attempt ")" \
    " BEGIN SELECT RAISE(ABORT, '" table ": records are never deleted'); END;"

#define SCHEMA_V1_ONCE \
    "CREATE TRIGGER attempt_closes_once BEFORE UPDATE ON attempt" \
    " WHEN OLD.result <> 'OPEN' OR NEW.result = 'OPEN' OR NEW.id <> OLD.id OR NEW.uuid <> OLD.uuid" \
    " OR NEW.kind <> OLD.kind OR NEW.run_id <> OLD.run_id OR NEW.slot <> OLD.slot OR NEW.port <> OLD.port" \
    " OR NEW.adapter_serial IS NOT OLD.adapter_serial OR NEW.job_id <> OLD.job_id" \
    " OR NEW.firmware_id <> OLD.firmware_id OR NEW.lot_id IS NOT OLD.lot_id" \
    " OR NEW.operator_id IS NOT OLD.operator_id OR NEW.serial IS NOT OLD.serial" \
    " OR NEW.opened_ms <> OLD.opened_ms OR NEW.opened_mono_us <> OLD.opened_mono_us" \
    " BEGIN SELECT RAISE(ABORT, 'attempt: goes from OPEN to closed once, nothing else changes'); END;" \
    GOES_WHEN_ARCHIVED("attempt", "id") GOES_WHEN_ARCHIVED("identification", "attempt_id") GOES_WHEN_ARCHIVED("evidence", "attempt_id") \
    "CREATE TRIGGER chain_stays BEFORE DELETE ON chain" \
    " WHEN NOT EXISTS (SELECT 1 FROM archive a WHERE OLD.seq BETWEEN a.first_seq AND a.last_seq)" \
    " BEGIN SELECT RAISE(ABORT, 'chain: records are never deleted'); END;"

#define SCHEMA_V1_FINAL \
    NEVER_CHANGES("identification") NEVER_CHANGES("evidence") NEVER_CHANGES("chain") NEVER_CHANGES("sector") \
    NEVER_CHANGES("backup") NEVER_CHANGES("correction") NEVER_CHANGES("audit") NEVER_CHANGES("event") \
    NEVER_CHANGES("stop") NEVER_CHANGES("stop_release") NEVER_CHANGES("archive") NEVER_CHANGES("unit_past") \
    NEVER_CHANGES("unit") NEVER_CHANGES("run") \
    NEVER_GOES("sector") NEVER_GOES("backup") NEVER_GOES("correction") NEVER_GOES("audit") NEVER_GOES("event") \
    NEVER_GOES("stop") NEVER_GOES("stop_release") NEVER_GOES("archive") NEVER_GOES("unit_past") NEVER_GOES("unit") \
    NEVER_GOES("lot") NEVER_GOES("operator") NEVER_GOES("job") NEVER_GOES("firmware") NEVER_GOES("run")
/* clang-format on */

/* In parts: C99 promises only 4095 characters a string. */
#define SCHEMA_V1                                                                              \
    {                                                                                          \
        SCHEMA_V1_WORK, SCHEMA_V1_ATTEMPT, SCHEMA_V1_HOUSE, SCHEMA_V1_INDEXES, SCHEMA_V1_ONCE, \
            SCHEMA_V1_FINAL, NULL                                                              \
    }

#endif /* DB_OPEN_SCHEMA_V1_H */
