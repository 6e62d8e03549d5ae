/* SPDX-License-Identifier: Apache-2.0 */
#include "db/read/record_query.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/time_text.h"
#include "db/open/db_inside.h"
#include "db/open/sql.h"
#include "db/read/address.h"
#include "db/read/record_ids.h"
#include "db/read/where.h"

#define TEXT_SIZE 72

/* X(name, type, expression). Append only: exports are read by column name for years. */
/* clang-format off */
#define WHOSE_FIELDS(X) \
    X("station", FIELD_TEXT, "(SELECT name FROM station)") X("work_order", FIELD_TEXT, "l.work_order") \
    X("mark", FIELD_WORD, "m.mark") X("mark_reason", FIELD_TEXT, "m.reason") X("marked_by", FIELD_TEXT, "m.actor") \
    X("marked", FIELD_TIME, "m.at_ms")

#define ADDRESS_FIELDS(X) \
    X("custom_mac", FIELD_MAC, ADDRESS_CUSTOM_MAC_SQL) X("eui64", FIELD_MAC, ADDRESS_EUI64_SQL)

#define ATTEMPT_FIELDS(X) \
    X("attempt", FIELD_INT, "a.id") X("uuid", FIELD_WORD, "a.uuid") X("kind", FIELD_WORD, "a.kind") \
    X("mac", FIELD_MAC, "u.mac") X("serial", FIELD_TEXT, "a.serial") X("result", FIELD_WORD, "a.result") \
    X("code", FIELD_INT, "nullif(a.code, 0)") X("stage", FIELD_WORD, "a.stage") X("blame", FIELD_WORD, "a.blame") \
    X("detail", FIELD_TEXT, "a.detail") X("try", FIELD_INT, "a.try_no") X("rework_of", FIELD_INT, "i.rework_of") \
    X("retries", FIELD_INT, "a.retries") X("lot", FIELD_TEXT, "l.code") X("operator", FIELD_TEXT, "o.name") \
    X("slot", FIELD_INT, "a.slot") X("port", FIELD_TEXT, "a.port") X("adapter_serial", FIELD_TEXT, "a.adapter_serial") \
    X("job", FIELD_TEXT, "j.name") X("job_sha256", FIELD_HASH, "j.sha256") \
    X("firmware", FIELD_TEXT, "f.source") X("version", FIELD_TEXT, "f.version") \
    X("firmware_sha256", FIELD_HASH, "f.sha256") X("chip", FIELD_TEXT, "i.chip") X("revision", FIELD_INT, "i.revision") \
    X("flash_id", FIELD_FLASH_ID, "i.flash_id") X("flash_size", FIELD_INT, "i.flash_size") \
    X("crystal_mhz", FIELD_INT, "i.crystal_mhz") X("security", FIELD_INT, "i.security") \
    X("opened", FIELD_TIME, "a.opened_ms") X("closed", FIELD_TIME, "a.closed_ms") \
    X("seconds", FIELD_SECONDS, "a.duration_us") X("stage_ms", FIELD_OBJECT, "a.stage_ms") X("baud", FIELD_INT, "a.baud") \
    X("used_stub", FIELD_BOOL, "a.used_stub") X("stub_note", FIELD_TEXT, "a.stub_note") \
    X("bytes_written", FIELD_INT, "a.bytes_written") X("bytes_wire", FIELD_INT, "a.bytes_wire") \
    X("overrun", FIELD_INT, "a.overrun") X("parity", FIELD_INT, "a.parity") X("framing", FIELD_INT, "a.framing") \
    X("sys", FIELD_INT, "nullif(a.sys, 0)") X("program", FIELD_WORD, "r.version") \
    X("chain_seq", FIELD_INT, "c.seq") X("chain_hash", FIELD_HASH, "c.hash") \
    X("stub_sha256", FIELD_HASH, "a.stub_sha256") X("chip_resets", FIELD_INT, "a.chip_resets") \
    X("identity_left_md5", FIELD_HASH, "a.identity_left_md5") \
    X("lot_job", FIELD_TEXT, "l.job_name") X("lot_job_sha256", FIELD_HASH, "l.job_sha256") \
    X("serial_asked", FIELD_BOOL, "a.serial_asked") WHOSE_FIELDS(X) ADDRESS_FIELDS(X) \
    X("unit_data_sha256", FIELD_HASH, "a.unit_data_sha256") X("efuse", FIELD_TEXT, "a.efuse")

