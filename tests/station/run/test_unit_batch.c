/* SPDX-License-Identifier: Apache-2.0 */
/* label: scenario */
/*
 * A batch of production: sixteen boards, sixteen EUIs, each written into its board's identity sector and its settings. Three boards
 * fail half-way and come again; the station is killed 20 times in the middle of a write, and once all power goes. In the end each
 * board has its own, the one it was given first, nobody has another's, and nothing else of a flash is other than the job says. The
 * seventeenth board is held, untouched. The boards outlive the station, which is a process of its own each time.
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "db/care/verify.h"
#include "db/desk/pool_block.h"
#include "db/desk/work.h"
#include "profiles/job/job.h"
#include "profiles/text/complaint.h"
#include "station/run/run_private.h"
#include "station/run/run_unit.h"
#include "tests/support/cut_copy.h"
#include "tests/support/cutfs.h"
#include "tests/support/db_fixture.h"
#include "tests/support/lasting_boards.h"
#include "tests/support/made_plan.h"
#include "tests/support/nvs_list.h"
#include "tests/support/or_fail.h"
#include "tests/support/skipped.h"
#include "tests/support/sweep.h"

#define BOARDS    16
#define EXTRA     BOARDS /* the one for whom nothing is left */
#define FAILING   3
#define KILLS     20
#define SLICE     2
#define WHOLE     100
#define LOW_WATER 4
#define WRITES    215 /* to one board, in an attempt that begins anew: about */
#define HELD      30  /* to one that is held as a duplicate */
#define CUT_CALLS 30  /* to the disk, for one board */
#define RUNS_MAX  80  /* of a batch: some 25 in order */
#define PATIENCE  120 /* seconds, for a station that hangs */

#define DB_NAME     "station.db"
#define EUI_AT      0x3FF010u
#define NVS_AT      0x9000u
#define NVS_SIZE    0x4000u
#define BROKEN_EXIT 3

/* What the parent and the station's process both see. */
struct told {
    uint8_t eui[BOARDS + 1][EUI64_SIZE];
    bool is[BOARDS + 1];
    long changed, doubled, mid_cuts;
    char broken[256];
};

enum blow { BLOW_NONE, BLOW_KILL, BLOW_POWER };

struct batch {
    uint64_t random;
    struct lasting_boards boards;
    struct told *told;
    struct job *job;
    bool failing[BOARDS + 1], passed[BOARDS + 1], failed[BOARDS + 1];
    char known[BOARDS + 1][POOL_TEXT_SIZE]; /* in the pool, after each run */
    int kills, cuts, runs;
    /* of the station's process: */
    struct run run;
    struct cutfs *fs;
    pthread_mutex_t lock;
};

static struct {
    long batches, runs, kills, cuts, mid_cuts, pulled, attempts, interrupted, held;
} sum;

static uint64_t roll(struct batch *x)
{
    x->random ^= x->random << 13;
    x->random ^= x->random >> 7;
    x->random ^= x->random << 17;
    return x->random >> 8;
}

static long roll_to(struct batch *x, long n) /* 1..n */
{
    return 1 + (long)(roll(x) % (uint64_t)n);
}

/* -- the station: a process of its own, in which nothing of the test's framework may be called -- */

static int broken(const struct batch *x, const char *what, const char *why)
{
    snprintf(x->told->broken, sizeof x->told->broken, "%s: %.200s", what, why);
    return BROKEN_EXIT;
}

/* What a board was told once it must be told again, and nobody else. */
static void note_told(struct batch *x, int board, const uint8_t *eui)
{
    struct told *t = x->told;

    pthread_mutex_lock(&x->lock);
    t->changed += t->is[board] && memcmp(t->eui[board], eui, EUI64_SIZE) != 0;
    for (int i = 0; i <= BOARDS; i++)
        t->doubled += i != board && t->is[i] && memcmp(t->eui[i], eui, EUI64_SIZE) == 0;
    if (!t->is[board])
        memcpy(t->eui[board], eui, EUI64_SIZE);
    t->is[board] = true;
    pthread_mutex_unlock(&x->lock);
}

static int compose(void *ctx, int64_t attempt, const struct unit_identity *unit, const struct plan *plan,
                   struct unit_data *out, struct failure *f)
{
    struct batch *x = ctx;
    int rc = run_unit_compose(&x->run, attempt, unit, plan, out, f);

