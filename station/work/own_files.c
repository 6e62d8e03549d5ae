/* SPDX-License-Identifier: Apache-2.0 */
#include "station/work/own_files.h"

#include <stdlib.h>

#include "profiles/text/complaint.h"
#include "station/config/config.h"
#include "station/print/cmd_fail.h"

void own_files_find(const struct options_common *common, struct own_files *out)
{
    struct complaint ignored = {0};
    struct config *config = config_load(common->config, &ignored);
    int n = 0, rc = path_config(common->config, out->config);

    out->files = (struct station_files){.config = rc == 0 || out->config[0] != '\0' ? out->config : NULL};
    if (common->db != NULL)
        out->files.databases[n++] = common->db;
    if (config != NULL && path_database(NULL, config->database, out->configured) == 0)
        out->files.databases[n++] = out->configured;
    if (path_database(NULL, NULL, out->home) == 0)
        out->files.databases[n++] = out->home;
    if (path_training_database(NULL, out->training) == 0)
        out->files.databases[n] = out->training;
    config_free(config);
}

int own_files_check(const char *verb, const struct options_common *common, const char *path)
{
    struct own_files *own = calloc(1, sizeof *own);
    struct failure f = {0};

    if (own == NULL)
        return cmd_fail(EXIT_STATION, verb, "out of memory");
    own_files_find(common, own);
    int rc = station_files_may_write(&own->files, path, WRITE_FILE, &f);
    free(own);
    return rc == 0 ? 0 : cmd_fail(EXIT_INPUT, verb, "%s", f.detail);
}
