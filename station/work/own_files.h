/* SPDX-License-Identifier: Apache-2.0 */
/* own_files - the files that are this station's, as its options, environment and configuration name them: no verb writes there. */
#ifndef STATION_WORK_OWN_FILES_H
#define STATION_WORK_OWN_FILES_H

#include "base/station_files.h"
#include "station/config/options_common.h"
#include "station/config/paths.h"

struct own_files {
    struct station_files files; /* points into the texts: not to be copied */
    char config[PATH_TEXT], configured[PATH_TEXT], home[PATH_TEXT], training[PATH_TEXT];
};

/* A configuration that cannot be read names no database; it is guarded itself all the same. */
void own_files_find(const struct options_common *common, struct own_files *out);
/* May `path` be written by `verb`? 0, or the exit code after one line. */
int own_files_check(const char *verb, const struct options_common *common, const char *path);

#endif /* STATION_WORK_OWN_FILES_H */
