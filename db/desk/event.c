/* SPDX-License-Identifier: Apache-2.0 */
#include "db/desk/event.h"

#include <stdarg.h>
#include <stdio.h>

#include "db/open/sql.h"

int event_note(struct db *db, const char *kind, int64_t amount, const char *text, ...)
{
    char line[512]; /* a note of a job has up to 400, behind its name */
    va_list args;

    va_start(args, text);
    vsnprintf(line, sizeof line, text, args);
    va_end(args);
    atomic_fetch_add(&db->events, 1);
    return sql_run(db->h,
                   "INSERT INTO event(at_ms, run_id, kind, amount, text) VALUES (?, nullif(?, 0), ?, ?, ?)",
                   "lltlt", db_wall_ms(db), db->run_id, kind, amount, line);
}

static int first_look(struct clock_watch *w, struct db *db)
{
    int64_t newest = 0;
    int rc =
        sql_int(db->h, &newest, 0,
                "SELECT max(coalesce((SELECT a.closed_ms FROM chain c JOIN attempt a ON a.id = c.attempt_id"
                " ORDER BY c.seq DESC LIMIT 1), 0),"
                " coalesce((SELECT opened_ms FROM attempt ORDER BY id DESC LIMIT 1), 0),"
                " coalesce((SELECT started_ms FROM run WHERE id < ? ORDER BY id DESC LIMIT 1), 0))",
                "l", db->run_id);

    if (rc != SQLITE_ROW)
        return rc;
    int64_t back = newest - w->wall_ms;
    if (back <= CLOCK_BACK_MS)
        return SQLITE_OK;
    return event_note(db, "CLOCK", -back, "the clock is %lld s before the newest record",
                      (long long)(back / 1000));
}

int clock_watch_look(struct clock_watch *w, struct db *db)
{
    int64_t wall = db_wall_ms(db), mono = db_mono_us(db);
    int64_t jump = (wall - w->wall_ms) - (mono - w->mono_us) / 1000;
    bool started = w->started;

    *w = (struct clock_watch){true, wall, mono};
    if (!started)
        return first_look(w, db);
    if (jump < -CLOCK_BACK_MS)
        return event_note(db, "CLOCK", jump, "the clock went back by %lld s", (long long)(-jump / 1000));
    if (jump > CLOCK_FORWARD_MS)
        return event_note(db, "CLOCK", jump, "the clock went forward by %lld s", (long long)(jump / 1000));
    return SQLITE_OK;
}
