/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict is the last thing: what changes after it was verified, beside the plan or in the identity sector. */
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
#define DATA_OF  9 /* c0 00 op len16 check32, then the body */

/* Somebody with a hand in the board's flash and on its wire. */
struct meddler {
    struct sim_bench *b;
    struct bent_port port;
    /* Writes `byte` at `at` when `stage` is first seen with `done` bytes or more; `times` such stages. */
    enum stage stage;
    uint64_t done;
    uint32_t at, step; /* `step` further on each time */
    uint8_t byte;
    int times, met;
    bool in_stage;
    uint32_t holds_not; /* sector that never holds what is written to it; 0: none */
    int bend_begins;    /* FLASH_BEGINs and ERASE_REGIONs still to be sent with an offset beyond any flash */
    bool writing;
    uint8_t bend_first; /* the same of the first erase of all */
    uint8_t
        bend_to; /* the bit turned in the offset's third byte, in the first FLASH_BEGIN of the write: within the flash */
    bool press_reset, with_wire;
};

static struct meddler m;
static uint8_t before[FLASH];

static const uint8_t *flash_now(struct sim_bench *b)
{
    return sim_board_flash(BOARD(b), NULL);
}

static void act(void)
{
    struct sim_board *board = BOARD(m.b);
    uint32_t at = m.at + (uint32_t)m.met * m.step;

    if (m.press_reset)
        sim_board_button(board, m.with_wire, sim_board_sent_at(board));
    else
        sim_board_preload(board, at, &m.byte, 1);
    m.met++;
}

static void see(void *ctx, const struct attempt_view *v)
{
    (void)ctx;
    m.writing = v->stage == STAGE_WRITE;
    if (m.stage == STAGE_NONE || v->stage != m.stage) {
        m.in_stage = false;
        return;
    }
    if (!m.in_stage && v->done >= m.done && m.met < m.times) {
        m.in_stage = true;
        act();
    }
}

static void on_request(void *ctx, uint8_t op, uint8_t *bytes, size_t len)
{
    static const uint8_t junk[4] = "junk";

    (void)ctx;
    if (m.holds_not != 0 && op == 0x13)
        sim_board_preload(BOARD(m.b), m.holds_not, junk, sizeof junk);
    if (m.bend_first != 0 && op == 0x02) {
        bytes[DATA_OF + 14] ^= m.bend_first;
        m.bend_first = 0;
    }
    if (m.bend_to != 0 && op == 0x02 && m.writing) {
        bytes[DATA_OF + 14] ^= m.bend_to;
        m.bend_to = 0;
    }
    if (m.bend_begins > 0 && (op == 0x02 || op == 0xD1)) {
        m.bend_begins--;
        bytes[DATA_OF + (op == 0x02 ? 15 : 3)] ^= 0x40; /* the offset's highest byte */
    }
    (void)len;
}

static void init(struct sim_bench *b, const char *personality)
{
    memset(&m, 0, sizeof m);
    m.b = b;
    sim_bench_init(b, personality);
    for (uint32_t i = 0; i < FLASH; i += 0x1000) /* nothing is blank by accident */
        sim_board_preload(BOARD(b), i + 0x800, (const uint8_t *)&i, sizeof i);
    memcpy(before, flash_now(b), FLASH);
    memcpy(b->config_before, before + CONFIG_SECTOR, SECTOR_SIZE);
    m.port = (struct bent_port){.tray = b->tray, .on_request = on_request};
    b->bindings[0] = (struct transport_binding){&bent_driver, &m.port};
    b->session.uri = "bent:1";
    b->config.publish = see;
}

static void expect(struct sim_bench *b, enum result result, enum failure_code code, enum stage stage)
{
    if (b->result.result != result || b->result.failure.code != code || b->result.failure.stage != stage)
        print_message("%s %s in %s: %s\n", result_name(b->result.result),
                      failure_name(b->result.failure.code), stage_name(b->result.failure.stage),
                      b->result.failure.detail);
    assert_int_equal(b->result.result, result);
    assert_int_equal(b->result.failure.code, code);
    assert_int_equal(b->result.failure.stage, stage);
}

/* Every byte of the flash, by the plan's own words. */
static void expect_exact(struct sim_bench *b)
{
    static uint8_t want[FLASH];
    const struct plan *p = &b->tiny.plan;
    const uint8_t *now = sim_bench_flash(b);

    memcpy(want, before, FLASH);
    for (size_t i = 0; i < p->erase_count; i++)
        memset(want + p->erases[i].offset, 0xFF, p->erases[i].size);
    const struct piece *all[] = {&p->pieces[0], &p->pieces[1], &p->pieces[2], &p->finals[0], p->boot};
    for (size_t i = 0; i < 5; i++) {
        memset(want + all[i]->offset, 0xFF, (all[i]->size + SECTOR_SIZE - 1) / SECTOR_SIZE * SECTOR_SIZE);
        memcpy(want + all[i]->offset, all[i]->data, all[i]->size);
    }
    memcpy(want + CONFIG_SECTOR, b->config_before, SECTOR_SIZE);
    for (uint32_t i = 0; i < FLASH; i++) {
        if (now[i] != want[i])
            fail_msg("0x%x is %02x, not %02x", i, now[i], want[i]);
    }
}

