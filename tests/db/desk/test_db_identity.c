/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <sqlite3.h>

#include "db/care/retention.h"
#include "db/care/verify.h"
#include "db/desk/identity.h"
#include "db/desk/work.h"
#include "db/read/export.h"
#include "db/read/story.h"
#include "tests/support/db_fixture.h"
#include "tests/support/or_fail.h"

#define DAY   86400000LL
#define T0    1795341600000LL
#define BLANK 0xff
#define NONE  (-1)

static void start(struct db_fixture *x)
{
    fixture_new(x);
    x->policy.on_duplicate = DUPLICATE_REWORK; /* units that passed come back */
    x->has_clock = true;
    x->wall_ms = T0;
    fixture_start(x);
}

static struct backup sector(int fill)
{
    struct backup b = {.kind = BACKUP_IDENTITY, .offset = 0x3ff000};

    memset(b.data, fill, sizeof b.data);
    b.data[0] =
        (uint8_t)(fill == BLANK || fill == 0 ? fill
                                             : 0x5a); /* what holds something is not one byte all over */
    digest_sha256(b.data, sizeof b.data, b.sha256);
    return b;
}

/* An attempt under way on unit `tail`, its sector of bytes `fill` saved. */
static int64_t begin(struct db_fixture *x, uint32_t tail, enum attempt_kind kind, int fill)
{
    struct attempt_start s = board_start(1);
    const struct unit_identity u = board_identity(tail);
    struct recorder_verdict v;
    struct failure f = {0};
    int64_t a;

    s.kind = kind;
    assert_int_equal(x->face->open(x->face->ctx, &s, &a, &f), 0);
    assert_int_equal(x->face->identify(x->face->ctx, a, &u, &v, &f), 0);
    assert_true(v.allowed);
    if (fill != NONE) {
        const struct backup b = sector(fill);
        assert_int_equal(x->face->backup(x->face->ctx, a, &b, &f), 0);
    }
    return a;
}

/* `left`: what the identity sector was left as; NONE: it is not known to be lost. */
static void end(struct db_fixture *x, int64_t a, enum result result, int left)
{
    struct attempt_result e = board_end(result, result == RESULT_PASS ? FAILURE_NONE : FAIL_WRITE);
    struct failure f = {0};

    e.has_identity_left = left != NONE;
    memset(e.identity_left_md5, left, MD5_SIZE);
    assert_int_equal(x->face->close(x->face->ctx, a, &e, &f), 0);
}

static void attempt(struct db_fixture *x, uint32_t tail, int fill, enum result result)
{
    end(x, begin(x, tail, ATTEMPT_PRODUCTION, fill), result, NONE);
}

static struct recorder_verdict verdict(struct db_fixture *x, uint32_t tail)
{
    const struct attempt_start s = board_start(1);
    const struct unit_identity u = board_identity(tail);
    struct recorder_verdict v;
    struct failure f = {0};
    int64_t a;

    assert_int_equal(x->face->open(x->face->ctx, &s, &a, &f), 0);
    assert_int_equal(x->face->identify(x->face->ctx, a, &u, &v, &f), 0);
    end(x, a, RESULT_ABORTED, NONE);
    return v;
}

/* The byte that the sector of the verdict is full of; NONE: there is no sector. */
static int known(struct db_fixture *x, uint32_t tail)
{
    const struct recorder_verdict v = verdict(x, tail);

    for (int i = 1; v.has_identity && i < BACKUP_SIZE; i++)
        assert_int_equal(v.identity[i], v.identity[1]);
    return v.has_identity ? v.identity[1] : NONE;
}

static void assert_good(struct db *db)
{
    struct verify_report r;
    struct failure f = {0};

    assert_int_equal(verify_all(db, &r, &f), 0);
    assert_string_equal(r.text, "");
}

static void any_attempt_that_did_not_pass_leaves_a_sector_to_put_back(void **state)
{
    (void)state;
    static const enum result ends[] = {RESULT_FAIL, RESULT_ERROR, RESULT_HOLD, RESULT_ABORTED};
    struct db_fixture x;

    start(&x);
    assert_int_equal(known(&x, 1), NONE);
    for (uint32_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        attempt(&x, 10 + i, 0x20, ends[i]);
        assert_int_equal(known(&x, 10 + i), 0x20);
    }
    attempt(&x, 20, 0x20, RESULT_PASS);
    assert_int_equal(known(&x, 20), NONE);
    begin(&x, 21, ATTEMPT_PRODUCTION, 0x21); /* the power goes */
    fixture_stop(&x);
    fixture_start(&x);
    assert_int_equal(known(&x, 21), 0x21);
    assert_int_equal(known(&x, 22), NONE); /* another unit's */
    fixture_free(&x);
}

