/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lot - a planned number of good boards. A slot reserves its place before it starts, so the good count never passes the
 * plan: good + running <= planned holds inside the transaction that opens an attempt. A board that is good no more (it failed
 * when it was flashed again, it is scrapped) gives its place free. docs/terminology.md, "Numbers", has these numbers as SQL.
 */
#ifndef DB_DESK_LOT_H
#define DB_DESK_LOT_H

#include "base/digest.h"
#include "db/open/db.h"

struct lot_status {
    int64_t id;
    char code[64], work_order[64];
    int64_t planned; /* 0: open-ended */
    int64_t
        good; /* units whose last attempt in this lot passed, and that are not kept back (db/open/kept_back.h) */
    int64_t running;  /* attempts open now */
    int64_t units;    /* identified in this lot; of archives of before format 8 those that passed */
    int64_t attempts; /* closed; not those in archives of before format 8 */
    int64_t opened_ms, closed_ms;                    /* closed 0: open */
    char job_name[64], job_sha256[SHA256_TEXT_SIZE]; /* that it is for; "" : any */
};

/* 0, -ENOENT, or -1 with *f. `training`: of training attempts instead of production. */
int lot_status(struct db *db, const char *code, bool training, struct lot_status *out, struct failure *f);
/* The same without what must be counted: good, running, units and attempts are 0. */
int lot_brief(struct db *db, const char *code, struct lot_status *out, struct failure *f);
/* Newest first; open ones only unless `closed`. Rows filled, or -1 with *f. */
int lot_list(struct db *db, bool closed, bool training, struct lot_status *out, int max, struct failure *f);
/* The same without what must be counted, as lot_brief(): quick in a large database. */
int lot_list_brief(struct db *db, bool closed, struct lot_status *out, int max, struct failure *f);

#endif /* DB_DESK_LOT_H */