static void what_changes_after_it_was_verified_is_no_pass(void **state)
{
    static const uint32_t rows[] = {0x2000, 0x8000, 0x8BFF, 0x10000, 0x2FFFF, 0x9000, 0xFFFF, 0x3FEFFF};
    struct sim_bench b;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        init(&b, "good");
        m.stage = STAGE_FINALISE, m.times = 1, m.at = rows[i];
        m.byte = (uint8_t)~flash_now(&b)[rows[i]];
        sim_bench_run(&b);
        assert_int_equal(m.met, 1);
        expect(&b, RESULT_ERROR, FAIL_BESIDE_CHANGED, STAGE_CONFIRM);
        sim_bench_done(&b);
    }
}

/* The boot sector itself and otadata, changed once they had been written and verified. */
static void the_last_writes_are_asked_for_again_too(void **state)
{
    static const uint32_t rows[] = {BOOT_SECTOR, BOOT_SECTOR + 0xFFF, TINY_OTADATA};
    struct sim_bench b;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        init(&b, "good");
        m.stage = STAGE_CONFIRM, m.times = 1, m.at = rows[i];
        m.byte = 0x5A;
        sim_bench_run(&b);
        expect(&b, RESULT_ERROR, FAIL_BESIDE_CHANGED, STAGE_CONFIRM);
        sim_bench_done(&b);
    }
}

/* What a piece leaves of its last sector was erased with it: the rests of "bootloader rest" and of the table. */
static void the_rest_of_a_pieces_last_sector_is_looked_at_too(void **state)
{
    static const uint32_t rows[] = {0x4100, 0x4FFF, 0x8C00, 0x8FFF};
    static const enum stage when[] = {STAGE_VERIFY, STAGE_FINALISE};
    struct sim_bench b;

    (void)state;
    for (size_t i = 0; i < 8; i++) {
        init(&b, "good");
        b.tiny.job.retries = 0;
        m.stage = when[i / 4], m.times = 1, m.at = rows[i % 4];
        m.byte = 0x12;
        sim_bench_run(&b);
        if (m.stage == STAGE_VERIFY)
            expect(&b, RESULT_ERROR, FAIL_MD5_UNPROVEN, STAGE_VERIFY);
        else
            expect(&b, RESULT_ERROR, FAIL_BESIDE_CHANGED, STAGE_CONFIRM);
        sim_bench_done(&b);
    }
}

static void a_sector_beside_the_plan_that_changes_is_no_pass(void **state)
{
    /* The neighbours of: boot and rest (0x1000-0x4FFF), table and erased (0x8000-), app, otadata, erased, identity. */
    static const uint32_t rows[] = {0x0, 0xFFF, 0x5000, 0x7FFF, 0x30000, 0x1FE000, 0x200000, 0x3BFFFF};
    static const enum stage when[] = {STAGE_ERASE, STAGE_WRITE, STAGE_FINALISE};
    struct sim_bench b;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        init(&b, "good");
        m.stage = when[i % 3], m.times = 1, m.at = rows[i];
        m.byte = (uint8_t)~before[rows[i]];
        sim_bench_run(&b);
        expect(&b, RESULT_ERROR, FAIL_BESIDE_CHANGED, STAGE_CONFIRM);
        assert_non_null(strstr(b.result.failure.detail, "which the job leaves alone"));
        sim_bench_done(&b);
    }
}

static void an_identity_that_changed_is_put_back_and_no_pass(void **state)
{
    static const enum stage when[] = {STAGE_ERASE, STAGE_WRITE, STAGE_VERIFY, STAGE_FINALISE};
    struct sim_bench b;

    (void)state;
    for (size_t i = 0; i < sizeof when / sizeof when[0]; i++) {
        init(&b, "good");
        m.stage = when[i], m.times = 1, m.at = CONFIG_SECTOR + 77;
        m.byte = (uint8_t)~before[m.at];
        sim_bench_run(&b);
        expect(&b, RESULT_FAIL, FAIL_IDENTITY_DAMAGED, STAGE_CONFIRM);
        assert_memory_equal(b.result.failure.detail, "identity restored", 17);
        assert_false(b.result.has_identity_left);
        assert_true(sim_bench_config_kept(&b));
        sim_bench_done(&b);
    }
}

/* From the backup on, the sector never holds what is written there. */
static void arm(void *ctx, const struct backup *backup)
{
    (void)ctx;
    if (backup->kind == BACKUP_IDENTITY)
        m.holds_not = CONFIG_SECTOR + 0x10;
}

static void an_identity_that_cannot_be_put_back_is_told_with_what_is_left(void **state)
{
    struct sim_bench b;
    uint8_t md5[MD5_SIZE];

    (void)state;
    init(&b, "good");
    b.recorder.on_backup = arm;
    sim_bench_run(&b);
    expect(&b, RESULT_FAIL, FAIL_IDENTITY_DAMAGED, STAGE_CONFIRM);
    assert_memory_equal(b.result.failure.detail, "identity lost", 13);
    digest_md5(sim_bench_flash(&b) + CONFIG_SECTOR, SECTOR_SIZE, md5);
    assert_true(b.result.has_identity_left);
    assert_memory_equal(md5, b.result.identity_left_md5, MD5_SIZE);
    sim_bench_done(&b);
}

