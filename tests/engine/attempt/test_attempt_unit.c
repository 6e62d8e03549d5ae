/* SPDX-License-Identifier: Apache-2.0 */
/*
 * If this failed, a board could pass without its own serial number or address, with another's, or with its sector lost around it;
 * or an interrupted one could come back as another board.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/bent_port.h"
#include "tests/support/sim_bench.h"

#define BOARD(b) sim_tray_board((b)->tray, BENCH_BOARD)
#define FLASH    (8u << 20)
#define KEPT_MAX 12
#define STEP     41 /* requests from one pull to the next */

/* Of the flash map of tiny_job: a sector of nobody, one within what is erased, the identity sector, a place that is erased. */
static const struct unit_place places[] = {
    {"serial", 0x300010, 16, false}, {"wide", 0x301FFC, 8, false},  {"lot", 0x3D0100, 4, false},
    {"eui", 0x3FF000, 8, false},     {"nvs", 0x9000, 0x3000, true}, {"late", 0x3FF200, 2, false},
};
#define PLACES (sizeof places / sizeof places[0])

/* What records keep of one board: of each sector what was read first since it last passed. */
struct ledger {
    struct backup kept[KEPT_MAX];
    size_t count;
    int stored, begins, composed, stored_at_begin;
};

static struct ledger ledger;
static struct bent_port port;
static uint8_t before[FLASH], want[FLASH], values[PLACES][0x3000], salt;
static enum failure_code refuses;
static uint32_t elsewhere; /* is added to where the first value goes */
static struct {
    struct sim_bench *b;
    enum stage stage;
    uint32_t at;
    unsigned requests, last; /* sent so far; the adapter is pulled at `last` */
} m;

static bool is_uniform(const uint8_t *data)
{
    return memcmp(data, data + 1, BACKUP_SIZE - 1) == 0;
}

static struct backup *kept_at(uint32_t offset)
{
    for (size_t i = 0; i < ledger.count; i++)
        if (ledger.kept[i].offset == offset)
            return &ledger.kept[i];
    return NULL;
}

static void on_backup(void *ctx, const struct backup *b)
{
    (void)ctx;
    ledger.stored++;
    if (b->kind != BACKUP_IDENTITY || is_uniform(b->data) || kept_at(b->offset) != NULL)
        return;
    assert_true(ledger.count < KEPT_MAX);
    ledger.kept[ledger.count++] = *b;
}

static int saved(void *ctx, int64_t attempt, uint32_t offset, struct saved_sector *out, struct failure *f)
{
    const struct backup *b = kept_at(offset);

    (void)ctx, (void)attempt, (void)f;
    *out = (struct saved_sector){.found = b != NULL};
    if (b != NULL)
        memcpy(out->data, b->data, BACKUP_SIZE);
    return 0;
}

static int begin(void *ctx, int64_t attempt, struct failure *f)
{
    (void)ctx, (void)attempt, (void)f;
    ledger.begins++;
    ledger.stored_at_begin = ledger.stored;
    assert_int_equal(ledger.composed, ledger.begins);
    return 0;
}

static size_t size_of(size_t i)
{
    return places[i].image ? 0x1234 : places[i].size;
}

static void make_values(void)
{
    for (size_t i = 0; i < PLACES; i++)
        for (size_t n = 0; n < size_of(i); n++)
            values[i][n] = (uint8_t)(n * 7 + i * 31 + salt);
}

static int compose(void *ctx, int64_t attempt, const struct unit_identity *unit, const struct plan *plan,
                   struct unit_data *out, struct failure *f)
{
    (void)ctx, (void)attempt, (void)unit;
    ledger.composed++;
    if (refuses != FAILURE_NONE)
        return failure_set(f, refuses, STAGE_NONE, 0, "as the test says");
    make_values();
    for (size_t i = 0; i < plan->unit_count; i++) {
        uint32_t offset = places[i].offset + (i == 0 ? elsewhere : 0);

        assert_int_equal(unit_data_add(out, places[i].name, places[i].image ? UNIT_IMAGE : UNIT_PATCH, offset,
                                       values[i], size_of(i)),
                         0);
    }
    unit_data_seal(out);
    return 0;
}

static void see(void *ctx, const struct attempt_view *v)
{
    (void)ctx;
    if (m.stage == STAGE_NONE || v->stage != m.stage)
        return;
    uint8_t byte = (uint8_t)~sim_board_flash(BOARD(m.b), NULL)[m.at];
    sim_board_preload(BOARD(m.b), m.at, &byte, 1);
    m.stage = STAGE_NONE;
}

static void on_request(void *ctx, uint8_t op, uint8_t *bytes, size_t len)
{
    (void)ctx, (void)op, (void)bytes, (void)len;
    if (m.last != 0 && ++m.requests == m.last)
        port.gone = -ENODEV;
}