    for (size_t i = 0; rc == 0 && i < out->count; i++)
        if (strcmp(out->writes[i].name, "eui") == 0)
            note_told(x, unit->mac.bytes[5], out->writes[i].data);
    return rc;
}

static bool is_dark(void *ctx)
{
    return cutfs_is_cut(((const struct batch *)ctx)->fs);
}

static int engine_work(struct batch *x)
{
    static char uris[BOARDS + 1][24];
    struct engine_slot slots[BOARDS];
    const struct transport_binding bindings[] = {{&lasting_driver, &x->boards}, {NULL, NULL}};
    struct engine_config c = {.job = x->job,
                              .stub_note = "no stub in this test",
                              .recorder = db_recorder_face(x->run.recorder),
                              .bindings = bindings,
                              .slots = slots,
                              .once = true,
                              .kind = ATTEMPT_PRODUCTION,
                              .compose = compose,
                              .compose_ctx = x};
    struct failure f = {0};

    for (int i = 0; i <= BOARDS; i++) {
        if (x->boards.boards[i].board == NULL)
            continue;
        snprintf(uris[i], sizeof uris[i], "lasting:%d", i + 1);
        slots[c.slot_count++] =
            (struct engine_slot){.number = i % BOARDS + 1, .uri = uris[i], .virtual_time = true};
    }
    struct engine *e = engine_new(&c, &f);
    if (e == NULL || engine_start(e, &f) != 0)
        return broken(x, "engine", f.detail);
    engine_join(e);
    engine_free(e);
    return 0;
}

static int open_records(struct batch *x, const char *vfs)
{
    const struct db_options o = {.path = DB_NAME, .mode = DB_STATION, .station = "line-1", .vfs = vfs};
    struct db_policy policy = DB_POLICY_DEFAULT;
    struct failure f = {0};

    policy.disk_floor = 0;
    policy.open_lots = OPEN_LOTS_YES;
    policy.stop_slot_failures = policy.stop_station_failures = policy.stop_yield_percent = 0;
    x->run.db = db_open(&o, &f);
    x->run.recorder = x->run.db != NULL ? db_recorder_new(x->run.db, &policy, &f) : NULL;
    return x->run.recorder != NULL ? 0 : broken(x, "records", f.detail);
}

static void close_records(struct batch *x)
{
    db_recorder_free(x->run.recorder);
    db_close(x->run.db);
}

/* The power of all: of the disk first, of the boards with it. */
static int work_until_dark(struct batch *x, long calls, bool all_lost)
{
    x->fs = cutfs_new("cutfs", roll(x));
    if (cut_copy_in("cutfs", DB_NAME) != 0)
        return broken(x, "disk", "the database does not come in");
    if (open_records(x, "cutfs") != 0)
        return BROKEN_EXIT;
    x->boards.is_dark = is_dark;
    x->boards.ctx = x;
    cutfs_cut_after(x->fs, calls);
    int rc = engine_work(x);
    close_records(x);
    x->told->mid_cuts += cutfs_is_cut(x->fs);
    cutfs_restart(x->fs, all_lost ? CUT_ALL : CUT_SOME);
    if (rc == 0 && cut_copy_out("cutfs", DB_NAME) != 0)
        rc = broken(x, "disk", "the database does not come out");
    return rc;
}

static int work_until_killed(struct batch *x, long blow_at)
{
    x->boards.blow_at = blow_at;
    if (open_records(x, NULL) != 0)
        return BROKEN_EXIT;
    int rc = engine_work(x);
    close_records(x);
    return rc;
}

static void lay(struct batch *x, int board)
{
    bool fails = x->failing[board] && !x->failed[board];

    lasting_boards_lay(&x->boards, board, NULL);
    if (fails)
        x->boards.boards[board].pulled_at = WRITES / 3 + roll_to(x, WRITES / 2);
}

/* -- the test -- */

struct shift {
    bool laid[BOARDS + 1];
    enum blow blow;
    long at;    /* write to a board, or call to the disk */
    bool aimed; /* or when the first identity sector is erased and not written */
};

static void station(struct batch *x, const struct shift *s)
{
    static struct config no_config;

    alarm(PATIENCE);
    pthread_mutex_init(&x->lock, NULL);
    x->run.config = &no_config;
    x->run.job = x->job;
    x->boards.aim_at = s->aimed ? CONFIG_SECTOR : 0;
    for (int i = 0; i <= BOARDS; i++)
        if (s->laid[i])
            lay(x, i);
    int rc = s->blow == BLOW_POWER ? work_until_dark(x, s->at, roll(x) % 2 == 0)
                                   : work_until_killed(x, s->blow == BLOW_KILL ? s->at : 0);
    lasting_boards_keep(&x->boards);
    _exit(rc);
}