static void the_oldest_since_the_last_pass_is_the_true_one(void **state)
{
    (void)state;
    struct db_fixture x;

    start(&x);
    attempt(&x, 1, 0x11, RESULT_FAIL);
    attempt(&x, 1, 0x00, RESULT_ERROR); /* saved what the first had destroyed */
    assert_int_equal(known(&x, 1), 0x11);
    attempt(&x, 1, 0x11, RESULT_PASS);
    assert_int_equal(known(&x, 1), NONE);
    attempt(&x, 1, 0x33, RESULT_ABORTED);
    attempt(&x, 1, 0x44, RESULT_FAIL);
    attempt(&x, 2, 0x22, RESULT_PASS); /* another unit's changes nothing */
    assert_int_equal(known(&x, 1), 0x33);
    fixture_free(&x);
}

static void an_attempt_that_erased_nothing_leaves_nothing_to_put_back(void **state)
{
    (void)state;
    static const enum stage reached[] = {STAGE_BACKUP, STAGE_STUB, STAGE_ERASE, STAGE_WRITE};
    struct db_fixture x;
    struct failure f = {0};

    for (size_t i = 0; i < sizeof reached / sizeof reached[0]; i++) {
        struct attempt_result e = {.result = RESULT_ERROR, .duration_us = 1000000};

        start(&x);
        int64_t a = begin(&x, 1, ATTEMPT_PRODUCTION, 0x11);
        e.stage_us[STAGE_CONNECT] = e.stage_us[reached[i]] = 50000;
        failure_set(&e.failure, FAIL_STUB, reached[i], 0, "made by the test");
        assert_int_equal(x.face->close(x.face->ctx, a, &e, &f), 0);
        assert_int_equal(known(&x, 1), reached[i] >= STAGE_ERASE ? 0x11 : NONE);
        fixture_free(&x);
    }
}

static void a_blank_sector_holds_nothing_to_put_back(void **state)
{
    (void)state;
    struct db_fixture x;

    start(&x);
    attempt(&x, 1, BLANK, RESULT_FAIL);
    attempt(&x, 1, 0x00, RESULT_FAIL);
    assert_int_equal(known(&x, 1), NONE);
    attempt(&x, 1, 0x55, RESULT_FAIL); /* somebody gave the board its identity meanwhile */
    assert_int_equal(known(&x, 1), 0x55);
    fixture_free(&x);
}

static void neither_own_backups_nor_boot_sectors_count(void **state)
{
    (void)state;
    struct db_fixture x;
    struct recorder_verdict v;
    struct failure f = {0};
    struct backup boot = sector(0x66);

    start(&x);
    boot.kind = BACKUP_BOOT_SECTOR;
    int64_t a = begin(&x, 1, ATTEMPT_PRODUCTION, 0x77);
    assert_int_equal(x.face->backup(x.face->ctx, a, &boot, &f), 0);
    const struct unit_identity u = board_identity(1);
    assert_int_equal(x.face->identify(x.face->ctx, a, &u, &v, &f), 0); /* a whole-board retry asks again */
    assert_false(v.has_identity);
    end(&x, a, RESULT_PASS, NONE);
    a = begin(&x, 2, ATTEMPT_PRODUCTION, NONE);
    assert_int_equal(x.face->backup(x.face->ctx, a, &boot, &f), 0);
    end(&x, a, RESULT_FAIL, NONE);
    assert_int_equal(known(&x, 2), NONE);
    fixture_free(&x);
}

#define DOUBT 0x100 /* another job may have written there since */

/* The byte that the sector at `offset` is saved full of, for an attempt that has just identified unit `tail`; NONE. */
static int saved_at(struct db_fixture *x, uint32_t tail, uint32_t offset)
{
    int64_t a = begin(x, tail, ATTEMPT_PRODUCTION, NONE);
    static struct saved_sector saved;
    struct failure f = {0};

    assert_int_equal(x->face->saved(x->face->ctx, a, offset, &saved, &f), 0);
    end(x, a, RESULT_ABORTED, NONE);
    return saved.found ? saved.data[1] + (saved.in_doubt ? DOUBT : 0) : NONE;
}

static void save_at(struct db_fixture *x, int64_t a, uint32_t offset, int fill)
{
    struct backup b = sector(fill);
    struct failure f = {0};

    b.offset = offset;
    assert_int_equal(x->face->backup(x->face->ctx, a, &b, &f), 0);
}

/* What a job protects elsewhere is known by the rule of the identity, and is none. */
static void another_sector_that_was_protected_is_no_identity(void **state)
{
    (void)state;
    struct db_fixture x;
    struct failure f = {0};
    static struct saved_sector saved = {.found = true};

    start(&x);
    int64_t a = begin(&x, 1, ATTEMPT_PRODUCTION, NONE);
    save_at(&x, a, 0x9000, 0x21);
    save_at(&x, a, 0xA000, 0x22);
    assert_int_equal(x.face->saved(x.face->ctx, a, 0x9000, &saved, &f), 0);
    assert_false(saved.found); /* its own does not count */
    fixture_stop(&x);          /* the power goes */
    fixture_start(&x);
    assert_int_equal(saved_at(&x, 1, 0x9000), 0x21);
    assert_int_equal(saved_at(&x, 1, 0xA000), 0x22);
    assert_int_equal(saved_at(&x, 1, 0xB000), NONE);
    assert_int_equal(saved_at(&x, 2, 0x9000), NONE); /* another unit's */
    assert_int_equal(known(&x, 1), NONE);
    a = begin(&x, 1, ATTEMPT_PRODUCTION, 0x23);
    save_at(&x, a, 0x9000, 0x24); /* later: may show what the first did */
    end(&x, a, RESULT_FAIL, NONE);
    assert_int_equal(saved_at(&x, 1, 0x9000), 0x21);
    assert_int_equal(known(&x, 1), 0x23);
    attempt(&x, 1, 0x23, RESULT_PASS);
    assert_int_equal(saved_at(&x, 1, 0x9000), NONE);
    fixture_free(&x);
}

