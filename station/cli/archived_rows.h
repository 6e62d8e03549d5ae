/* SPDX-License-Identifier: Apache-2.0 */
/* archived_rows - what archive files hold of something that is asked for, told file by file, each with its name (db/read/past.h). */
#ifndef STATION_CLI_ARCHIVED_ROWS_H
#define STATION_CLI_ARCHIVED_ROWS_H

#include "db/read/past.h"

struct archived_call {
    const char *verb;
    bool json;
    const struct past_ask *ask;
    /* Tells the rows of one file. 0, or an exit code, which ends it. */
    int (*tell)(void *ctx, struct db *rows);
    void *ctx;
};

/*
 * Each file that holds something, oldest first: its name, then tell(). One that is missing or is not the file that was made is a
 * line on stderr that says what to do, and the next one is told. 0, or an exit code.
 */
int archived_rows(struct db *db, const struct archived_call *call);

#endif /* STATION_CLI_ARCHIVED_ROWS_H */
