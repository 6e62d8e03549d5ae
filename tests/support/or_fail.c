/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/or_fail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "profiles/text/complaint.h"

struct db *db_open_or_fail(const struct db_options *options)
{
    struct failure f = {0};
    struct db *db = db_open(options, &f);

    if (db == NULL)
        fail_msg("%s", f.detail);
    return db;
}

struct db_recorder *db_recorder_new_or_fail(struct db *db, const struct db_policy *policy)
{
    struct failure f = {0};
    struct db_recorder *r = db_recorder_new(db, policy, &f);

    if (r == NULL)
        fail_msg("%s", f.detail);
    return r;
}

struct engine *engine_new_or_fail(const struct engine_config *config)
{
    struct failure f = {0};
    struct engine *e = engine_new(config, &f);

    if (e == NULL)
        fail_msg("%s", f.detail);
    return e;
}

struct sim_tray *sim_tray_new_or_fail(const struct sim_tray_config *config)
{
    char error[SIM_TRAY_ERROR] = "";
    struct sim_tray *tray = sim_tray_new(config, error);

    if (tray == NULL)
        fail_msg("%s", error);
    return tray;
}

struct job *job_load_or_fail(const char *path, const char *firmware)
{
    struct complaint c = {0};
    struct job *job = job_load(path, firmware, &c);

    if (job == NULL)
        fail_msg("%s", c.text);
    return job;
}
