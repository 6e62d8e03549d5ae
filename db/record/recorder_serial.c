/* SPDX-License-Identifier: Apache-2.0 */
/* recorder_serial - the desk of serials, asked for an attempt, and what it says written on the attempt's row. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "db/desk/event.h"
#include "db/desk/pool_inside.h"
#include "db/open/sql.h"
#include "db/record/recorder_private.h"

/* Slot and MAC of an open attempt. SQLITE_ROW, SQLITE_DONE: no such board was identified, or an error. */
static int read_board(sqlite3 *h, int64_t attempt, int *slot, struct mac *mac)
{
    sqlite3_stmt *s = sql_prepare(
        h,
        "SELECT a.slot, u.mac FROM attempt a JOIN identification i ON i.attempt_id = a.id AND i.n = 0"
        " JOIN unit u ON u.id = i.unit_id WHERE a.id = ?",
        "l", attempt);
    int rc = s == NULL ? sqlite3_errcode(h) : sqlite3_step(s);

    if (rc == SQLITE_ROW && sqlite3_column_bytes(s, 1) == (int)sizeof mac->bytes) {
        *slot = sqlite3_column_int(s, 0);
        memcpy(mac->bytes, sqlite3_column_blob(s, 1), sizeof mac->bytes);
    }
    sqlite3_finalize(s);
    return rc;
}