#define UNIT_FIELDS(X) \
    X("mac", FIELD_MAC, "u.mac") X("serial", FIELD_TEXT, "a.serial") X("result", FIELD_WORD, "a.result") \
    X("code", FIELD_INT, "nullif(a.code, 0)") X("attempts", FIELD_INT, "last.attempts") \
    X("passes", FIELD_INT, "last.passes") X("retries", FIELD_INT, "a.retries") X("lot", FIELD_TEXT, "l.code") \
    X("operator", FIELD_TEXT, "o.name") X("slot", FIELD_INT, "a.slot") X("job", FIELD_TEXT, "j.name") \
    X("firmware", FIELD_TEXT, "f.source") X("version", FIELD_TEXT, "f.version") \
    X("firmware_sha256", FIELD_HASH, "f.sha256") X("chip", FIELD_TEXT, "u.chip") X("revision", FIELD_INT, "u.revision") \
    X("flash_id", FIELD_FLASH_ID, "u.flash_id") X("flash_size", FIELD_INT, "u.flash_size") \
    X("first_seen", FIELD_TIME, "u.first_seen_ms") X("opened", FIELD_TIME, "a.opened_ms") \
    X("closed", FIELD_TIME, "a.closed_ms") X("seconds", FIELD_SECONDS, "a.duration_us") \
    X("kind", FIELD_WORD, "a.kind") X("attempt", FIELD_INT, "a.id") X("detail", FIELD_TEXT, "a.detail") \
    WHOSE_FIELDS(X) X("tries", FIELD_INT, "last.tries") ADDRESS_FIELDS(X)

#define FIELD_ROW(name, type, sql) {name, type},
#define FIELD_SQL(name, type, sql) sql ","

static const struct record_field attempt_fields[] = {ATTEMPT_FIELDS(FIELD_ROW) {NULL, FIELD_INT}};
static const struct record_field unit_fields[] = {UNIT_FIELDS(FIELD_ROW) {NULL, FIELD_INT}};
static const char attempt_columns[] = ATTEMPT_FIELDS(FIELD_SQL) "0";
static const char unit_columns[] = UNIT_FIELDS(FIELD_SQL) "0";

/*
 * CROSS JOIN keeps the planner from leaving the attempt's own indexes for a scan of a small table, and, where only the newest are
 * asked for, from walking through all attempts to find each among those few: how few is not known when it plans.
 */
static const char joins[] =
    " CROSS JOIN run r ON r.id = a.run_id CROSS JOIN job j ON j.id = a.job_id"
    " CROSS JOIN firmware f ON f.id = a.firmware_id LEFT JOIN lot l ON l.id = a.lot_id"
    " LEFT JOIN operator o ON o.id = a.operator_id LEFT JOIN identification i ON i.attempt_id = a.id AND i.n = 0"
    " LEFT JOIN unit u ON u.id = i.unit_id LEFT JOIN chain c ON c.attempt_id = a.id"
    " LEFT JOIN unit_mark m ON m.unit_id = u.id";
/* clang-format on */

struct record_cursor {
    struct db *db;
    sqlite3_stmt *s;
    const struct record_field *fields;
    int count;
    bool locked;
    char (*texts)[TEXT_SIZE]; /* one for each field that is not kept as text */
};

const struct record_field *record_fields(enum record_view view)
{
    return view == RECORD_ATTEMPTS ? attempt_fields : unit_fields;
}

int record_field_index(enum record_view view, const char *name)
{
    const struct record_field *fields = record_fields(view);

    for (int i = 0; fields[i].name != NULL; i++) {
        if (strcmp(fields[i].name, name) == 0)
            return i;
    }
    return -1;
}

/*
 * The newest units only: from the newest attempt down, each that no later one of its unit follows. The plain query below
 * reads every attempt first, seconds for a million; a screen that shows twenty units cannot wait for that. The index is
 * named because the planner would rather walk through a whole lot for each unit.
 */
#define OF_UNIT "INDEXED BY attempt_unit WHERE a.unit_id = m.unit"
static char *newest_units_sql(const char *where, const char *outcome)
{
    char *sql = NULL;

    return asprintf(
               &sql,
               "SELECT %s FROM (SELECT m.id AS id,"
               " (SELECT count(*) FROM attempt a " OF_UNIT " AND %s) AS attempts,"
               " (SELECT count(*) FROM attempt a " OF_UNIT " AND a.result = 'PASS' AND %s) AS passes,"
               " (SELECT count(a.try_no) FROM attempt a " OF_UNIT " AND %s) AS tries"
               " FROM (SELECT a.id AS id, a.unit_id AS unit FROM attempt a"
               " WHERE a.unit_id IS NOT NULL AND %s AND %s) m WHERE NOT EXISTS"
               " (SELECT 1 FROM attempt a " OF_UNIT " AND a.id > m.id AND %s)"
               " ORDER BY m.id DESC LIMIT :newest) last CROSS JOIN attempt a ON a.id = last.id %s ORDER BY a.id DESC",
               unit_columns, where, where, where, where, outcome, where, joins) < 0
               ? NULL
               : sql;
}