static void give_places(struct sim_bench *b, size_t count)
{
    static struct span blanked[2];

    memcpy(blanked, b->tiny.erases, sizeof blanked);
    b->tiny.plan.unit = places;
    b->tiny.plan.unit_count = count;
    b->tiny.plan.unit_erased = blanked;
    b->tiny.plan.unit_erased_count = 2;
}

static void init(struct sim_bench *b)
{
    memset(&ledger, 0, sizeof ledger);
    memset(&m, 0, sizeof m);
    m.b = b, refuses = FAILURE_NONE, elsewhere = 0, salt = 1;
    sim_bench_init(b, "good");
    for (uint32_t i = 0; i < FLASH; i += 0x1000) /* nothing is blank by accident */
        sim_board_preload(BOARD(b), i + 0x800, (const uint8_t *)&i, sizeof i);
    memcpy(before, sim_board_flash(BOARD(b), NULL), FLASH);
    give_places(b, PLACES);
    port = (struct bent_port){.tray = b->tray, .on_request = on_request};
    b->bindings[0] = (struct transport_binding){&bent_driver, &port};
    b->session.uri = "bent:1";
    b->config.compose = compose;
    b->config.publish = see;
    b->recorder.on_backup = on_backup;
    b->recorder.recorder.saved = saved;
    b->recorder.recorder.begin = begin;
}

/* As the records answer for a board whose last attempt did not pass. */
static void run(struct sim_bench *b)
{
    const struct backup *identity = kept_at(CONFIG_SECTOR);
    struct recorder_verdict *v = &b->recorder.verdict;

    session_close(&b->session);
    b->session.answers = false;
    port.gone = 0;
    ledger.composed = ledger.begins = 0;
    v->has_identity = identity != NULL;
    if (identity != NULL)
        memcpy(v->identity, identity->data, BACKUP_SIZE);
    sim_bench_run(b);
    if (b->result.result == RESULT_PASS)
        ledger.count = 0;
}

static void expect(struct sim_bench *b, enum result result, enum failure_code code)
{
    if (b->result.result != result || b->result.failure.code != code)
        fail_msg("%s %s in %s: %s", result_name(b->result.result), failure_name(b->result.failure.code),
                 stage_name(b->result.failure.stage), b->result.failure.detail);
}

/* Every byte of the flash: the plan by its own words, each value where its place is, all else as the board came. */
static void expect_exact(struct sim_bench *b)
{
    const struct plan *p = &b->tiny.plan;
    const struct piece *all[] = {&p->pieces[0], &p->pieces[1], &p->pieces[2], &p->finals[0], p->boot};
    const uint8_t *now = sim_bench_flash(b);

    memcpy(want, before, FLASH);
    for (size_t i = 0; i < p->erase_count; i++)
        memset(want + p->erases[i].offset, 0xFF, p->erases[i].size);
    for (size_t i = 0; i < 5; i++) {
        memset(want + all[i]->offset, 0xFF, whole_sectors(all[i]->size));
        memcpy(want + all[i]->offset, all[i]->data, all[i]->size);
    }
    memcpy(want + CONFIG_SECTOR, before + CONFIG_SECTOR, SECTOR_SIZE);
    for (size_t i = 0; i < p->unit_count; i++) {
        if (places[i].image)
            memset(want + places[i].offset, 0xFF, places[i].size);
        memcpy(want + places[i].offset, values[i], size_of(i));
    }
    if (memcmp(now, want, FLASH) == 0)
        return;
    for (uint32_t i = 0; i < FLASH; i++)
        if (now[i] != want[i])
            fail_msg("0x%x is %02x, not %02x", i, now[i], want[i]);
}

/* Serial, wide (2 sectors), identity twice: as it came and as it is to be. What is erased anyway is not kept. */
static void a_board_gets_its_own_data_and_keeps_all_else(void **state)
{
    static const uint8_t nothing[SHA256_SIZE];
    struct unit_data own = {0};
    struct failure f;
    struct sim_bench b;

    (void)state;
    init(&b);
    run(&b);
    expect(&b, RESULT_PASS, FAILURE_NONE);
    expect_exact(&b);
    assert_int_equal(ledger.composed, 1);
    assert_int_equal(ledger.begins, 1);
    assert_int_equal(ledger.stored_at_begin, 5);
    assert_true(b.result.has_unit_data);
    compose(NULL, 0, NULL, &b.tiny.plan, &own, &f);
    assert_memory_equal(b.result.unit_data_sha256, own.sha256, SHA256_SIZE);
    assert_memory_not_equal(own.sha256, nothing, SHA256_SIZE);
    unit_data_wipe(&own);
    /* The plan's own 0x2100, 0xC00, 0x20000, 0x1000, 0x1000, and 8 sectors. */
    assert_int_equal(b.result.bytes_written, 0x24D00 + 8 * SECTOR_SIZE);
    sim_bench_done(&b);
}

