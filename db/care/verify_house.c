/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/file.h"
#include "db/care/verify_private.h"
#include "db/open/archive_file.h"
#include "db/open/schema.h"
#include "db/open/sql.h"

/* Beside the database, where retention puts it. */
static int check_file(const char *path, const char *name, sqlite3_stmt *s, struct verify_report *r)
{
    char file[4096 + 256];
    const char *slash = strrchr(path, '/');
    uint8_t sha256[SHA256_SIZE];
    uint64_t bytes;

    snprintf(file, sizeof file, "%.*s%.255s", slash == NULL ? 0 : (int)(slash + 1 - path), path, name);
    if (strchr(name, '/') != NULL || access(file, F_OK) != 0) {
        verify_note(r,
                    "archive %.80s is not beside the database: its records %lld to %lld were not looked at",
                    name, (long long)sqlite3_column_int64(s, 2), (long long)sqlite3_column_int64(s, 3));
        return SQLITE_OK;
    }
    if (file_sha256(file, sha256, &bytes) != 0)
        verify_bad(r, -1, "archive %.80s cannot be read: %s", name, errno_text(errno));
    else if (sqlite3_column_bytes(s, 1) != SHA256_SIZE ||
             memcmp(sqlite3_column_blob(s, 1), sha256, SHA256_SIZE) != 0)
        verify_bad(
            r, -1,
            "archive %.80s is not the file that was made: its SHA-256 is another; look for a copy of it",
            name);
    return SQLITE_OK;
}

int verify_archives(sqlite3 *h, const char *path, struct verify_report *r)
{
    sqlite3_stmt *s = sql_prepare(
        h, "SELECT file, file_sha256, first_seq, last_seq, rows, id FROM archive ORDER BY first_seq, id", "");
    int rc = s == NULL ? sqlite3_errcode(h) : SQLITE_ROW;
    int64_t next = 1;

    while (s != NULL && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        int64_t first = sqlite3_column_int64(s, 2), last = sqlite3_column_int64(s, 3);
        if (first != next || last < first || sqlite3_column_int64(s, 4) != last - first + 1)
            verify_bad(
                r, -1,
                "archive row %lld holds records %lld to %lld, which cannot be: the one before ends at %lld",
                (long long)sqlite3_column_int64(s, 5), (long long)first, (long long)last,
                (long long)next - 1);
        next = last < INT64_MAX ? last + 1 : last;
        if (path != NULL)
            check_file(path, sql_text(s, 0), s, r);
    }
    sqlite3_finalize(s);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Good boards by the attempts that are here and the archived ones, against those that the lots count. */
#define PASSED                                                                                  \
    " SELECT lot_id, kind = 'TRAINING' AS training, unit_id FROM attempt WHERE result = 'PASS'" \
    " AND lot_id IS NOT NULL AND unit_id IS NOT NULL"

int verify_counts(sqlite3 *h, struct verify_report *r)
{
    static const char *const queries[] = {
        "SELECT c.lot_id FROM lot_count c WHERE c.good <> (SELECT count(*) FROM lot_good g"
        " WHERE g.lot_id = c.lot_id AND g.training = c.training) LIMIT 1",
        "SELECT lot_id FROM lot_good g WHERE NOT EXISTS (SELECT 1 FROM lot_count c WHERE c.lot_id = g.lot_id"
        " AND c.training = g.training) LIMIT 1",
        "SELECT lot_id FROM (SELECT lot_id, training, unit_id FROM lot_past UNION" PASSED
        " EXCEPT SELECT lot_id, training, unit_id FROM lot_good) LIMIT 1",
        "SELECT lot_id FROM (SELECT lot_id, training, unit_id FROM lot_good"
        " EXCEPT SELECT lot_id, training, unit_id FROM lot_past EXCEPT" PASSED ") LIMIT 1",
    };
    int rc = SQLITE_DONE;

    for (size_t i = 0; i < sizeof queries / sizeof queries[0] && rc == SQLITE_DONE; i++) {
        int64_t lot;
        rc = sql_int(h, &lot, 0, queries[i], "");
        if (rc == SQLITE_ROW)
            verify_bad(r, -1, "lot number %lld: its count of good boards is not what its records say",
                       (long long)lot);
    }
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

struct tables {
    struct verify_report *r;
    bool archive; /* which has no triggers */
};

static void tell_table(void *ctx, enum schema_difference d, const char *type, const char *name,
                       const char *sql)
{
    static const char *const words[] = {[SCHEMA_MISSING] = "is missing",
                                        [SCHEMA_ADDED] = "is not of this format: somebody added it",
                                        [SCHEMA_CHANGED] =
                                            "is not as this format has it: somebody changed it"};
    const struct tables *t = ctx;

    (void)sql;
    if (!t->archive || strcmp(type, "trigger") != 0 || d != SCHEMA_MISSING)
        verify_bad(t->r, -1, "the %.16s %.80s %s", type, name, words[d]);
}

int verify_tables(sqlite3 *h, struct verify_report *r)
{
    struct tables t = {.r = r};
    int64_t version = 0;
    int rc = archive_file_is(h, &t.archive);

    if (rc == SQLITE_OK)
        rc = sql_int(h, &version, 0, "PRAGMA user_version", "");
    if (rc != SQLITE_ROW)
        return rc;
    if (t.archive)
        verify_note(
            r, "this is an archive: its attempts are held by their chain, and the file by its SHA-256 in the"
               " database it was taken from; nothing else is held here");
    return schema_compare(h, version <= schema_newest() ? (int)version : schema_newest(), tell_table, &t);
}
