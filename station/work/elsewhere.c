/* SPDX-License-Identifier: Apache-2.0 */
#include "station/work/elsewhere.h"

#include <sys/stat.h>
#include <unistd.h>

#include "db/desk/operator.h"
#include "station/config/paths.h"
#include "station/print/cmd_fail.h"
#include "station/work/work_client.h"

static bool is_same_file(const char *a, const char *b)
{
    struct stat x, y;

    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

bool elsewhere_is_home(const char *configured, const char *database)
{
    char home[PATH_TEXT];

    return path_database(NULL, configured, home) == 0 && is_same_file(home, database);
}

/* -1: it cannot be read, *f; a database that is not there has no engineers. */
static int is_locked(const char *path, struct failure *f)
{
    const struct db_options options = {.path = path, .mode = DB_REVIEW};

    if (access(path, F_OK) != 0)
        return 0;
    struct db *db = db_open(&options, f);
    int closed = db == NULL ? -1 : operator_lock_closed(db, f);
    db_close(db);
    return closed;
}

int elsewhere_ask(const char *verb, const struct options_common *common, const char *configured,
                  struct work_call *call)
{
    char home[PATH_TEXT];
    struct failure f = {0};
    struct options_common own = *common;

    own.db = NULL;
    if (path_database(NULL, configured, home) != 0)
        return 0;
    int closed = is_locked(home, &f);
    if (closed < 0)
        return cmd_failure(EXIT_INPUT, verb, &f);
    return closed == 0 ? 0 : work_request(verb, &own, call, NULL);
}