static void what_stands_there_already_is_left(void **state)
{
    struct sim_bench b;

    (void)state;
    init(&b);
    run(&b);
    run(&b);
    expect(&b, RESULT_PASS, FAILURE_NONE);
    assert_int_equal(b.result.bytes_written, 0);
    assert_int_equal(b.result.bytes_unchanged, 0x24D00 + 8 * SECTOR_SIZE);
    expect_exact(&b);
    /* Other values: those sectors, and the boot sector that went first; not the two blank ones, nor the pieces. */
    salt = 2;
    run(&b);
    expect(&b, RESULT_PASS, FAILURE_NONE);
    assert_int_equal(b.result.bytes_written, 7 * SECTOR_SIZE + SECTOR_SIZE);
    expect_exact(&b);
    b.tiny.job.write_all = true;
    run(&b);
    assert_int_equal(b.result.bytes_written, 0x24D00 + 8 * SECTOR_SIZE);
    expect_exact(&b);
    sim_bench_done(&b);
}

/* In a sector of a field, beside it, in one that is blank around it, in an image, behind it. */
static void what_differs_afterwards_is_no_pass(void **state)
{
    static const uint32_t rows[] = {0x300010, 0x300FFF, 0x302003, 0x3D0103, 0x3D0FFF, 0x9000, 0xA233, 0xBFFF};
    struct sim_bench b;

    (void)state;
    for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
        bool late = i % 2 == 1;

        init(&b);
        b.tiny.job.retries = 0;
        m.stage = late ? STAGE_FINALISE : STAGE_VERIFY, m.at = rows[i / 2];
        run(&b);
        expect(&b, RESULT_ERROR, late ? FAIL_BESIDE_CHANGED : FAIL_MD5_UNPROVEN);
        sim_bench_done(&b);
    }
}

static void an_identity_sector_that_changes_gets_its_data_back_too(void **state)
{
    static const uint32_t rows[] = {CONFIG_SECTOR, CONFIG_SECTOR + 8, CONFIG_SECTOR + 0xFFF};
    struct sim_bench b;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        init(&b);
        m.stage = STAGE_FINALISE, m.at = rows[i];
        run(&b);
        expect(&b, RESULT_FAIL, FAIL_IDENTITY_DAMAGED);
        assert_memory_equal(b.result.failure.detail, "identity restored", 17);
        expect_exact(&b);
        /* The next attempt knows the sector, with its data in it. */
        run(&b);
        expect(&b, RESULT_PASS, FAILURE_NONE);
        expect_exact(&b);
        sim_bench_done(&b);
    }
}

static unsigned requests_of(struct sim_bench *b)
{
    m.last = ~0u;
    run(b);
    expect(b, RESULT_PASS, FAILURE_NONE);
    return m.requests;
}

/*
 * The adapter is pulled at one request after another, from the first to the last; the board comes again, once more pulled a
 * little later, and then goes through. Whatever was torn, it ends as if nothing had been.
 */
static void a_board_that_fails_half_way_becomes_the_same(void **state)
{
    struct sim_bench b;
    unsigned all;

    (void)state;
    init(&b);
    all = requests_of(&b);
    sim_bench_done(&b);
    assert_true(all > 100);
    for (unsigned at = 20; at < all; at += STEP) {
        init(&b);
        m.last = at;
        run(&b);
        m.requests = 0, m.last = at % 2 == 0 ? at / 2 + 40 : 0;
        run(&b);
        m.last = 0;
        run(&b);
        if (b.result.result != RESULT_PASS)
            fail_msg("pulled at %u of %u: %s", at, all, b.result.failure.detail);
        expect_exact(&b);
        sim_bench_done(&b);
    }
}

/* `byte`: of all that was not programmed any more behind the first `done` bytes. */
static void tear(struct sim_bench *b, uint32_t sector, uint32_t done)
{
    static uint8_t torn[SECTOR_SIZE];

    memset(torn, 0xFF, sizeof torn);
    memcpy(torn, want + sector, done);
    sim_board_preload(BOARD(b), sector, torn, sizeof torn);
}

