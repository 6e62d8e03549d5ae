/* SPDX-License-Identifier: Apache-2.0 */
/* pool_cli - what the words of `flashline pool` share: its options, its key, what is looked up. Exit codes, after one line on stderr. */
#ifndef STATION_CLI_POOL_CLI_H
#define STATION_CLI_POOL_CLI_H

#include "db/desk/pool_list.h"
#include "station/cli/options.h"

struct pool_options {
    struct options_common common;
    const char *kind, *column, *mac_column, *range, *reason, *operator_id, *station, *output, *again, *state;
    long low_water, step;
    bool secret, heading, reveal, replace, training;
    const char *const *words; /* behind the options: pool, source.. */
    int count;
};

/* 0 and *out; 1: there is no such pool, or no database yet, and nothing was said; else an exit code after one line. */
int pool_known(const struct pool_options *o, const char *name, struct pool_status *out);
/* The station's key, of station.yaml. */
int pool_station_key(const struct pool_options *o, struct pool_key *key);
/* Asks for the engineer's leave to see the secrets of a pool, and reads the key. */
int pool_reveal(const struct pool_options *o, const struct pool_status *pool, const char *where,
                struct pool_key *key);
/* May the file of --output be written? */
int pool_may_write(const struct pool_options *o);
/* An absolute path of a file that is there. */
int pool_absolute(const char *path, char out[static PATH_MAX]);

int pool_import(const struct pool_options *o);
int pool_take(const struct pool_options *o);
int pool_lend(const struct pool_options *o);
int pool_export(const struct pool_options *o);

#endif /* STATION_CLI_POOL_CLI_H */
