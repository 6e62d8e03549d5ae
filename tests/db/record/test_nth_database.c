/* SPDX-License-Identifier: Apache-2.0 */
/* label: scenario */
/*
 * A database is made, opened, brought up to date and written to, once for every call below it that may fail: each time
 * it ends well or with a named error of the station's, the file opens afterwards, and no record that was reported is gone.
 */
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

#include "base/station_files.h"
#include "db/care/verify.h"
#include "db/open/schema.h"
#include "tests/support/db_fixture.h"
#include "tests/support/nth_call.h"

#define LIBC (1u << NTH_ALLOC | 1u << NTH_READ | 1u << NTH_WRITE | 1u << NTH_SYNC)
#define FILES                                                                              \
    (1u << NTH_SQL_READ | 1u << NTH_SQL_WRITE | 1u << NTH_SQL_WRECK | 1u << NTH_SQL_SYNC | \
     1u << NTH_SQL_SIZE | 1u << NTH_SQL_LOCK | 1u << NTH_SQL_MAP)
#define ALL (LIBC | FILES | 1u << NTH_SQL_ALLOC)

struct house {
    const char *from; /* what is there at first; NULL: nothing */
    int64_t attempts; /* in it */
    bool records;     /* not that it is opened is looked at, but that a board is recorded in it */
    struct db_fixture x;
    struct failure f;
    bool opened, closed, owns;
};

static char templates[SCRATCH_SIZE];
static char old_db[128], house_db[128];

static void ready(void *ctx)
{
    struct house *h = ctx;

    fixture_new(&h->x);
    h->f = (struct failure){0};
    h->opened = h->closed = h->owns = false;
    if (h->from != NULL)
        scratch_copy(h->from, h->x.path);
    if (h->records)
        fixture_start(&h->x);
}

/* One board, identity sector and all. */
static int flash(const struct recorder *r, struct failure *f)
{
    const struct attempt_start s = board_start(1);
    const struct unit_identity u = board_identity(9);
    const struct attempt_result e = board_end(RESULT_PASS, FAILURE_NONE);
    struct backup b = {.kind = BACKUP_IDENTITY, .offset = 0x3ff000};
    struct recorder_verdict v;
    int64_t attempt;

    memset(b.data, 0x5a, sizeof b.data);
    digest_sha256(b.data, BACKUP_SIZE, b.sha256);
    if (r->open(r->ctx, &s, &attempt, f) != 0 || r->identify(r->ctx, attempt, &u, &v, f) != 0)
        return -1;
    assert_true(v.allowed);
    if (r->backup(r->ctx, attempt, &b, f) != 0)
        return -1;
    return r->close(r->ctx, attempt, &e, f);
}

static void run_open(void *ctx)
{
    struct house *h = ctx;
    const struct station_files own = {.databases = {"/srv/other.db"}, .config = "/etc/flashline.yaml"};
    const struct db_options o = {.path = h->x.path, .mode = DB_STATION, .station = "bench 1", .own = &own};
    struct db *db = db_open(&o, &h->f);

    h->opened = db != NULL;
    /* What the station owns is known to it whole, or it does not start. */
    h->owns =
        db != NULL && db_station_files(db)->databases[0] != NULL && db_station_files(db)->config != NULL;
    db_close(db);
}

static void run_record(void *ctx)
{
    struct house *h = ctx;

    h->opened = true;
    h->closed = flash(h->x.face, &h->f) == 0;
}

static void must_be_named(const struct failure *f)
{
    if (f->code == FAILURE_NONE || f->detail[0] == '\0')
        fail_msg("no word of what failed");
    if (failure_result(f) != RESULT_ERROR)
        fail_msg("%d %s: not the station's: %s", (int)f->code, result_name(failure_result(f)), f->detail);
}

static void judge(void *ctx, bool met)
{
    struct house *h = ctx;
    struct verify_report v;
    struct failure f = {0};

    if (!h->opened || (h->records && !h->closed)) {
        assert_true(met);
        must_be_named(&h->f);
    }
    if (h->records)
        fixture_stop(&h->x);
    else
        assert_true(h->owns == h->opened);
    fixture_start(&h->x); /* whatever it was: the next start is a good one */
    assert_int_equal(fixture_int(&h->x, "PRAGMA user_version"), schema_newest());
    assert_int_equal(verify_all(h->x.db, &v, &f), 0);
    if (v.first_bad != 0)
        fail_msg("%s", v.text);
    assert_true(fixture_int(&h->x, "SELECT count(*) FROM attempt") >= h->attempts + h->closed);
    if (h->closed) {
        assert_int_equal(
            fixture_int(&h->x,
                        "SELECT count(*) FROM attempt JOIN unit u ON u.id = attempt.unit_id JOIN backup b ON"
                        " b.attempt_id = attempt.id WHERE result = 'PASS' AND u.mac = x'240ac4000009'"
                        " AND b.sha256 IN (SELECT sha256 FROM sector) AND operator_id IS NOT NULL"),
            1);
    }
    fixture_free(&h->x);
}

static void drive(const char *name, struct house *h)
{
    const struct nth_case c = {.name = name,
                               .kinds = ALL,
                               .most = 8,
                               .ready = ready,
                               .run = h->records ? run_record : run_open,
                               .judge = judge,
                               .ctx = h};

    nth_case_drive(&c);
}

static void a_new_database_is_made(void **state)
{
    (void)state;
    struct house h = {.from = NULL};

    drive("new", &h);
}

static void a_database_is_opened(void **state)
{
    (void)state;
    struct house h = {.from = house_db, .attempts = 2};

    drive("open", &h);
}

static void a_database_is_brought_up_to_date(void **state)
{
    (void)state;
    struct house h = {.from = old_db, .attempts = 0};

    drive("update", &h);
}

static void a_board_is_recorded(void **state)
{
    (void)state;
    struct house h = {.from = house_db, .attempts = 2, .records = true};

    drive("record", &h);
}

static void make_old(void)
{
    sqlite3 *h;

    assert_int_equal(sqlite3_open(old_db, &h), SQLITE_OK);
    assert_int_equal(schema_migrate(h, 0, 1), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(h, "INSERT INTO lot(code, planned, opened_ms) VALUES ('OLD', 7, 5)", NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(h);
}

static int set_up(void **state)
{
    (void)state;
    struct db_fixture x;

    nth_call_watch_sqlite();
    scratch_make(templates, "nth");
    snprintf(old_db, sizeof old_db, "%s/old.db", templates);
    snprintf(house_db, sizeof house_db, "%s/house.db", templates);
    make_old();
    fixture_new(&x);
    fixture_start(&x);
    fixture_flash(&x, 1, "L1", 1, RESULT_PASS, FAILURE_NONE);
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
        cmocka_unit_test_teardown(a_new_database_is_made, nth_case_say_where),
        cmocka_unit_test_teardown(a_database_is_opened, nth_case_say_where),
        cmocka_unit_test_teardown(a_database_is_brought_up_to_date, nth_case_say_where),
        cmocka_unit_test_teardown(a_board_is_recorded, nth_case_say_where),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
