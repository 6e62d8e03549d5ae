/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/run_unit.h"

#include <stdio.h>
#include <string.h>

#include "db/desk/duty.h"
#include "db/desk/pool.h"
#include "db/record/db_recorder.h"
#include "profiles/job/job.h"
#include "profiles/unit/unit_compose.h"
#include "station/run/run_private.h"

struct values {
    struct run *run;
    int64_t attempt;
    const struct mac *mac;
};

/* Nothing is cut on its way onto a board. */
static int give(const char *what, const char *value, char *out, size_t size, struct failure *f)
{
    if (value[0] == '\0')
        return failure_set(f, FAIL_JOB, STAGE_GATE, 0, "the job wants the board's %s, and it has none", what);
    if (strlen(value) >= size)
        return failure_set(f, FAIL_JOB, STAGE_GATE, 0, "the board's %s is too long", what);
    memcpy(out, value, strlen(value) + 1);
    return 0;
}

static int of_pool(const struct values *v, const char *pool, char *out, size_t size, struct failure *f)
{
    const char *path = v->run->config->pool_key;
    struct pool_value value = {0};
    struct pool_key key = {0};
    int rc = path[0] != '\0' ? pool_key_read(path, &key, f) : 0;

    if (rc == 0)
        rc = pool_reserve(v->run->db, pool, v->mac, v->attempt, path[0] != '\0' ? &key : NULL, &value, f);
    if (rc == 0)
        rc = give("value of a pool", value.path[0] != '\0' ? value.path : value.text, out, size, f);
    pool_key_wipe(&key);
    pool_value_wipe(&value);
    return rc;
}

static int value_of(void *ctx, enum unit_source source, const char *pool, char *out, size_t size,
                    struct failure *f)
{
    const struct values *v = ctx;
    struct db_recorder *recorder = v->run->recorder;
    char serial[SERIAL_SIZE] = "";

    switch (source) {
    case UNIT_SERIAL:
        db_recorder_serial_of(recorder, v->attempt, serial);
        return give("serial number", serial, out, size, f);
    case UNIT_LOT: {
        const struct duty_names who = duty_now(db_recorder_duty(recorder));
        return give("lot", who.lot, out, size, f);
    }
    default:
        return of_pool(v, pool, out, size, f);
    }
}

int run_unit_compose(void *ctx, int64_t attempt, const struct unit_identity *unit, const struct plan *plan,
                     struct unit_data *out, struct failure *f)
{
    struct values v = {.run = ctx, .attempt = attempt, .mac = &unit->mac};
    const struct unit_filler filler = {.ctx = &v, .mac = &unit->mac, .value = value_of};

    return unit_compose(v.run->job->unit, plan, &filler, out, f);
}