static int read_slot(sqlite3 *h, int64_t attempt, int *slot)
{
    int64_t found = 0;
    int rc = sql_int(h, &found, 0, "SELECT slot FROM attempt WHERE id = ?", "l", attempt);

    *slot = (int)found;
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int refuse_used(struct db_recorder *r, int slot, struct failure *refusal)
{
    struct serial_view v;

    serial_desk_look(r->serials, slot, &v);
    failure_set(refusal, HOLD_MAC_REFUSED, STAGE_GATE, 0,
                "two scanned serials belong to other units, the last one is %s", v.serial);
    return SQLITE_ABORT;
}

static int refuse_back(struct failure *refusal)
{
    failure_set(refusal, FAIL_ABORTED, STAGE_GATE, 0,
                "the scanned serial was taken back; nothing was erased");
    return SQLITE_ABORT;
}

int recorder_leave_attempt(struct db_recorder *r, int64_t attempt, int *leave, struct failure *refusal)
{
    struct mac mac = {{0}};
    int slot = 0, rc = read_board(r->db->h, attempt, &slot, &mac);

    *leave = 0;
    if (rc != SQLITE_ROW)
        return rc == SQLITE_DONE ? SQLITE_OK : rc;
    switch (serial_desk_leave(r->serials, slot, &mac, r->policy.serial_required)) {
    case SERIAL_GO:
        return SQLITE_OK;
    case SERIAL_WAIT:
        *leave = 1;
        return SQLITE_OK;
    case SERIAL_HOLD:
        return refuse_used(r, slot, refusal);
    case SERIAL_END:
        break;
    }
    return refuse_back(refusal);
}

/* Once: the row keeps what it has. */
static int name_attempt(sqlite3 *h, int64_t attempt, const char *serial)
{
    if (serial[0] == '\0')
        return SQLITE_OK;
    return sql_run(h, "UPDATE attempt SET serial = ?2 WHERE id = ?1 AND result = 'OPEN' AND serial IS NULL",
                   "lt", attempt, serial);
}

int recorder_begin_attempt(struct db_recorder *r, int64_t attempt, struct failure *refusal)
{
    char serial[SERIAL_SIZE];
    int slot, rc = read_slot(r->db->h, attempt, &slot);

    if (rc != SQLITE_OK)
        return rc;
    if (!serial_desk_begin(r->serials, slot, serial))
        return refuse_back(refusal);
    if ((rc = name_attempt(r->db->h, attempt, serial)) != SQLITE_OK)
        return rc;
    return pool_note_written(r->db, attempt);
}

/*
 * A board that was stopped before anything was changed, or that turned out to be another one, has no serial: whoever
 * scanned it may scan it again.
 */
static bool is_attached(const struct attempt_result *result)
{
    return result->result != RESULT_ABORTED && result->failure.code != FAIL_IDENTITY_CHANGED;
}

int recorder_end_serial(struct db_recorder *r, int64_t attempt, const struct attempt_result *result,
                        struct serial_end *end)
{
    int slot, rc = read_slot(r->db->h, attempt, &slot);

    if (rc != SQLITE_OK)
        return rc;
    if (!end->is_told)
        serial_desk_end(r->serials, slot, is_attached(result), end->serial);
    end->is_told = true;
    return name_attempt(r->db->h, attempt, end->serial);
}

/*
 * Is `code` another unit's, of those that passed? Nothing tells boards without an address apart: for them every unit is
 * another. SQLITE_ROW: it is, SQLITE_DONE: it is not.
 */
static int find_owner(sqlite3 *h, int slot, const struct mac *mac, const char *code)
{
    int64_t found;

    return sql_int(
        h, &found, 0,
        "SELECT a.id FROM attempt me JOIN identification i ON i.attempt_id = me.id AND i.n = 0"
        " JOIN attempt a ON a.serial = ?1 WHERE me.slot = ?2 AND me.result = 'OPEN' AND a.result = 'PASS'"
        " AND (?3 OR a.unit_id <> i.unit_id) AND (a.kind = 'TRAINING') = (me.kind = 'TRAINING') LIMIT 1",
        "tii", code, slot, (int)mac_is_blank(mac));
}

struct archived_owner {
    int slot;
    const struct mac *mac;
    const char *code;
    bool found;
};

/* The same among the archived ones, from what stays known here of their serials: no archive is opened for a scan. */
static int find_archived_owner(struct db *db, void *arg)
{
    struct archived_owner *o = arg;
    char file[128], mac[MAC_TEXT_SIZE];
    sqlite3_stmt *s = sql_prepare(
        db->h,
        "SELECT u.mac, r.file, me.id FROM attempt me JOIN identification i ON i.attempt_id = me.id AND i.n = 0"
        " JOIN serial_past p ON p.serial = ?1 JOIN unit u ON u.id = p.unit_id JOIN archive r ON r.id = p.archive_id"
        " WHERE me.slot = ?2 AND me.result = 'OPEN' AND p.passes > 0 AND (?3 OR p.unit_id <> i.unit_id)"
        " AND p.training = (me.kind = 'TRAINING') ORDER BY p.last_attempt DESC LIMIT 1",
        "tii", o->code, o->slot, (int)mac_is_blank(o->mac));
    int rc = s == NULL ? sqlite3_errcode(db->h) : sqlite3_step(s);
    int64_t attempt = 0;

    o->found = rc == SQLITE_ROW && sqlite3_column_bytes(s, 0) == (int)sizeof o->mac->bytes;
    if (o->found) {
        struct mac of;
        memcpy(of.bytes, sqlite3_column_blob(s, 0), sizeof of.bytes);
        mac_text(&of, mac);
        sql_copy_text(s, 1, file, sizeof file);
        attempt = sqlite3_column_int64(s, 2);
    }
    sqlite3_finalize(s);
    if (rc != SQLITE_ROW)
        return rc == SQLITE_DONE ? SQLITE_OK : rc;
    return event_note(db, "DUPLICATE", attempt,
                      "serial number %s is that of MAC %s, which passed before: archive %s", o->code, mac,
                      file);
}

/* Of archives of before format 8 nobody knows here which serials are in them: people must. */
static int note_older_archives(struct db *db, void *arg)
{
    sqlite3_stmt *s = sql_prepare(
        db->h,
        "SELECT id, file FROM archive r WHERE NOT EXISTS (SELECT 1 FROM tried_past t WHERE t.archive_id = r.id) ORDER BY id",
        "");
    int rc = s == NULL ? sqlite3_errcode(db->h) : SQLITE_DONE;
    char file[128];

    (void)arg;
    while (s != NULL && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        sql_copy_text(s, 1, file, sizeof file);
        rc = event_note(db, "DUPLICATE", sqlite3_column_int64(s, 0),
                        "archive %s is of before format 8: no scan is compared with the serial numbers in it;"
                        " 'flashline unit SERIAL' looks into it",
                        file);
        if (rc != SQLITE_OK)
            break;
    }
    sqlite3_finalize(s);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Once a run: it is told where serials are scanned, and nowhere else. */
static int tell_older_archives(struct db_recorder *r)
{
    if (r->told_archives)
        return SQLITE_OK;
    int rc = db_transact(r->db, note_older_archives, NULL);
    r->told_archives = rc == SQLITE_OK;
    return rc;
}

/* SQLITE_ROW: another unit has it, SQLITE_DONE: none has. */
static int find_any_owner(struct db_recorder *r, int slot, const struct mac *mac, const char *code)
{
    struct archived_owner past = {slot, mac, code, false};
    int rc = find_owner(r->db->h, slot, mac, code);

    if (rc != SQLITE_DONE)
        return rc;
    rc = db_transact(r->db, find_archived_owner, &past);
    if (rc == SQLITE_OK)
        rc = tell_older_archives(r);
    return rc != SQLITE_OK ? rc : past.found ? SQLITE_ROW : SQLITE_DONE;
}

static enum serial_answer scan(struct db_recorder *r, int slot, const char *code)
{
    const int64_t now = db_mono_us(r->db);
    struct mac mac;

    if (!serial_desk_board(r->serials, slot, &mac))
        return serial_desk_scan(r->serials, slot, code, false, 0, now);
    int holder = serial_desk_holder(r->serials, slot, code);
    int rc = holder != 0 ? SQLITE_ROW : find_any_owner(r, slot, &mac, code);
    if (rc == SQLITE_ROW || rc == SQLITE_DONE)
        return serial_desk_scan(r->serials, slot, code, rc == SQLITE_ROW, holder, now);
    serial_desk_refuse(r->serials, slot, code, SERIAL_NO_RECORD);
    return SERIAL_NO_RECORD;
}

enum serial_answer db_recorder_scan(struct db_recorder *r, int *slot, const char *code)
{
    enum serial_answer answer = serial_code_check(code);

    db_lock(r->db);
    bool named = *slot != 0;
    if (!named)
        *slot = serial_desk_asking(r->serials);
    if (answer == SERIAL_ACCEPTED && !named && serial_desk_is_twice(r->serials, code, db_mono_us(r->db)))
        answer = SERIAL_TWICE; /* of whatever board asks by now: it is not told at its slot */
    else if (answer == SERIAL_ACCEPTED && !named && serial_desk_asks_another(r->serials))
        answer = SERIAL_GONE;
    else if (answer == SERIAL_ACCEPTED && *slot == 0)
        answer = SERIAL_NOBODY;
    if (answer == SERIAL_ACCEPTED)
        answer = scan(r, *slot, code);
    else
        serial_desk_refuse(r->serials, answer == SERIAL_TWICE ? 0 : *slot, code, answer);
    db_unlock(r->db);
    return answer;
}

void db_recorder_serial_of(struct db_recorder *r, int64_t attempt, char serial[static SERIAL_SIZE])
{
    serial[0] = '\0';
    db_lock(r->db);
    sqlite3_stmt *s = sql_prepare(r->db->h, "SELECT serial FROM attempt WHERE id = ?", "l", attempt);
    if (s != NULL && sqlite3_step(s) == SQLITE_ROW)
        sql_copy_text(s, 0, serial, SERIAL_SIZE);
    sqlite3_finalize(s);
    db_unlock(r->db);
}