static void a_board_does_not_know_practice_from_production(void **state)
{
    (void)state;
    struct db_fixture x;

    start(&x);
    end(&x, begin(&x, 1, ATTEMPT_TRAINING, 0x11), RESULT_ABORTED, NONE);
    assert_int_equal(known(&x, 1), 0x11);
    end(&x, begin(&x, 1, ATTEMPT_TRAINING, 0x11), RESULT_PASS, NONE);
    assert_int_equal(known(&x, 1), NONE);
    fixture_free(&x);
}

static void what_the_newest_attempt_left_there_is_told(void **state)
{
    (void)state;
    struct db_fixture x;

    start(&x);
    assert_false(verdict(&x, 1).has_identity_left);
    end(&x, begin(&x, 1, ATTEMPT_PRODUCTION, 0x11), RESULT_FAIL, 0xa1);
    assert_int_equal(verdict(&x, 1).identity_left_md5[15], 0xa1);
    end(&x, begin(&x, 1, ATTEMPT_PRODUCTION, NONE), RESULT_FAIL, 0xa2);
    attempt(&x, 1, 0x22, RESULT_FAIL); /* recorded none */
    struct recorder_verdict v = verdict(&x, 1);
    assert_true(v.has_identity_left);
    assert_int_equal(v.identity_left_md5[0], 0xa2);
    attempt(&x, 1, 0x11, RESULT_PASS);
    assert_false(verdict(&x, 1).has_identity_left);
    attempt(&x, 1, 0x11, RESULT_FAIL);
    v = verdict(&x, 1);
    assert_true(v.has_identity);
    assert_false(v.has_identity_left); /* the one from before the PASS is past */
    end(&x, begin(&x, 2, ATTEMPT_PRODUCTION, NONE), RESULT_FAIL, 0xa3);
    assert_false(verdict(&x, 2).has_identity_left); /* nothing was saved to be put back */
    assert_false(verdict(&x, 1).has_identity_left);
    fixture_free(&x);
}

static void archive_all(struct db_fixture *x)
{
    const struct work_call ask = {.action = WORK_ARCHIVE, .object = "before", .pin = "471108"};
    struct retention_report r;
    struct failure f = {0};

    assert_int_equal(work_do(x->db, &ask, NULL, &f), 0);
    x->wall_ms += 2 * DAY;
    x->mono_us += 2 * DAY * 1000;
    if (retention_archive(x->db, x->wall_ms - DAY, NULL, &r, &f) != 0)
        fail_msg("%s", f.detail);
    assert_int_equal(fixture_int(x, "SELECT count(*) FROM attempt"), 0);
    assert_good(x->db);
}

static void saved_sectors_count_on_when_their_attempts_are_archived(void **state)
{
    (void)state;
    struct db_fixture x;

    start(&x);
    attempt(&x, 1, 0x11, RESULT_FAIL); /* never passed */
    attempt(&x, 2, 0x22, RESULT_FAIL); /* passed last */
    attempt(&x, 2, 0x22, RESULT_PASS);
    attempt(&x, 3, 0x30, RESULT_PASS); /* failed last */
    attempt(&x, 3, 0x33, RESULT_FAIL);
    archive_all(&x);
    assert_int_equal(known(&x, 1), 0x11);
    assert_int_equal(known(&x, 2), NONE);
    assert_int_equal(known(&x, 3), 0x33);
    attempt(&x, 2, 0x23, RESULT_FAIL);
    assert_int_equal(known(&x, 2), 0x23);
    /* An archive of before does not say which attempt passed: it is taken for the last. */
    assert_int_equal(
        fixture_exec(&x, "DROP TRIGGER unit_past_is_final; UPDATE unit_past SET last_pass = NULL"), 0);
    assert_int_equal(known(&x, 1), 0x11);
    assert_int_equal(known(&x, 3), NONE);
    assert_int_equal(known(&x, 2), 0x23);
    fixture_free(&x);
}

