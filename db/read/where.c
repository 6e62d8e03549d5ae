/* SPDX-License-Identifier: Apache-2.0 */
#include "db/read/where.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "db/open/kept_back.h"

static void add(struct where *w, bool wanted, const char *condition)
{
    size_t len = strlen(w->sql);

    if (wanted)
        snprintf(w->sql + len, sizeof w->sql - len, "%s%s", len > 0 ? " AND " : "", condition);
}

/*
 * Whoever wrote with the ROM loader said why in stub_note. Up to format 3 (chip_resets NULL) an attempt that began with the
 * stub and started over may have gone on with the ROM, and of one that was found open (FAIL_INTERRUPTED) nothing is known;
 * later a chip may have restarted out of a stub that was not ours to start again.
 */
#define MAYBE_ROM                                                                                                           \
    "(coalesce(a.stub_note, '') <> '' OR (a.chip_resets IS NULL AND ((a.used_stub = 1 AND a.retries > 0) OR a.code = 903))" \
    " OR (a.used_stub = 1 AND coalesce(a.chip_resets, 0) > 0 AND a.stub_sha256 IS NULL))"

static const struct {
    const char *name, *condition;
} loaders[LOADER_COUNT] = {
    [LOADER_ANY] = {"", ""},
    [LOADER_STUB] = {"stub", "a.used_stub = 1 AND NOT " MAYBE_ROM},
    [LOADER_ROM] = {"rom", MAYBE_ROM},
    [LOADER_UNPROVEN] = {"unproven", "a.chip_resets IS NULL AND " MAYBE_ROM},
};

const char *record_loader_name(enum record_loader loader)
{
    return loaders[loader].name;
}

enum record_loader record_loader_parse(const char *text)
{
    int i = LOADER_STUB;

    while (i < LOADER_COUNT && strcasecmp(text, loaders[i].name) != 0)
        i++;
    return (enum record_loader)i;
}

/*
 * The unit's last attempt of any kind is a production PASS, none is running, no mark keeps it back, and its serial number is
 * its own; it has one where one was asked for.
 */
static const char shippable[] =
    "a.result = 'PASS' AND a.kind <> 'TRAINING'"
    " AND NOT EXISTS (SELECT 1 FROM attempt z WHERE z.unit_id = a.unit_id AND z.id > a.id)"
    " AND NOT EXISTS (SELECT 1 FROM identification y JOIN attempt z ON z.id = y.attempt_id WHERE y.unit_id = a.unit_id"
    " AND z.result = 'OPEN')"
    " AND a.unit_id NOT IN (" KEPT_BACK_SQL ")"
    " AND CASE WHEN a.serial IS NULL THEN a.serial_asked IS NULL ELSE NOT EXISTS (SELECT 1 FROM attempt z"
    " WHERE z.serial = a.serial AND z.result = 'PASS' AND z.kind <> 'TRAINING' AND z.unit_id <> a.unit_id)"
    " AND NOT EXISTS (SELECT 1 FROM serial_past z WHERE z.serial = a.serial AND z.passes > 0 AND z.training = 0"
    " AND z.unit_id <> a.unit_id) END";

static void add_outcome(struct where *w, const struct record_filter *f)
{
    add(w, f->loader != LOADER_ANY, loaders[f->loader].condition);
    add(w, f->result != RESULT_COUNT, "a.result = :result");
    add(w, f->code != 0, "a.code = :code");
    add(w, f->shippable, shippable);
}

void where_make(struct where *w, const struct record_filter *f, enum where_part part)
{
    w->sql[0] = '\0';
    if (part != WHERE_OUTCOME) {
        add(w, !f->training, "a.kind <> 'TRAINING'");
        add(w, !f->running && f->result != RESULT_OPEN, "a.result <> 'OPEN'");
        add(w, f->has_mac, "a.unit_id = (SELECT id FROM unit WHERE mac = :mac)");
        add(w, f->lot != NULL, "a.lot_id = (SELECT id FROM lot WHERE code = :lot)");
        add(w, f->operator_id != NULL, "a.operator_id = (SELECT id FROM operator WHERE name = :operator)");
        add(w, f->job != NULL, "a.job_id IN (SELECT id FROM job WHERE name = :job)");
        add(w, f->firmware != NULL, "a.firmware_id IN (SELECT id FROM firmware WHERE " WHERE_FIRMWARE ")");
        add(w, f->serial != NULL, "a.serial = :serial");
        add(w, f->slot != 0, "a.slot = :slot");
        add(w, f->from_ms != 0, "a.opened_ms >= :from");
        add(w, f->to_ms != 0, "a.opened_ms < :to");
        /* Runs follow each other, so that a run's attempts are the newest once it goes; no index is needed. */
        add(w, f->run != 0,
            "a.run_id = :run AND a.id > coalesce((SELECT max(id) FROM attempt WHERE run_id < :run), 0)");
    }
    if (part != WHERE_BUT_OUTCOME)
        add_outcome(w, f);
    add(w, w->sql[0] == '\0', "1");
}

#define CHOSEN_SIZE 128 /* what stands round a condition */

void where_chosen(struct where *w, const struct record_filter *f)
{
    struct where all;

    where_make(&all, f, WHERE_ALL);
    if (f->newest > 0)
        snprintf(w->sql, sizeof w->sql,
                 "(SELECT * FROM attempt a WHERE %.*s ORDER BY a.id DESC LIMIT :newest) a WHERE 1",
                 WHERE_SIZE - CHOSEN_SIZE, all.sql);
    else
        snprintf(w->sql, sizeof w->sql, "attempt a WHERE %.*s", WHERE_SIZE - CHOSEN_SIZE, all.sql);
}

static int bind_text(sqlite3_stmt *s, const char *name, const char *text)
{
    int at = sqlite3_bind_parameter_index(s, name);

    return at == 0 || text == NULL ? SQLITE_OK : sqlite3_bind_text(s, at, text, -1, SQLITE_TRANSIENT);
}

static int bind_int(sqlite3_stmt *s, const char *name, int64_t value)
{
    int at = sqlite3_bind_parameter_index(s, name);

    return at == 0 ? SQLITE_OK : sqlite3_bind_int64(s, at, value);
}

int where_bind(sqlite3_stmt *s, const struct record_filter *f)
{
    int at = sqlite3_bind_parameter_index(s, ":mac"), rc = SQLITE_OK;

    if (at != 0)
        rc = sqlite3_bind_blob(s, at, f->mac.bytes, 6, SQLITE_TRANSIENT);
    if (rc == SQLITE_OK)
        rc = bind_text(s, ":lot", f->lot);
    if (rc == SQLITE_OK)
        rc = bind_text(s, ":operator", f->operator_id);
    if (rc == SQLITE_OK)
        rc = bind_text(s, ":job", f->job);
    if (rc == SQLITE_OK)
        rc = bind_text(s, ":firmware", f->firmware);
    if (rc == SQLITE_OK)
        rc = bind_text(s, ":serial", f->serial);
    if (rc == SQLITE_OK)
        rc = bind_text(s, ":result", result_name(f->result));
    if (rc == SQLITE_OK)
        rc = bind_int(s, ":slot", f->slot);
    if (rc == SQLITE_OK)
        rc = bind_int(s, ":code", f->code);
    if (rc == SQLITE_OK)
        rc = bind_int(s, ":from", f->from_ms);
    if (rc == SQLITE_OK)
        rc = bind_int(s, ":to", f->to_ms);
    if (rc == SQLITE_OK)
        rc = bind_int(s, ":newest", f->newest);
    if (rc == SQLITE_OK)
        rc = bind_int(s, ":run", f->run);
    return rc;
}
