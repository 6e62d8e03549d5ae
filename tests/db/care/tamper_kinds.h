/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tamper_kinds - what somebody who owns the file can do to the database of tests/support/lived_in.h, and where docs/audit.md says
 * by what it is found. Triggers are off while `sql` runs and put back afterwards, unless RAW; then the hashes named are made
 * anew over everything, as somebody would who has read docs/database.md. SHELL: no SQL but a command in the database's folder.
 */
#ifndef TESTS_TAMPER_KINDS_H
#define TESTS_TAMPER_KINDS_H

enum forged {
    F_NONE,
    F_LINKS = 1,
    F_AUDIT = 2,
    F_JOURNAL = 4,
    F_ALL = 7,
    F_RAW = 8,
    F_APPEND = 16,
    F_SHELL = 32
};

struct kind {
    const char *name, *row; /* `row`: the first words of its row in docs/audit.md */
    unsigned forged;
    const char *sql;
    const char *words; /* stand in the finding; NULL: any */
};

/* The first words of the rows of the table in docs/audit.md. */
#define MOVED   "an attempt"
#define CUT     "the newest attempts"
#define LOTS    "a lot"
#define PEOPLE  "an operator"
#define WORDS   "a later word"
#define STOPS   "a stop"
#define HOUSE   "an event"
#define PAST    "an archive"
#define AUDIT   "the audit"
#define JOURNAL "the journal"
#define GUARDS  "the tables"
#define COUNTS  "counts"
#define SECTOR  "a saved sector"
#define INDEX   "an index"
#define ALONE   "a change of a lot, an operator"
#define REDONE  "the past, with every hash"
#define OPENED  "an attempt that is still open"
#define GROWN   "rows added after"

#define HIDE                                                                                                                             \
    "INSERT INTO archive SELECT 2, 5, 'old.db', zeroblob(32), 7, seq, hash, 16 FROM chain ORDER BY seq DESC LIMIT 1;"                    \
    "INSERT INTO unit_past SELECT 2, unit_id, 1, sum(result = 'PASS'), 0, NULL FROM attempt WHERE unit_id IS NOT NULL GROUP BY unit_id;" \
    "INSERT INTO lot_past SELECT DISTINCT 2, lot_id, 0, unit_id FROM attempt WHERE result = 'PASS' AND unit_id IS NOT NULL;"             \
    "DELETE FROM identification; DELETE FROM evidence; DELETE FROM attempt WHERE result <> 'OPEN'; DELETE FROM chain;"

#define RENUMBER_AUDIT "UPDATE audit SET id = id - 1 WHERE id > 3"