static int put_back(struct db_fixture *x, uint32_t tail, int before, int put, const char *pin,
                    const char *reason, struct failure *f)
{
    const struct unit_identity u = board_identity(tail);
    const struct backup b = sector(before), p = sector(put);
    const struct identity_act act = {.before = &b, .put = &p};
    char mac[MAC_TEXT_SIZE], old[SHA256_TEXT_SIZE], fresh[SHA256_TEXT_SIZE];

    mac_text(&u.mac, mac);
    digest_hex(b.sha256, SHA256_SIZE, old);
    digest_hex(p.sha256, SHA256_SIZE, fresh);
    const struct work_call call = {.action = WORK_IDENTITY_RESTORE,
                                   .actor = "op-7",
                                   .pin = pin,
                                   .object = mac,
                                   .text = fresh,
                                   .old = old,
                                   .reason = reason,
                                   .identity = &act};
    return work_do(x->db, &call, NULL, f);
}

static void order(struct db_fixture *x, uint32_t tail, int before, int put)
{
    struct failure f = {0};

    if (put_back(x, tail, before, put, NULL, "lost in attempt 1", &f) != 0)
        fail_msg("%s", f.detail);
}

static void done(struct db_fixture *x, uint32_t tail)
{
    const struct unit_identity u = board_identity(tail);
    struct failure f = {0};

    assert_int_equal(identity_done(x->db, &u.mac, &f), 0);
}

/* As a verb that changes fields puts it: of a unit that the records may never have met. */
static int change(struct db_fixture *x, uint32_t tail, int before, int put, struct failure *f)
{
    const struct unit_identity u = board_identity(tail);
    const struct backup b = sector(before), p = sector(put);
    const struct identity_act act = {.before = &b, .put = &p, .unit = &u};
    char mac[MAC_TEXT_SIZE];

    mac_text(&u.mac, mac);
    const struct work_call call = {
        .action = WORK_IDENTITY_CHANGE, .actor = "op-7", .object = mac, .identity = &act};
    return work_do(x->db, &call, NULL, f);
}

/* Which unit but `tail` begins with eight such bytes: its tail, 0 for none. */
static uint32_t like(struct db_fixture *x, uint32_t tail, int byte)
{
    const struct unit_identity u = board_identity(tail);
    uint8_t begin[8];
    struct mac other;
    struct failure f = {0};

    memset(begin, byte, sizeof begin);
    begin[0] = 0x5a; /* as sector() has it */
    int rc = identity_like(x->db, &u.mac, begin, sizeof begin, &other, &f);
    assert_true(rc >= 0);
    for (uint32_t i = 1; rc == 1 && i < 9; i++) {
        const struct unit_identity each = board_identity(i);
        if (mac_equal(&each.mac, &other))
            return i;
    }
    return 0;
}

static void accept(struct db_fixture *x, uint32_t tail)
{
    const struct unit_identity u = board_identity(tail);
    char mac[MAC_TEXT_SIZE];
    struct failure f = {0};

    mac_text(&u.mac, mac);
    const struct work_call call = {.action = WORK_IDENTITY_ACCEPT, .object = mac, .reason = "new keys"};
    assert_int_equal(work_do(x->db, &call, NULL, &f), 0);
}

static void the_engineer_s_word_is_the_new_truth(void **state)
{
    (void)state;
    struct db_fixture x;

    start(&x);
    attempt(&x, 1, 0x11, RESULT_FAIL);
    order(&x, 1, 0x00, 0x12); /* begun, and the power goes: the next attempt finishes it */
    assert_int_equal(known(&x, 1), 0x12);
    attempt(&x, 1, 0x00, RESULT_FAIL);
    assert_int_equal(known(&x, 1), 0x12);
    order(&x, 1, 0x00, 0x13);
    done(&x, 1);
    assert_int_equal(known(&x, 1), NONE); /* it stands on the board */
    attempt(&x, 1, 0x14, RESULT_FAIL);
    assert_int_equal(known(&x, 1), 0x14);
    accept(&x, 1); /* what stands there is right */
    assert_int_equal(known(&x, 1), NONE);
    attempt(&x, 2, 0x21, RESULT_PASS);
    order(&x, 2, BLANK, 0x21); /* although it passed: the PASS was before */
    assert_int_equal(known(&x, 2), 0x21);
    attempt(&x, 2, BLANK, RESULT_PASS);
    assert_int_equal(known(&x, 2), NONE);
    attempt(&x, 3, 0x31, RESULT_FAIL);
    assert_int_equal(known(&x, 3), 0x31); /* others' acts are others' */
    attempt(&x, 4, 0x41, RESULT_FAIL);
    order(&x, 3, 0x00, 0x31);
    accept(&x, 3);
    assert_int_equal(known(&x, 3), NONE);
    assert_int_equal(known(&x, 4), 0x41);
    order(&x, 3, 0x00, 0x32);
    order(&x, 4, 0x00, 0x42);
    done(&x, 3);
    assert_int_equal(known(&x, 3), NONE);
    assert_int_equal(known(&x, 4), 0x42);
    assert_good(x.db);
    fixture_free(&x);
}