static sqlite3 *look(void)
{
    sqlite3 *h;

    assert_int_equal(sqlite3_open(DB_NAME, &h), SQLITE_OK);
    return h;
}

static sqlite3_stmt *ask_of(sqlite3 *h, const char *sql, const struct mac *mac)
{
    sqlite3_stmt *s;

    if (sqlite3_prepare_v2(h, sql, -1, &s, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(h));
    if (mac != NULL)
        sqlite3_bind_blob(s, 1, mac->bytes, sizeof mac->bytes, SQLITE_STATIC);
    return s;
}

static long number_of(sqlite3 *h, const char *sql, const struct mac *mac)
{
    sqlite3_stmt *s = ask_of(h, sql, mac);

    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    long n = (long)sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return n;
}

#define OF_BOARD \
    "SELECT count(*) FROM attempt a JOIN unit u ON u.id = a.unit_id WHERE u.mac = ? AND a.result "

/* What the records know after a run; a value in the pool stays the board's for good. */
static void read_records(struct batch *x)
{
    sqlite3 *h = look();

    for (int i = 0; i <= BOARDS; i++) {
        const struct mac *mac = &x->boards.boards[i].mac;
        char value[POOL_TEXT_SIZE] = "";
        sqlite3_stmt *s = ask_of(h, "SELECT value FROM pool_value WHERE mac = ?", mac);

        if (sqlite3_step(s) == SQLITE_ROW)
            snprintf(value, sizeof value, "%s", (const char *)sqlite3_column_text(s, 0));
        sqlite3_finalize(s);
        if (x->known[i][0] != '\0' && strcmp(x->known[i], value) != 0)
            fail_msg("board %d had %s and has '%s'", i + 1, x->known[i], value);
        snprintf(x->known[i], sizeof x->known[i], "%s", value);
        x->passed[i] = number_of(h, OF_BOARD "= 'PASS'", mac) > 0;
        x->failed[i] = number_of(h, OF_BOARD "IN ('FAIL','ERROR') AND a.code <> 330", mac) > 0;
    }
    sqlite3_close(h);
}

static void tell_run(const struct batch *x, const struct shift *s, bool killed)
{
    static const char *const blows[] = {"none", "kill", "power"};
    int n = 0, passed = 0;

    for (int i = 0; i <= BOARDS; i++) {
        n += s->laid[i];
        passed += x->passed[i];
    }
    print_message("run %d: %d boards, %s at %ld%s; %d have passed\n", x->runs, n, blows[s->blow], s->at,
                  killed ? ", killed" : "", passed);
}

static bool run_shift(struct batch *x, const struct shift *s)
{
    int status;

    x->runs++;
    roll(x);
    fflush(stdout);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        station(x, s);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    if (!killed && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
        fail_msg("the station ended with %d: %s", status, x->told->broken);
    read_records(x);
    if (x->told->changed + x->told->doubled > 0)
        fail_msg("after run %d: %ld boards were told another value than before, %ld one of another board",
                 x->runs, x->told->changed, x->told->doubled);
    if (sweep_is_one_seed())
        tell_run(x, s, killed);
    return killed;
}

static void make_job(void)
{
    static const struct made_row rows[MADE_ROWS] = {{"nvs", 1, 2, NVS_AT, NVS_SIZE},
                                                    {"factory", 0, 0, 0x10000, 0x100000}};
    static const struct made_file files[] = {{"boot.bin", MADE_BOOT, 4, 0x1000},
                                             {"table.bin", MADE_TABLE, 0, 0x8000},
                                             {"app.bin", MADE_APP, 0x6000, 0x10000}};

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        made_plan_save(rows, &files[i]);
    scratch_save_text("job.yaml",
                      "board: WiPy\nchip: esp32\nretries: 0\nfirmware:\n  images:\n"
                      "    - {file: boot.bin, offset: 0x1000}\n    - {file: table.bin, offset: 0x8000}\n"
                      "    - {file: app.bin, offset: 0x10000}\n"
                      "unit:\n  - {name: eui, at: 0x3FF010, size: 8, hex: \"{pool:eui}\"}\n"
                      "  - name: settings\n    partition: nvs\n    nvs:\n"
                      "      - {namespace: unit, key: mac, type: string, value: \"{mac}\"}\n"
                      "      - {namespace: unit, key: eui, type: blob, value: \"{pool:eui}\"}\n");
}

static void fill_pool(struct batch *x)
{
    const struct pool_shape shape = {POOL_EUI64, EUI64_SIZE};
    const struct work_call call = {.action = WORK_POOL_IMPORT, .object = "eui", .text = "eui.block"};
    struct pool_block b;
    struct failure f;
    char text[32];

    pool_block_begin(&b, "eui", &shape);
    b.low_water = LOW_WATER;
    for (int i = 0; i < BOARDS; i++) {
        snprintf(text, sizeof text, "70b3d54990%06x", (unsigned)(roll(x) % 0x10000 * 16 + (unsigned)i));
        assert_int_equal(pool_block_add(&b, text, POOL_FREE, NULL, i + 1, &f), 0);
    }
    assert_int_equal(pool_block_write(&b, "eui.block", &f), 0);
    pool_block_free(&b);
    if (open_records(x, NULL) != 0)
        fail_msg("%s", x->told->broken);
    assert_int_equal(work_do(x->run.db, &call, NULL, &f), 0);
    close_records(x);
}

static void begin_batch(struct batch *x, long seed)
{
    memset(x, 0, sizeof *x);
    x->random = (uint64_t)seed * 0x9e3779b97f4a7c15u;
    roll(x);
    x->told = mmap(NULL, sizeof *x->told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(x->told, MAP_FAILED);
    x->job = job_load_or_fail("job.yaml", NULL);
    lasting_boards_make(&x->boards, BOARDS + 1, (uint64_t)seed);
    fill_pool(x);
    for (int n = 0; n < FAILING;) {
        int i = (int)(roll(x) % BOARDS);
        n += !x->failing[i];
        x->failing[i] = true;
    }
}

static void end_batch(struct batch *x)
{
    job_free(x->job);
    lasting_boards_free(&x->boards);
    munmap(x->told, sizeof *x->told);
}

static int left(const struct batch *x)
{
    int n = 0;

    for (int i = 0; i < BOARDS; i++)
        n += !x->passed[i];
    return n;
}

/* `count` boards of those that have not passed; where all have, of those once more. */
static int choose(struct batch *x, struct shift *s, int count)
{
    bool again = left(x) == 0;
    int free_slots = again ? BOARDS : left(x), n = count < free_slots ? count : free_slots;

    for (int laid = 0; laid < n;) {
        int i = (int)(roll(x) % BOARDS);
        bool takes = !s->laid[i] && (again || !x->passed[i]);
        s->laid[i] |= takes;
        laid += takes;
    }
    return n;
}

static void cut_power(struct batch *x)
{
    struct shift s = {.blow = BLOW_POWER};
    int slots = choose(x, &s, BOARDS);

    s.at = roll_to(x, slots * (long)CUT_CALLS);
    run_shift(x, &s);
    x->cuts++;
}

/* All slots full and killed before anybody can pass, or a few, of which as many pass as leaves some for the kills to come. */
static void one_run(struct batch *x)
{
    struct shift s = {.blow = x->kills < KILLS ? BLOW_KILL : BLOW_NONE};
    bool full = s.blow == BLOW_NONE || roll(x) % 3 == 0;
    bool late = left(x) * KILLS >= BOARDS * (KILLS - x->kills);
    long span = left(x) == 0 ? HELD : full || !late ? WRITES * 3 / 5 : WRITES * 5 / 4;

    s.at = roll_to(x, choose(x, &s, full ? BOARDS : (int)roll_to(x, 3)) * span);
    s.aimed = s.blow == BLOW_KILL && roll(x) % 4 == 0;
    x->kills += run_shift(x, &s);
}

/* What must be in the flash, by the job's words and what the board was told; the settings are the reader's to judge. */
static void expect_flash(const struct batch *x, int i)
{
    static uint8_t want[LASTING_FLASH];
    const struct lasting_board *b = &x->boards.boards[i];
    const struct plan *p = &x->job->plans[0];

    memcpy(want, b->first, LASTING_FLASH);
    for (size_t n = 0; n < p->erase_count; n++)
        memset(want + p->erases[n].offset, 0xFF, p->erases[n].size);
    for (size_t n = 0; n < p->piece_count + p->final_count + (p->boot != NULL); n++) {
        const struct piece *q = n < p->piece_count                    ? &p->pieces[n]
                                : n < p->piece_count + p->final_count ? &p->finals[n - p->piece_count]
                                                                      : p->boot;
        memset(want + q->offset, 0xFF, whole_sectors(q->size));
        memcpy(want + q->offset, q->data, q->size);
    }
    memcpy(want + EUI_AT, x->told->eui[i], EUI64_SIZE);
    memcpy(want + NVS_AT, b->flash + NVS_AT, NVS_SIZE);
    if (memcmp(b->flash, want, LASTING_FLASH) == 0)
        return;
    for (uint32_t at = 0; at < LASTING_FLASH; at++)
        if (b->flash[at] != want[at])
            fail_msg("board %d: 0x%x is %02x, not %02x", i + 1, at, b->flash[at], want[at]);
}

/* The record's sum is that of the bytes that are in the flash. */
static void expect_record(const struct batch *x, sqlite3 *h, int i)
{
    const struct lasting_board *b = &x->boards.boards[i];
    const struct plan *p = &x->job->plans[0];
    struct unit_data d = {0};
    char eui[POOL_TEXT_SIZE];
    sqlite3_stmt *s = ask_of(h,
                             "SELECT a.unit_data_sha256 FROM attempt a JOIN unit u ON u.id = a.unit_id"
                             " WHERE u.mac = ? AND a.result = 'PASS'",
                             &b->mac);

    for (size_t n = 0; n < p->unit_count; n++)
        assert_int_equal(unit_data_add(&d, p->unit[n].name, p->unit[n].image ? UNIT_IMAGE : UNIT_PATCH,
                                       p->unit[n].offset, b->flash + p->unit[n].offset, p->unit[n].size),
                         0);
    unit_data_seal(&d);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    assert_int_equal(sqlite3_column_bytes(s, 0), SHA256_SIZE);
    assert_memory_equal(sqlite3_column_blob(s, 0), d.sha256, SHA256_SIZE);
    assert_int_equal(sqlite3_step(s), SQLITE_DONE);
    sqlite3_finalize(s);
    unit_data_wipe(&d);
    for (int n = 0; n < EUI64_SIZE; n++)
        snprintf(eui + 3 * n, 4, n < EUI64_SIZE - 1 ? "%02x:" : "%02x", x->told->eui[i][n]);
    assert_string_equal(x->known[i], eui);
}

static void tell_settings(const struct batch *x, int i, FILE *packed, FILE *told)
{
    const struct lasting_board *b = &x->boards.boards[i];
    const uint8_t size[4] = {NVS_SIZE & 0xFF, NVS_SIZE >> 8 & 0xFF, 0, 0};
    struct nvs_list l = {0};
    char mac[MAC_TEXT_SIZE];

    fwrite(size, 1, sizeof size, packed);
    fwrite(b->flash + NVS_AT, 1, NVS_SIZE, packed);
    mac_text(&b->mac, mac);
    nvs_list_add(&l, "unit", "mac", NVS_STRING, mac, strlen(mac));
    nvs_list_add(&l, "unit", "eui", NVS_BLOB, x->told->eui[i], EUI64_SIZE);
    fprintf(told, "partition %u: 1 pages used\n", NVS_SIZE);
    nvs_list_tell(&l, told);
    nvs_list_clear(&l);
}

static bool has_python(void)
{
    if (system("python3 -c pass 2>/dev/null") == 0) /* NOLINT(cert-env33-c): is it there? */
        return true;
    skipped_row("python3 is not installed (script/bootstrap test brings it): the settings are not read");
    return false;
}

/* By the reader of the tests, which is written from the document. */
static void expect_settings(const struct batch *x)
{
    FILE *packed = fopen("packed", "wb"), *told = tmpfile();
    char want[200], got[200];

    assert_true(packed != NULL && told != NULL);
    for (int i = 0; i < BOARDS; i++)
        tell_settings(x, i, packed, told);
    assert_int_equal(fclose(packed), 0);
    rewind(told);
    FILE *found = popen("python3 " SOURCE_DIR "/tests/support/nvs_read.py packed",
                        "r"); /* NOLINT(cert-env33-c): a witness */
    assert_non_null(found);
    while (fgets(want, sizeof want, told) != NULL) {
        if (fgets(got, sizeof got, found) == NULL)
            fail_msg("the reader found no %s", want);
        assert_string_equal(got, want);
    }
    assert_null(fgets(got, sizeof got, found));
    assert_int_equal(pclose(found), 0);
    fclose(told);
}

static void expect_whole_records(struct batch *x)
{
    struct verify_report report;
    struct failure f = {0};

    if (open_records(x, NULL) != 0)
        fail_msg("%s", x->told->broken);
    assert_int_equal(verify_all(x->run.db, &report, &f), 0);
    if (report.found != 0)
        fail_msg("%s", report.text);
    close_records(x);
}

static void expect_seventeenth(struct batch *x)
{
    const struct lasting_board *b = &x->boards.boards[EXTRA];
    struct shift s = {.laid[EXTRA] = true};

    run_shift(x, &s);
    sqlite3 *h = look();
    assert_int_equal(number_of(h, "SELECT code FROM attempt ORDER BY id DESC LIMIT 1", NULL),
                     HOLD_POOL_EMPTY);
    assert_int_equal(number_of(h, OF_BOARD "= 'HOLD'", &b->mac), 1);
    assert_int_equal(number_of(h, "SELECT count(*) FROM pool_value WHERE state = 'VERIFIED'", NULL), BOARDS);
    assert_int_equal(number_of(h, "SELECT count(*) FROM event WHERE kind = 'POOL'", NULL), 1);
    assert_int_equal(number_of(h, "SELECT amount FROM event WHERE kind = 'POOL'", NULL), LOW_WATER);
    sum.attempts += number_of(h, "SELECT count(*) FROM attempt", NULL);
    sum.interrupted += number_of(h, "SELECT count(*) FROM attempt WHERE result = 'INTERRUPTED'", NULL);
    sum.held += number_of(h, "SELECT count(*) FROM attempt WHERE result = 'HOLD'", NULL) - 1;
    sqlite3_close(h);
    assert_non_null(strstr(failure_remedy(HOLD_POOL_EMPTY), "flashline pool import"));
    assert_memory_equal(b->flash, b->first, LASTING_FLASH);
    assert_false(x->told->is[EXTRA]);
}

static void expect_each_its_own(struct batch *x)
{
    sqlite3 *h = look();
    long pulled = 0;

    assert_int_equal(number_of(h, "SELECT count(*) FROM pool_value WHERE state = 'VERIFIED'", NULL), BOARDS);
    assert_int_equal(number_of(h, "SELECT count(DISTINCT mac) FROM pool_value", NULL), BOARDS);
    for (int i = 0; i < BOARDS; i++) {
        expect_record(x, h, i);
        expect_flash(x, i);
        pulled += x->failed[i];
    }
    sqlite3_close(h);
    assert_true(pulled > 0); /* a board that a kill left nearly done may pass before its cable comes off */
    sum.pulled += pulled;
    if (has_python())
        expect_settings(x);
}

static void one_batch(long seed)
{
    static struct batch x;
    char dir[SCRATCH_SIZE];

    scratch_enter(dir, "batch");
    make_job();
    begin_batch(&x, seed);
    int power_at = (int)(roll(&x) % 10);
    while (x.runs < RUNS_MAX && (left(&x) > 0 || x.kills < KILLS || x.cuts == 0)) {
        if (x.cuts == 0 && x.kills >= power_at)
            cut_power(&x);
        else
            one_run(&x);
    }
    if (left(&x) > 0 || x.kills < KILLS)
        fail_msg("batch %ld: after %d runs %d boards have not passed, %d kills", seed, x.runs, left(&x),
                 x.kills);
    expect_each_its_own(&x);
    expect_whole_records(&x);
    expect_seventeenth(&x);
    sum.batches++, sum.runs += x.runs, sum.kills += x.kills, sum.cuts += x.cuts;
    sum.mid_cuts += x.told->mid_cuts;
    if (sweep_is_one_seed())
        print_message("batch %ld: %d runs\n", seed, x.runs);
    end_batch(&x);
    scratch_leave(dir);
}

static void each_board_gets_its_own_once(void **state)
{
    long first = sweep_seed(), batches = sweep_cases(SLICE, WHOLE);

    (void)state;
    for (long i = 0; i < batches; i++)
        one_batch(first + i);
    print_message(
        "%ld batches of %d boards, %ld runs: %ld killed in mid-write, %ld power cuts (%ld in mid-run), %ld boards"
        " pulled half-way; %ld attempts, %ld of them interrupted, %ld held as passed before\n",
        sum.batches, BOARDS, sum.runs, sum.kills, sum.cuts, sum.mid_cuts, sum.pulled, sum.attempts,
        sum.interrupted, sum.held);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_board_gets_its_own_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