/* clang-format off */
static const struct kind kinds[] = {
    /* Attempts and what hangs on them. */
    {"a FAIL becomes a PASS", MOVED, 0, "UPDATE attempt SET result = 'PASS', code = 0 WHERE id = 14", "changed"},
    {"a duration is rounded", MOVED, 0, "UPDATE attempt SET duration_us = 1 WHERE id = 9", "changed"},
    {"a serial is written in", MOVED, 0, "UPDATE attempt SET serial = 'S-1' WHERE id = 9", "changed"},
    {"an attempt moves to another lot", MOVED, 0, "UPDATE attempt SET lot_id = 2 WHERE id = 8", "changed"},
    {"an attempt gets another operator", MOVED, 0, "UPDATE attempt SET operator_id = 1 WHERE id = 8", "changed"},
    {"an attempt moves into training", MOVED, 0, "UPDATE attempt SET kind = 'TRAINING' WHERE id = 15", "changed"},
    {"the chip says something else", MOVED, 0, "UPDATE identification SET revision = 300 WHERE attempt_id = 9", "changed"},
    {"a verdict of the records is lifted", MOVED, 0, "UPDATE identification SET verdict = 0 WHERE attempt_id = 13", "changed"},
    {"wire bytes are wiped", MOVED, 0, "UPDATE evidence SET rx = x'' WHERE attempt_id = 14", "changed"},
    {"wire bytes are gone", MOVED, 0, "DELETE FROM evidence WHERE attempt_id = 14", "changed"},
    {"an attempt is gone", MOVED, 0, "DELETE FROM attempt WHERE id = 15", "removed"},
    {"an attempt and its link are gone", MOVED, 0, "DELETE FROM attempt WHERE id = 15; DELETE FROM chain WHERE seq = 15", "missing"},
    {"two links are exchanged", MOVED, 0, "UPDATE chain SET attempt_id = -1 WHERE seq = 9; UPDATE chain SET attempt_id = 9 WHERE seq = 10;"
     "UPDATE chain SET attempt_id = 10 WHERE seq = 9", "changed"},
    {"an attempt is added", MOVED, 0, "CREATE TEMP TABLE t AS SELECT * FROM attempt WHERE id = 9; UPDATE t SET id = 90, uuid = 'x';"
     "INSERT INTO attempt SELECT * FROM t", NULL},
    {"a FAIL becomes a PASS, links made anew", MOVED, F_LINKS, "UPDATE attempt SET result = 'PASS', code = 0 WHERE id = 15", NULL},
    {"an attempt is cut out, links made anew", MOVED, F_LINKS, "DELETE FROM identification WHERE attempt_id = 15; DELETE FROM evidence WHERE attempt_id = 15;"
     "DELETE FROM chain WHERE attempt_id = 15; DELETE FROM attempt WHERE id = 15; UPDATE chain SET seq = seq - 1 WHERE seq > 15;"
     "UPDATE sqlite_sequence SET seq = seq - 1 WHERE name = 'attempt'", NULL},
    {"a link's hash is overwritten", MOVED, 0, "UPDATE chain SET hash = zeroblob(32) WHERE seq = 12", "changed"},
    {"a link's hash is of another length", MOVED, F_RAW, "DROP TRIGGER chain_is_final; PRAGMA ignore_check_constraints=ON; UPDATE chain SET hash = x'00' WHERE seq = 12;", NULL},
    {"the last attempt is cut off", CUT, 0, "DELETE FROM attempt WHERE id = 22; DELETE FROM chain WHERE seq = 22", "missing"},
    {"the last attempt is cut off, and SQLite's count", CUT, F_LINKS, "DELETE FROM identification WHERE attempt_id >= 22; DELETE FROM attempt WHERE id >= 22;"
     "DELETE FROM chain WHERE seq >= 22; UPDATE sqlite_sequence SET seq = 21 WHERE name = 'attempt'", NULL},
    {"every attempt is gone", CUT, F_LINKS, "DELETE FROM identification; DELETE FROM evidence; DELETE FROM attempt; DELETE FROM chain;"
     "UPDATE sqlite_sequence SET seq = 6 WHERE name = 'attempt'", NULL},
    {"only the last link is gone", CUT, 0, "DELETE FROM chain WHERE seq = 22", NULL},
    /* Lots. */
    {"a lot's plan grows", LOTS, 0, "UPDATE lot SET planned = 400 WHERE code = 'L1'", "L1"},
    {"a lot's plan goes", LOTS, 0, "UPDATE lot SET planned = 0 WHERE code = 'L2'", "L2"},
    {"a closed lot is open", LOTS, 0, "UPDATE lot SET closed_ms = NULL WHERE code = 'L3'", "L3"},
    {"an open lot is closed", LOTS, 0, "UPDATE lot SET closed_ms = opened_ms WHERE code = 'L1'", "L1"},
    {"a lot has another work order", LOTS, 0, "UPDATE lot SET work_order = 'WO-9' WHERE code = 'L1'", "L1"},
    {"a lot without boards is renamed", LOTS, 0, "UPDATE lot SET code = 'L33' WHERE code = 'L3'", NULL},
    {"a lot is added", LOTS, 0, "INSERT INTO lot(code, planned, opened_ms) VALUES ('LX', 5, 1)", "LX"},
    {"a lot is gone", LOTS, 0, "DELETE FROM lot WHERE code = 'L3'", NULL},
    {"a lot's plan grows, journal made anew", ALONE, F_JOURNAL, "UPDATE lot SET planned = 400 WHERE code = 'L1'", NULL},
    /* People. */
    {"an operator becomes engineer", PEOPLE, 0, "UPDATE operator SET role = 'engineer' WHERE name = 'op-7'", "op-7"},
    {"an engineer's PIN is exchanged", PEOPLE, 0, "UPDATE operator SET pin_hash = zeroblob(32) WHERE name = 'bert'", "bert"},
    {"an engineer's PIN and salt become another's", PEOPLE, 0, "UPDATE operator SET (pin_salt, pin_hash) ="
     " (SELECT pin_salt, pin_hash FROM operator WHERE name = 'bert') WHERE name = 'anna'", "anna"},
    {"the lock is opened: no PIN left", PEOPLE, 0, "UPDATE operator SET pin_hash = NULL, pin_salt = NULL", NULL},
    {"a badge is exchanged", PEOPLE, 0, "UPDATE operator SET badge_hash = zeroblob(32) WHERE name = 'op-7'", "op-7"},
    {"a disabled operator may work again", PEOPLE, 0, "UPDATE operator SET active = 1 WHERE name = 'carl'", "carl"},
    {"an operator without boards is renamed", PEOPLE, 0, "UPDATE operator SET name = 'karl' WHERE name = 'carl'", NULL},
    {"an engineer is added", PEOPLE, 0, "INSERT INTO operator(name, role, pin_salt, pin_hash, created_ms)"
     " SELECT 'mallory', 'engineer', pin_salt, pin_hash, 5 FROM operator WHERE name = 'anna'", "mallory"},
    {"an operator is gone", PEOPLE, 0, "DELETE FROM operator WHERE name = 'carl'", NULL},
    {"an operator becomes engineer, journal made anew", ALONE, F_JOURNAL, "UPDATE operator SET role = 'engineer' WHERE name = 'op-7'", "audit"},
    {"an operator becomes engineer, entry added", ALONE, F_JOURNAL | F_APPEND, "UPDATE operator SET role = 'engineer' WHERE name = 'op-7'", "op-7"},
    {"a PIN becomes another's, entry added", ALONE, F_JOURNAL | F_APPEND, "UPDATE operator SET (pin_salt, pin_hash) ="
     " (SELECT pin_salt, pin_hash FROM operator WHERE name = 'bert') WHERE name = 'anna'", "anna"},
    {"a lot's plan grows, entry added", ALONE, F_JOURNAL | F_APPEND, "UPDATE lot SET planned = 400 WHERE code = 'L1'", "L1"},
    {"a closed lot is open, entry added", ALONE, F_JOURNAL | F_APPEND, "UPDATE lot SET closed_ms = NULL WHERE code = 'L3'", "L3"},
    {"an engineer is added, journal made anew", ALONE, F_JOURNAL, "INSERT INTO operator(name, role, pin_salt, pin_hash, created_ms)"
     " SELECT 'mallory', 'engineer', pin_salt, pin_hash, 5 FROM operator WHERE name = 'anna'", NULL},
    /* Later words and stops. */
    {"a correction has another reason", WORDS, 0, "UPDATE correction SET reason = 'fine' WHERE id = 2", "correction"},
    {"a correction has another actor", WORDS, 0, "UPDATE correction SET actor = 'op-7' WHERE id = 1", "correction"},
    {"SCRAP becomes RELEASE", WORDS, 0, "UPDATE correction SET action = 'RELEASE' WHERE id = 2", "correction"},
    {"a correction moves to another attempt", WORDS, 0, "UPDATE correction SET attempt_id = 14 WHERE id = 1", "correction"},
    {"a correction is gone", WORDS, 0, "DELETE FROM correction WHERE id = 2", "correction"},
    {"a scrapped unit's word becomes another's", WORDS, 0, "UPDATE correction SET unit_id = 3 WHERE id = 2", "correction"},
    {"a release is added", WORDS, 0, "INSERT INTO correction(attempt_id, at_ms, actor, action, reason) VALUES (14, 5, 'anna', 'RELEASE', 'fine')", "correction"},
    {"the engineer's word on an identity sector is gone", WORDS, 0, "DELETE FROM identity_act", "identity_act"},
    {"the engineer's word counts further", WORDS, 0, "UPDATE identity_act SET after_attempt = 99", "identity_act"},
    {"a word on an identity sector is added, journal made anew", ALONE, F_JOURNAL, "INSERT INTO identity_act(unit_id, at_ms, after_attempt) VALUES (3, 5, 99)", "identity_act"},
    {"a release is added, journal made anew", ALONE, F_JOURNAL, "INSERT INTO correction(attempt_id, at_ms, actor, action, reason) VALUES (14, 5, 'anna', 'RELEASE', 'fine')", NULL},
    {"a stop is gone", STOPS, 0, "DELETE FROM stop WHERE id = 2", "stop"},
    {"a stop is for another slot", STOPS, 0, "UPDATE stop SET slot = 30 WHERE id = 2", "stop"},
    {"a stop becomes practice", STOPS, 0, "UPDATE stop SET training = 1 WHERE id = 2", "stop"},
    {"a stop is released", STOPS, 0, "INSERT INTO stop_release VALUES (2, 5, 'anna', 'fine', 20)", "stop"},
    {"a release is withdrawn", STOPS, 0, "DELETE FROM stop_release WHERE stop_id = 1", "stop"},
    {"a release has another reason", STOPS, 0, "UPDATE stop_release SET reason = 'none' WHERE stop_id = 1", "stop"},
    {"a release counts from elsewhere", STOPS, 0, "UPDATE stop_release SET after_seq = 99 WHERE stop_id = 1", "stop"},
    {"a stop is released, journal made anew", ALONE, F_JOURNAL, "INSERT INTO stop_release VALUES (2, 5, 'anna', 'fine', 20)", NULL},
    /* The house. */
    {"an event is gone", HOUSE, 0, "DELETE FROM event WHERE kind = 'PIN'", "event"},
    {"an event says something else", HOUSE, 0, "UPDATE event SET text = 'all is well', amount = 0 WHERE kind = 'BACKUP'", "event"},
    {"an event is added", HOUSE, 0, "INSERT INTO event(at_ms, kind, amount, text) VALUES (5, 'BACKUP', 0, '/backup/f.db')", "event"},
    {"a unit is another chip", HOUSE, 0, "UPDATE unit SET chip = 'ESP32-PICO' WHERE id = 9", "unit"},
    {"a unit was seen earlier", HOUSE, 0, "UPDATE unit SET first_seen_ms = 5 WHERE id = 9", "unit"},
    {"a unit of an archived attempt has another MAC", HOUSE, 0, "UPDATE unit SET mac = x'240ac4000777' WHERE id = 2", "unit"},
    {"a unit is added", HOUSE, 0, "INSERT INTO unit VALUES (900, x'240ac4000778', 'ESP32', 100, 1, 1, 1)", "unit"},
    {"a run was by another version", HOUSE, 0, "UPDATE run SET version = '9.9', host = 'elsewhere' WHERE id = 3", NULL},
    {"a run is gone", HOUSE, 0, "DELETE FROM run WHERE id = (SELECT max(id) FROM run WHERE id NOT IN (SELECT run_id FROM attempt))", "run"},
    {"the station has another name", HOUSE, 0, "UPDATE station SET name = 'hall 2'", "station"},
    {"the station has another number", HOUSE, 0, "UPDATE station SET uuid = 'x'", "station"},
    {"a job has another hash", HOUSE, 0, "UPDATE job SET sha256 = randomblob(32)", NULL},
    {"a firmware that nothing used is added", HOUSE, 0, "INSERT INTO firmware VALUES (90, 'a', 'b', zeroblob(32), 5)", "firmware"},
    {"a pool is added that nobody brought in", HOUSE, 0, "INSERT INTO pool VALUES (1, 'lora', 'EUI64', 8, NULL, NULL, 0, 5)", "pool 1 stands in no entry"},
    {"a unit gets an address that nobody read", HOUSE, 0, "INSERT INTO unit_address VALUES (1, 1, 'CUSTOM_MAC', x'70b3d5000001', 5)", "unit_address"},
    {"a slot was elsewhere", HOUSE, 0, "UPDATE slot SET port = 'ftdi:9-9:A' WHERE number = 4", "slot"},
    {"a saved sector belongs to another attempt", HOUSE, 0, "UPDATE backup SET attempt_id = 2 WHERE attempt_id = 1", "backup"},
    {"the sector of an archived attempt is forgotten", HOUSE, 0, "DELETE FROM backup WHERE attempt_id = 2", "backup"},
    {"a saved sector's row names another one", HOUSE, 0, "UPDATE backup SET sha256 = (SELECT sha256 FROM backup WHERE attempt_id = 4) WHERE attempt_id = 2", "backup"},
    /* Archives. */
    {"an archive row names another file", PAST, 0, "UPDATE archive SET file = 'other.db'", "archive"},
    {"an archive row has another hash of its file", PAST, 0, "UPDATE archive SET file_sha256 = zeroblob(32)", "archive"},
    {"an archive row ends elsewhere", PAST, 0, "UPDATE archive SET last_hash = zeroblob(32)", NULL},
    {"an archive row ends elsewhere, links and journal made anew", PAST, F_LINKS | F_JOURNAL, "UPDATE archive SET last_hash = zeroblob(32)", "the hash of record 6"},
    {"a forged archive row hides every attempt", PAST, 0, HIDE, "archive"},
    {"a forged archive row hides every attempt, journal made anew", ALONE, F_JOURNAL, HIDE, "archive"},
    {"a forged archive row hides every attempt, with an audit row", GROWN, F_ALL | F_APPEND, HIDE
     "INSERT INTO audit(id, at_ms, actor, role, action, object, new, facts, prev_hash, hash)"
     " SELECT max(id) + 1, 5, 'anna', 'engineer', 'records.archive', 'before', '2026-11-30', 0, zeroblob(32), zeroblob(32) FROM audit;"
     "INSERT INTO journal(tbl, row, digest, hash) SELECT 'audit', max(id), zeroblob(32), zeroblob(32) FROM audit", NULL},
    {"an archive row is gone", PAST, 0, "DELETE FROM unit_past; DELETE FROM archive", NULL},
    {"a unit's archived PASS is forgotten", PAST, 0, "UPDATE unit_past SET passes = 0 WHERE unit_id = 2", "archive"},
    {"a lot's archived tries are fewer", PAST, 0, "DELETE FROM tried_past WHERE unit_id = 2", "archive"},
    {"an archived FAIL becomes a PASS", PAST, 0, "UPDATE tried_past SET last_result = 'PASS' WHERE unit_id = 3", "archive"},
    {"an archived serial is added", PAST, 0, "INSERT INTO serial_past VALUES (1, 'S-1', 2, 0, 1, 2)", "archive"},
    {"a unit's past is gone", PAST, 0, "DELETE FROM unit_past WHERE unit_id = 2", "archive"},
    {"a byte of an archive is another", PAST, F_SHELL, "chmod u+w f.db.archive*; printf x | dd of=$(ls f.db.archive*) bs=1 seek=5000 conv=notrunc 2>/dev/null", "SHA-256"},
    {"another archive stands in an archive's place", PAST, F_SHELL, "cp f.db other; mv -f other $(ls f.db.archive*)", "SHA-256"},
    {"an archive's hash and row are those of another file, journal made anew", REDONE, F_ALL, "UPDATE archive SET file = 'elsewhere.db', file_sha256 = zeroblob(32)", NULL},
    /* The audit. */
    {"an audit row says something else", AUDIT, 0, "UPDATE audit SET actor = 'op-7' WHERE id = 3", "audit"},
    {"an audit row is gone", AUDIT, 0, "DELETE FROM audit WHERE id = 3", "audit"},
    {"an audit row is gone, the rest renumbered", AUDIT, F_AUDIT, "DELETE FROM audit WHERE id = 3; " RENUMBER_AUDIT, NULL},
    {"the audit's end is cut off", AUDIT, 0, "DELETE FROM audit WHERE id > 12", "audit"},
    {"the audit is empty", AUDIT, 0, "DELETE FROM audit", "audit"},
    {"the audit is rewritten, hashes made anew", AUDIT, F_AUDIT, "UPDATE audit SET actor = 'op-7', reason = 'ordered' WHERE id = 3", "audit"},
    {"an audit row is added, hashes made anew", AUDIT, F_AUDIT, "INSERT INTO audit(id, at_ms, actor, role, action, object, prev_hash, hash)"
     " SELECT max(id) + 1, 5, 'anna', 'engineer', 'login', 'anna', zeroblob(32), zeroblob(32) FROM audit", "audit"},
    /* The journal itself. */
    {"a journal entry is overwritten", JOURNAL, 0, "UPDATE journal SET digest = zeroblob(32) WHERE seq = 9", "journal entry 9"},
    {"a journal entry's hash is overwritten", JOURNAL, 0, "UPDATE journal SET hash = zeroblob(32) WHERE seq = 9", "journal entry 9 was changed"},
    {"what a row was before is overwritten in the journal", JOURNAL, 0, "UPDATE journal SET digest = zeroblob(32) WHERE seq = (SELECT min(seq)"
     " FROM journal WHERE tbl = 'operator' AND row = 4)", "journal entry"},
    {"a journal entry is gone", JOURNAL, 0, "DELETE FROM journal WHERE seq = 9", "journal entry 9"},
    {"a journal entry is gone, the rest renumbered", JOURNAL, 0, "DELETE FROM journal WHERE seq = 9; UPDATE journal SET seq = seq - 1 WHERE seq > 9", "journal entry"},
    {"the journal's end is cut off", JOURNAL, 0, "DELETE FROM journal WHERE seq > 40", "journal entry 41"},
    {"the journal's end is cut off, and SQLite's count", JOURNAL, 0, "DELETE FROM journal WHERE seq > 40; UPDATE sqlite_sequence SET seq = 40 WHERE name = 'journal'", NULL},
    {"the journal is empty", JOURNAL, 0, "DELETE FROM journal; DELETE FROM sqlite_sequence WHERE name = 'journal'", NULL},
    {"journal and audit are cut off together", JOURNAL, F_JOURNAL, "DELETE FROM audit WHERE id > 10; DELETE FROM journal WHERE seq >"
     " (SELECT seq FROM journal WHERE tbl = 'audit' AND row = 10)", NULL},
    {"the journal begins anew", JOURNAL, F_JOURNAL, "INSERT INTO journal(tbl, row, digest, hash) VALUES ('base format', 3, zeroblob(32), zeroblob(32))", "journal entry"},
    {"an entry names no table", JOURNAL, F_JOURNAL, "INSERT INTO journal(tbl, row, digest, hash) VALUES ('other', 3, zeroblob(32), zeroblob(32))", NULL},
    /* The tables themselves. */
    {"a trigger is dropped", GUARDS, F_RAW, "DROP TRIGGER attempt_closes_once", "attempt_closes_once"},
    {"all triggers are dropped", GUARDS, F_RAW, "PRAGMA writable_schema=ON; DELETE FROM sqlite_schema WHERE type = 'trigger'", NULL},
    {"a trigger is added", GUARDS, F_RAW, "CREATE TRIGGER helper AFTER INSERT ON lot BEGIN UPDATE lot SET planned = 0; END", "helper"},
    {"a trigger hides under SQLite's own prefix", GUARDS, F_RAW, "CREATE TRIGGER helper AFTER INSERT ON lot BEGIN UPDATE lot SET planned = 0; END;"
     "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET name = 'sqlite_helper', sql = replace(sql, 'helper', 'sqlite_helper') WHERE name = 'helper'", "sqlite_helper"},
    {"a trigger does nothing any more", GUARDS, F_RAW, "DROP TRIGGER event_stays; CREATE TRIGGER event_stays BEFORE DELETE ON event BEGIN SELECT 1; END", "event_stays"},
    {"a rule is taken out of a table", GUARDS, F_RAW, "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = replace(sql, ' CHECK (planned >= 0)', '') WHERE name = 'lot'", "lot"},
    {"an index is dropped", GUARDS, F_RAW, "DROP INDEX attempt_slot", "attempt_slot"},
    {"an index is added", GUARDS, F_RAW, "CREATE UNIQUE INDEX one ON event(text)", "one"},
    {"a column is added", GUARDS, F_RAW, "ALTER TABLE operator ADD COLUMN note TEXT", "operator"},
    {"a table is added", GUARDS, F_RAW, "CREATE TABLE other(a)", "other"},
    {"a view stands before a table", GUARDS, F_RAW, "CREATE VIEW units AS SELECT * FROM unit", "units"},
    {"the format's number is set back", GUARDS, F_RAW, "PRAGMA user_version=2", NULL},
    /* Counts and bytes. */
    {"a lot's count of good boards is lower", COUNTS, 0, "UPDATE lot_count SET good = 0 WHERE lot_id = 1", "lot"},
    {"a good board is not counted", COUNTS, 0, "DELETE FROM lot_good WHERE lot_id = 1 AND unit_id = (SELECT unit_id FROM attempt WHERE id = 8);"
     "UPDATE lot_count SET good = good - 1 WHERE lot_id = 1 AND training = 0", "lot"},
    {"a good board is invented", COUNTS, 0,
     "INSERT INTO lot_good VALUES (1, 0, (SELECT unit_id FROM attempt WHERE id = 15));"
     "UPDATE lot_count SET good = good + 1 WHERE lot_id = 1 AND training = 0", "lot"},
    {"an archived good board is not counted", COUNTS, 0, "DELETE FROM lot_good WHERE lot_id = 1 AND unit_id = 2;"
     "UPDATE lot_count SET good = good - 1 WHERE lot_id = 1 AND training = 0", NULL},
    {"a sector's bytes are others", SECTOR, 0, "UPDATE sector SET data = zeroblob(4096)", "sector"},
    {"an index leads elsewhere", INDEX, F_RAW, "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET rootpage = (SELECT sum(rootpage) FROM sqlite_schema"
     " WHERE name IN ('attempt_opened', 'attempt_slot')) - rootpage WHERE name IN ('attempt_opened', 'attempt_slot')", "damaged"},
    {"a sector is gone", SECTOR, 0, "DELETE FROM sector WHERE sha256 IN (SELECT sha256 FROM backup WHERE attempt_id = 9)", NULL},
    /* What an outside anchor alone can show, and what nothing can. */
    {"everything is rewritten: a FAIL becomes a PASS", REDONE, F_ALL, "UPDATE attempt SET result = 'PASS', code = 0 WHERE id = 15;"
     "INSERT INTO lot_good VALUES (1, 0, (SELECT unit_id FROM attempt WHERE id = 15));"
     "UPDATE lot_count SET good = good + 1 WHERE lot_id = 1 AND training = 0", NULL},
    {"everything is rewritten: the audit", REDONE, F_ALL, "UPDATE audit SET actor = 'op-7' WHERE action = 'attempt.scrap'", NULL},
    {"everything is rewritten: an event", REDONE, F_ALL, "UPDATE event SET text = 'all is well' WHERE kind = 'BACKUP'", NULL},
    {"everything is rewritten: an audit row without a change is cut out", REDONE, F_ALL,
     "CREATE TEMP TABLE cut AS SELECT id FROM audit WHERE action = 'rules.change'; DELETE FROM audit WHERE id IN (SELECT id FROM cut);"
     "DELETE FROM journal WHERE tbl = 'audit' AND row IN (SELECT id FROM cut);"
     "UPDATE audit SET id = id - 1 WHERE id > (SELECT id FROM cut);"
     "UPDATE journal SET row = row - 1 WHERE tbl = 'audit' AND row > (SELECT id FROM cut)", NULL},
    {"everything is rewritten: an engineer's PIN", REDONE, F_ALL, "UPDATE operator SET (pin_salt, pin_hash) ="
     " (SELECT pin_salt, pin_hash FROM operator WHERE name = 'bert') WHERE name = 'anna'", NULL},
    {"everything is rewritten: the end of all is cut off", REDONE, F_ALL, "DELETE FROM identification WHERE attempt_id >= 22; DELETE FROM attempt WHERE id >= 22;"
     "DELETE FROM chain WHERE seq >= 22; DELETE FROM backup WHERE attempt_id >= 22; DELETE FROM lot_good WHERE unit_id NOT IN"
     " (SELECT unit_id FROM attempt WHERE unit_id IS NOT NULL UNION SELECT unit_id FROM unit_past); UPDATE lot_count SET good ="
     " (SELECT count(*) FROM lot_good g WHERE g.lot_id = lot_count.lot_id AND g.training = lot_count.training);"
     "DELETE FROM unit WHERE mac = x'240ac4000016'; UPDATE sqlite_sequence SET seq = 21 WHERE name = 'attempt'", NULL},
    {"an open attempt is gone, and SQLite's count", OPENED, 0, "DELETE FROM attempt WHERE id = 23; UPDATE sqlite_sequence SET seq = 22 WHERE name = 'attempt'", NULL},
    {"an open attempt is gone, and a forged end", OPENED, F_ALL, "DELETE FROM attempt WHERE id = 23; UPDATE sqlite_sequence SET seq = 22 WHERE name = 'attempt'", NULL},
    {"an engineer is added as a station would", GROWN, F_ALL | F_APPEND, "INSERT INTO operator(name, role, pin_salt, pin_hash, created_ms)"
     " SELECT 'mallory', 'engineer', pin_salt, pin_hash, 5 FROM operator WHERE name = 'anna';"
     "INSERT INTO audit(id, at_ms, actor, role, action, object, new, facts, facts_sha256, prev_hash, hash)"
     " SELECT max(id) + 1, 5, 'anna', 'engineer', 'operator.add', 'mallory', 'engineer, PIN', 1, zeroblob(32), zeroblob(32), zeroblob(32) FROM audit", NULL},
    {"an event is added as a station would", GROWN, F_ALL | F_APPEND, "INSERT INTO event(at_ms, kind, amount, text) VALUES (5, 'BACKUP', 0, '/backup/f.db')", NULL},
};
/* clang-format on */

#endif /* TESTS_TAMPER_KINDS_H */
