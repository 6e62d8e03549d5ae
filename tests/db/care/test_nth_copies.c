/* SPDX-License-Identifier: Apache-2.0 */
/* label: scenario */
/*
 * Backup, export and restore, once for every call below them that may fail: a copy is whole or not there, what stood at
 * its name stays until then, and a database that is to be replaced is what it was, or what the backup is.
 */
#include <dirent.h>
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
#include <sqlite3.h>

#include "base/file.h"
#include "db/care/maintain.h"
#include "db/care/restore.h"
#include "db/read/export.h"
#include "tests/support/db_fixture.h"
#include "tests/support/nth_call.h"

#define LIBC (1u << NTH_ALLOC | 1u << NTH_READ | 1u << NTH_WRITE | 1u << NTH_SYNC)
#define FILES                                                                              \
    (1u << NTH_SQL_READ | 1u << NTH_SQL_WRITE | 1u << NTH_SQL_WRECK | 1u << NTH_SQL_SYNC | \
     1u << NTH_SQL_SIZE | 1u << NTH_SQL_LOCK | 1u << NTH_SQL_MAP)
#define ALL    (LIBC | FILES | 1u << NTH_SQL_ALLOC)
#define BOARDS 2
#define STOOD  "what stood there before\n"

struct copying {
    struct db_fixture x;
    char out[160], beside[176]; /* the copy's name, and its manifest's */
    enum export_format format;
    struct failure f;
    int rc;
    uint8_t sha256[SHA256_SIZE], good[SHA256_SIZE]; /* as told; as it is where nothing fails */
    bool has_good;
    struct restore_report restored;
    bool
        unsure_allowed; /* the whole new file is in its place although an error was told: only its name may not be durable */
};

static char templates[SCRATCH_SIZE];
static char house_db[128], backup_db[128];

static void start(struct copying *c, const char *name)
{
    fixture_new(&c->x);
    c->f = (struct failure){0};
    snprintf(c->out, sizeof c->out, "%s/%s", c->x.dir, name);
    snprintf(c->beside, sizeof c->beside, "%s.manifest.json", c->out);
    scratch_copy(house_db, c->x.path);
}

static void must_be_named(const struct copying *c, bool met)
{
    assert_true(met);
    if (c->f.code == FAILURE_NONE || c->f.detail[0] == '\0')
        fail_msg("no word of what failed");
    if (failure_result(&c->f) != RESULT_ERROR)
        fail_msg("%d: not the station's: %s", (int)c->f.code, c->f.detail);
}

/* Nothing half made is left beside it. */
static void nothing_is_left_over(const char *folder)
{
    DIR *d = opendir(folder);
    struct dirent *e;

    assert_non_null(d);
    while ((e = readdir(d)) != NULL)
        if (strstr(e->d_name, ".tmp") != NULL || strstr(e->d_name, ".restoring") != NULL)
            fail_msg("%s is left over", e->d_name);
    closedir(d);
}

/* What stood there, or a whole file of the size of a good one: which is allowed where it was the folder's fsync that failed. */
static void is_old_or_whole(const struct copying *c, const char *path)
{
    char got[256];

    scratch_read_text(path, got, sizeof got);
    if (strcmp(got, STOOD) == 0)
        return;
    if (!c->unsure_allowed || c->f.sys != EIO)
        fail_msg("%s has changed: %s", path, c->f.detail);
}

static void ready_beside(void *ctx)
{
    struct copying *c = ctx;

    start(c, "copy");
    fixture_start(&c->x);
    scratch_save_text(c->out, STOOD);
    scratch_save_text(c->beside, STOOD);
}

static void run_backup(void *ctx)
{
    struct copying *c = ctx;
    struct backup_report report;

    c->rc = maintain_backup(c->x.db, c->out, true, &report, &c->f);
    memcpy(c->sha256, report.sha256, SHA256_SIZE);
}

static void run_export(void *ctx)
{
    struct copying *c = ctx;
    const struct export_request q = {
        .path = c->out, .replace = true, .format = c->format, .filter = RECORD_FILTER_ALL};
    struct export_report report;

    c->rc = export_records(c->x.db, &q, &report, &c->f);
    memcpy(c->sha256, report.sha256, SHA256_SIZE);
    if (c->rc == 0)
        assert_int_equal(report.rows, BOARDS);
}

/* The bytes are those that were told, and those of a run in which nothing failed where they do not depend on the time. */
static void is_whole(struct copying *c, bool same_every_time)
{
    uint8_t is[SHA256_SIZE];
    uint64_t bytes;

    assert_int_equal(file_sha256(c->out, is, &bytes), 0);
    assert_memory_equal(is, c->sha256, SHA256_SIZE);
    if (!c->has_good)
        memcpy(c->good, is, SHA256_SIZE);
    c->has_good = true;
    if (same_every_time)
        assert_memory_equal(is, c->good, SHA256_SIZE);
}

