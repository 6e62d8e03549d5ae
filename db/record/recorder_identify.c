/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "db/desk/identity_inside.h"
#include "db/desk/mark.h"
#include "db/open/sql.h"
#include "db/record/recorder_private.h"

/* What the records know of a unit, of the same sort (training or not) as the attempt that asks. */
struct history {
    int64_t open_elsewhere; /* slot of another open attempt on this unit; 0: none */
    int64_t last;           /* newest closed attempt; 0: none */
    int64_t passed;         /* newest attempt that passed; 0: none, -1: one in an archive */
    char lot[64];           /* of `passed` */
    char archive[128];      /* the file that holds it, where it is in one */
    struct mark mark; /* the last, whatever it was made on: a board does not know for what it is flashed */
};

/* The attempt that asks. */
struct asker {
    bool training, rework;
    int64_t planned; /* of its lot; 0: none, or open-ended */
};

#define SAME_SORT " AND (a.kind = 'TRAINING') = ?2 "

static int ask(sqlite3 *h, int64_t *out, const char *sql, int64_t a, int b, int64_t c)
{
    return sql_int(h, out, 0, sql, "lil", a, b, c);
}

static int read_asker(sqlite3 *h, int64_t attempt, struct asker *a)
{
    sqlite3_stmt *s = sql_prepare(h,
                                  "SELECT a.kind = 'TRAINING', a.kind = 'REWORK', l.planned FROM attempt a"
                                  " LEFT JOIN lot l ON l.id = a.lot_id WHERE a.id = ?",
                                  "l", attempt);
    int rc = s == NULL ? sqlite3_errcode(h) : sqlite3_step(s);

    if (rc == SQLITE_ROW)
        *a = (struct asker){sqlite3_column_int(s, 0) != 0, sqlite3_column_int(s, 1) != 0,
                            sqlite3_column_int64(s, 2)};
    sqlite3_finalize(s);
    return rc == SQLITE_ROW ? SQLITE_OK : rc == SQLITE_DONE ? SQLITE_CONSTRAINT : rc;
}

static int read_archived(sqlite3 *h, int64_t unit, struct history *y)
{
    sqlite3_stmt *s = sql_prepare(h,
                                  "SELECT r.file FROM unit_past p JOIN archive r ON r.id = p.archive_id"
                                  " WHERE p.unit_id = ? AND p.passes > 0 ORDER BY r.id DESC LIMIT 1",
                                  "l", unit);
    int rc = s == NULL ? sqlite3_errcode(h) : sqlite3_step(s);

    if (rc == SQLITE_ROW) {
        y->passed = -1;
        sql_copy_text(s, 0, y->archive, sizeof y->archive);
    }
    sqlite3_finalize(s);
    return rc;
}

static int read_history(sqlite3 *h, int64_t attempt, int64_t unit, const struct asker *me, struct history *y)
{
    memset(y, 0, sizeof *y);
    int rc = mark_read(h, unit, &y->mark);
    if (rc != SQLITE_OK)
        return rc;
    rc = ask(h, &y->open_elsewhere,
             "SELECT a.slot FROM attempt a JOIN identification i ON i.attempt_id = a.id"
             " WHERE a.result = 'OPEN' AND i.verdict = 0 AND i.unit_id = ?1" SAME_SORT "AND a.id <> ?3",
             unit, me->training, attempt);
    if (rc == SQLITE_ROW || rc == SQLITE_DONE)
        rc = ask(h, &y->last,
                 "SELECT max(a.id) FROM attempt a WHERE a.unit_id = ?1" SAME_SORT
                 "AND a.id <> ?3 AND a.result <> 'OPEN'",
                 unit, me->training, attempt);
    if (rc == SQLITE_ROW)
        rc = ask(h, &y->passed,
                 "SELECT max(a.id) FROM attempt a WHERE a.unit_id = ?1" SAME_SORT
                 "AND a.id <> ?3 AND a.result = 'PASS'",
                 unit, me->training, attempt);
    if (rc == SQLITE_ROW && y->passed == 0 && !me->training)
        rc = read_archived(h, unit, y);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return rc;
    sqlite3_stmt *s = sql_prepare(
        h, "SELECT l.code FROM attempt a JOIN lot l ON l.id = a.lot_id WHERE a.id = ?", "l", y->passed);
    if (s != NULL && sqlite3_step(s) == SQLITE_ROW)
        sql_copy_text(s, 0, y->lot, sizeof y->lot);
    return sqlite3_finalize(s);
}

static void hold(struct recorder_verdict *v, enum failure_code code, const char *detail)
{
    v->allowed = false;
    failure_set(&v->hold, code, STAGE_GATE, 0, "%s", detail);
}