static struct {
    int when; /* 1: at the question for the identity sector's digest; 2: at the answer to what was put back */
    bool armed, written;
} pulled;

static void cut_at_identity(void *ctx, uint8_t op, uint8_t *bytes, size_t len)
{
    bool at_identity = memcmp(bytes + DATA_OF, "\x00\xF0\x3F\x00", 4) == 0;

    (void)ctx, (void)len;
    pulled.written |= pulled.armed && op == 0x02;
    if (pulled.armed && op == 0x13 && at_identity && (pulled.when == 1 || pulled.written))
        m.port.gone = -ENODEV;
}

static void arm_cut(void *ctx, const struct attempt_view *v)
{
    see(ctx, v);
    pulled.armed |= v->stage == STAGE_CONFIRM;
}

/* The adapter is pulled while the sector is asked for: nothing is known of it, least of all against the board. */
static void an_identity_that_could_not_be_asked_for_is_not_called_lost(void **state)
{
    struct sim_bench b;

    (void)state;
    for (int changed = 0; changed < 2; changed++) {
        init(&b, "good");
        pulled.when = 1 + changed, pulled.armed = pulled.written = false;
        m.port.on_request = cut_at_identity;
        b.config.publish = arm_cut;
        if (changed) {
            m.stage = STAGE_VERIFY, m.times = 1, m.at = CONFIG_SECTOR + 77;
            m.byte = (uint8_t)~before[m.at];
        }
        sim_bench_run(&b);
        assert_int_equal(m.port.gone, -ENODEV);
        if (changed) {
            expect(&b, RESULT_FAIL, FAIL_IDENTITY_DAMAGED, STAGE_CONFIRM);
            assert_memory_equal(b.result.failure.detail, "identity lost", 13);
        } else {
            expect(&b, RESULT_ERROR, FAIL_PORT_LOST, STAGE_CONFIRM);
        }
        sim_bench_done(&b);
    }
}

static void an_attempt_that_failed_otherwise_rescues_the_identity_too(void **state)
{
    struct sim_bench b;

    (void)state;
    init(&b, "bad-flash");
    m.stage = STAGE_WRITE, m.times = 1, m.at = CONFIG_SECTOR + 5;
    m.byte = (uint8_t)~before[m.at];
    sim_bench_run(&b);
    expect(&b, RESULT_FAIL, FAIL_MD5_MISMATCH, STAGE_VERIFY);
    assert_non_null(strstr(b.result.failure.detail, "; identity restored"));
    assert_true(sim_bench_config_kept(&b));
    sim_bench_done(&b);
}

#define PROTECTED 0x300000u

static void protect(struct sim_bench *b)
{
    struct plan *p = &b->tiny.plan;

    p->protect[0] = (struct span){PROTECTED, 2 * SECTOR_SIZE};
    p->protect[1] = (struct span){0x3C1000, SECTOR_SIZE}; /* within what the plan erases */
    p->protect_count = 2;
}

/* Each sector that the job protects is durable, survives an erase that runs over it, and is asked for at the end. */
static void what_the_job_protects_stays(void **state)
{
    struct sim_bench b;

    (void)state;
    for (int all = 0; all < 2; all++) {
        init(&b, "good");
        protect(&b);
        b.tiny.plan.erase_all = all != 0;
        memset(before + 0x3C1000, 0x5a, SECTOR_SIZE);
        sim_board_preload(BOARD(&b), 0x3C1000, before + 0x3C1000, SECTOR_SIZE);
        memset(before + PROTECTED, 0xa5, 2 * SECTOR_SIZE);
        sim_board_preload(BOARD(&b), PROTECTED, before + PROTECTED, 2 * SECTOR_SIZE);
        sim_bench_run(&b);
        assert_int_equal(b.result.result, RESULT_PASS);
        assert_int_equal(b.recorder.backups, 4);
        assert_memory_equal(flash_now(&b) + PROTECTED, before + PROTECTED, 2 * SECTOR_SIZE);
        assert_memory_equal(flash_now(&b) + 0x3C1000, before + 0x3C1000, SECTOR_SIZE);
        sim_bench_done(&b);
    }
}

static void a_protected_sector_that_changed_goes_back(void **state)
{
    struct sim_bench b;

    (void)state;
    for (int failed = 0; failed < 2; failed++) {
        init(&b, failed ? "bad-flash" : "good");
        protect(&b);
        m.stage = STAGE_WRITE, m.times = 1, m.at = PROTECTED + SECTOR_SIZE + 5;
        m.byte = (uint8_t)~before[m.at];
        sim_bench_run(&b);
        if (failed)
            expect(&b, RESULT_FAIL, FAIL_MD5_MISMATCH, STAGE_VERIFY);
        else
            expect(&b, RESULT_FAIL, FAIL_IDENTITY_DAMAGED, STAGE_CONFIRM);
        assert_non_null(strstr(b.result.failure.detail, failed ? "; protected sectors restored"
                                                               : "protected sector 0x301000 differed"));
        assert_memory_equal(flash_now(&b) + PROTECTED, before + PROTECTED, 2 * SECTOR_SIZE);
        sim_bench_done(&b);
    }
}

