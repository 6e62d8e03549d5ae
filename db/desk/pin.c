/* SPDX-License-Identifier: Apache-2.0 */
#include "db/desk/pin.h"

#include <stdio.h>
#include <string.h>

#include "base/plain.h"
#include "db/desk/event.h"
#include "db/desk/operator.h"
#include "db/open/sql.h"

#define RIGHT (-1)
/* Wrong PINs since the last right one, newest first. */
#define SINCE_RIGHT                                                  \
    " FROM event e WHERE e.kind = 'PIN' AND e.amount > 0 AND e.id >" \
    " (SELECT coalesce(max(id), 0) FROM event WHERE kind = 'PIN' AND amount = -1)"

const char *pin_trouble(const char *pin)
{
    size_t len = pin != NULL ? strlen(pin) : 0;

    if (len > PIN_MAX)
        return "a PIN has at most 64 characters";
    if (plain_trouble(pin) != NULL)
        return "a PIN has no control characters";
    if (len < PIN_MIN || (len < PASSPHRASE_MIN && strspn(pin, "0123456789") != len))
        return "a PIN has six digits or more; a passphrase, eight characters or more";
    return NULL;
}

/* One wrong PIN after another, from the newest on. */
struct series {
    int64_t now_ms;
    char boot[64];
    int64_t newest_ms; /* of that boot */
    int count;
};

/* False: this one and all before it are too old to count. */
static bool count_one(struct series *s, const char *boot, bool is_this_boot, int64_t at_ms)
{
    if (is_this_boot) {
        /* A time to come cannot be this boot's own: it counts for nothing, or it would hold for ever. */
        if (at_ms > s->now_ms)
            return true;
        s->count += s->now_ms - at_ms < WRONG_PIN_MS;
        return s->now_ms - at_ms < WRONG_PIN_MS;
    }
    if (s->boot[0] == '\0') {
        snprintf(s->boot, sizeof s->boot, "%s", boot);
        s->newest_ms = at_ms;
    }
    bool counts = strcmp(boot, s->boot) == 0 && s->now_ms < WRONG_PIN_MS && at_ms <= s->newest_ms &&
                  s->newest_ms - at_ms < WRONG_PIN_MS;
    s->count += counts;
    return counts;
}

/* Never 0, which is what earlier versions wrote. */
static int64_t now_ms(struct db *db)
{
    int64_t ms = db_mono_us(db) / 1000;

    return ms > 0 ? ms : 1;
}

bool pin_must_wait(struct db *db)
{
    struct series series = {.now_ms = now_ms(db)};
    sqlite3_stmt *s = sql_prepare(
        db->h,
        "SELECT coalesce(r.boot_id, ''), coalesce(r.boot_id, '') = n.boot_id, e.amount FROM run n, (SELECT e.id AS id,"
        " e.run_id AS run_id, e.amount AS amount" SINCE_RIGHT
        ") e LEFT JOIN run r ON r.id = e.run_id WHERE n.id = ? ORDER BY e.id DESC",
        "l", db->run_id);
    bool more = true;

    while (s != NULL && more && series.count < WRONG_PINS_MAX && sqlite3_step(s) == SQLITE_ROW)
        more = count_one(&series, sql_text(s, 0), sqlite3_column_int(s, 1) != 0, sqlite3_column_int64(s, 2));
    sqlite3_finalize(s);
    return series.count >= WRONG_PINS_MAX;
}

bool pin_has_wrong(struct db *db)
{
    int64_t wrong = 0;

    return sql_int(db->h, &wrong, 0, "SELECT 1" SINCE_RIGHT " LIMIT 1", "") == SQLITE_ROW;
}

int pin_note_wrong(struct db *db, const char *name)
{
    return event_note(db, "PIN", now_ms(db), "a wrong PIN was given%s%s", name != NULL ? " for " : "",
                      name != NULL ? name : "");
}

int pin_note_right(struct db *db)
{
    return event_note(db, "PIN", RIGHT, "the right PIN came after wrong ones");
}