static bool hold_by_address(const struct db_policy *p, const struct unit_identity *u, const struct asker *me,
                            struct recorder_verdict *v)
{
    char mac[MAC_TEXT_SIZE], text[FAILURE_DETAIL_SIZE];
    bool blank = mac_is_blank(&u->mac);

    mac_text(&u->mac, mac);
    snprintf(text, sizeof text, "MAC %s", mac);
    if (mac_is_training(&u->mac) && !me->training)
        hold(v, FAIL_TRAINING_MAC, text);
    else if (blank && p->on_blank == ADDRESS_REFUSE)
        hold(v, HOLD_MAC_BLANK, text);
    else if (blank && me->planned > 0) {
        snprintf(text, sizeof text,
                 "MAC %s cannot be counted: a lot with a planned quantity takes no such board", mac);
        hold(v, HOLD_MAC_BLANK, text);
    } else if (!blank && mac_is_multicast(&u->mac) && p->on_multicast == ADDRESS_REFUSE) {
        snprintf(text, sizeof text, "MAC %s is a group address, no board has one", mac);
        hold(v, HOLD_MAC_BLANK, text);
    }
    return !v->allowed;
}

static void hold_by_mark(const struct unit_identity *u, const struct mark *m, struct recorder_verdict *v)
{
    char mac[MAC_TEXT_SIZE], text[FAILURE_DETAIL_SIZE];
    bool scrapped = strcmp(m->word, "SCRAP") == 0;

    mac_text(&u->mac, mac);
    snprintf(text, sizeof text, "MAC %s %s by %s: %s; 'flashline unit %s --mark release' lets it in again",
             mac, scrapped ? "was scrapped" : "was put into quarantine",
             m->actor[0] != '\0' ? m->actor : "the engineer", m->reason, mac);
    hold(v, HOLD_MAC_REFUSED, text);
}

static void hold_by_history(const struct db_policy *p, const struct unit_identity *u, const struct history *y,
                            const struct asker *me, struct recorder_verdict *v)
{
    char mac[MAC_TEXT_SIZE], text[FAILURE_DETAIL_SIZE];

    mac_text(&u->mac, mac);
    if (mark_keeps_back(&y->mark)) {
        hold_by_mark(u, &y->mark, v);
        return;
    }
    if (y->open_elsewhere != 0) {
        snprintf(text, sizeof text, "MAC %s stands in slot %d at the same time", mac, (int)y->open_elsewhere);
        hold(v, HOLD_MAC_DUPLICATE, text);
    } else if (y->passed != 0 && !me->training && !me->rework && p->on_duplicate == DUPLICATE_REFUSE) {
        if (y->passed < 0)
            snprintf(text, sizeof text, "MAC %s passed before: the record is in archive %s", mac, y->archive);
        else if (y->lot[0] != '\0')
            snprintf(text, sizeof text, "MAC %s passed before: attempt %lld, lot %s", mac,
                     (long long)y->passed, y->lot);
        else
            snprintf(text, sizeof text, "MAC %s passed before: attempt %lld", mac, (long long)y->passed);
        hold(v, HOLD_MAC_DUPLICATE, text);
    }
}

/* Beside the base MAC, each once: an owner may burn his own between two attempts. */
static int intern_address(struct db *db, int64_t unit, const char *kind, const uint8_t *address, int size,
                          int64_t now)
{
    return sql_run(
        db->h,
        "INSERT OR IGNORE INTO unit_address(unit_id, kind, address, first_seen_ms) VALUES (?, ?, ?, ?)",
        "ltbl", unit, kind, address, size, now);
}

static int intern_addresses(struct db *db, int64_t unit, const struct unit_identity *u, int64_t now)
{
    int rc = SQLITE_OK;

    if (u->has_custom_mac)
        rc = intern_address(db, unit, "CUSTOM_MAC", u->custom_mac.bytes, sizeof u->custom_mac.bytes, now);
    if (rc == SQLITE_OK && u->has_eui64)
        rc = intern_address(db, unit, "EUI64", u->eui64, sizeof u->eui64, now);
    return rc;
}