static void the_engineer_s_word_on_another_sector_is_what_he_accepts(void **state)
{
    (void)state;
    struct db_fixture x;

    start(&x);
    int64_t a = begin(&x, 1, ATTEMPT_PRODUCTION, 0x11);
    save_at(&x, a, 0x9000, 0x21);
    end(&x, a, RESULT_FAIL, NONE);
    order(&x, 1, 0x00, 0x11); /* of the identity, not of this */
    done(&x, 1);
    assert_int_equal(known(&x, 1), NONE);
    assert_int_equal(saved_at(&x, 1, 0x9000), 0x21);
    accept(&x, 1);
    assert_int_equal(saved_at(&x, 1, 0x9000), NONE);
    fixture_free(&x);
}

/* An attempt of another job on unit 1; where `saves` it keeps the sector at 0x9000 too. */
static void other_job(struct db_fixture *x, uint8_t job, bool saves, bool writes)
{
    struct attempt_start s = board_start(1);
    const struct unit_identity u = board_identity(1);
    struct attempt_result e = board_end(RESULT_FAIL, FAIL_WRITE);
    struct recorder_verdict v;
    struct failure f = {0};
    int64_t a;

    snprintf(s.job_name, sizeof s.job_name, "job-%d", job);
    s.job_sha256[0] = job;
    assert_int_equal(x->face->open(x->face->ctx, &s, &a, &f), 0);
    assert_int_equal(x->face->identify(x->face->ctx, a, &u, &v, &f), 0);
    if (saves)
        save_at(x, a, 0x9000, 0x29);
    if (!writes)
        memset(e.stage_us, 0, sizeof e.stage_us);
    assert_int_equal(x->face->close(x->face->ctx, a, &e, &f), 0);
}

/* What such a job wrote there was meant: it is not undone unseen. */
static void a_job_that_does_not_protect_a_sector_makes_it_doubtful(void **state)
{
    (void)state;
    struct db_fixture x;

    start(&x);
    other_job(&x, 1, false, true); /* before: it is what was saved then */
    int64_t a = begin(&x, 1, ATTEMPT_PRODUCTION, NONE);
    save_at(&x, a, 0x9000, 0x21);
    end(&x, a, RESULT_FAIL, NONE);
    attempt(&x, 1, NONE, RESULT_FAIL); /* the same job, which never came to save it */
    assert_int_equal(saved_at(&x, 1, 0x9000), 0x21);
    other_job(&x, 2, true, true);
    other_job(&x, 3, false, false);
    assert_int_equal(saved_at(&x, 1, 0x9000), 0x21);
    other_job(&x, 3, false, true);
    assert_int_equal(saved_at(&x, 1, 0x9000), 0x21 + DOUBT);
    fixture_free(&x);
}

static void the_engineer_s_word_comes_after_what_is_archived(void **state)
{
    (void)state;
    struct db_fixture x;

    start(&x);
    attempt(&x, 1, 0x11, RESULT_FAIL);
    attempt(&x, 2, NONE, RESULT_PASS); /* its job writes nothing that it would save */
    archive_all(&x);
    accept(&x, 1);
    order(&x, 2, BLANK, 0x22);
    assert_int_equal(known(&x, 1), NONE);
    assert_int_equal(known(&x, 2), 0x22);
    attempt(&x, 3, NONE, RESULT_PASS);
    order(&x, 3, BLANK, 0x33);
    assert_int_equal(known(&x, 3), 0x33);
    fixture_free(&x);
}

static void a_restore_is_the_engineer_s_and_tells_everything(void **state)
{
    (void)state;
    struct db_fixture x;
    struct failure f = {0};
    const struct work_call engineer = {.action = WORK_OPERATOR_ADD,
                                       .object = "en1",
                                       .text = "engineer",
                                       .badge = "B-1",
                                       .new_pin = "471108"};

    start(&x);
    attempt(&x, 1, 0x11, RESULT_FAIL);
    assert_int_equal(work_do(x.db, &engineer, NULL, &f), 0);
    assert_int_equal(put_back(&x, 1, 0, 0x11, NULL, "why", &f), -1);
    assert_int_equal(f.sys, EACCES);
    assert_int_equal(put_back(&x, 1, 0, 0x11, "0000", "why", &f), -1);
    assert_int_equal(f.code, FAIL_ROLE);
    assert_int_equal(put_back(&x, 1, 0, 0x11, "471108", "", &f), -1);
    assert_int_equal(f.sys, EINVAL);
    assert_int_equal(put_back(&x, 9, 0, 0x11, "471108", "why", &f), -1); /* no such unit */
    assert_int_equal(f.code, FAIL_WORK);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM identity_act"), 0);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM sector"), 1);
    assert_int_equal(put_back(&x, 1, 0, 0x11, "471108", "why", &f), 0);
    assert_int_equal(
        fixture_int(&x,
                    "SELECT count(*) FROM audit a JOIN identity_act i JOIN backup b ON b.id = i.before_id"
                    " WHERE a.action = 'identity.restore' AND a.actor = 'en1' AND a.role = 'engineer'"
                    " AND a.object = '24:0a:c4:00:00:01' AND a.reason = 'why' AND a.new = lower(hex(i.put))"
                    " AND a.old = lower(hex(b.sha256)) AND b.attempt_id = 0 AND b.kind = 'CONFIG'"
                    " AND b.offset = 0x3ff000 AND i.after_attempt = 1"),
        1);
    done(&x, 1);
    for (const char *const *edit =
             (const char *const[]){"UPDATE identity_act SET put = NULL", "DELETE FROM identity_act",
                                   "DELETE FROM identity_act_done", "UPDATE identity_act_done SET at_ms = 1",
                                   NULL};
         *edit != NULL; edit++)
        assert_int_not_equal(fixture_exec(&x, *edit), SQLITE_OK);
    assert_good(x.db);
    archive_all(&x); /* the archive's copy holds without them */
    fixture_free(&x);
}

