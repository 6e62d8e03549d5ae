/* SPDX-License-Identifier: Apache-2.0 */
/* A backup comes back whole, by whoever may do that, and both databases tell of it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "db/care/maintain.h"
#include "db/care/restore.h"
#include "db/care/retention.h"
#include "db/desk/work.h"
#include "tests/support/db_fixture.h"
#include "tests/support/skipped.h"

/* A database with one board, its backup at b.db, and a second board since. Still open. */
static void start(struct db_fixture *x, char backup[static 160], struct backup_report *report)
{
    struct backup_report refused;
    struct failure f = {0};

    fixture_new(x);
    fixture_start(x);
    fixture_flash(x, 1, "L1", 1, RESULT_PASS, FAILURE_NONE);
    snprintf(backup, 160, "%s/b.db", x->dir);
    assert_int_equal(maintain_backup(x->db, backup, false, report, &f), 0);
    assert_int_equal(report->verify.attempts, 1);
    assert_int_equal(maintain_backup(x->db, backup, false, &refused, &f), -1); /* never over another one */
    fixture_flash(x, 1, "L1", 2, RESULT_PASS, FAILURE_NONE);
}

static void enrol_engineer(struct db_fixture *x)
{
    const struct work_call call = {
        .action = WORK_OPERATOR_ADD, .object = "en1", .text = "engineer", .new_pin = "246810"};
    struct failure f = {0};

    assert_int_equal(work_do(x->db, &call, NULL, &f), 0);
}

static int64_t rows(const char *path, const char *where)
{
    struct db_fixture y = {0};
    char sql[512];

    snprintf(y.path, sizeof y.path, "%s", path);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM audit WHERE action = 'records.restore' AND %s", where);
    return fixture_int(&y, sql);
}

static void a_backup_comes_back_whole_and_the_audit_says_so(void **state)
{
    (void)state;
    struct db_fixture x;
    struct backup_report backed;
    struct restore_report r;
    struct failure f = {0};
    char backup[160], hex[SHA256_TEXT_SIZE], where[512];

    start(&x, backup, &backed);
    const struct restore_call call = {
        .backup = backup, .path = x.path, .actor = "op-7", .reason = "disk failed"};
    assert_int_equal(restore_database(&call, &r, &f), -1);
    assert_int_equal(f.code, FAIL_DB_HELD);
    fixture_stop(&x);
    if (restore_database(&call, &r, &f) != 0)
        fail_msg("%s", f.detail);
    assert_memory_equal(r.sha256, backed.sha256, SHA256_SIZE);
    assert_memory_equal(r.verify.head, backed.verify.head, SHA256_SIZE);
    assert_non_null(strstr(r.kept, ".before-restore-1"));
    digest_hex(backed.sha256, SHA256_SIZE, hex);
    snprintf(where, sizeof where,
             "actor = 'op-7' AND role = 'unlocked' AND reason = 'disk failed' AND object LIKE '%%/b.db'"
             " AND new LIKE 'SHA-256 %s, head 1 %%' AND old LIKE 'head 2 %%, kept as %%.before-restore-1'",
             hex);
    assert_int_equal(rows(x.path, where), 1);
    assert_int_equal(rows(r.kept, where), 1);
    fixture_start(&x);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM attempt WHERE result = 'PASS'"), 1);
    struct verify_report v;
    assert_int_equal(verify_all(x.db, &v, &f), 0);
    assert_int_equal(v.first_bad, 0);
    fixture_stop(&x);
    /* A damaged backup is no backup, and the database is no backup of itself: it stays. */
    assert_int_equal(truncate(backup, (off_t)backed.bytes / 2), 0);
    assert_int_equal(restore_database(&call, &r, &f), -1);
    assert_memory_equal(f.detail, backup, strlen(backup));
    const struct restore_call itself = {.backup = x.path, .path = x.path};
    assert_int_equal(restore_database(&itself, &r, &f), -1);
    assert_non_null(strstr(f.detail, "itself"));
    const struct restore_call nowhere = {.backup = "/nowhere/b.db", .path = x.path};
    assert_int_equal(restore_database(&nowhere, &r, &f), -1);
    assert_non_null(strstr(f.detail, "/nowhere/b.db"));
    assert_int_equal(rows(x.path, "1"), 1);
    fixture_start(&x);
    fixture_free(&x);
}