static int read_boot_sector(sqlite3 *h, int64_t unit, struct recorder_verdict *v)
{
    sqlite3_stmt *s =
        sql_prepare(h,
                    "SELECT s.data, s.sha256 FROM backup b JOIN sector s ON s.sha256 = b.sha256"
                    " WHERE b.unit_id = ? AND b.kind = 'BOOT_SECTOR' ORDER BY b.id DESC LIMIT 1",
                    "l", unit);
    int rc = s == NULL ? sqlite3_errcode(h) : sqlite3_step(s);

    if (rc == SQLITE_ROW) {
        int bad = sector_copy(s, v->boot_sector);
        v->has_boot_sector = bad == SQLITE_OK;
        rc = bad != SQLITE_OK ? bad : rc;
    }
    sqlite3_finalize(s);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int store(struct db_recorder *r, int64_t attempt, int64_t unit, const struct unit_identity *u,
                 const struct recorder_verdict *v, const struct history *y, int64_t now)
{
    sqlite3 *h = r->db->h;

    return sql_run(
        h,
        "INSERT INTO identification(attempt_id, n, unit_id, at_ms, chip, revision, flash_id, flash_size,"
        " crystal_mhz, security, verdict, rework_of) VALUES (?1,"
        " (SELECT count(*) FROM identification WHERE attempt_id = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
        " nullif(?11, 0))",
        "llltillilil", attempt, unit, now, u->chip, u->revision, (int64_t)u->flash_id, (int64_t)u->flash_size,
        u->crystal_mhz, (int64_t)u->security, v->allowed ? 0 : (int)v->hold.code, v->is_rework ? y->last : 0);
}

/* What policy lets through is still something a person should know of. */
static int note_let_through(struct db_recorder *r, int64_t attempt, const struct unit_identity *u,
                            const struct asker *me, const struct history *y)
{
    char mac[MAC_TEXT_SIZE];
    int rc = SQLITE_OK;

    mac_text(&u->mac, mac);
    if (y->passed != 0 && !me->training && r->policy.on_duplicate == DUPLICATE_WARN)
        rc = event_note(r->db, "DUPLICATE", attempt,
                        "MAC %s passed before and is flashed again in attempt %lld", mac, (long long)attempt);
    if (rc == SQLITE_OK && (mac_is_blank(&u->mac) || mac_is_multicast(&u->mac)))
        rc = event_note(r->db, "ADDRESS", attempt, "MAC %s is no board's and is flashed in attempt %lld", mac,
                        (long long)attempt);
    return rc;
}

/* A whole-board retry identifies again: it must still be the same board. */
static int first_unit(sqlite3 *h, int64_t attempt, int64_t *unit)
{
    int rc = sql_int(h, unit, 0, "SELECT unit_id FROM identification WHERE attempt_id = ? AND n = 0", "l",
                     attempt);

    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Of a board that answers, once: a chip that restarted tells the same. */
static int note_efuse(sqlite3 *h, int64_t attempt, const char *efuse)
{
    if (efuse[0] == '\0')
        return SQLITE_OK;
    return sql_run(h, "UPDATE attempt SET efuse = ?2 WHERE id = ?1 AND result = 'OPEN' AND efuse IS NULL",
                   "lt", attempt, efuse);
}

int recorder_judge(struct db_recorder *r, int64_t attempt, const struct unit_identity *u,
                   struct recorder_verdict *v)
{
    sqlite3 *h = r->db->h;
    int64_t now = db_wall_ms(r->db), unit = 0, before = 0;
    bool nameless = mac_is_blank(&u->mac);
    struct asker me = {0};
    struct history y = {0};
    int rc = read_asker(h, attempt, &me);

    if (rc != SQLITE_OK)
        return rc;
    memset(v, 0, sizeof *v);
    v->allowed = true;
    /* An address that is none is no unit's: nothing more is kept of it than the attempt's own result. */
    if (hold_by_address(&r->policy, u, &me, v))
        return SQLITE_OK;
    if ((rc = identity_unit(r->db, u, now, &unit)) != SQLITE_ROW)
        return rc;
    /* Nothing tells two boards without an address apart: they have no past, and no other address is theirs together. */
    rc = nameless ? SQLITE_OK : intern_addresses(r->db, unit, u, now);
    if (rc == SQLITE_OK && !nameless)
        rc = read_history(h, attempt, unit, &me, &y);
    if (rc != SQLITE_OK || (rc = first_unit(h, attempt, &before)) != SQLITE_OK)
        return rc;
    if (before != 0 && before != unit)
        hold(v, FAIL_IDENTITY_CHANGED, "another MAC answers than at the start of this attempt");
    else
        hold_by_history(&r->policy, u, &y, &me, v);
    v->is_rework = v->allowed && (y.last != 0 || y.passed != 0);
    if (v->allowed && !nameless &&
        ((rc = read_boot_sector(h, unit, v)) != SQLITE_OK ||
         (rc = identity_known(h, unit, attempt, v)) != SQLITE_OK))
        return rc;
    if (v->allowed && (rc = note_let_through(r, attempt, u, &me, &y)) != SQLITE_OK)
        return rc;
    rc = store(r, attempt, unit, u, v, &y, now);
    return rc == SQLITE_OK ? note_efuse(h, attempt, u->efuse) : rc;
}