/* An earlier attempt saved the first sector that is protected, and never ended well; the board holds `byte` there now. */
static void lose_protected(struct sim_bench *b, struct backup *saved, int byte)
{
    static uint8_t now[SECTOR_SIZE];

    init(b, "good");
    protect(b);
    *saved = (struct backup){.kind = BACKUP_IDENTITY, .offset = PROTECTED};
    memset(saved->data, 0x3c, sizeof saved->data);
    saved->data[7] = 1;
    b->recorder.saved = saved;
    memset(now, byte, sizeof now);
    sim_board_preload(BOARD(b), PROTECTED, now, sizeof now);
    memcpy(before, flash_now(b), FLASH);
}

static void blank_boot(struct sim_bench *b)
{
    static uint8_t blank[SECTOR_SIZE];

    memset(blank, 0xff, sizeof blank);
    sim_board_preload(BOARD(b), BOOT_SECTOR, blank, sizeof blank);
    memcpy(before, flash_now(b), FLASH);
}

/* The power went in mid-erase: the board started nothing since, so that what differs is that attempt's doing. */
static void a_protected_sector_that_an_earlier_attempt_lost_goes_back(void **state)
{
    static const int rows[] = {0xFF, 0x00, 0x5A};
    struct backup saved;
    struct sim_bench b;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        lose_protected(&b, &saved, rows[i]);
        blank_boot(&b);
        sim_bench_run(&b);
        expect(&b, RESULT_PASS, FAILURE_NONE, STAGE_NONE);
        assert_memory_equal(flash_now(&b) + PROTECTED, saved.data, SECTOR_SIZE);
        assert_memory_equal(flash_now(&b) + PROTECTED + SECTOR_SIZE, before + PROTECTED + SECTOR_SIZE,
                            SECTOR_SIZE);
        /* What shall stand there is what this attempt's backup says, for the next one. */
        assert_int_equal(b.recorder.backups, 4);
        assert_memory_equal(b.recorder.backup[0].data, saved.data, SECTOR_SIZE);
        sim_bench_done(&b);
    }
}

/* It may be the board's own doing: nobody but a person decides that. */
static void a_protected_sector_that_may_have_changed_since_is_held(void **state)
{
    static const struct {
        int holds;
        bool other_job;
        const char *why;
    } rows[] = {{0xFF, false, "the board may have run since"},
                {0x5A, false, "the board may have run since"},
                {0xFF, true, "a job that does not protect it came after"}};
    struct backup saved;
    struct sim_bench b;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        lose_protected(&b, &saved, rows[i].holds);
        b.recorder.saved_in_doubt = rows[i].other_job;
        if (rows[i].other_job)
            blank_boot(&b);
        assert_int_equal(before[BOOT_SECTOR], rows[i].other_job ? 0xff : 0xe9);
        sim_bench_run(&b);
        expect(&b, RESULT_HOLD, HOLD_IDENTITY_DIFFERS, STAGE_BACKUP);
        assert_non_null(strstr(b.result.failure.detail, "protected sector 0x300000 differs"));
        assert_non_null(strstr(b.result.failure.detail, rows[i].why));
        assert_memory_equal(flash_now(&b), before, FLASH);
        assert_int_equal(b.recorder.backups, 0);
        sim_bench_done(&b);
    }
}

/* Saved and unchanged, or saved elsewhere: no reason to hold anything. Records that do not answer are one to stop. */
static void what_the_records_say_of_a_protected_sector(void **state)
{
    struct backup saved;
    struct sim_bench b;

    (void)state;
    for (int row = 0; row < 3; row++) {
        lose_protected(&b, &saved, 0x77);
        if (row == 0)
            memset(saved.data, 0x77, sizeof saved.data);
        if (row == 1)
            saved.offset += 0x10000;
        if (row == 2)
            b.recorder.refuse_saved = FAIL_RECORD;
        sim_bench_run(&b);
        if (row < 2)
            expect(&b, RESULT_PASS, FAILURE_NONE, STAGE_NONE);
        else
            assert_int_equal(b.result.failure.code, FAIL_RECORD);
        assert_memory_equal(flash_now(&b) + PROTECTED, before + PROTECTED, SECTOR_SIZE);
        sim_bench_done(&b);
    }
}

static void arm_protected(void *ctx, const struct backup *backup)
{
    (void)ctx;
    if (backup->offset == PROTECTED + SECTOR_SIZE)
        m.holds_not = PROTECTED;
}

static void a_protected_sector_that_cannot_be_put_back_is_told(void **state)
{
    struct sim_bench b;

    (void)state;
    for (int failed = 0; failed < 2; failed++) {
        init(&b, failed ? "bad-flash" : "good");
        protect(&b);
        b.recorder.on_backup = arm_protected;
        sim_bench_run(&b);
        if (failed)
            expect(&b, RESULT_FAIL, FAIL_MD5_MISMATCH, STAGE_VERIFY);
        else
            expect(&b, RESULT_FAIL, FAIL_IDENTITY_DAMAGED, STAGE_CONFIRM);
        assert_non_null(strstr(b.result.failure.detail,
                               failed ? "; protected sectors lost" : "could not be written back"));
        sim_bench_done(&b);
    }
}

