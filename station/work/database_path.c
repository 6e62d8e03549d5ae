/* SPDX-License-Identifier: Apache-2.0 */
#include "station/work/database_path.h"

#include <stdio.h>

#include "db/open/db.h"
#include "profiles/text/complaint.h"
#include "station/config/config.h"
#include "station/print/cmd_fail.h"
#include "station/print/prose.h"

static int no_place(const char *verb)
{
    return cmd_fail(EXIT_INPUT, verb, "no place for a database: set HOME or say --db FILE");
}

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
    return error == 0 ? 0 : no_place(verb);
}

int database_path_training(const char *verb, const struct options_common *common, char out[static PATH_TEXT])
{
    return path_training_database(common->db, out) == 0 ? 0 : no_place(verb);
}

void database_tell_updated(const char *verb, const struct db *db)
{
    const char *kept;
    int from = db_updated_from(db, &kept);

    if (from == 0)
        return;
    prose_print(
        stderr, 2,
        "flashline%s%s: %s was brought up to date from format %d; as it was it is kept, verified: %s\n",
        verb != NULL ? " " : "", verb != NULL ? verb : "", db_path(db), from, kept);
}