static void judge_backup(void *ctx, bool met)
{
    struct copying *c = ctx;
    struct verify_report v;
    struct failure f = {0};

    if (c->rc == 0) {
        is_whole(c, false);
        if (maintain_verify(c->out, &v, &f) != 0)
            fail_msg("%s", f.detail);
        assert_int_equal(v.attempts, BOARDS);
    } else {
        must_be_named(c, met);
        is_old_or_whole(c, c->out);
    }
    nothing_is_left_over(c->x.dir);
    fixture_flash(&c->x, 1, "L1", 7, RESULT_PASS, FAILURE_NONE); /* the station goes on */
    fixture_free(&c->x);
}

static void judge_export(void *ctx, bool met)
{
    struct copying *c = ctx;
    char manifest[1024], hex[SHA256_TEXT_SIZE];

    if (c->rc == 0) {
        is_whole(c, c->format != EXPORT_SQLITE);
        digest_hex(c->sha256, SHA256_SIZE, hex);
        scratch_read_text(c->beside, manifest, sizeof manifest);
        assert_non_null(strstr(manifest, hex));
    } else {
        must_be_named(c, met);
        is_old_or_whole(c, c->out);
        is_old_or_whole(c, c->beside);
    }
    nothing_is_left_over(c->x.dir);
    fixture_flash(&c->x, 1, "L1", 7, RESULT_PASS, FAILURE_NONE);
    fixture_free(&c->x);
}

static void ready_restore(void *ctx)
{
    struct copying *c = ctx;

    start(c, "b.db");
    scratch_copy(backup_db, c->out);
}

static void run_restore(void *ctx)
{
    struct copying *c = ctx;
    const struct restore_call call = {
        .backup = c->out, .path = c->x.path, .actor = "op-7", .reason = "disk failed"};

    c->rc = restore_database(&call, &c->restored, &c->f);
}

static int boards_in(const char *path)
{
    sqlite3 *h;
    sqlite3_stmt *s;

    assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(h, "SELECT count(*) FROM attempt", -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    int count = sqlite3_column_int(s, 0);
    sqlite3_finalize(s);
    sqlite3_close(h);
    return count;
}

static void judge_restore(void *ctx, bool met)
{
    struct copying *c = ctx;
    struct verify_report v;
    struct failure f = {0};

    nothing_is_left_over(c->x.dir);
    if (c->rc != 0)
        must_be_named(c, met);
    else
        assert_int_equal(boards_in(c->restored.kept), BOARDS);
    fixture_start(&c->x);
    bool done =
        c->rc == 0 || (c->unsure_allowed && strstr(c->f.detail, "backup is in its place, but") != NULL);
    assert_int_equal(fixture_int(&c->x, "SELECT count(*) FROM attempt"), done ? 1 : BOARDS);
    assert_int_equal(verify_all(c->x.db, &v, &f), 0);
    if (v.first_bad != 0)
        fail_msg("%s", v.text);
    fixture_free(&c->x);
}

static void drive(const char *name, struct copying *c, void (*ready)(void *), void (*run)(void *),
                  void (*judge)(void *, bool))
{
    struct nth_case n = {.name = name,
                         .kinds = ALL & ~(1u << NTH_SYNC),
                         .most = 8,
                         .ready = ready,
                         .run = run,
                         .judge = judge,
                         .ctx = c};

    nth_case_drive(&n);
    n.kinds = 1u << NTH_SYNC;
    c->unsure_allowed = true;
    nth_case_drive(&n);
}

static void a_backup_is_made(void **state)
{
    (void)state;
    struct copying c = {0};

    drive("backup", &c, ready_beside, run_backup, judge_backup);
}

static void records_are_exported(void **state)
{
    (void)state;
    struct copying csv = {.format = EXPORT_CSV}, jsonl = {.format = EXPORT_JSONL};

    drive("csv", &csv, ready_beside, run_export, judge_export);
    drive("jsonl", &jsonl, ready_beside, run_export, judge_export);
}

static void records_are_exported_as_a_database(void **state)
{
    (void)state;
    struct copying c = {.format = EXPORT_SQLITE};

    drive("export sqlite", &c, ready_beside, run_export, judge_export);
}

static void a_backup_is_restored(void **state)
{
    (void)state;
    struct copying c = {0};

    drive("restore", &c, ready_restore, run_restore, judge_restore);
}

static int set_up(void **state)
{
    (void)state;
    struct db_fixture x;

    nth_call_watch_sqlite();
    scratch_make(templates, "nth");
    snprintf(house_db, sizeof house_db, "%s/house.db", templates);
    snprintf(backup_db, sizeof backup_db, "%s/backup.db", templates);
    fixture_new(&x);
    fixture_start(&x);
    fixture_flash(&x, 1, "L1", 1, RESULT_PASS, FAILURE_NONE);
    fixture_stop(&x);
    scratch_copy(x.path, backup_db);
    fixture_start(&x);
    fixture_flash(&x, 2, "L1", 2, RESULT_FAIL, FAIL_WRITE);
    fixture_stop(&x);
    scratch_copy(x.path, house_db);
    fixture_free(&x);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_remove(templates);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_backup_is_made, nth_case_say_where),
        cmocka_unit_test_teardown(records_are_exported, nth_case_say_where),
        cmocka_unit_test_teardown(records_are_exported_as_a_database, nth_case_say_where),
        cmocka_unit_test_teardown(a_backup_is_restored, nth_case_say_where),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