static void fill_config(struct sim_bench *b, int byte)
{
    uint8_t sector[SECTOR_SIZE];

    memset(sector, byte, sizeof sector);
    sim_board_preload(BOARD(b), CONFIG_SECTOR, sector, sizeof sector);
    memcpy(before, flash_now(b), FLASH);
}

/* What the records know of this unit, and an earlier attempt that never ended well. */
static void remember_identity(struct sim_bench *b)
{
    struct recorder_verdict *v = &b->recorder.verdict;

    v->has_identity = true;
    memcpy(v->identity, b->config_before, BACKUP_SIZE);
}

static void a_board_left_without_its_identity_gets_it_back(void **state)
{
    static const int rows[] = {0xFF, 0x00};
    struct sim_bench b;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        init(&b, "good");
        remember_identity(&b);
        fill_config(&b, rows[i]);
        sim_bench_run(&b);
        expect(&b, RESULT_PASS, FAILURE_NONE, STAGE_NONE);
        assert_int_equal(b.recorder.backups, 1);
        assert_memory_equal(b.recorder.backup[0].data, b.config_before, BACKUP_SIZE);
        expect_exact(&b);
        sim_bench_done(&b);
    }
}

static void an_identity_put_back_by_half_is_put_back_whole(void **state)
{
    uint8_t half[SECTOR_SIZE];
    struct sim_bench b;

    (void)state;
    init(&b, "good");
    remember_identity(&b);
    memset(half, 0xFF, sizeof half);
    memcpy(half, b.config_before, 0x123);
    sim_board_preload(BOARD(&b), CONFIG_SECTOR, half, sizeof half);
    memcpy(before, flash_now(&b), FLASH);
    sim_bench_run(&b);
    expect(&b, RESULT_PASS, FAILURE_NONE, STAGE_NONE);
    expect_exact(&b);
    sim_bench_done(&b);
}

static void what_the_failed_attempt_left_there_is_known_again(void **state)
{
    struct recorder_verdict *v;
    struct sim_bench b;

    (void)state;
    init(&b, "good");
    remember_identity(&b);
    sim_board_preload(BOARD(&b), CONFIG_SECTOR, (const uint8_t *)"half", 4);
    memcpy(before, flash_now(&b), FLASH);
    v = &b.recorder.verdict;
    v->has_identity_left = true;
    digest_md5(before + CONFIG_SECTOR, SECTOR_SIZE, v->identity_left_md5);
    sim_bench_run(&b);
    expect(&b, RESULT_PASS, FAILURE_NONE, STAGE_NONE);
    expect_exact(&b);
    sim_bench_done(&b);
}

/* Somebody may have changed it since: nobody but a person decides that. */
static void an_identity_that_differs_otherwise_is_held_and_nothing_is_erased(void **state)
{
    struct sim_bench b;

    (void)state;
    init(&b, "good");
    remember_identity(&b);
    sim_board_preload(BOARD(&b), CONFIG_SECTOR, (const uint8_t *)"other", 5);
    memcpy(before, flash_now(&b), FLASH);
    sim_bench_run(&b);
    expect(&b, RESULT_HOLD, HOLD_IDENTITY_DIFFERS, STAGE_BACKUP);
    assert_memory_equal(sim_bench_flash(&b), before, FLASH);
    assert_int_equal(b.recorder.backups, 0);
    sim_bench_done(&b);
}

/* Power went while the boot sector was put back: its first byte alone makes no bootloader. */
static void a_boot_sector_put_back_by_half_is_put_back_whole(void **state)
{
    uint8_t half[SECTOR_SIZE];
    struct sim_bench b;

    (void)state;
    for (int cut = 0x100; cut <= BACKUP_SIZE; cut += 0xF00) {
        init(&b, "good");
        tiny_job_without_boot(&b.tiny);
        struct recorder_verdict *v = &b.recorder.verdict;
        v->has_boot_sector = true;
        memcpy(v->boot_sector, b.tiny.boot.data, BACKUP_SIZE);
        memset(half, 0xFF, sizeof half);
        memcpy(half, v->boot_sector, (size_t)cut);
        sim_board_preload(BOARD(&b), BOOT_SECTOR, half, sizeof half);
        sim_bench_run(&b);
        expect(&b, RESULT_PASS, FAILURE_NONE, STAGE_NONE);
        assert_memory_equal(sim_bench_flash(&b) + BOOT_SECTOR, b.tiny.boot.data, BACKUP_SIZE);
        /* What hides the good one from the next attempt is not stored. */
        assert_int_equal(b.recorder.backups, cut == BACKUP_SIZE ? 2 : 1);
        sim_bench_done(&b);
    }
}

/* ---- blame ---- */

