/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restore - a backup takes the place of the database, which no station may hold. What was there is kept beside it, and both
 * of them say in their audit who did it, when, from which file with which hash, and what was replaced. They change places
 * in one step: whenever the machine stops, a whole database is there.
 *
 * The file that is replaced decides who may: where its people can be read, also when it is damaged otherwise, an engineer
 * of its own with the PIN. Where they cannot, or where it is gone although something of it is left, only the machine's
 * root. Only where there never was a database do the engineers of the backup decide.
 *
 * An archive takes no database's place. Where nothing is there a copy of it is made, in the newest format, that can be read.
 */
#ifndef DB_CARE_RESTORE_H
#define DB_CARE_RESTORE_H

#include "base/station_files.h"
#include "db/care/verify.h"

struct restore_call {
    const char *backup, *path;
    const struct station_files *own;  /* no restore into the configuration; NULL: none is known */
    const char *actor, *pin, *reason; /* as in struct work_call; NULL: none */
};

struct restore_report {
    struct verify_report verify;
    uint8_t sha256[SHA256_SIZE]; /* of the backup, which is only read */
    char kept[4096 + 32];        /* PATH.before-restore-N, "" when nothing was there */
};

/*
 * 0, or -1 with *f (FAIL_ROLE as from work_do()); then the database is what it was, unless the disk would not say that the
 * change of names is durable: then the restored one is there, the old one kept, and *f says so.
 */
int restore_database(const struct restore_call *call, struct restore_report *report, struct failure *f);

#endif /* DB_CARE_RESTORE_H */
