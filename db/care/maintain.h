/* SPDX-License-Identifier: Apache-2.0 */
/*
 * maintain - backups (their way back: db/care/restore.h). A backup is one file, complete (identity sectors and all), written by VACUUM
 * INTO beside a running station, flushed, opened again and verified before it gets its name.
 */
#ifndef DB_CARE_MAINTAIN_H
#define DB_CARE_MAINTAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "db/care/verify.h"

struct backup_report {
    struct verify_report verify;
    uint64_t bytes;
    uint8_t sha256[SHA256_SIZE];
};

/*
 * `db` in either mode; DB_REVIEW does not hold the recorder up. `path` must not exist unless `replace`. 0: the backup is
 * durable and verified. -1: *f; nothing is at `path` that was not there before, unless the disk would not say that its new name is durable:
 * then the whole verified backup is there.
 */
int maintain_backup(struct db *db, const char *path, bool replace, struct backup_report *report,
                    struct failure *f);
/*
 * Looks `db` through first (a copy of a damaged file may be whole), then the same into FOLDER/flashline-YYYY-MM-DD.db,
 * keeping the newest `keep` of that form. `path` gets the file's name.
 */
int maintain_backup_daily(struct db *db, const char *folder, int keep, char *path, size_t size,
                          struct failure *f);
/* An event of kind BACKUP, durably: `text` says what was made, or why not. `writer` is DB_STATION. 0, or -1 with *f. */
int maintain_note_backup(struct db *writer, bool good, const char *text, struct failure *f);
/* Opens a copy as a reviewer would and looks at everything in it. -1: *f, also when something in it is wrong. */
int maintain_verify(const char *path, struct verify_report *report, struct failure *f);

#endif /* DB_CARE_MAINTAIN_H */