#define NEWEST_IDS " ORDER BY a.id DESC LIMIT CASE WHEN :newest > 0 THEN :newest ELSE -1 END"

static char *query_sql(enum record_view view, const struct record_filter *filter)
{
    struct where w, outcome;
    char *sql = NULL;

    if (view == RECORD_ATTEMPTS) {
        where_make(&w, filter, WHERE_ALL);
        if (filter->newest > 0)
            return asprintf(
                       &sql,
                       "SELECT %s FROM (SELECT a.id AS id FROM attempt a WHERE %s ORDER BY a.id DESC LIMIT :newest) last"
                       " CROSS JOIN attempt a ON a.id = last.id %s ORDER BY a.id",
                       attempt_columns, w.sql, joins) < 0
                       ? NULL
                       : sql;
        return asprintf(&sql, "SELECT %s FROM attempt a %s WHERE %s ORDER BY a.id", attempt_columns, joins,
                        w.sql) < 0
                   ? NULL
                   : sql;
    }
    where_make(&w, filter, WHERE_BUT_OUTCOME);
    where_make(&outcome, filter, WHERE_OUTCOME);
    if (filter->newest > 0)
        return newest_units_sql(w.sql, outcome.sql);
    return asprintf(
               &sql,
               "SELECT %s FROM (SELECT max(a.id) AS id, count(*) AS attempts, sum(a.result = 'PASS') AS passes,"
               " count(a.try_no) AS tries"
               " FROM attempt a WHERE a.unit_id IS NOT NULL AND %s GROUP BY a.unit_id) last"
               " JOIN attempt a ON a.id = last.id %s WHERE %s ORDER BY a.id",
               unit_columns, w.sql, joins, outcome.sql) < 0
               ? NULL
               : sql;
}

char *record_ids_sql(enum record_view view, const struct record_filter *filter)
{
    struct where w, outcome;
    char *sql = NULL;

    where_make(&w, filter, view == RECORD_UNITS ? WHERE_BUT_OUTCOME : WHERE_ALL);
    where_make(&outcome, filter, WHERE_OUTCOME);
    int made =
        view == RECORD_UNITS
            ? asprintf(
                  &sql,
                  "SELECT a.id FROM (SELECT max(a.id) AS id FROM attempt a WHERE a.unit_id IS NOT NULL AND %s"
                  " GROUP BY a.unit_id) last JOIN attempt a ON a.id = last.id WHERE %s" NEWEST_IDS,
                  w.sql, outcome.sql)
            : asprintf(&sql, "SELECT a.id FROM attempt a WHERE %s" NEWEST_IDS, w.sql);
    return made < 0 ? NULL : sql;
}

static struct record_cursor *cursor_new(struct db *db, enum record_view view, struct failure *f)
{
    struct record_cursor *c = calloc(1, sizeof *c);

    if (c == NULL)
        goto fail;
    c->db = db;
    c->fields = record_fields(view);
    while (c->fields[c->count].name != NULL)
        c->count++;
    c->texts = calloc((size_t)c->count + 1, sizeof *c->texts);
    if (c->texts == NULL)
        goto fail;
    return c;
fail:
    free(c);
    failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, ENOMEM, "reading records");
    return NULL;
}

/* The one that was kept, when it asks the same; whoever reads has it alone. */
static int take_statement(struct record_cursor *c, const char *sql)
{
    sqlite3_stmt *kept = c->db->records;

    if (kept == NULL || strcmp(sqlite3_sql(kept), sql) != 0)
        return sqlite3_prepare_v3(c->db->h, sql, -1, SQLITE_PREPARE_PERSISTENT, &c->s, NULL);
    c->db->records = NULL;
    c->s = kept;
    return SQLITE_OK;
}

static void keep_statement(struct db *db, sqlite3_stmt *s)
{
    sqlite3_finalize(db->records);
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
    db->records = s;
}

struct record_cursor *record_query(struct db *db, enum record_view view, const struct record_filter *filter,
                                   struct failure *f)
{
    struct record_cursor *c = cursor_new(db, view, f);
    char *sql = c == NULL ? NULL : query_sql(view, filter);

    if (sql == NULL) {
        if (c != NULL)
            failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, ENOMEM, "reading records");
        record_cursor_free(c);
        return NULL;
    }
    db_lock(db);
    c->locked = true;
    int rc = take_statement(c, sql);
    free(sql);
    if (rc == SQLITE_OK)
        rc = where_bind(c->s, filter);
    if (rc != SQLITE_OK) {
        sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "read records", f);
        record_cursor_free(c);
        return NULL;
    }
    return c;
}

