/* SPDX-License-Identifier: Apache-2.0 */
/* story - what else is known of a unit beside its attempts: backups of its sectors, later words on its attempts. */
#ifndef DB_STORY_H
#define DB_STORY_H

#include "db/db.h"

struct story_note {
    int64_t attempt, at_ms;
    char kind[16];   /* "CONFIG", "BOOT_SECTOR", or RELEASE, REWORK, SCRAP, NOTE */
    char text[256];  /* SHA-256 of the sector, or "actor: reason" */
    uint32_t offset; /* of a sector */
    bool is_backup;
};

/* Oldest first. Rows filled (at most `max`), or -1 with *f. Sectors' bytes are not told: they may hold secrets. */
int story_notes(struct db *db, const uint8_t mac[6], struct story_note *out, int max, struct failure *f);
/* The newest attempt of a unit; 0: none, -1 with *f. */
int64_t story_newest_attempt(struct db *db, const uint8_t mac[6], struct failure *f);
/* Attempts of this unit that retention moved to archive files. -1 with *f. */
int64_t story_archived(struct db *db, const uint8_t mac[6], struct failure *f);

#endif /* DB_STORY_H */