static void a_difference_after_a_line_error_is_not_the_boards(void **state)
{
    struct sim_bench b;

    (void)state;
    init(&b, "good");
    b.tiny.job.retries = 0;
    m.bend_begins = 1;
    m.stage = STAGE_VERIFY, m.times = 1, m.at = TINY_APP_OFFSET + 9;
    m.byte = 0x11;
    sim_bench_run(&b);
    assert_true(b.result.retries > 0);
    expect(&b, RESULT_ERROR, FAIL_MD5_UNPROVEN, STAGE_VERIFY);
    sim_bench_done(&b);
}

static void a_difference_that_moves_is_not_proven_and_one_that_stays_is(void **state)
{
    static const struct {
        uint32_t at, step;
        enum result result;
        enum failure_code code;
        const char *word;
    } rows[] = {
        {0x10009, 0, RESULT_FAIL, FAIL_MD5_MISMATCH, "app at 0x10000"},
        {0x10009, 1, RESULT_ERROR, FAIL_MD5_UNPROVEN, "differs otherwise"},
        {0x8000, 0x8000, RESULT_ERROR, FAIL_MD5_UNPROVEN, "it moved from 0x8000"},
    };
    struct sim_bench b;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        init(&b, "good");
        m.stage = STAGE_VERIFY, m.times = 2, m.at = rows[i].at, m.step = rows[i].step;
        m.byte = 0x11;
        sim_bench_run(&b);
        assert_int_equal(m.met, 2);
        expect(&b, rows[i].result, rows[i].code, STAGE_VERIFY);
        assert_non_null(strstr(b.result.failure.detail, rows[i].word));
        sim_bench_done(&b);
    }
}

/* Once more and no oftener, whatever the job allows: a flash that forgets must not get in by patience. */
static void a_difference_is_written_again_once(void **state)
{
    static const struct {
        uint32_t step;
        enum result result;
        enum failure_code code;
    } rows[] = {{0, RESULT_FAIL, FAIL_MD5_MISMATCH}, {1, RESULT_ERROR, FAIL_MD5_UNPROVEN}};
    struct sim_bench b;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        init(&b, "good");
        b.tiny.job.retries = 5;
        m.stage = STAGE_VERIFY, m.times = 2, m.at = 0x10009, m.step = rows[i].step, m.byte = 0x11;
        sim_bench_run(&b);
        expect(&b, rows[i].result, rows[i].code, STAGE_VERIFY);
        assert_int_equal(b.result.retries, 1);
        sim_bench_done(&b);
    }
}

/* What was seen once may have come over the line; a job without retries does not look twice. */
static void a_difference_that_is_not_written_again_is_not_proven(void **state)
{
    struct sim_bench b;

    (void)state;
    init(&b, "bad-flash");
    b.tiny.job.retries = 0;
    sim_bench_run(&b);
    expect(&b, RESULT_ERROR, FAIL_MD5_UNPROVEN, STAGE_VERIFY);
    sim_bench_done(&b);
}

/* A BEGIN misheard into another place of the flash: its data stand there, and the image is right all the same. */
static void what_may_stand_elsewhere_is_no_pass(void **state)
{
    struct sim_bench b;

    (void)state;
    init(&b, "good");
    b.tiny.job.retries = 1;
    m.bend_to = 0x40;
    sim_bench_run(&b);
    assert_int_equal(m.bend_to, 0);
    expect(&b, RESULT_ERROR, FAIL_MD5_UNPROVEN, STAGE_CONFIRM);
    assert_true(tiny_job_is_in(&b.tiny, sim_bench_flash(&b)));
    assert_memory_not_equal(sim_bench_flash(&b) + 0x400000, before + 0x400000, 0x10000);
    sim_bench_done(&b);
}

/* The first erase heard as another place: the boot sector must be blank by the chip's digest before anything is written. */
static void a_first_erase_that_went_elsewhere_is_no_pass(void **state)
{
    struct sim_bench b;

    (void)state;
    for (int retries = 0; retries < 2; retries++) {
        init(&b, "good");
        sim_board_preload(BOARD(&b), BOOT_SECTOR, (const uint8_t *)"\xE9 boots", 7);
        memcpy(before, flash_now(&b), FLASH);
        b.tiny.job.retries = retries;
        m.bend_first = 0x40;
        sim_bench_run(&b);
        assert_int_equal(m.bend_first, 0);
        assert_int_not_equal(b.result.result, RESULT_PASS);
        assert_int_equal(b.result.failure.code, FAIL_MD5_UNPROVEN);
        sim_bench_done(&b);
    }
}

/* A digest that is asked for changes nothing, so it may be asked for again once the chip is there. */
static void a_chip_that_restarts_while_it_is_verified_is_asked_again(void **state)
{
    static const enum stage when[] = {STAGE_VERIFY, STAGE_CONFIRM};
    struct sim_bench b;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        init(&b, "good");
        b.tiny.job.retries = 0;
        m.stage = when[i], m.times = 1, m.press_reset = true;
        sim_bench_run(&b);
        assert_int_equal(m.met, 1);
        expect(&b, RESULT_PASS, FAILURE_NONE, STAGE_NONE);
        assert_int_equal(b.result.retries, 1);
        expect_exact(&b);
        sim_bench_done(&b);
    }
}

