/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "db/care/anchor.h"
#include "tests/support/db_fixture.h"
#include "tests/support/forger.h"
#include "tests/support/or_fail.h"

/* Somebody with the sqlite3 shell: triggers are dropped first and put back afterwards, as they would. */
static void edit_file(struct db_fixture *x, const char *edit)
{
    sqlite3 *h;

    assert_int_equal(sqlite3_open(x->path, &h), SQLITE_OK);
    char *triggers = forge_triggers_off(h);
    assert_int_equal(sqlite3_exec(h, edit, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(h, triggers, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_free(triggers);
    sqlite3_close(h);
}

static struct verify_report verify_after(const char *edit, bool all)
{
    struct db_fixture x;
    struct verify_report r;
    struct failure f = {0};

    fixture_new(&x);
    fixture_start(&x);
    for (uint32_t i = 1; i <= 5; i++) {
        const struct attempt_start s = board_start(1);
        const struct unit_identity u = board_identity(i);
        const struct attempt_result e =
            board_end(i == 2 ? RESULT_FAIL : RESULT_PASS, i == 2 ? FAIL_WRITE : FAILURE_NONE);
        struct backup b = {.kind = BACKUP_IDENTITY, .offset = 0x3ff000, .data = {(uint8_t)i}};
        struct recorder_verdict v;
        int64_t a;
        digest_sha256(b.data, BACKUP_SIZE, b.sha256);
        assert_int_equal(x.face->open(x.face->ctx, &s, &a, &f), 0);
        assert_int_equal(x.face->identify(x.face->ctx, a, &u, &v, &f), 0);
        assert_int_equal(x.face->backup(x.face->ctx, a, &b, &f), 0);
        assert_int_equal(x.face->close(x.face->ctx, a, &e, &f), 0);
    }
    fixture_stop(&x);
    edit_file(&x, edit);
    const struct db_options o = {.path = x.path, .mode = DB_REVIEW};
    struct db *db = db_open_or_fail(&o);
    assert_int_equal(all ? verify_all(db, &r, &f) : verify_chain(db, &r, &f), 0);
    db_close(db);
    fixture_free(&x);
    return r;
}

static void an_untouched_chain_is_good(void **state)
{
    (void)state;
    struct verify_report r = verify_after("", true);

    assert_int_equal(r.first_bad, 0);
    assert_int_equal(r.attempts, 5);
    assert_int_equal(r.head_seq, 5);
}

static void the_first_bad_row_is_named_after_any_edit(void **state)
{
    (void)state;
    static const struct {
        const char *edit;
        int64_t first_bad;
        const char *words;
    } edits[] = {
        {"UPDATE attempt SET result = 'PASS', code = 0 WHERE id = 2", 2, "changed"},
        {"UPDATE attempt SET duration_us = duration_us + 1 WHERE id = 4", 4, "changed"},
        {"UPDATE identification SET revision = 300 WHERE attempt_id = 3", 3, "changed"},
        {"UPDATE unit SET mac = x'240ac4000099' WHERE id = 3", 3, "changed"},
        {"UPDATE lot SET code = 'L9'", 1, "changed"},
        {"UPDATE operator SET name = 'eve'", 1, "changed"},
        {"DELETE FROM backup WHERE attempt_id = 5", 5, "changed"},
        {"UPDATE attempt SET stub_sha256 = zeroblob(32) WHERE id = 1", 1, "changed"},
        {"UPDATE attempt SET chip_resets = chip_resets + 1 WHERE id = 2", 2, "changed"},
        {"UPDATE attempt SET chip_resets = NULL WHERE id = 3", 3, "changed"},
        {"UPDATE attempt SET identity_left_md5 = zeroblob(16) WHERE id = 4", 4, "changed"},
        {"UPDATE attempt SET unit_data_sha256 = zeroblob(32) WHERE id = 2", 2, "changed"},
        {"UPDATE attempt SET efuse = 'XPD_SDIO_TIEH=1' WHERE id = 5", 5, "changed"},
        {"DELETE FROM attempt WHERE id = 3", 3, "removed"},
        {"DELETE FROM attempt WHERE id = 3; DELETE FROM chain WHERE seq = 3", 3, "missing"},
        {"DELETE FROM attempt WHERE id = 1; DELETE FROM chain WHERE seq = 1", 1, "missing"},
        {"UPDATE chain SET attempt_id = -1 WHERE seq = 2; UPDATE chain SET attempt_id = 2 WHERE seq = 3;"
         "UPDATE chain SET attempt_id = 3 WHERE seq = 2",
         2, "changed"},
        {"DELETE FROM chain WHERE seq = 5", -1, "no link"},
        {"DELETE FROM attempt WHERE id = 5; DELETE FROM chain WHERE seq = 5", 5, "cut off at the end"},
        {"DELETE FROM attempt; DELETE FROM chain", 1, "5 attempts were cut off"},
        {"UPDATE chain SET hash = zeroblob(32) WHERE seq = 1", 1, "changed"},
    };
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        struct verify_report r = verify_after(edits[i].edit, false);
        if (r.first_bad != edits[i].first_bad || strstr(r.text, edits[i].words) == NULL)
            fail_msg("%s: said %lld '%s'", edits[i].edit, (long long)r.first_bad, r.text);
    }
}

static void a_changed_backup_is_found_by_the_full_check(void **state)
{
    (void)state;
    struct verify_report r = verify_after("UPDATE sector SET data = zeroblob(4096)", true);

    assert_int_equal(r.first_bad, -1);
    assert_non_null(strstr(r.text, "sector"));
}

static void make_key(const char *private_path, const char *public_path)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    FILE *out = fopen(private_path, "wb");

    assert_non_null(out);
    assert_int_equal(fchmod(fileno(out), 0600), 0);
    assert_int_equal(PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL), 1);
    fclose(out);
    out = fopen(public_path, "wb");
    assert_int_equal(PEM_write_PUBKEY(out, key), 1);
    fclose(out);
    EVP_PKEY_free(key);
}