static void an_attempt_under_way_is_not_spoken_over(void **state)
{
    (void)state;
    struct db_fixture x;
    struct failure f = {0};
    const struct work_call call = {
        .action = WORK_IDENTITY_ACCEPT, .object = "24:0a:c4:00:00:01", .reason = "why"};
    const struct attempt_start s = board_start(2);
    const struct unit_identity u = board_identity(2);
    const struct backup b = sector(0x22);
    struct recorder_verdict v;
    int64_t other;

    start(&x);
    attempt(&x, 2, 0x21, RESULT_FAIL);
    assert_int_equal(x.face->open(x.face->ctx, &s, &other, &f), 0); /* not yet known whose */
    int64_t a = begin(&x, 1, ATTEMPT_PRODUCTION, 0x11);
    assert_int_equal(work_do(x.db, &call, NULL, &f), -1);
    assert_int_equal(f.code, FAIL_WORK);
    assert_non_null(strstr(f.detail, "being flashed"));
    end(&x, a, RESULT_FAIL, NONE);
    accept(&x, 1);
    assert_int_equal(known(&x, 1), NONE);
    accept(&x, 2); /* of what was before: what that attempt saves from now on counts */
    assert_int_equal(x.face->identify(x.face->ctx, other, &u, &v, &f), 0);
    assert_false(v.has_identity);
    assert_int_equal(x.face->backup(x.face->ctx, other, &b, &f), 0);
    end(&x, other, RESULT_FAIL, NONE);
    assert_int_equal(known(&x, 2), 0x22);
    begin(&x, 3, ATTEMPT_PRODUCTION,
          0x33); /* the power goes, and the engineer comes before the station starts */
    db_recorder_free(x.rec);
    db_close(x.db);
    x.rec = NULL;
    const struct db_options o = {.path = x.path, .mode = DB_STATION};
    x.db = db_open_or_fail(&o);
    accept(&x, 3);
    fixture_stop(&x);
    fixture_start(&x);
    assert_int_equal(known(&x, 3), NONE);
    fixture_free(&x);
}

static int choose(struct db_fixture *x, uint32_t tail, const char *from, char *why, size_t size)
{
    const struct unit_identity u = board_identity(tail);
    struct failure f = {0};
    struct backup b;
    int rc = identity_choose(x->db, &u.mac, from, &b, &f);

    snprintf(why, size, "%s", rc == 0 ? "" : f.detail);
    if (rc != 0 && f.code != FAIL_WORK)
        fail_msg("%s", f.detail);
    if (rc == 0)
        assert_int_equal(b.offset, 0x3ff000);
    return rc == 0 ? b.data[9] : NONE;
}

static void the_sector_to_put_back_is_never_guessed(void **state)
{
    (void)state;
    struct db_fixture x;
    struct identity_saved all[8];
    struct failure f = {0};
    const struct unit_identity u = board_identity(1);
    char why[256], hex[SHA256_TEXT_SIZE];

    start(&x);
    assert_int_equal(choose(&x, 1, NULL, why, sizeof why), NONE);
    assert_string_equal(why, "no identity sector of 24:0a:c4:00:00:01 is saved");
    attempt(&x, 1, BLANK, RESULT_PASS);
    assert_int_equal(choose(&x, 1, NULL, why, sizeof why), NONE);
    assert_non_null(strstr(why, "not blank"));
    int64_t a = begin(&x, 1, ATTEMPT_PRODUCTION, 0x11);
    struct backup boot = sector(0x66);
    boot.kind = BACKUP_BOOT_SECTOR;
    assert_int_equal(x.face->backup(x.face->ctx, a, &boot, &f), 0);
    end(&x, a, RESULT_PASS, NONE);
    attempt(&x, 1, 0x11, RESULT_PASS);
    assert_int_equal(choose(&x, 1, NULL, why, sizeof why), 0x11);
    attempt(&x, 1, 0x12, RESULT_PASS);
    assert_int_equal(choose(&x, 1, NULL, why, sizeof why), NONE);
    assert_string_equal(
        why, "2 different identity sectors of 24:0a:c4:00:00:01 are saved: say which with --from HASH");
    attempt(&x, 1, 0x13, RESULT_FAIL);
    attempt(&x, 1, 0x00, RESULT_FAIL);
    assert_int_equal(choose(&x, 1, NULL, why, sizeof why), 0x13); /* the one that is due */
    assert_int_equal(identity_list(x.db, &u.mac, all, 8, &f), 5);
    assert_int_equal(identity_list(x.db, &u.mac, all, 2, &f), 2);
    assert_true(all[0].blank && !all[1].blank && !all[0].due);
    assert_int_equal(all[1].times, 2);
    assert_int_equal(all[1].attempt, 2);
    identity_list(x.db, &u.mac, all, 8, &f);
    assert_true(all[3].due && !all[4].due);
    digest_hex(all[1].sha256, SHA256_SIZE, hex);
    assert_int_equal(choose(&x, 1, hex, why, sizeof why), 0x11);
    hex[8] = '\0';
    assert_int_equal(choose(&x, 1, hex, why, sizeof why), 0x11);
    hex[7] = '\0';
    assert_int_equal(choose(&x, 1, hex, why, sizeof why), NONE);
    assert_non_null(strstr(why, "8 digits"));
    assert_int_equal(choose(&x, 1, "0123456789", why, sizeof why), NONE);
    assert_non_null(strstr(why, "no saved identity sector"));
    assert_int_equal(choose(&x, 2, hex, why, sizeof why), NONE);
    fixture_free(&x);
}