static void where_an_engineer_is_enrolled_it_takes_the_pin(void **state)
{
    (void)state;
    struct db_fixture x;
    struct backup_report backed;
    struct restore_report r;
    struct failure f = {0};
    char backup[160], aside[192];

    start(&x, backup, &backed);
    enrol_engineer(&x); /* after the backup: it is the replaced database whose engineers count */
    fixture_stop(&x);
    struct restore_call call = {.backup = backup, .path = x.path, .actor = "op-7"};
    assert_int_equal(restore_database(&call, &r, &f), -1);
    assert_int_equal(f.code, FAIL_ROLE);
    assert_int_equal(f.sys, EACCES);
    call.pin = "1111";
    assert_int_equal(restore_database(&call, &r, &f), -1);
    assert_int_equal(f.code, FAIL_ROLE);
    snprintf(aside, sizeof aside, "%s.before-restore-1", x.path);
    assert_int_not_equal(access(aside, F_OK), 0);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM attempt"), 2);
    assert_int_equal(rows(x.path, "1"), 0);
    call.pin = "246810";
    if (restore_database(&call, &r, &f) != 0)
        fail_msg("%s", f.detail);
    assert_int_equal(rows(x.path, "actor = 'en1' AND role = 'engineer'"), 1);
    fixture_free(&x);
}

static void overwrite(const char *path, long at, const char *with, int times)
{
    FILE *out = fopen(path, "r+b");

    assert_non_null(out);
    assert_int_equal(fseek(out, at, SEEK_SET), 0);
    for (int i = 0; i < times; i++)
        fputs(with, out);
    fclose(out);
}

/* Somebody who is not the machine's root, for one restore. */
static int as_nobody(struct db_fixture *x, const struct restore_call *call, struct failure *f)
{
    struct restore_report r;
    char command[256];

    if (geteuid() != 0)
        return restore_database(call, &r, f);
    snprintf(command, sizeof command, "chown -R 65534 %s", x->dir);
    assert_int_equal(system(command), 0);
    assert_int_equal(seteuid(65534), 0);
    int rc = restore_database(call, &r, f);
    assert_int_equal(seteuid(0), 0);
    return rc;
}

/* Nothing in it can be read: its engineers cannot be asked, and those of another file are not theirs. */
static void a_wreck_is_replaced_by_root_alone(void **state)
{
    (void)state;
    struct db_fixture x;
    struct backup_report backed;
    struct restore_report r;
    struct failure f = {0};
    char backup[160];

    start(&x, backup, &backed);
    enrol_engineer(&x);
    assert_int_equal(maintain_backup(x.db, backup, true, &backed, &f), 0);
    fixture_stop(&x);
    overwrite(x.path, 0, "junk", 4096);
    const struct restore_call call = {.backup = backup, .path = x.path, .pin = "246810"};
    assert_int_equal(as_nobody(&x, &call, &f), -1);
    assert_int_equal(f.code, FAIL_ROLE);
    assert_non_null(strstr(f.detail, "only root"));
    if (geteuid() != 0) {
        fixture_free(&x);
        skipped_row("not root: what root alone may do was not tried");
        skip();
    }
    if (restore_database(&call, &r, &f) != 0)
        fail_msg("%s", f.detail);
    assert_int_equal(
        rows(x.path,
             "actor = 'root' AND role = 'root' AND old LIKE 'a database that does not open, kept as %'"),
        1);
    fixture_start(&x);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM attempt"), 2);
    fixture_free(&x);
}

/* Damaged elsewhere, it still knows its engineers: theirs is the word, not that of whoever made the backup. */
static void a_damaged_file_is_replaced_by_its_own_engineer(void **state)
{
    (void)state;
    struct db_fixture x, mine;
    struct backup_report backed;
    struct restore_report r;
    struct failure f = {0};
    char backup[160], theirs[160];

    fixture_new(&mine);
    fixture_start(&mine);
    const struct work_call enrol = {
        .action = WORK_OPERATOR_ADD, .object = "mallory", .text = "engineer", .new_pin = "666600"};
    assert_int_equal(work_do(mine.db, &enrol, NULL, &f), 0);
    snprintf(theirs, sizeof theirs, "%s/m.db", mine.dir);
    assert_int_equal(maintain_backup(mine.db, theirs, false, &backed, &f), 0);
    start(&x, backup, &backed);
    enrol_engineer(&x);
    assert_int_equal(maintain_backup(x.db, backup, true, &backed, &f), 0);
    int64_t page = fixture_int(&x, "SELECT rootpage FROM sqlite_schema WHERE name = 'attempt'");
    fixture_stop(&x);
    overwrite(x.path, (long)(page - 1) * 4096, "junk", 1024);
    struct restore_call call = {.backup = theirs, .path = x.path, .pin = "666600"};
    assert_int_equal(restore_database(&call, &r, &f), -1);
    assert_int_equal(f.code, FAIL_ROLE);
    call.backup = backup;
    assert_int_equal(restore_database(&call, &r, &f), -1);
    assert_int_equal(f.code, FAIL_ROLE);
    call.pin = "246810";
    if (restore_database(&call, &r, &f) != 0)
        fail_msg("%s", f.detail);
    assert_int_equal(rows(x.path, "actor = 'en1' AND role = 'engineer'"), 1);
    fixture_free(&x);
    fixture_free(&mine);
}