static void what_was_torn_is_made_whole_from_the_record(void **state)
{
    static const uint32_t sectors[] = {CONFIG_SECTOR, 0x300000, 0x301000, 0x302000};
    static const uint32_t done[] = {0, 4, 0x11, 0x800, 0xFFF};
    struct sim_bench b;

    (void)state;
    for (size_t i = 0; i < 4 * 5; i += 3) {
        init(&b);
        run(&b);
        expect_exact(&b);
        for (size_t n = 0; n < 4; n++) { /* as an attempt that never ended had kept them */
            struct backup x = {.kind = BACKUP_IDENTITY, .offset = sectors[n]};

            memcpy(x.data, before + x.offset, BACKUP_SIZE);
            ledger.kept[ledger.count++] = x;
        }
        tear(&b, sectors[i / 5], done[i % 5]);
        run(&b);
        expect(&b, RESULT_PASS, FAILURE_NONE);
        expect_exact(&b);
        sim_bench_done(&b);
    }
}

/* In a field's bytes it may be anything; elsewhere it is not what the record has, and no half of it. */
static void an_identity_that_differs_otherwise_is_held(void **state)
{
    struct sim_bench b;

    (void)state;
    init(&b);
    struct backup x = {.kind = BACKUP_IDENTITY, .offset = CONFIG_SECTOR};
    memcpy(x.data, before + CONFIG_SECTOR, BACKUP_SIZE);
    x.data[0x801] ^= 0x10;
    ledger.kept[ledger.count++] = x;
    run(&b);
    expect(&b, RESULT_HOLD, HOLD_IDENTITY_DIFFERS);
    assert_memory_equal(sim_bench_flash(&b), before, FLASH);
    ledger.kept[0].data[0x801] ^= 0x10;
    ledger.kept[0].data[3] ^= 0xFF;
    run(&b);
    expect(&b, RESULT_PASS, FAILURE_NONE);
    expect_exact(&b);
    sim_bench_done(&b);
}

static void without_data_nothing_is_changed(void **state)
{
    struct sim_bench b;

    (void)state;
    for (int i = 0; i < 4; i++) {
        init(&b);
        refuses = i == 0 ? HOLD_LOT_FULL : FAILURE_NONE;
        elsewhere = i == 1 ? 0x1000 : i == 2 ? 1 : 0;
        b.config.compose = i == 3 ? NULL : compose;
        run(&b);
        expect(&b, i == 0 ? RESULT_HOLD : RESULT_ERROR, i == 0 ? HOLD_LOT_FULL : FAIL_JOB);
        assert_int_equal(ledger.begins, 0);
        assert_false(b.result.has_unit_data && i == 0);
        assert_memory_equal(sim_bench_flash(&b), before, FLASH);
        sim_bench_done(&b);
    }
}

/* One of 2 MB of a job without an identity, and of one that parks the board's own bootloader. */
static void it_goes_with_other_plans(void **state)
{
    struct sim_bench b;

    (void)state;
    init(&b);
    b.tiny.plan.erase_all = true;
    run(&b);
    expect(&b, RESULT_PASS, FAILURE_NONE);
    const uint8_t *now = sim_bench_flash(&b);
    for (size_t i = 0; i < PLACES; i++)
        assert_memory_equal(now + places[i].offset, values[i], size_of(i));
    assert_memory_equal(now + CONFIG_SECTOR + 0x202, before + CONFIG_SECTOR + 0x202, 0x1000 - 0x202);
    for (uint32_t i = 0x3D0104; i < 0x3E0000; i++)
        assert_int_equal(now[i], 0xFF);
    sim_bench_done(&b);

    init(&b);
    tiny_job_without_boot(&b.tiny);
    uint8_t magic = 0xE9;
    sim_board_preload(BOARD(&b), BOOT_SECTOR, &magic, 1);
    memcpy(before, sim_board_flash(BOARD(&b), NULL), FLASH);
    run(&b);
    expect(&b, RESULT_PASS, FAILURE_NONE);
    assert_memory_equal(sim_bench_flash(&b) + BOOT_SECTOR, before + BOOT_SECTOR, SECTOR_SIZE);
    assert_memory_equal(sim_bench_flash(&b) + 0x300010, values[0], 16);
    run(&b);
    expect(&b, RESULT_PASS, FAILURE_NONE);
    assert_int_equal(b.result.bytes_written, 0);
    sim_bench_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_board_gets_its_own_data_and_keeps_all_else),
        cmocka_unit_test(what_stands_there_already_is_left),
        cmocka_unit_test(what_differs_afterwards_is_no_pass),
        cmocka_unit_test(an_identity_sector_that_changes_gets_its_data_back_too),
        cmocka_unit_test(a_board_that_fails_half_way_becomes_the_same),
        cmocka_unit_test(what_was_torn_is_made_whole_from_the_record),
        cmocka_unit_test(an_identity_that_differs_otherwise_is_held),
        cmocka_unit_test(without_data_nothing_is_changed),
        cmocka_unit_test(it_goes_with_other_plans),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
