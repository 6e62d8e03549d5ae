/* SPDX-License-Identifier: Apache-2.0 */
#include "db/record/chain.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "db/open/canon.h"
#include "db/open/sql.h"

/* Names are spelled out: the form must not move when a table does. */
static const char attempt_sql[] =
    "SELECT a.id AS id, a.uuid AS uuid, a.kind AS kind, r.uuid AS run, r.version AS version, r.tz_min AS tz_min,"
    " a.slot AS slot, a.port AS port, a.adapter_serial AS adapter_serial, j.name AS job, j.sha256 AS job_sha256,"
    " f.source AS firmware_source, f.version AS firmware_version, f.sha256 AS firmware_sha256, l.code AS lot,"
    " o.name AS operator, a.serial AS serial, a.opened_ms AS opened_ms, a.opened_mono_us AS opened_mono_us,"
    " a.result AS result, a.closed_ms AS closed_ms, a.closed_mono_us AS closed_mono_us, a.duration_us AS duration_us,"
    " u.mac AS mac, a.try_no AS try_no, a.code AS code, a.stage AS stage, a.blame AS blame, a.sys AS sys,"
    " a.detail AS detail, a.retries AS retries, a.baud AS baud, a.used_stub AS used_stub, a.stub_note AS stub_note,"
    " a.bytes_written AS bytes_written, a.bytes_wire AS bytes_wire, a.stage_ms AS stage_ms, a.overrun AS overrun,"
    " a.parity AS parity, a.framing AS framing," /* 40 columns; those of later migrations follow */
    " a.stub_sha256 AS stub_sha256, a.chip_resets AS chip_resets, a.identity_left_md5 AS identity_left_md5,"
    " a.serial_asked AS serial_asked, a.unit_data_sha256 AS unit_data_sha256, a.efuse AS efuse"
    " FROM attempt a JOIN run r ON r.id = a.run_id JOIN job j ON j.id = a.job_id JOIN firmware f ON f.id = a.firmware_id"
    " LEFT JOIN lot l ON l.id = a.lot_id LEFT JOIN operator o ON o.id = a.operator_id LEFT JOIN unit u ON u.id = a.unit_id"
    " WHERE a.id = ?";

static const char identification_sql[] =
    "SELECT i.n AS n, u.mac AS mac, i.at_ms AS at_ms, i.chip AS chip, i.revision AS revision, i.flash_id AS flash_id,"
    " i.flash_size AS flash_size, i.crystal_mhz AS crystal_mhz, i.security AS security, i.verdict AS verdict,"
    " i.rework_of AS rework_of FROM identification i JOIN unit u ON u.id = i.unit_id WHERE i.attempt_id = ? ORDER BY i.n";

static const char backup_sql[] = "SELECT kind AS kind, offset AS offset, sha256 AS sha256, at_ms AS at_ms"
                                 " FROM backup WHERE attempt_id = ? ORDER BY id";

static const char evidence_sql[] = "SELECT tx AS tx, rx AS rx FROM evidence WHERE attempt_id = ?";

#define FORMS 4

static const struct {
    const char *title, *sql;
    int later; /* columns from here on are left out where they are NULL */
} forms[FORMS] = {{"flashline attempt 1\n", attempt_sql, 40},
                  {"identification\n", identification_sql, INT_MAX},
                  {"backup\n", backup_sql, INT_MAX},
                  {"evidence\n", evidence_sql, INT_MAX}};

struct chain_reader {
    sqlite3_stmt *s[FORMS];
};

/* Columns from `later` on stand in the form only where they hold something: a row from before them keeps its form. */
static int append_rows(struct canon *b, sqlite3_stmt *s, int form, int64_t attempt, int *rows)
{
    int rc = sqlite3_bind_int64(s, 1, attempt);

    while (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        rc = SQLITE_OK;
        ++*rows;
        canon_text(b, forms[form].title);
        for (int i = 0; i < sqlite3_column_count(s); i++) {
            if (i < forms[form].later || sqlite3_column_type(s, i) != SQLITE_NULL)
                canon_column(b, s, i);
        }
    }
    int end = sqlite3_reset(s);
    return rc == SQLITE_DONE ? SQLITE_OK : end != SQLITE_OK ? end : rc;
}

struct chain_reader *chain_reader_new(sqlite3 *h)
{
    struct chain_reader *r = calloc(1, sizeof *r);

    for (int i = 0; r != NULL && i < FORMS; i++) {
        if (sqlite3_prepare_v2(h, forms[i].sql, -1, &r->s[i], NULL) != SQLITE_OK) {
            chain_reader_free(r);
            return NULL;
        }
    }
    return r;
}

void chain_reader_free(struct chain_reader *r)
{
    if (r == NULL)
        return;
    for (int i = 0; i < FORMS; i++)
        sqlite3_finalize(r->s[i]);
    free(r);
}

int chain_hash(struct chain_reader *r, int64_t attempt, const uint8_t prev[static SHA256_SIZE],
               uint8_t out[static SHA256_SIZE])
{
    struct canon b = {0};
    int rows = 0, rc = SQLITE_OK;

    canon_bytes(&b, prev, SHA256_SIZE);
    for (int i = 0; i < FORMS && rc == SQLITE_OK; i++) {
        rc = append_rows(&b, r->s[i], i, attempt, &rows);
        if (rc == SQLITE_OK && rows == 0)
            rc = SQLITE_NOTFOUND; /* the attempt is gone */
    }
    int end = canon_finish(&b, out);
    return rc != SQLITE_OK ? rc : end;
}

static int read_head(sqlite3 *h, const char *sql, int64_t *seq, uint8_t hash[static SHA256_SIZE])
{
    sqlite3_stmt *s = sql_prepare(h, sql, "");
    int rc = s == NULL ? sqlite3_errcode(h) : sqlite3_step(s);

    if (rc == SQLITE_ROW && sqlite3_column_bytes(s, 1) == SHA256_SIZE) {
        *seq = sqlite3_column_int64(s, 0);
        memcpy(hash, sqlite3_column_blob(s, 1), SHA256_SIZE);
    }
    sqlite3_finalize(s);
    return rc;
}

int chain_head(sqlite3 *h, int64_t *seq, uint8_t hash[static SHA256_SIZE])
{
    *seq = 0;
    memset(hash, 0, SHA256_SIZE);
    int rc = read_head(h, "SELECT seq, hash FROM chain ORDER BY seq DESC LIMIT 1", seq, hash);
    if (rc == SQLITE_DONE)
        rc =
            read_head(h, "SELECT last_seq, last_hash FROM archive ORDER BY last_seq DESC LIMIT 1", seq, hash);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int chain_append(sqlite3 *h, int64_t attempt)
{
    uint8_t prev[SHA256_SIZE], hash[SHA256_SIZE];
    struct chain_reader *r = chain_reader_new(h);
    int64_t seq;
    int rc = r == NULL ? SQLITE_NOMEM : chain_head(h, &seq, prev);

    if (rc == SQLITE_OK)
        rc = chain_hash(r, attempt, prev, hash);
    chain_reader_free(r);
    if (rc != SQLITE_OK)
        return rc;
    return sql_run(h, "INSERT INTO chain(seq, attempt_id, prev_hash, hash) VALUES (?, ?, ?, ?)", "llbb",
                   sql_sum(seq, 1), attempt, prev, SHA256_SIZE, hash, SHA256_SIZE);
}
