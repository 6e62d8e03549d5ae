/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_records FILL|ASK DATABASE [ATTEMPTS]: fills a database with attempts as a station would, only many to a
 * transaction, or measures what people ask of it. No test: the figures belong to the machine.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "db/care/verify.h"
#include "db/open/db_inside.h"
#include "db/open/sql.h"
#include "db/read/record_query.h"
#include "db/read/yield.h"
#include "db/record/chain.h"

#define BATCH    10000
#define LOT_SIZE 20000
#define LOOKUPS  100

static double seconds(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double now(void)
{
    return seconds(CLOCK_MONOTONIC);
}

/* What this process computed: on a machine that others share, the rest of a long look-up is waiting for its turn. */
static double computed(void)
{
    return seconds(CLOCK_PROCESS_CPUTIME_ID);
}

static void must(int good, const char *what, const struct failure *f)
{
    if (good)
        return;
    fprintf(stderr, "bench: %s: %s\n", what, f != NULL ? f->detail : "");
    exit(1);
}

static struct mac mac_number(long n)
{
    return (struct mac){
        {0x24, 0x0a, (uint8_t)(0xc4 + (n >> 24)), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n}};
}

/*
 * What stands still: one run, job, firmware, seven operators, a lot for every LOT_SIZE attempts, a board for each one. None of
 * them is anybody's act, so no audit is needed for the journal to be good.
 */
static const char house_sql[] =
    "INSERT INTO job VALUES (1, 'wipy', zeroblob(32), 0);"
    "INSERT INTO firmware VALUES (1, 'WiPy-1.18.1.tar.gz', '1.18.1', zeroblob(32), 0);"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 32)"
    " INSERT INTO slot SELECT i, 'ftdi:1-4.' || (i / 4 + 1) || ':A', NULL, 0 FROM n;"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 7)"
    " INSERT INTO operator(id, name, role, created_ms) SELECT i, 'operator ' || i, 'operator', 0 FROM n;";

static const char lots_sql[] =
    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
    " INSERT INTO lot(id, code, planned, opened_ms) SELECT i + 1, printf('LOT-%04d', i), 0, 0 FROM n";

/* One in twelve fails, and its board comes again next. The columns are those of a station's own rows. */
static const char attempts_sql[] =
    "WITH RECURSIVE n(i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?2)"
    " INSERT INTO attempt(id, uuid, kind, run_id, slot, port, job_id, firmware_id, lot_id, operator_id, opened_ms,"
    " opened_mono_us, result, closed_ms, closed_mono_us, duration_us, unit_id, try_no, code, stage, blame, sys, detail, retries,"
    " baud, used_stub, bytes_written, bytes_wire, stage_ms, overrun, parity, framing)"
    " SELECT i + 1, lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-7' || substr(hex(randomblob(2)), 2) || '-a'"
    " || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))), 'PRODUCTION', 1, i % 32 + 1,"
    " 'ftdi:1-4.' || (i % 32 / 4 + 1) || ':' || substr('ABCD', i % 4 + 1, 1), 1, 1, i / 20000 + 1, i / 5000 % 7 + 1,"
    " 1700000000000 + i * 900, i * 900000, CASE WHEN i % 12 = 5 THEN 'FAIL' ELSE 'PASS' END, 1700000030000 + i * 900,"
    " i * 900000 + 30000000, 29000000 + i * 7919 % 4000000, i - (i + 6) / 12 + 1, 1 + (i % 12 = 6),"
    " CASE WHEN i % 12 <> 5 THEN 0 WHEN i % 24 = 5 THEN 503 ELSE 601 END, CASE WHEN i % 12 = 5 THEN 'write' END,"
    " CASE WHEN i % 12 = 5 THEN 'board' END, 0, CASE WHEN i % 12 = 5 THEN 'made by the bench' END, 0, 921600, 1, 1400000, 900000,"
    " '{\"connect\":210,\"write\":22000,\"verify\":3000}', 0, 0, 0 FROM n";

static const char identifications_sql[] =
    "INSERT INTO identification SELECT id, 0, unit_id, opened_ms + 300, 'ESP32-D0WDQ6', 100, 1507528, 8388608, 40, 0, 0, NULL"
    " FROM attempt WHERE id > ?1 AND id <= ?2";

static void insert_units(sqlite3 *h, long from, long to)
{
    for (long n = from; n < to; n++) {
        const struct mac m = mac_number(n);
        must(
            sql_run(
                h,
                "INSERT OR IGNORE INTO unit VALUES (?, ?, 'ESP32-D0WDQ6', 100, 1507528, 8388608, 1700000000000)",
                "lb", (int64_t)n + 1, m.bytes, 6) == SQLITE_OK,
            "unit", NULL);
    }
}

static long unit_of(long i)
{
    return i - (i + 6) / 12;
}

