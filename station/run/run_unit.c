/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/run_unit.h"

#include <stdio.h>
#include <string.h>

#include "db/desk/pool.h"
#include "profiles/unit/unit_compose.h"
#include "station/run/run_private.h"

/* One attempt's values. */
struct source {
    struct run *run;
    int64_t attempt;
    const struct mac *mac;
    struct attempt_words words;
};

static int put(const char *text, char *out, size_t size, struct failure *f)
{
    size_t len = strlen(text);

    if (len >= size)
        return failure_set(f, FAIL_JOB, STAGE_GATE, 0, "longer than %zu bytes", size - 1);
    memcpy(out, text, len + 1);
    return 0;
}

static int serial_of(const struct source *s, char *out, size_t size, struct failure *f)
{
    if (s->words.serial[0] != '\0')
        return put(s->words.serial, out, size, f);
    return failure_set(
        f, FAIL_WORK, STAGE_GATE, 0,
        "the job writes the board's serial number, and none was scanned; 'serial_required: yes' in "
        "station.yaml asks for it");
}

static int lot_of(const struct source *s, char *out, size_t size, struct failure *f)
{
    if (s->words.lot[0] != '\0')
        return put(s->words.lot, out, size, f);
    return failure_set(f, FAIL_WORK, STAGE_GATE, 0,
                       "the job writes the board's lot, and it is made in none; choose one, or name it with "
                       "--lot");
}

/* The key file is read for each board: nobody holds the key in between. */
static int from_pool(const struct source *s, const char *pool, char *out, size_t size, struct failure *f)
{
    const char *path = s->run->config->pool_key;
    struct pool_value v = {0};
    struct pool_key key;
    int rc;

    if (path[0] != '\0' && pool_key_read(path, &key, f) < 0)
        return -1;
    rc = pool_reserve(s->run->db, pool, s->mac, s->attempt, path[0] != '\0' ? &key : NULL, &v, f);
    if (path[0] != '\0')
        pool_key_wipe(&key);
    if (rc == 0)
        rc = put(v.kind == POOL_FILE ? v.path : v.text, out, size, f);
    pool_value_wipe(&v);
    return rc;
}

static int value(void *ctx, enum unit_source source, const char *pool, char *out, size_t size,
                 struct failure *f)
{
    const struct source *s = ctx;

    switch (source) {
    case UNIT_SERIAL:
        return serial_of(s, out, size, f);
    case UNIT_LOT:
        return lot_of(s, out, size, f);
    default:
        return from_pool(s, pool, out, size, f);
    }
}

int run_unit_compose(void *ctx, int64_t attempt, const struct unit_identity *unit, const struct plan *plan,
                     struct unit_data *out, struct failure *f)
{
    struct source s = {.run = ctx, .attempt = attempt, .mac = &unit->mac};
    const struct unit_filler filler = {&s, &unit->mac, value};

    if (db_recorder_words_of(s.run->recorder, attempt, &s.words, f) < 0)
        return -1;
    return unit_compose(s.run->job->unit, plan, &filler, out, f);
}
