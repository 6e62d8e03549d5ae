/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/out_file.h"
#include "db/desk/work.h"
#include "profiles/text/complaint.h"
#include "station/cli/cmd.h"
#include "station/cli/pool_cli.h"
#include "station/cli/record_options.h"
#include "station/config/config.h"
#include "station/work/database_path.h"
#include "station/work/own_files.h"
#include "station/work/work_client.h"

int pool_known(const struct pool_options *o, const char *name, struct pool_status *out)
{
    char path[PATH_TEXT];
    struct failure f = {0};
    int code = database_path("pool", &o->common, path);

    memset(out, 0, sizeof *out);
    if (code != 0)
        return code;
    if (access(path, F_OK) != 0)
        return 1;
    struct db *db = record_open("pool", &o->common, &code);
    if (db == NULL)
        return code;
    int rc = pool_status(db, name, out, &f);
    db_close(db);
    return rc == 0 ? 0 : rc == -ENOENT ? 1 : cmd_fail(EXIT_INPUT, "pool", "%s", f.detail);
}

int pool_station_key(const struct pool_options *o, struct pool_key *key)
{
    struct complaint c = {0};
    struct failure f = {0};
    struct config *config = config_load(o->common.config, &c);
    int code = 0;

    if (config == NULL)
        return cmd_fail(EXIT_INPUT, "pool", "%s", c.text);
    if (config->pool_key[0] == '\0')
        code = cmd_fail(EXIT_INPUT, "pool",
                        "secrets need a key: pool_key in %s names its file, flashline pool key makes it",
                        config->path);
    else if (pool_key_read(config->pool_key, key, &f) != 0)
        code = cmd_fail(EXIT_INPUT, "pool", "%s", f.detail);
    config_free(config);
    return code;
}

int pool_reveal(const struct pool_options *o, const struct pool_status *pool, const char *where,
                struct pool_key *key)
{
    struct work_call call = {.action = WORK_POOL_REVEAL,
                             .object = pool->name,
                             .text = where,
                             .actor = o->operator_id,
                             .reason = o->reason};
    int code = pool_station_key(o, key);

    if (code == 0 && memcmp(key->id, pool->key_id, sizeof key->id) != 0)
        code = cmd_fail(EXIT_INPUT, "pool",
                        "the values of pool %s are sealed with another key than the one of this station",
                        pool->name);
    return code == 0 ? work_request("pool", &o->common, &call, NULL) : code;
}

int pool_may_write(const struct pool_options *o)
{
    struct own_files own;
    struct failure f = {0};

    if (o->output == NULL)
        return cmd_fail(EXIT_USAGE, "pool", "say where to: -o FILE");
    own_files_find(&o->common, &own);
    int rc = o->replace ? file_check_target(&own.files, o->output, &f)
                        : file_check_free(&own.files, o->output, &f);
    return rc == 0 ? 0 : cmd_fail(EXIT_INPUT, "pool", "%s", f.detail);
}

int pool_absolute(const char *path, char out[static PATH_MAX])
{
    return realpath(path, out) != NULL
               ? 0
               : cmd_fail(EXIT_INPUT, "pool", "cannot read %s: %s", path, errno_text(errno));
}