static void cut_off_from_3(struct db_fixture *x)
{
    sqlite3 *h;

    edit_file(x, "DELETE FROM chain WHERE seq >= 3; DELETE FROM identification WHERE attempt_id >= 3;"
                 "DELETE FROM attempt WHERE id >= 3; DELETE FROM lot_good WHERE unit_id >= 3;"
                 "UPDATE lot_count SET good = 2; UPDATE sqlite_sequence SET seq = 2 WHERE name = 'attempt'");
    assert_int_equal(sqlite3_open(x->path, &h), SQLITE_OK);
    char *triggers = forge_triggers_off(h);
    forge_journal(h, false, true);
    assert_int_equal(sqlite3_exec(h, triggers, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_free(triggers);
    sqlite3_close(h);
}

static void a_signed_head_holds_the_past_in_place(void **state)
{
    (void)state;
    struct db_fixture x;
    struct anchor a, b;
    struct failure f = {0};
    char key[160], public_key[160], other[160], other_public[160], file[160];

    fixture_new(&x);
    snprintf(key, sizeof key, "%s/key.pem", x.dir);
    snprintf(public_key, sizeof public_key, "%s/public.pem", x.dir);
    snprintf(other, sizeof other, "%s/other.pem", x.dir);
    snprintf(other_public, sizeof other_public, "%s/other-public.pem", x.dir);
    snprintf(file, sizeof file, "%s/anchor", x.dir);
    make_key(key, public_key);
    make_key(other, other_public);
    fixture_start(&x);
    for (uint32_t i = 1; i <= 3; i++)
        fixture_flash(&x, 1, "L1", i, RESULT_PASS, FAILURE_NONE);
    assert_int_equal(anchor_take(x.db, &a, &f), 0);
    assert_int_equal(a.seq, 3);
    assert_int_equal(anchor_sign(&a, public_key, &f), -1);
    assert_int_equal(chmod(key, 0640), 0);
    assert_int_equal(anchor_sign(&a, key, &f), -1);
    assert_non_null(strstr(f.detail, "chmod 600"));
    assert_int_equal(chmod(key, 0600), 0);
    assert_int_equal(anchor_sign(&a, key, &f), 0);
    assert_int_equal(anchor_write(&a, file, &f), 0);
    assert_int_equal(anchor_read(&b, file, &f), 0);
    fixture_flash(&x, 1, "L1", 4, RESULT_PASS, FAILURE_NONE);
    assert_int_equal(anchor_check(x.db, &b, public_key, &f), 0);
    assert_int_equal(anchor_check(x.db, &b, NULL, &f), 0);
    assert_int_equal(anchor_check(x.db, &b, other_public, &f), -1);
    b.hash[0] ^= 1;
    assert_int_equal(anchor_check(x.db, &b, public_key, &f), -1);
    /* One of the first form, from before the journal, still holds the chain. */
    b = a;
    b.has_journal = false;
    assert_int_equal(anchor_sign(&b, key, &f), 0);
    assert_int_equal(anchor_write(&b, file, &f), 0);
    assert_int_equal(anchor_read(&b, file, &f), 0);
    assert_false(b.has_journal);
    assert_int_equal(anchor_check(x.db, &b, public_key, &f), 0);
    /* Whoever cuts the end off and makes everything anew leaves a good chain: only the anchor notices. */
    fixture_stop(&x);
    cut_off_from_3(&x);
    const struct db_options o = {.path = x.path, .mode = DB_REVIEW};
    struct db *db = db_open(&o, &f);
    struct verify_report r;
    assert_non_null(db);
    assert_int_equal(verify_chain(db, &r, &f), 0);
    assert_string_equal(r.text, "");
    assert_int_equal(anchor_check(db, &a, public_key, &f), -1);
    assert_non_null(strstr(f.detail, "cut off"));
    assert_int_equal(anchor_check(db, &b, public_key, &f), -1);
    db_close(db);
    fixture_free(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_untouched_chain_is_good),
        cmocka_unit_test(the_first_bad_row_is_named_after_any_edit),
        cmocka_unit_test(a_changed_backup_is_found_by_the_full_check),
        cmocka_unit_test(a_signed_head_holds_the_past_in_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
