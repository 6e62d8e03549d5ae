/* SPDX-License-Identifier: Apache-2.0 */
#include "db/desk/current_job.h"

#include <string.h>

#include "db/desk/audit.h"
#include "db/open/db_inside.h"
#include "db/open/sql.h"

#define USE "job.use"

/* Each answers name and hash in hex, or no row. */
static const char *const sources[] = {
    "SELECT object, new FROM audit WHERE action IN ('job.change', 'job.unreleased', '" USE
    "') ORDER BY id DESC LIMIT 1",
    ("SELECT j.name, lower(hex(j.sha256)) FROM attempt a JOIN job j ON j.id = a.job_id"
     " WHERE a.kind <> 'TRAINING' ORDER BY a.id DESC LIMIT 1"),
    "SELECT name, lower(hex(sha256)) FROM job ORDER BY id DESC LIMIT 1",
};

static int read_from(struct db *db, const char *sql, struct current_job *out)
{
    sqlite3_stmt *s = sql_prepare(db->h, sql, "");
    int rc = s == NULL ? sqlite3_errcode(db->h) : sqlite3_step(s);

    if (rc == SQLITE_ROW) {
        sql_copy_text(s, 0, out->name, sizeof out->name);
        sql_copy_text(s, 1, out->sha256, sizeof out->sha256);
    }
    sqlite3_finalize(s);
    return rc;
}

int current_job_read(struct db *db, struct current_job *out, struct failure *f)
{
    int rc = SQLITE_DONE;

    memset(out, 0, sizeof *out);
    db_lock(db);
    for (size_t i = 0; i < sizeof sources / sizeof sources[0] && rc == SQLITE_DONE; i++) {
        rc = read_from(db, sources[i], out);
        out->noted = rc == SQLITE_ROW && i == 0;
    }
    int answer = rc == SQLITE_ROW || rc == SQLITE_DONE
                     ? 0
                     : sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "read the station's job", f);
    db_unlock(db);
    return answer;
}

struct note {
    const char *name, *sha256;
};

static int note_steps(struct db *db, void *arg)
{
    static const struct actor station = {.role = "station"};
    const struct note *n = arg;
    const struct audit_entry entry = {USE, n->name, NULL, n->sha256, NULL};

    return audit_append(db, db_wall_ms(db), &station, &entry);
}

int current_job_note(struct db *db, const char *name, const char *sha256, struct failure *f)
{
    struct note note = {name, sha256};
    int rc = db_transact(db, note_steps, &note);

    return rc == SQLITE_OK ? 0 : sql_failure(db->h, rc, FAIL_RECORD, STAGE_NONE, "note the station's job", f);
}