/* It differs in each try, in the same way, and in each try something had to be started over: the line may have done it. */
static void a_difference_after_a_restart_in_each_try_is_not_the_boards(void **state)
{
    struct sim_bench b;

    (void)state;
    init(&b, "bad-flash");
    m.stage = STAGE_WRITE, m.done = 0x6000, m.times = 9, m.press_reset = true;
    sim_bench_run(&b);
    assert_int_equal(m.met, 1 + b.tiny.job.retries);
    expect(&b, RESULT_ERROR, FAIL_MD5_UNPROVEN, STAGE_VERIFY);
    sim_bench_done(&b);
}

/* ---- several things in one attempt ---- */

static struct {
    int lose_from, lose; /* FLASH_DATA number (from 0), and how many from there never arrive */
    int data;
} line;

static void lose(void *ctx, uint8_t op, uint8_t *bytes, size_t len)
{
    (void)ctx;
    if (op == 0x03 && line.data++ >= line.lose_from && line.lose > 0) {
        line.lose--;
        memset(bytes, 0x55, len); /* no frame at all */
    }
}

/* Written again after the line had failed a whole try, it differs once: that is no proof against the board. */
static void a_difference_in_the_try_after_the_line_failed_is_not_the_boards(void **state)
{
    struct sim_bench b;

    (void)state;
    init(&b, "good");
    line.data = line.lose_from = 0, line.lose = 3; /* one more than a part is started over */
    m.port.on_request = lose;
    m.stage = STAGE_VERIFY, m.times = 1, m.at = TINY_APP_OFFSET + 9, m.byte = 0x11;
    sim_bench_run(&b);
    assert_int_equal(m.met, 1);
    expect(&b, RESULT_ERROR, FAIL_MD5_UNPROVEN, STAGE_VERIFY);
    assert_non_null(strstr(b.result.failure.detail, "the line failed in the try before"));
    sim_bench_done(&b);
}

static void mishear(void *ctx, uint8_t op, uint8_t *bytes, size_t len)
{
    (void)ctx, (void)len;
    if (op != 0x02 || line.data > 1)
        return;
    if (line.data++ == 0)
        bytes[DATA_OF + 15] ^= 0x40; /* beyond any flash */
    else
        bytes[DATA_OF + 14] ^= 0x40; /* another sector of this one */
}

/* The identity sector goes back over a line that damages a BEGIN: once refused, once heard as another place. */
static void an_identity_that_cannot_go_back_for_the_line_is_not_the_boards_fault(void **state)
{
    struct sim_bench b;

    (void)state;
    init(&b, "good");
    b.tiny.job.retries = 0;
    remember_identity(&b);
    fill_config(&b, 0xFF);
    line.data = 0;
    m.port.on_request = mishear;
    sim_bench_run(&b);
    expect(&b, RESULT_ERROR, FAIL_MD5_UNPROVEN, STAGE_BACKUP);
    sim_bench_done(&b);
}

/* A BEGIN has no checksum: a place beyond the flash may be what the line made of it. */
static void a_begin_that_was_misheard_is_not_the_boards_fault(void **state)
{
    struct sim_bench b;

    (void)state;
    for (int bent = 1; bent <= 2; bent++) {
        init(&b, "good");
        b.tiny.job.retries = 0;
        m.bend_begins = bent;
        sim_bench_run(&b);
        if (bent == 1)
            expect(&b, RESULT_PASS, FAILURE_NONE, STAGE_NONE);
        else
            expect(&b, RESULT_FAIL, FAIL_ERASE, STAGE_ERASE);
        assert_int_equal(b.result.retries, 1);
        if (bent == 1)
            expect_exact(&b);
        sim_bench_done(&b);
    }
}

/* ---- a chip that restarts by itself ---- */

static bool use_stub(struct sim_bench *b)
{
    if (sim_bench_use_stub(b, "esp32.json"))
        return true;
    sim_bench_done(b);
    return false;
}

static void a_chip_that_restarts_in_its_loader_takes_the_stub_again(void **state)
{
    struct sim_bench b;

    (void)state;
    init(&b, "no-reset-wire");
    if (!use_stub(&b))
        skip();
    b.session.connect.reset = RESET_NONE;
    m.stage = STAGE_WRITE, m.done = 0x6000, m.times = 1, m.press_reset = m.with_wire = true;
    sim_bench_run(&b);
    assert_int_equal(m.met, 1);
    expect(&b, RESULT_PASS, FAILURE_NONE, STAGE_NONE);
    assert_int_equal(b.result.chip_resets, 1);
    assert_true(b.result.used_stub);
    assert_int_equal(m.port.requests[0x06], 2); /* MEM_END: the stub was started twice */
    assert_true(b.result.has_stub_sha256);
    assert_memory_equal(b.result.stub_sha256, b.stub.sha256, SHA256_SIZE);
    expect_exact(&b);
    sim_bench_done(&b);
}