static void a_saved_sector_that_was_damaged_goes_onto_no_board(void **state)
{
    (void)state;
    struct db_fixture x;
    const struct unit_identity u = board_identity(1);
    const struct attempt_start s = board_start(1);
    struct recorder_verdict v;
    struct failure f = {0};
    struct backup b;
    int64_t a;

    start(&x);
    attempt(&x, 1, 0x11, RESULT_FAIL);
    attempt(&x, 2, 0x22, RESULT_FAIL);
    assert_int_equal(
        fixture_exec(&x,
                     "DROP TRIGGER sector_is_final; UPDATE sector SET data = (SELECT max(data) FROM sector)"),
        SQLITE_OK);
    assert_int_equal(identity_choose(x.db, &u.mac, NULL, &b, &f), -1);
    assert_int_equal(f.code, FAIL_DB_OPEN);
    assert_int_equal(x.face->open(x.face->ctx, &s, &a, &f), 0);
    assert_int_equal(x.face->identify(x.face->ctx, a, &u, &v, &f), -1);
    assert_int_equal(f.code, FAIL_RECORD);
    assert_false(v.allowed || v.has_identity);
    assert_int_equal(known(&x, 2), 0x22);
    fixture_free(&x);
}

static void the_story_tells_of_it(void **state)
{
    (void)state;
    struct db_fixture x;
    const struct unit_identity u = board_identity(1);
    struct story_note n[8];
    struct failure f = {0};
    char hash[SHA256_TEXT_SIZE];
    const struct backup put = sector(0x11);

    start(&x);
    attempt(&x, 1, 0x11, RESULT_FAIL);
    order(&x, 1, 0x00, 0x11);
    done(&x, 1);
    order(&x, 1, 0x00, 0x11);
    accept(&x, 1);
    attempt(&x, 2, 0x22, RESULT_FAIL);
    accept(&x, 2);
    assert_int_equal(story_notes(x.db, u.mac.bytes, n, 8, &f), 6);
    digest_hex(put.sha256, SHA256_SIZE, hash);
    for (int i = 0; i < 3; i++)
        assert_int_equal(n[i].what, STORY_BACKUP);
    assert_int_equal(n[0].attempt, 1);
    assert_int_equal(n[1].attempt, 0);
    assert_string_equal(n[3].kind, "RESTORED");
    assert_string_equal(n[3].text, hash);
    assert_string_equal(n[4].kind, "ORDERED");
    assert_string_equal(n[5].kind, "ACCEPTED");
    assert_string_equal(n[5].text, "");
    fixture_free(&x);
}

static void a_saved_boot_sector_that_was_damaged_goes_onto_no_board(void **state)
{
    (void)state;
    struct db_fixture x;
    const struct unit_identity u = board_identity(1);
    const struct attempt_start s = board_start(1);
    struct backup boot = sector(0x66);
    struct recorder_verdict v;
    struct failure f = {0};
    int64_t a;

    start(&x);
    boot.kind = BACKUP_BOOT_SECTOR;
    a = begin(&x, 1, ATTEMPT_PRODUCTION, NONE);
    assert_int_equal(x.face->backup(x.face->ctx, a, &boot, &f), 0);
    end(&x, a, RESULT_FAIL, NONE);
    assert_int_equal(x.face->open(x.face->ctx, &s, &a, &f), 0);
    assert_int_equal(x.face->identify(x.face->ctx, a, &u, &v, &f), 0);
    assert_true(v.has_boot_sector);
    assert_memory_equal(v.boot_sector, boot.data, BACKUP_SIZE);
    end(&x, a, RESULT_FAIL, NONE);
    assert_int_equal(
        fixture_exec(&x, "DROP TRIGGER sector_is_final; UPDATE sector SET data = zeroblob(4096)"), SQLITE_OK);
    assert_int_equal(x.face->open(x.face->ctx, &s, &a, &f), 0);
    assert_int_equal(x.face->identify(x.face->ctx, a, &u, &v, &f), -1);
    assert_int_equal(f.code, FAIL_RECORD);
    assert_false(v.has_boot_sector);
    fixture_free(&x);
}

