/* SPDX-License-Identifier: Apache-2.0 */
/*
 * anchor - the heads of chain and journal, signed with Ed25519 and kept elsewhere: later they prove that nothing up to them was
 * rewritten. The file is text: the signed lines, then "public" and "signature" (docs/database.md). An anchor of before the
 * journal holds the chain alone.
 */
#ifndef DB_CARE_ANCHOR_H
#define DB_CARE_ANCHOR_H

#include <stdbool.h>

#include "db/care/verify.h"

#define ANCHOR_KEY_SIZE       32
#define ANCHOR_SIGNATURE_SIZE 64

struct anchor {
    char station[40]; /* uuid of the station row */
    int64_t seq;
    uint8_t hash[SHA256_SIZE];
    bool has_journal; /* false: of the first form */
    int64_t journal_seq;
    uint8_t journal[SHA256_SIZE];
    int64_t opened; /* attempts ever opened, also those that were still open */
    int64_t at_ms;
    bool is_signed;
    uint8_t public_key[ANCHOR_KEY_SIZE];
    uint8_t signature[ANCHOR_SIGNATURE_SIZE];
};

/* The head as it is now, unsigned. All calls: 0, or -1 with *f. */
int anchor_take(struct db *db, struct anchor *a, struct failure *f);
/* `key`: a PEM file with an Ed25519 private key ("openssl genpkey -algorithm ed25519 -out KEY"). */
int anchor_sign(struct anchor *a, const char *key, struct failure *f);
int anchor_write(const struct anchor *a, const char *path, struct failure *f);
int anchor_read(struct anchor *a, const char *path, struct failure *f);
/*
 * Does the chain in `db` (already found good by verify_chain()) run through this anchor? `public_key`: PEM file with the
 * key it must be signed with; NULL: the one in the anchor, which then proves only that the anchor is whole.
 */
int anchor_check(struct db *db, const struct anchor *a, const char *public_key, struct failure *f);

#endif /* DB_CARE_ANCHOR_H */
