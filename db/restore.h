/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restore - a backup takes the place of the database, which no station may hold. What was there is kept beside it, and both
 * of them say in their audit who did it, when, from which file with which hash, and what was replaced.
 *
 * Where an engineer is enrolled it takes an engineer's PIN: of the database that is replaced, or, where that is missing or
 * cannot be opened, of the backup.
 */
#ifndef DB_RESTORE_H
#define DB_RESTORE_H

#include "db/verify.h"

struct restore_call {
    const char *backup, *path;
    const char *actor, *pin, *reason; /* as in struct work_call; NULL: none */
};

struct restore_report {
    struct verify_report verify;
    uint8_t sha256[SHA256_SIZE]; /* of the backup, which is only read */
    char kept[4096 + 32];        /* PATH.before-restore-N, "" when nothing was there */
};

/* 0, or -1 with *f (FAIL_ROLE as from work_do()); then the database is what it was. */
int restore_database(const struct restore_call *call, struct restore_report *report, struct failure *f);

#endif /* DB_RESTORE_H */
