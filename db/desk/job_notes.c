/* SPDX-License-Identifier: Apache-2.0 */
#include "db/desk/job_notes.h"

#include "db/desk/event.h"
#include "db/open/sql.h"

struct call {
    const char *job;
    char file[2 * 4 + 1]; /* how its SHA-256 begins: two jobs may have one name */
    const char *const *notes;
    size_t count;
};

static int steps(struct db *db, void *arg)
{
    const struct call *c = arg;
    int rc = SQLITE_OK;

    for (size_t i = 0; i < c->count && rc == SQLITE_OK; i++)
        rc = event_note(db, "JOB", 0, "job %.63s %s: %s", c->job, c->file, c->notes[i]);
    return rc;
}

int job_notes_record(struct db *db, const char *job, const uint8_t sha256[static SHA256_SIZE],
                     const char *const *notes, size_t count, struct failure *f)
{
    struct call c = {.job = job, .notes = notes, .count = count};

    digest_hex(sha256, (sizeof c.file - 1) / 2, c.file);
    int rc = count == 0 ? SQLITE_OK : db_transact(db, steps, &c);

    return rc == SQLITE_OK
               ? 0
               : sql_failure(db->h, rc, FAIL_RECORD, STAGE_NONE, "note what is said of the job", f);
}