static void fill_batch(struct db *db, long from, long to)
{
    sqlite3 *h = db->h;

    must(db_begin(db) == SQLITE_OK, "begin", NULL);
    insert_units(h, unit_of(from), unit_of(to - 1) + 1);
    must(sql_run(h, attempts_sql, "ll", (int64_t)from, (int64_t)to) == SQLITE_OK, sqlite3_errmsg(h), NULL);
    must(sql_run(h, identifications_sql, "ll", (int64_t)from, (int64_t)to) == SQLITE_OK, sqlite3_errmsg(h),
         NULL);
    for (long i = from; i < to; i++)
        must(chain_append(h, i + 1) == SQLITE_OK, "chain", NULL);
    must(db_commit(db) == SQLITE_OK, "commit", NULL);
}

static void fill(const char *path, long attempts)
{
    const struct db_options o = {.path = path, .mode = DB_STATION, .station = "bench"};
    struct failure f = {0};
    double t = now();
    struct db *db = db_open(&o, &f);

    must(db != NULL, "open the database", &f);
    must(db_begin(db) == SQLITE_OK, "begin", NULL);
    must(sql_script(db->h, house_sql) == SQLITE_OK, sqlite3_errmsg(db->h), NULL);
    must(sql_run(db->h, lots_sql, "l", (int64_t)(attempts / LOT_SIZE)) == SQLITE_OK, sqlite3_errmsg(db->h),
         NULL);
    must(db_commit(db) == SQLITE_OK, "commit", NULL);
    for (long i = 0; i < attempts; i += BATCH)
        fill_batch(db, i, i + BATCH < attempts ? i + BATCH : attempts);
    must(db_begin(db) == SQLITE_OK, "begin", NULL);
    must(sql_script(
             db->h,
             "INSERT OR IGNORE INTO lot_good SELECT lot_id, 0, unit_id FROM attempt WHERE result = 'PASS'") ==
             SQLITE_OK,
         sqlite3_errmsg(db->h), NULL);
    must(db_commit(db) == SQLITE_OK, "commit", NULL);
    db_close(db);
    printf("filled %ld attempts in %.1f s\n", attempts, now() - t);
}

static int count_rows(struct db *db, const struct record_filter *filter)
{
    struct failure f = {0};
    struct record_cursor *c = record_query(db, RECORD_ATTEMPTS, filter, &f);
    int rows = 0;

    must(c != NULL, "query", &f);
    while (record_next(c, &f) == 1)
        rows++;
    record_cursor_free(c);
    return rows;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void ask(const char *path, long units)
{
    struct record_filter filter = RECORD_FILTER_ALL;
    struct yield_report *y = malloc(sizeof *y);
    struct verify_report v;
    struct failure f = {0};
    double t = now(), c, took[LOOKUPS], worst_computed = 0;
    const struct db_options o = {.path = path, .mode = DB_REVIEW};
    struct db *db = db_open(&o, &f);
    int rows = 0;

    must(db != NULL && y != NULL, "open for review", &f);
    printf("open for review            %8.2f ms\n", (now() - t) * 1e3);
    filter.has_mac = true;
    for (int i = 0; i < LOOKUPS; i++) {
        filter.mac = mac_number((long)i * 9127 % units);
        t = now();
        c = computed();
        rows += count_rows(db, &filter);
        took[i] = now() - t;
        c = computed() - c;
        worst_computed = c > worst_computed ? c : worst_computed;
    }
    must(rows >= LOOKUPS, "every MAC is found", NULL);
    qsort(took, LOOKUPS, sizeof *took, by_size);
    printf(
        "look-up by MAC             %8.2f ms, worst of %d %.2f ms, %.2f ms at most computing (goal: under 10)\n",
        took[LOOKUPS / 2] * 1e3, LOOKUPS, took[LOOKUPS - 1] * 1e3, worst_computed * 1e3);
    filter = (struct record_filter)RECORD_FILTER_ALL;
    filter.lot = "LOT-0003";
    t = now();
    must(yield_compute(db, &filter, y, &f) == 0, "yield", &f);
    printf("yield of a lot of %lld  %8.2f ms (goal: under 300)\n", (long long)y->n.attempts,
           (now() - t) * 1e3);
    filter.lot = NULL;
    t = now();
    must(yield_compute(db, &filter, y, &f) == 0, "yield", &f);
    printf("yield of everything        %8.2f ms\n", (now() - t) * 1e3);
    t = now();
    must(verify_chain(db, &v, &f) == 0 && v.first_bad == 0, "verify", &f);
    printf("verify the chain of %lld %8.2f s\n", (long long)v.attempts, now() - t);
    db_close(db);
    free(y);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: %s fill|ask DATABASE [ATTEMPTS]\n", argv[0]);
        return 2;
    }
    if (strcmp(argv[1], "fill") == 0)
        fill(argv[2], argc > 3 ? atol(argv[3]) : 1000000);
    else
        ask(argv[2], (argc > 3 ? atol(argv[3]) : 1000000) * 9 / 10);
    return 0;
}
