/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lot - a planned number of good boards. A slot reserves its place before it starts, so the good count never passes the
 * plan: good + running <= planned holds inside the transaction that opens an attempt.
 */
#ifndef DB_DESK_LOT_H
#define DB_DESK_LOT_H

#include "db/open/db.h"

struct lot_status {
    char code[64], work_order[64];
    int64_t planned; /* 0: open-ended */
    int64_t good;    /* units that passed in this lot */
    int64_t running; /* attempts open now */
    int64_t units, attempts;
    int64_t opened_ms, closed_ms; /* closed 0: open */
};

/* 0, -ENOENT, or -1 with *f. `training`: of training attempts instead of production. */
int lot_status(struct db *db, const char *code, bool training, struct lot_status *out, struct failure *f);
/* Newest first; open ones only unless `closed`. Rows filled, or -1 with *f. */
int lot_list(struct db *db, bool closed, bool training, struct lot_status *out, int max, struct failure *f);

#endif /* DB_DESK_LOT_H */