static void an_export_holds_nothing_of_it(void **state)
{
    (void)state;
    struct db_fixture x;
    struct failure f = {0};
    struct export_report r;
    char path[160], sql[256];
    struct export_request q = {.path = path, .format = EXPORT_SQLITE, .filter = RECORD_FILTER_ALL};

    start(&x);
    snprintf(path, sizeof path, "%s/out.sqlite", x.dir);
    attempt(&x, 1, 0x11, RESULT_FAIL);
    order(&x, 1, 0x00, 0x11);
    done(&x, 1);
    assert_int_equal(export_records(x.db, &q, &r, &f), 0);
    snprintf(sql, sizeof sql, "ATTACH '%s' AS o", path);
    assert_int_equal(fixture_exec(&x, sql), SQLITE_OK);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM o.sqlite_schema WHERE name LIKE 'identity_act%'"
                                     " OR name IN ('sector', 'backup')"),
                     0);
    fixture_free(&x);
}

/* The whole of it, for one that was never flashed here: who it is, what stood there, what is to stand there, and that it does. */
static void a_change_of_a_unit_never_met_is_known(void **state)
{
    const struct unit_identity u = board_identity(5);
    struct identity_saved all[4];
    struct backup due;
    struct failure f = {0};
    struct db_fixture x;
    uint8_t hash[SHA256_SIZE];

    (void)state;
    start(&x);
    assert_int_equal(identity_due(x.db, &u.mac, hash, &f), 0);
    assert_int_equal(change(&x, 5, 0x51, 0x52, &f), 0);
    /* The power goes here: what was ordered was never read from the board, and is what is due. */
    assert_int_equal(identity_due(x.db, &u.mac, hash, &f), 1);
    assert_int_equal(identity_list(x.db, &u.mac, all, 4, &f), 2);
    assert_false(all[0].ordered || all[0].due);
    assert_true(all[1].ordered && all[1].due);
    assert_memory_equal(all[1].sha256, hash, SHA256_SIZE);
    assert_int_equal(identity_choose(x.db, &u.mac, NULL, &due, &f), 0);
    assert_memory_equal(due.data, sector(0x52).data, BACKUP_SIZE);
    assert_int_equal(known(&x, 5), 0x52);
    done(&x, 5);
    assert_int_equal(identity_due(x.db, &u.mac, hash, &f), 0);
    assert_int_equal(identity_list(x.db, &u.mac, all, 4, &f), 1);
    /* Nobody else is given what it has, had, or is to have. */
    assert_int_equal(like(&x, 5, 0x52), 0);
    assert_int_equal(like(&x, 6, 0x51), 5);
    assert_int_equal(like(&x, 6, 0x52), 5);
    assert_int_equal(like(&x, 6, 0x53), 0);
    fixture_free(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_attempt_that_did_not_pass_leaves_a_sector_to_put_back),
        cmocka_unit_test(the_oldest_since_the_last_pass_is_the_true_one),
        cmocka_unit_test(an_attempt_that_erased_nothing_leaves_nothing_to_put_back),
        cmocka_unit_test(a_blank_sector_holds_nothing_to_put_back),
        cmocka_unit_test(neither_own_backups_nor_boot_sectors_count),
        cmocka_unit_test(another_sector_that_was_protected_is_no_identity),
        cmocka_unit_test(the_engineer_s_word_on_another_sector_is_what_he_accepts),
        cmocka_unit_test(a_job_that_does_not_protect_a_sector_makes_it_doubtful),
        cmocka_unit_test(a_board_does_not_know_practice_from_production),
        cmocka_unit_test(what_the_newest_attempt_left_there_is_told),
        cmocka_unit_test(saved_sectors_count_on_when_their_attempts_are_archived),
        cmocka_unit_test(the_engineer_s_word_is_the_new_truth),
        cmocka_unit_test(the_engineer_s_word_comes_after_what_is_archived),
        cmocka_unit_test(a_restore_is_the_engineer_s_and_tells_everything),
        cmocka_unit_test(an_attempt_under_way_is_not_spoken_over),
        cmocka_unit_test(the_sector_to_put_back_is_never_guessed),
        cmocka_unit_test(a_saved_sector_that_was_damaged_goes_onto_no_board),
        cmocka_unit_test(a_saved_boot_sector_that_was_damaged_goes_onto_no_board),
        cmocka_unit_test(the_story_tells_of_it),
        cmocka_unit_test(an_export_holds_nothing_of_it),
        cmocka_unit_test(a_change_of_a_unit_never_met_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