/* Its people were wiped out, and something else broken so that it does not open: it is not as if there never were any. */
static void engineers_that_were_wiped_out_are_missed(void **state)
{
    (void)state;
    struct db_fixture x;
    struct backup_report backed;
    struct failure f = {0};
    char backup[160];

    start(&x, backup, &backed);
    enrol_engineer(&x);
    int64_t page = fixture_int(&x, "SELECT rootpage FROM sqlite_schema WHERE name = 'attempt'");
    fixture_exec(&x, "UPDATE operator SET role = 'operator'");
    fixture_stop(&x);
    overwrite(x.path, (long)(page - 1) * 4096, "junk", 1024);
    const struct restore_call call = {.backup = backup, .path = x.path};
    assert_int_equal(as_nobody(&x, &call, &f), -1);
    assert_int_equal(f.code, FAIL_ROLE);
    assert_non_null(strstr(f.detail, "only root"));
    fixture_free(&x);
}

/* The database was taken away, its lock was not: that does not make it the backup's to say. */
static void what_is_gone_is_restored_by_root_alone(void **state)
{
    (void)state;
    struct db_fixture x;
    struct backup_report backed;
    struct restore_report r;
    struct failure f = {0};
    char backup[160], elsewhere[160];

    start(&x, backup, &backed);
    fixture_stop(&x);
    assert_int_equal(unlink(x.path), 0);
    struct restore_call call = {.backup = backup, .path = x.path};
    assert_int_equal(as_nobody(&x, &call, &f), -1);
    assert_int_equal(f.code, FAIL_ROLE);
    if (geteuid() == 0)
        assert_int_equal(restore_database(&call, &r, &f), 0);
    snprintf(elsewhere, sizeof elsewhere, "%s/new/place.db", x.dir); /* nothing was ever there */
    call.path = elsewhere;
    assert_int_equal(as_nobody(&x, &call, &f), 0);
    fixture_free(&x);
}

/* An archive holds old records alone: they can be read in a copy, but take no database's place. */
static void an_archive_is_copied_and_replaces_nothing(void **state)
{
    (void)state;
    const struct work_call ask = {.action = WORK_ARCHIVE, .object = "before"};
    struct db_fixture x;
    struct retention_report a;
    struct restore_report r;
    struct verify_report v;
    struct failure f = {0};
    char copy[160];

    fixture_new(&x);
    fixture_start(&x);
    fixture_flash(&x, 1, "L1", 1, RESULT_PASS, FAILURE_NONE);
    assert_int_equal(work_do(x.db, &ask, NULL, &f), 0);
    assert_int_equal(retention_archive(x.db, INT64_MAX, NULL, &a, &f), 0);
    fixture_flash(&x, 1, "L1", 2, RESULT_PASS, FAILURE_NONE);
    fixture_stop(&x);
    const struct restore_call onto = {.backup = a.file, .path = x.path};
    assert_int_equal(restore_database(&onto, &r, &f), -1);
    assert_non_null(strstr(f.detail, "is an archive, no backup"));
    assert_int_equal(fixture_int(&x, "SELECT max(id) FROM attempt"), 2);
    snprintf(copy, sizeof copy, "%s/copy.db", x.dir);
    const struct restore_call beside = {.backup = a.file, .path = copy};
    if (restore_database(&beside, &r, &f) != 0)
        fail_msg("%s", f.detail);
    const struct db_options read_copy = {.path = copy, .mode = DB_REVIEW};
    struct db *db = db_open(&read_copy, &f);
    assert_non_null(db);
    assert_int_equal(verify_all(db, &v, &f), 0);
    assert_string_equal(v.text, "");
    assert_int_equal(v.attempts, 1);
    db_close(db);
    /* A station that takes it for its own database leaves entries of one table alone: told, and told once. */
    const struct db_options own = {.path = copy, .mode = DB_STATION, .station = "bench"};
    assert_non_null(db = db_open(&own, &f));
    assert_int_equal(verify_all(db, &v, &f), 0);
    assert_true(v.found > 0);
    db_close(db);
    fixture_free(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_backup_comes_back_whole_and_the_audit_says_so),
        cmocka_unit_test(where_an_engineer_is_enrolled_it_takes_the_pin),
        cmocka_unit_test(a_wreck_is_replaced_by_root_alone),
        cmocka_unit_test(a_damaged_file_is_replaced_by_its_own_engineer),
        cmocka_unit_test(engineers_that_were_wiped_out_are_missed),
        cmocka_unit_test(what_is_gone_is_restored_by_root_alone),
        cmocka_unit_test(an_archive_is_copied_and_replaces_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
