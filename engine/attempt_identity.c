/* SPDX-License-Identifier: Apache-2.0 */
/* The protected sector leaves as it came, and a board that lost it gets it back. */
#include <stdio.h>
#include <string.h>

#include "engine/attempt_private.h"

static bool is_uniform(const uint8_t data[static BACKUP_SIZE])
{
    return memcmp(data, data + 1, BACKUP_SIZE - 1) == 0;
}

/* Erased, zeroed by what spilled over it, half put back, or just what the earlier attempt found when it gave up. */
static bool was_lost(const struct attempt *a)
{
    uint8_t md5[MD5_SIZE];

    if (is_uniform(a->config_sector.data) || attempt_is_half_of(a->config_sector.data, a->verdict.identity))
        return true;
    digest_md5(a->config_sector.data, BACKUP_SIZE, md5);
    return a->verdict.has_identity_left && memcmp(md5, a->verdict.identity_left_md5, MD5_SIZE) == 0;
}

int attempt_identity_write(struct attempt *a)
{
    struct mismatch before = a->mismatch;
    uint8_t want[MD5_SIZE];

    digest_md5(a->config_sector.data, BACKUP_SIZE, want);
    if (attempt_sector(a, "identity sector", CONFIG_SECTOR, a->config_sector.data) < 0)
        return -1;
    if (attempt_md5(a, "identity sector", CONFIG_SECTOR, BACKUP_SIZE, want) < 0)
        return attempt_judge(a, &before);
    return 0;
}

int attempt_identity_from_record(struct attempt *a)
{
    const struct recorder_verdict *v = &a->verdict;

    if (!v->has_identity || a->plan->writes_config ||
        memcmp(v->identity, a->config_sector.data, BACKUP_SIZE) == 0)
        return 0;
    if (!was_lost(a))
        return failure_set(
            &a->failure, HOLD_IDENTITY_DIFFERS, a->stage, 0,
            "sector 0x%x differs from the backup of an attempt that did not end well, and is not blank",
            CONFIG_SECTOR);
    memcpy(a->config_sector.data, v->identity, BACKUP_SIZE);
    digest_sha256(a->config_sector.data, BACKUP_SIZE, a->config_sector.sha256);
    attempt_note(a, "an earlier attempt left the board without its identity: it goes back from its record");
    return attempt_identity_write(a);
}

/* What stands there now instead, for the next attempt on this unit to know it again. */
static void note_what_is_left(struct attempt *a)
{
    uint8_t *md5 = a->result->identity_left_md5;

    a->result->has_identity_left = esp_loader_md5(a->session->loader, CONFIG_SECTOR, BACKUP_SIZE, md5) == 0;
}

enum kept { UNCHANGED, RESTORED, LOST, NOT_KNOWN };

/* LOST: it differs and did not go back; NOT_KNOWN: it could not be asked for. Then a->failure says why. */
static enum kept keep(struct attempt *a)
{
    uint8_t want[MD5_SIZE];

    if (!a->has_config || a->plan->writes_config)
        return UNCHANGED;
    digest_md5(a->config_sector.data, BACKUP_SIZE, want);
    if (attempt_md5(a, "identity sector", CONFIG_SECTOR, BACKUP_SIZE, want) == 0)
        return UNCHANGED;
    if (a->failure.code != FAIL_MD5_MISMATCH)
        return NOT_KNOWN;
    if (attempt_identity_write(a) == 0)
        return RESTORED;
    note_what_is_left(a);
    return LOST;
}

int attempt_identity_kept(struct attempt *a)
{
    enum kept kept = keep(a);

    if (kept == UNCHANGED)
        return 0;
    if (kept == NOT_KNOWN)
        return -1;
    if (kept == RESTORED)
        return failure_set(&a->failure, FAIL_IDENTITY_DAMAGED, a->stage, 0,
                           "identity restored: sector 0x%x differed from its backup and was written back",
                           CONFIG_SECTOR);
    char why[FAILURE_DETAIL_SIZE];
    snprintf(why, sizeof why, "%s", a->failure.detail);
    return failure_set(
        &a->failure, FAIL_IDENTITY_DAMAGED, a->stage, 0,
        "identity lost: sector 0x%x differs from its backup and could not be written back: %.80s",
        CONFIG_SECTOR, why);
}

/* The loader answered just before, so that asking it for one more sector costs little and harms nothing. */
static bool loader_can_be_asked(const struct attempt *a)
{
    switch (a->failure.code) {
    case FAIL_ERASE:
    case FAIL_WRITE:
    case FAIL_MD5_MISMATCH:
    case FAIL_MD5_UNPROVEN:
    case FAIL_BESIDE_CHANGED:
    case FAIL_FINALISE:
        return true;
    default:
        return false;
    }
}

void attempt_identity_rescue(struct attempt *a)
{
    struct failure first = a->failure;

    if (!a->touched || !loader_can_be_asked(a))
        return;
    enum kept kept = keep(a);

    a->failure = first;
    if (kept == UNCHANGED || kept == NOT_KNOWN)
        return;
    size_t len = strlen(first.detail);
    static const char restored[] = "; identity restored", gone[] = "; identity lost";
    const char *word = kept == LOST ? gone : restored;
    if (len + strlen(word) >= sizeof first.detail)
        len = sizeof first.detail - strlen(word) - 1;
    snprintf(a->failure.detail + len, sizeof a->failure.detail - len, "%s", word);
}