int record_next(struct record_cursor *c, struct failure *f)
{
    int rc = sqlite3_step(c->s);

    if (rc == SQLITE_ROW)
        return 1;
    return rc == SQLITE_DONE ? 0 : sql_failure(c->db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "read records", f);
}

bool record_is_null(const struct record_cursor *c, int field)
{
    return sqlite3_column_type(c->s, field) == SQLITE_NULL;
}

int64_t record_int(const struct record_cursor *c, int field)
{
    return sqlite3_column_int64(c->s, field);
}

static const char *blob_text(struct record_cursor *c, int field, char out[static TEXT_SIZE])
{
    int len = sqlite3_column_bytes(c->s, field);
    struct mac mac;

    if (c->fields[field].type == FIELD_MAC && len == (int)sizeof mac.bytes) {
        memcpy(mac.bytes, sqlite3_column_blob(c->s, field), sizeof mac.bytes);
        mac_text(&mac, out);
    } else if (c->fields[field].type == FIELD_MAC && len == EUI64_SIZE) {
        eui64_text(sqlite3_column_blob(c->s, field), out);
    } else if (len > 0 && len <= SHA256_SIZE) {
        digest_hex(sqlite3_column_blob(c->s, field), (size_t)len, out);
    }
    return out;
}

const char *record_text(struct record_cursor *c, int field)
{
    char *out = c->texts[field];

    out[0] = '\0';
    if (record_is_null(c, field))
        return out;
    int64_t n;
    switch (c->fields[field].type) {
    case FIELD_TEXT:
    case FIELD_WORD:
    case FIELD_OBJECT:
    case FIELD_INT:
        return sql_text(c->s, field);
    case FIELD_MAC:
    case FIELD_HASH:
        return blob_text(c, field, out);
    case FIELD_TIME:
        time_text_utc(record_int(c, field), out);
        break;
    case FIELD_SECONDS:
        n = record_int(c, field);
        snprintf(out, TEXT_SIZE, "%lld.%03d", (long long)(n / 1000000), (int)(n % 1000000 / 1000));
        break;
    case FIELD_FLASH_ID:
        snprintf(out, TEXT_SIZE, "0x%06llx", (unsigned long long)record_int(c, field));
        break;
    case FIELD_BOOL:
        snprintf(out, TEXT_SIZE, "%s", record_int(c, field) != 0 ? "true" : "false");
        break;
    }
    return out;
}

void record_cursor_free(struct record_cursor *c)
{
    if (c == NULL)
        return;
    if (c->s != NULL)
        keep_statement(c->db, c->s);
    if (c->locked)
        db_unlock(c->db);
    free(c->texts);
    free(c);
}

int64_t record_count_training(struct db *db, const struct record_filter *filter)
{
    struct record_filter all = *filter;
    struct where w;
    char sql[WHERE_SIZE + 96];
    sqlite3_stmt *s = NULL;
    int64_t count = -1;

    all.training = true;
    where_make(&w, &all, WHERE_ALL);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM attempt a WHERE a.kind = 'TRAINING' AND %s", w.sql);
    db_lock(db);
    if (sqlite3_prepare_v2(db->h, sql, -1, &s, NULL) == SQLITE_OK && where_bind(s, &all) == SQLITE_OK &&
        sqlite3_step(s) == SQLITE_ROW)
        count = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    db_unlock(db);
    return count;
}

int record_filter_unknown(struct db *db, const struct record_filter *x, const char **kind, struct failure *f)
{
    const struct {
        const char *kind, *sql;
        bool is_asked;
    } names[] = {
        {"lot", "SELECT 1 FROM lot WHERE code = :lot", x->lot != NULL},
        {"operator", "SELECT 1 FROM operator WHERE name = :operator", x->operator_id != NULL},
        {"job", "SELECT 1 FROM job WHERE name = :job", x->job != NULL},
        {"firmware", "SELECT 1 FROM firmware WHERE " WHERE_FIRMWARE, x->firmware != NULL},
        {"unit", "SELECT 1 FROM unit WHERE mac = :mac", x->has_mac},
    };
    int rc = SQLITE_ROW;

    *kind = NULL;
    db_lock(db);
    for (size_t i = 0; i < sizeof names / sizeof names[0] && rc == SQLITE_ROW && *kind == NULL; i++) {
        if (!names[i].is_asked)
            continue;
        sqlite3_stmt *s = sql_prepare(db->h, names[i].sql, "");
        rc = s == NULL ? sqlite3_errcode(db->h) : where_bind(s, x);
        rc = rc == SQLITE_OK ? sqlite3_step(s) : rc;
        if (rc == SQLITE_DONE)
            *kind = names[i].kind;
        sqlite3_finalize(s);
    }
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "read records", f);
    db_unlock(db);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : -1;
}