/* A stub that an earlier session left running, and none of our own to start after the restart: the record names the ROM. */
static void what_the_rom_wrote_after_somebody_elses_stub_is_the_roms(void **state)
{
    struct sim_bench b;

    (void)state;
    for (int by_job = 0; by_job < 2; by_job++) {
        init(&b, "no-reset-wire");
        if (!use_stub(&b))
            skip();
        b.session.connect.reset = RESET_NONE;
        b.session.connect.other_baud = b.tiny.job.baud;
        sim_bench_run(&b);
        expect(&b, RESULT_PASS, FAILURE_NONE, STAGE_NONE);
        if (by_job)
            b.tiny.job.stub = STUB_NO;
        else
            b.config.stub = NULL;
        b.tiny.job.write_all = true;
        m.stage = STAGE_WRITE, m.done = 0x6000, m.times = 1, m.press_reset = m.with_wire = true;
        sim_bench_run(&b);
        expect(&b, RESULT_PASS, FAILURE_NONE, STAGE_NONE);
        assert_int_equal(b.result.chip_resets, 1);
        assert_false(b.result.used_stub);
        assert_non_null(strstr(b.result.stub_note, "lost the stub that was found on it"));
        sim_bench_done(&b);
    }
}

static void a_wired_chip_that_restarts_is_a_fact_in_the_record(void **state)
{
    struct sim_bench b;

    (void)state;
    init(&b, "good");
    m.stage = STAGE_WRITE, m.done = 0x6000, m.times = 1, m.press_reset = true;
    sim_bench_run(&b);
    assert_int_equal(m.met, 1);
    expect(&b, RESULT_PASS, FAILURE_NONE, STAGE_NONE);
    assert_int_equal(b.result.chip_resets, 1);
    expect_exact(&b);
    sim_bench_done(&b);
}

static void a_quiet_board_has_no_restart_and_no_compressed_byte_goes_to_the_rom(void **state)
{
    struct sim_bench b;

    (void)state;
    init(&b, "good");
    sim_bench_run(&b);
    expect(&b, RESULT_PASS, FAILURE_NONE, STAGE_NONE);
    assert_int_equal(b.result.chip_resets, 0);
    assert_int_equal(m.port.requests[0x10] + m.port.requests[0x11], 0);
    assert_true(b.result.stage_us[STAGE_CONFIRM] > 0);
    assert_false(b.result.has_stub_sha256);
    expect_exact(&b);
    sim_bench_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_changes_after_it_was_verified_is_no_pass),
        cmocka_unit_test(the_last_writes_are_asked_for_again_too),
        cmocka_unit_test(the_rest_of_a_pieces_last_sector_is_looked_at_too),
        cmocka_unit_test(a_sector_beside_the_plan_that_changes_is_no_pass),
        cmocka_unit_test(an_identity_that_changed_is_put_back_and_no_pass),
        cmocka_unit_test(an_identity_that_cannot_be_put_back_is_told_with_what_is_left),
        cmocka_unit_test(an_identity_that_could_not_be_asked_for_is_not_called_lost),
        cmocka_unit_test(an_attempt_that_failed_otherwise_rescues_the_identity_too),
        cmocka_unit_test(what_the_job_protects_stays),
        cmocka_unit_test(a_protected_sector_that_changed_goes_back),
        cmocka_unit_test(a_protected_sector_that_an_earlier_attempt_lost_goes_back),
        cmocka_unit_test(a_protected_sector_that_may_have_changed_since_is_held),
        cmocka_unit_test(what_the_records_say_of_a_protected_sector),
        cmocka_unit_test(a_protected_sector_that_cannot_be_put_back_is_told),
        cmocka_unit_test(a_board_left_without_its_identity_gets_it_back),
        cmocka_unit_test(an_identity_put_back_by_half_is_put_back_whole),
        cmocka_unit_test(a_boot_sector_put_back_by_half_is_put_back_whole),
        cmocka_unit_test(what_the_failed_attempt_left_there_is_known_again),
        cmocka_unit_test(an_identity_that_differs_otherwise_is_held_and_nothing_is_erased),
        cmocka_unit_test(a_difference_after_a_line_error_is_not_the_boards),
        cmocka_unit_test(a_difference_that_moves_is_not_proven_and_one_that_stays_is),
        cmocka_unit_test(a_difference_is_written_again_once),
        cmocka_unit_test(a_difference_that_is_not_written_again_is_not_proven),
        cmocka_unit_test(what_may_stand_elsewhere_is_no_pass),
        cmocka_unit_test(a_first_erase_that_went_elsewhere_is_no_pass),
        cmocka_unit_test(a_chip_that_restarts_while_it_is_verified_is_asked_again),
        cmocka_unit_test(a_difference_after_a_restart_in_each_try_is_not_the_boards),
        cmocka_unit_test(a_difference_in_the_try_after_the_line_failed_is_not_the_boards),
        cmocka_unit_test(an_identity_that_cannot_go_back_for_the_line_is_not_the_boards_fault),
        cmocka_unit_test(a_begin_that_was_misheard_is_not_the_boards_fault),
        cmocka_unit_test(a_chip_that_restarts_in_its_loader_takes_the_stub_again),
        cmocka_unit_test(what_the_rom_wrote_after_somebody_elses_stub_is_the_roms),
        cmocka_unit_test(a_wired_chip_that_restarts_is_a_fact_in_the_record),
        cmocka_unit_test(a_quiet_board_has_no_restart_and_no_compressed_byte_goes_to_the_rom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
