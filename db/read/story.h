/* SPDX-License-Identifier: Apache-2.0 */
/* story - what is known of a unit beside its attempts: who it is, its saved sectors, what was said of its attempts' jobs, later words. */
#ifndef DB_READ_STORY_H
#define DB_READ_STORY_H

#include "base/record.h"
#include "db/open/db.h"

enum story_what {
    STORY_BACKUP,
    STORY_CORRECTION,
    STORY_IDENTITY,
    STORY_JOB_NOTE
}; /* as db/read/story.c numbers them */

struct story_note {
    enum story_what what;
    int64_t attempt,
        at_ms; /* the attempt that saved a sector; 0: a restore did. Of STORY_IDENTITY: the last one before */
    /* "CONFIG", "BOOT_SECTOR"; RELEASE, REWORK, SCRAP, QUARANTINE, NOTE; RESTORED, ORDERED (not seen done), ACCEPTED (no sector); JOB */
    char kind[16];
    char text[512];  /* SHA-256 of the sector, "actor: reason", or what was said of the attempt's job */
    uint32_t offset; /* of a saved sector */
};

/* What is known of a unit itself: as it was first seen, with all addresses that were ever read from it. */
struct story_unit {
    struct unit_identity is; /* crystal and security are an attempt's, and 0 here */
    int64_t first_seen_ms;
};

/* 1 and *out, 0: no such unit, -1: *f. */
int story_unit(struct db *db, const uint8_t mac[6], struct story_unit *out, struct failure *f);

/* Oldest first. Rows filled (at most `max`), or -1 with *f. Sectors' bytes are not told: they may hold secrets. */
int story_notes(struct db *db, const uint8_t mac[6], struct story_note *out, int max, struct failure *f);
/* The newest attempt of a unit; 0: none, -1 with *f. */
int64_t story_newest_attempt(struct db *db, const uint8_t mac[6], struct failure *f);

#endif /* DB_READ_STORY_H */
