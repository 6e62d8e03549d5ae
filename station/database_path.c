/* SPDX-License-Identifier: Apache-2.0 */
#include "station/database_path.h"

#include "profiles/complaint.h"
#include "station/cmd.h"
#include "station/config.h"

int database_path(const char *verb, const struct options_common *common, char out[static PATH_TEXT])
{
    struct complaint c = {0};
    struct config *config = NULL;

    if (common->db == NULL) {
        config = config_load(common->config, &c);
        if (config == NULL)
            return cmd_fail(EXIT_INPUT, verb, "%s", c.text);
    }
    int error = path_database(common->db, config != NULL ? config->database : NULL, out);
    config_free(config);
    if (error == 0)
        return 0;
    return cmd_fail(EXIT_INPUT, verb, "no place for a database: set HOME or say --db FILE");
}
