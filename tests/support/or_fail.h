/* SPDX-License-Identifier: Apache-2.0 */
/*
 * or_fail - makes what a test needs, or fails the test and says what the maker said. Owned and freed as what is made by the
 * function of the same name without _or_fail.
 */
#ifndef TESTS_SUPPORT_OR_FAIL_H
#define TESTS_SUPPORT_OR_FAIL_H

#include "db/open/db.h"
#include "db/record/db_recorder.h"
#include "engine/slot/engine.h"
#include "profiles/job/job.h"
#include "sim/board/sim_tray.h"

struct db *db_open_or_fail(const struct db_options *options);
struct db_recorder *db_recorder_new_or_fail(struct db *db, const struct db_policy *policy);
struct engine *engine_new_or_fail(const struct engine_config *config);
struct sim_tray *sim_tray_new_or_fail(const struct sim_tray_config *config);
struct job *job_load_or_fail(const char *path, const char *firmware);

#endif /* TESTS_SUPPORT_OR_FAIL_H */
