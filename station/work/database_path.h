/* SPDX-License-Identifier: Apache-2.0 */
/*
 * database_path - which database a verb means: --db, else the configuration's, else the user's own; for the records of
 * virtual boards --db, else the training database (docs/places.md).
 */
#ifndef STATION_WORK_DATABASE_PATH_H
#define STATION_WORK_DATABASE_PATH_H

#include "station/config/options_common.h"
#include "station/config/paths.h"

/* 0, or an exit code after one line on stderr. */
int database_path(const char *verb, const struct options_common *common, char out[static PATH_TEXT]);
int database_path_training(const char *verb, const struct options_common *common, char out[static PATH_TEXT]);

struct db;
/* One line on stderr where opening `db` brought the file up to date: from which format, and the copy of before. NULL: no verb. */
void database_tell_updated(const char *verb, const struct db *db);

#endif /* STATION_WORK_DATABASE_PATH_H */
