/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pycom_cb - `flashline pycom cb`: the config block of the board that is plugged in, shown, kept in a file, put back from one, or
 * changed field by field. What stood there is durable in the records before anything is erased (db/desk/identity.h).
 */
#ifndef STATION_CLI_PYCOM_CB_H
#define STATION_CLI_PYCOM_CB_H

#include "station/run/hand_board.h"

struct cb_options {
    struct hand_board_options at;
    const char *board;  /* its type, where a region depends on it; NULL: not said */
    const char *output; /* backup: the file; NULL: named by the MAC */
    const char *operator_id, *reason;
    bool reveal;        /* show: secrets too */
    bool force;         /* restore: also what is another board's */
    bool settings_only; /* restore: the board keeps its EUI and what Sigfox has */
    char **words;       /* restore: the file; set: FIELD=VALUE; show: a file, or none */
    int word_count;
};

/* Each: an exit code (docs/exit-codes.md). */
int pycom_cb_show(const struct cb_options *o);
int pycom_cb_backup(const struct cb_options *o);
int pycom_cb_restore(const struct cb_options *o);
int pycom_cb_set(const struct cb_options *o);

#endif /* STATION_CLI_PYCOM_CB_H */
