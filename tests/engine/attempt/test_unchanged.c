/* SPDX-License-Identifier: Apache-2.0 */
/* label: scenario */
/*
 * What a board holds already is left as it is: by the chip's own digests, never by belief, with the boot sector's rule as soon
 * as anything is changed, and verified as if all of it had been written. The wire is watched frame by frame and the whole flash
 * compared; what must stand in it is put together here from the job's bytes.
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

#include "profiles/plan/image_piece.h"
#include "profiles/text/arena.h"
#include "profiles/text/complaint.h"
#include "tests/support/bent_port.h"
#include "tests/support/firmware_model.h"
#include "tests/support/sim_bench.h"
#include "tests/support/skipped.h"

#define FLASH   (4u << 20)
#define APP     0x48000u /* four erase blocks from 0x10000 on, and a half */
#define KEPT    0x3e0000u
#define ROW_MAX 4

enum op {
    FLASH_BEGIN = 0x02,
    FLASH_DATA = 0x03,
    DEFL_BEGIN = 0x10,
    DEFL_DATA = 0x11,
    FLASH_MD5 = 0x13,
    ERASE_REGION = 0xd1,
};

/* Loaders. */
static const char *const rows[] = {NULL, "esp32.json", "esp32-v1.json"};
#define ROWS   (sizeof rows / sizeof rows[0])
#define LATEST 2 /* without the first stub, which behaves as the ROM in all that is tried there */

static struct {
    struct sim_bench b;
    struct bent_port port;
    enum stage stage;
    uint8_t touched[FLASH / SECTOR_SIZE];   /* named by a BEGIN or an erase */
    uint32_t first, last;                   /* sectors that were the first and the last of those */
    int begins, erases, digests, verified;  /* digests: before anything is changed; verified: in verify */
    uint8_t confirmed[FLASH / SECTOR_SIZE]; /* digested in confirm */
    int plains, streams, announced;         /* blocks of either form while writing, and their BEGINs */
    uint32_t first_stream;                  /* where it begins */
    uint32_t digested; /* bytes in digests of more than 16 KiB before anything is changed */
    /* What happens to the wire. */
    int cut_at_block; /* the run is ended at this block of data; 0: not */
    enum { STRAIGHT, LOSE_DIGEST, LOSE_ERASE, BEND_DIGEST, BEND_BLOCK } what;
    uint32_t bend_from, bend_to; /* the digest of that place is asked for elsewhere */
    enum stage flip_at;          /* a byte of the flash is turned when this stage begins */
    uint32_t flip;
} w;

static uint8_t want[FLASH];

static struct sim_board *board(void)
{
    return sim_tray_board(w.b.tray, BENCH_BOARD);
}

static uint8_t *frame_byte(uint8_t *bytes, size_t i)
{
    uint8_t *at = bytes + 1;

    while (i-- > 0)
        at += *at == 0xdb ? 2 : 1;
    return at;
}

static uint32_t frame_word(uint8_t *bytes, size_t i)
{
    uint32_t value = 0;

    for (size_t k = 4; k-- > 0;) {
        const uint8_t *at = frame_byte(bytes, 8 + 4 * i + k);
        value = value << 8 | (*at == 0xdb ? (at[1] == 0xdc ? 0xc0u : 0xdbu) : *at);
    }
    return value;
}

static void note(uint32_t offset, uint32_t size)
{
    if (w.begins + w.erases == 0)
        w.first = offset;
    w.last = offset;
    for (uint32_t at = offset; at < offset + size; at += SECTOR_SIZE)
        w.touched[at / SECTOR_SIZE] = 1;
}

static void note_confirmed(uint32_t offset, uint32_t size)
{
    for (uint32_t at = offset; at < offset + size && at < FLASH; at += SECTOR_SIZE)
        w.confirmed[at / SECTOR_SIZE] = 1;
}

static void meet_digest(uint8_t *bytes)
{
    w.verified += w.stage == STAGE_VERIFY;
    if (w.stage == STAGE_CONFIRM)
        note_confirmed(frame_word(bytes, 0), frame_word(bytes, 1));
    if (w.stage != STAGE_ERASE)
        return;
    w.digests++;
    w.digested += frame_word(bytes, 1) > 0x4000 ? frame_word(bytes, 1) : 0;
    if (w.what == LOSE_DIGEST && w.digests == 3)
        w.port.deaf = true;
    if (w.what != BEND_DIGEST || frame_word(bytes, 0) != w.bend_from)
        return;
    for (size_t k = 0; k < 3; k++) /* none of these bytes is one that is escaped */
        *frame_byte(bytes, 8 + k) = (uint8_t)(w.bend_to >> 8 * k);
}

static bool is_escaped(uint8_t byte)
{
    return byte == 0xc0 || byte == 0xdb;
}

/* A bit of its data turns over on the way: what the loader's checksum is for. */
static void bend_block(uint8_t *bytes)
{
    size_t i = 200;

    while (is_escaped(*frame_byte(bytes, i)) || is_escaped(*frame_byte(bytes, i) ^ 4))
        i++;
    *frame_byte(bytes, i) ^= 4;
}

static void meet_write(uint8_t op, uint8_t *bytes)
{
    if (w.stage != STAGE_WRITE)
        return;
    w.announced += op == FLASH_BEGIN || op == DEFL_BEGIN;
    w.plains += op == FLASH_DATA;
    w.streams += op == DEFL_DATA;
    if (op == DEFL_BEGIN && w.first_stream == 0)
        w.first_stream = frame_word(bytes, 3);
    if (w.what == BEND_BLOCK && op == FLASH_DATA && w.plains == 6)
        bend_block(bytes);
}

static void on_request(void *ctx, uint8_t op, uint8_t *bytes, size_t len)
{
    static int blocks;

    (void)ctx;
    (void)len;
    meet_write(op, bytes);
    if (op == FLASH_BEGIN || op == DEFL_BEGIN) {
        /* To the ROM an erase is a BEGIN without blocks. */
        note(frame_word(bytes, 3), frame_word(bytes, 0));
        w.begins++;
    } else if (op == ERASE_REGION) {
        note(frame_word(bytes, 0), frame_word(bytes, 1));
        w.erases++;
    } else if (op == FLASH_MD5) {
        meet_digest(bytes);
    }
    if (w.what == LOSE_ERASE && w.begins + w.erases == 1 && (op == FLASH_BEGIN || op == ERASE_REGION))
        w.port.deaf = true;
    blocks =
        w.cut_at_block == 0 ? 0 : blocks + ((op == FLASH_DATA || op == DEFL_DATA) && w.stage == STAGE_WRITE);
    if (w.cut_at_block != 0 && blocks == w.cut_at_block)
        waker_raise(w.b.cancel);
}

static void see(void *ctx, const struct attempt_view *v)
{
    (void)ctx;
    if (v->stage != w.stage && v->stage == w.flip_at) {
        uint8_t now = sim_board_flash(board(), NULL)[w.flip] ^ 0x10;
        sim_board_preload(board(), w.flip, &now, 1);
    }
    w.stage = v->stage;
}

/* A watched attempt begins; the board stays. */
static void again(void)
{
    memset(w.touched, 0, sizeof w.touched);
    memset(w.confirmed, 0, sizeof w.confirmed);
    w.begins = w.erases = w.digests = w.verified = w.plains = w.streams = w.announced = 0;
    w.first_stream = w.digested = 0;
    w.cut_at_block = 0;
    w.what = STRAIGHT;
    w.flip_at = STAGE_NONE;
    w.stage = STAGE_NONE;
    waker_clear(w.b.cancel);
    session_close(&w.b.session);
}

static void put(const struct piece *p)
{
    memset(want + p->offset, 0xff, (p->size + SECTOR_SIZE - 1) / SECTOR_SIZE * SECTOR_SIZE);
    memcpy(want + p->offset, p->data, p->size);
}

/* The flash as the board came, then what the job puts there; the identity sector and what is protected stay. */
static void expect_flash(void)
{
    const struct plan *p = &w.b.tiny.plan;

    for (size_t i = 0; i < p->erase_count; i++)
        for (uint32_t at = p->erases[i].offset; at < p->erases[i].offset + p->erases[i].size;
             at += SECTOR_SIZE)
            if (at != CONFIG_SECTOR && (p->protect_count == 0 || at != KEPT))
                memset(want + at, 0xff, SECTOR_SIZE);
    for (size_t i = 0; i < p->piece_count; i++)
        put(&p->pieces[i]);
    put(&p->finals[0]);
    if (p->boot != NULL)
        put(p->boot);
}

/* Row 0: the ROM's loader. False: there is no such stub file here. */
static bool init_of(size_t row, int revision, bool marked)
{
    struct sim_tray_config c = {.count = 1, .revision = revision, .flash_size = FLASH, .seed = 11};

    memset(&w, 0, sizeof w);
    sim_bench_init_tray(&w.b, &c);
    tiny_job_done(&w.b.tiny);
    tiny_job_make(&w.b.tiny, APP, 7);
    for (uint32_t i = 0; i < FLASH && marked; i += SECTOR_SIZE) /* no two sectors are alike */
        sim_board_preload(board(), i + 0x800, (const uint8_t *)&i, sizeof i);
    memcpy(want, sim_board_flash(board(), NULL), FLASH);
    memcpy(w.b.config_before, want + CONFIG_SECTOR, SECTOR_SIZE);
    w.port = (struct bent_port){.tray = w.b.tray, .on_request = on_request};
    w.b.bindings[0] = (struct transport_binding){&bent_driver, &w.port};
    w.b.session.uri = "bent:1";
    w.b.config.publish = see;
    if (rows[row] == NULL || sim_bench_use_stub(&w.b, rows[row]))
        return true;
    sim_bench_done(&w.b);
    return false;
}

static bool init(size_t row)
{
    return init_of(row, 1, true);
}

static void run_and_expect(enum result result, enum failure_code code)
{
    const struct attempt_result *r = &w.b.result;

    sim_bench_run(&w.b);
    if (r->result != result || r->failure.code != code)
        print_message("%s %d in %s: %s\n", result_name(r->result), (int)r->failure.code,
                      stage_name(r->failure.stage), r->failure.detail);
    assert_int_equal(r->failure.code, code);
    assert_int_equal(r->result, result);
    assert_true(w.b.recorded);
}

static void expect_same_flash(void)
{
    const uint8_t *got = sim_bench_flash(&w.b);

    for (uint32_t i = 0; memcmp(got, want, FLASH) != 0 && i < FLASH; i++)
        if (got[i] != want[i])
            fail_msg("0x%06x holds 0x%02x, not 0x%02x", (unsigned)i, got[i], want[i]);
}

static void expect_confirmed_span(uint32_t offset, uint32_t size)
{
    for (uint32_t at = offset; at < offset + size; at += SECTOR_SIZE)
        if (!w.confirmed[at / SECTOR_SIZE])
            fail_msg("sector 0x%x was not confirmed", (unsigned)at);
}

/* Whatever was written, and also where nothing was: the last that is asked for is all of the plan. */
static void expect_confirmed(void)
{
    const struct plan *p = &w.b.tiny.plan;

    for (size_t i = 0; i < p->piece_count; i++)
        expect_confirmed_span(p->pieces[i].offset, p->pieces[i].size);
    for (size_t i = 0; i < p->erase_count; i++)
        expect_confirmed_span(p->erases[i].offset, p->erases[i].size);
    expect_confirmed_span(p->finals[0].offset, p->finals[0].size);
    if (p->boot != NULL)
        expect_confirmed_span(p->boot_sector, SECTOR_SIZE);
}

static void expect_pass(void)
{
    run_and_expect(RESULT_PASS, FAILURE_NONE);
    expect_same_flash();
    if (w.b.config.job == &w.b.tiny.job)
        expect_confirmed();
    if (w.b.result.bytes_written > 0)
        assert_true(w.verified > 0);
}

/* A board that carries the firmware already. */
static bool init_done(size_t row)
{
    if (!init(row))
        return false;
    expect_flash();
    sim_board_preload(board(), 0, want, FLASH);
    return true;
}

/* Which sectors were named, and no other. */
static void expect_touched(const uint32_t *offsets, size_t count)
{
    for (uint32_t s = 0; s < FLASH / SECTOR_SIZE; s++) {
        bool named = false;
        for (size_t i = 0; i < count; i++)
            named |= offsets[i] == s * SECTOR_SIZE;
        if (w.touched[s] != named)
            fail_msg("sector 0x%x was %stouched", (unsigned)(s * SECTOR_SIZE), named ? "not " : "");
    }
}

/* To turn a byte of what stands there behind the engine's back. */
static void flip(uint32_t at)
{
    uint8_t now = sim_board_flash(board(), NULL)[at] ^ 0x24;

    sim_board_preload(board(), at, &now, 1);
}

static uint64_t all_bytes(void)
{
    const struct plan *p = &w.b.tiny.plan;

    return piece_bytes(p->pieces, p->piece_count) + p->finals[0].size + p->boot->size;
}

static void print_time(const char *what, size_t row, int64_t before_us)
{
    const struct attempt_result *r = &w.b.result;

    print_message(
        "  %-22s %-14s %6.0f ms in all, erase %.0f, write %.0f, verify and confirm %.0f; %d digests first\n",
        what, rows[row] != NULL ? rows[row] : "ROM", (double)(clock_now_us(w.b.clock) - before_us) / 1e3,
        (double)r->stage_us[STAGE_ERASE] / 1e3, (double)r->stage_us[STAGE_WRITE] / 1e3,
        (double)(r->stage_us[STAGE_VERIFY] + r->stage_us[STAGE_CONFIRM]) / 1e3, w.digests);
}

static void an_unchanged_board_is_not_touched(void **state)
{
    (void)state;
    for (size_t row = 0; row < ROWS; row++) {
        int64_t before = 0;
        if (!init_done(row))
            continue;
        before = clock_now_us(w.b.clock);
        expect_pass();
        expect_touched(NULL, 0);
        assert_int_equal(w.begins + w.erases, 0);
        assert_int_equal(w.verified, 0); /* confirm asks for all of it, and nothing happened in between */
        assert_int_equal(w.b.result.bytes_written, 0);
        assert_int_equal(w.b.result.bytes_unchanged, all_bytes());
        assert_int_equal(w.b.result.used_stub, rows[row] != NULL);
        print_time("unchanged", row, before);
        sim_bench_done(&w.b);
    }
}

/* Proved by the stages after it: what is right when it is asked for first and wrong later is no PASS. */
static void a_skip_is_never_the_proof(void **state)
{
    static const struct {
        enum stage at;
        uint32_t offset;
        enum failure_code code;
    } moments[] = {
        {STAGE_VERIFY, 0x10000, FAIL_MD5_UNPROVEN},
        {STAGE_VERIFY, 0x10000 + APP - 1, FAIL_MD5_UNPROVEN},
        {STAGE_VERIFY, 0x9000, FAIL_MD5_UNPROVEN},
        {STAGE_VERIFY, 0x8000 + 0xc00, FAIL_MD5_UNPROVEN},
        {STAGE_CONFIRM, TINY_OTADATA, FAIL_BESIDE_CHANGED},
        {STAGE_CONFIRM, BOOT_SECTOR, FAIL_BESIDE_CHANGED},
        {STAGE_CONFIRM, 0x20004, FAIL_MD5_UNPROVEN}, /* no write of the station's was before it */
    };

    (void)state;
    for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
        assert_true(init_done(0));
        w.b.tiny.job.retries = 0;
        w.flip_at = moments[i].at;
        w.flip = moments[i].offset;
        sim_bench_run(&w.b);
        assert_int_equal(w.b.result.failure.code, moments[i].code);
        assert_int_equal(w.begins, 0);
        sim_bench_done(&w.b);
    }
}

/* What is judged was written: after a digest that was wrong once nothing is left out. */
static void after_a_wrong_digest_all_is_written(void **state)
{
    (void)state;
    assert_true(init_done(0));
    w.b.tiny.job.retries = 1;
    w.flip_at = STAGE_VERIFY;
    w.flip = 0x10000;
    sim_bench_run(&w.b);
    /* The bit is turned again before the second verify: what was written twice and is wrong twice is the board's. */
    assert_int_equal(w.b.result.retries, 1);
    assert_int_equal(w.b.result.bytes_unchanged, 0);
    assert_true(w.touched[0x30000 / SECTOR_SIZE] && w.touched[BOOT_SECTOR / SECTOR_SIZE]);
    assert_int_not_equal(w.b.result.result, RESULT_PASS);
    sim_bench_done(&w.b);
}

static void one_changed_byte_costs_its_sector(void **state)
{
    static const struct {
        uint32_t at, sector;
    } bytes[] = {{0x23456, 0x23000}, {0x10000, 0x10000}, {0x10000 + APP - 1, 0x57000},    {0x8bff, 0x8000},
                 {0x8c00, 0x8000},   {0x2000, 0x2000},   {TINY_OTADATA + 5, TINY_OTADATA}};

    (void)state;
    for (size_t row = 0; row < ROWS; row++) {
        if (!init_done(row))
            continue;
        for (size_t i = 0; i < sizeof bytes / sizeof bytes[0]; i++) {
            uint32_t touched[ROW_MAX] = {BOOT_SECTOR, bytes[i].sector, bytes[i].sector, bytes[i].sector};
            int64_t before = 0;
            if (bytes[i].sector == 0x2000) { /* a small piece goes whole */
                touched[2] = 0x3000;
                touched[3] = 0x4000;
            }
            flip(bytes[i].at);
            before = clock_now_us(w.b.clock);
            expect_pass();
            expect_touched(touched, ROW_MAX);
            assert_int_equal(w.first, BOOT_SECTOR);
            assert_int_equal(w.last, BOOT_SECTOR);
            assert_int_equal(w.b.result.bytes_written + w.b.result.bytes_unchanged, all_bytes());
            if (i == 0)
                print_time("one byte", row, before);
            again();
        }
        sim_bench_done(&w.b);
    }
}

static void a_byte_where_it_shall_be_blank_costs_its_sector(void **state)
{
    static const uint32_t places[] = {0x9000, 0xf000, 0x3c1000, 0x3ff000 - 0x1000};

    (void)state;
    assert_true(init_done(0));
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        uint32_t touched[2] = {BOOT_SECTOR, places[i]};
        flip(places[i] + 0x123);
        expect_pass();
        if (places[i] < 0x3c0000)
            expect_touched(touched, 2);
        assert_int_equal(w.first, BOOT_SECTOR);
        assert_int_equal(w.last, BOOT_SECTOR);
        assert_int_equal(w.b.result.bytes_written, w.b.tiny.boot.size);
        again();
    }
    sim_bench_done(&w.b);
}

/* Only the boot sector was lost: it is not taken for what stood there. */
static void a_lost_boot_sector_comes_back(void **state)
{
    static const uint32_t touched[] = {BOOT_SECTOR};

    (void)state;
    for (size_t row = 0; row < LATEST; row++) {
        if (!init_done(row))
            continue;
        flip(BOOT_SECTOR + 0x777);
        expect_pass();
        expect_touched(touched, 1);
        assert_int_equal(w.b.result.bytes_written, SECTOR_SIZE);
        sim_bench_done(&w.b);
    }
}

/* A plan without a bootloader: the board's own is parked, and untouched where nothing is changed. */
static void the_boards_own_boot_sector_follows_the_rule(void **state)
{
    static const uint32_t touched[] = {BOOT_SECTOR, 0x42000};

    (void)state;
    assert_true(init_done(0));
    tiny_job_without_boot(&w.b.tiny);
    expect_pass();
    expect_touched(NULL, 0);
    again();
    flip(0x42100);
    expect_pass();
    expect_touched(touched, 2);
    assert_int_equal(w.first, BOOT_SECTOR);
    assert_int_equal(w.last, BOOT_SECTOR);
    sim_bench_done(&w.b);
}

/* Other firmware is written, cut off in the middle: the board boots nothing, and the next run sends what is missing. */
static void a_rework_that_was_cut_off_is_finished(void **state)
{
    struct tiny_job other;

    (void)state;
    for (size_t row = 0; row < ROWS; row++) {
        int64_t before = 0;
        if (!init_done(row))
            continue;
        again();
        tiny_job_make(&other, APP, 70);
        w.b.config.job = &other.job;
        w.cut_at_block = row == 0 ? 60 : 9;
        run_and_expect(RESULT_ABORTED, FAIL_ABORTED);
        assert_int_equal(sim_bench_flash(&w.b)[BOOT_SECTOR], 0xff);
        again();
        for (size_t i = 0; i < other.plan.piece_count; i++)
            put(&other.pieces[i]);
        put(&other.finals[0]);
        put(&other.boot);
        before = clock_now_us(w.b.clock);
        expect_pass();
        assert_true(w.b.result.bytes_unchanged >= 0x10000);
        assert_true(w.b.result.bytes_written >= 0x10000);
        print_time("cut off, then again", row, before);
        tiny_job_done(&other);
        sim_bench_done(&w.b);
    }
}

static void what_is_protected_stays(void **state)
{
    static const uint32_t touched[] = {BOOT_SECTOR, 0x23000};

    (void)state;
    for (size_t row = 0; row < LATEST; row++) {
        if (!init(row))
            continue;
        w.b.tiny.plan.protect[0] = (struct span){KEPT, SECTOR_SIZE};
        w.b.tiny.plan.protect_count = 1;
        expect_flash();
        sim_board_preload(board(), 0, want, FLASH);
        flip(0x23456);
        expect_pass();
        expect_touched(touched, 2);
        sim_bench_done(&w.b);
    }
}

/* A cell that reads 1 whatever is programmed: found, and no second writing hides it. */
static void a_damaged_cell_is_found(void **state)
{
    (void)state;
    for (size_t row = 0; row < 2; row++) {
        struct sim_tray_config c = {
            .count = 1, .revision = 1, .flash_size = FLASH, .seed = 11, .personalities = "1=bad-flash"};
        memset(&w, 0, sizeof w);
        sim_bench_init_tray(&w.b, &c);
        if (rows[row] != NULL && !sim_bench_use_stub(&w.b, rows[row])) {
            sim_bench_done(&w.b);
            continue;
        }
        run_and_expect(RESULT_FAIL, FAIL_MD5_MISMATCH);
        session_close(&w.b.session);
        run_and_expect(RESULT_FAIL, FAIL_MD5_MISMATCH);
        assert_true(w.b.result.bytes_written > 0);
        sim_bench_done(&w.b);
    }
}

/* The line bends the question, and the chip answers for a place that is blank: the place that was meant is not. */
static void a_digest_of_another_place_is_no_pass(void **state)
{
    static const struct {
        uint32_t from, to;
    } bends[] = {{0x9000, 0x3c9000}, {0x3c0000, 0x3d0000}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_true(init_done(0));
        flip(bends[i].from + 0x40);
        w.b.tiny.job.retries = 0;
        w.what = BEND_DIGEST;
        w.bend_from = bends[i].from;
        w.bend_to = bends[i].to;
        sim_bench_run(&w.b);
        if (w.b.result.result == RESULT_PASS)
            expect_same_flash();
        else
            assert_int_equal(w.b.result.failure.code, FAIL_MD5_UNPROVEN);
        sim_bench_done(&w.b);
    }
}

/* Over a lost answer the chip is reset: what it said before counts no more. */
static void after_a_lost_answer_all_is_written(void **state)
{
    (void)state;
    for (size_t row = 0; row < LATEST; row++) {
        if (!init_done(row))
            continue;
        w.what = LOSE_DIGEST;
        expect_pass();
        assert_int_equal(w.b.result.retries, 1);
        assert_int_equal(w.b.result.bytes_unchanged, 0);
        assert_int_equal(w.b.result.bytes_written, all_bytes());
        again();
        flip(0x23456);
        w.what = LOSE_ERASE; /* of the boot sector: up to then the board's program could run */
        expect_pass();
        assert_int_equal(w.b.result.retries, 1);
        assert_int_equal(w.b.result.bytes_written, all_bytes());
        sim_bench_done(&w.b);
    }
}

static void the_job_may_want_all_of_it_written(void **state)
{
    (void)state;
    assert_true(init_done(0));
    w.b.tiny.job.write_all = true;
    expect_pass();
    assert_int_equal(w.digests, 1); /* the erased boot sector's */
    assert_int_equal(w.b.result.bytes_unchanged, 0);
    assert_int_equal(w.b.result.bytes_written, all_bytes());
    sim_bench_done(&w.b);
}

/* A board with other firmware, or none, is told by a few sectors. */
static void a_foreign_board_costs_few_questions(void **state)
{
    (void)state;
    for (size_t row = 0; row < LATEST; row++) {
        if (!init(row))
            continue;
        expect_flash();
        expect_pass();
        assert_int_equal(w.b.result.bytes_unchanged, 0);
        print_time("foreign", row, 0);
        assert_true(w.digests <= 40);
        sim_bench_done(&w.b);
    }
}

/* Where the flash is slower than the line a stream begins where a shorter firmware ended: behind it the stub finds it blank. */
static void a_blank_end_is_a_stream_of_its_own(void **state)
{
    (void)state;
    if (!init(1))
        skip();
    w.b.tiny.job.baud = 2000000;
    memset(want + 0x30000, 0xff, 0x30000);
    sim_board_preload(board(), 0x30000, want + 0x30000, 0x30000);
    expect_flash();
    expect_pass();
    print_time("blank end", 1, 0);
    assert_int_equal(w.first_stream, 0x30000);
    assert_true(w.plains > 0);
    assert_int_equal(w.b.result.bytes_written, all_bytes());
    /* Up to the first block that is not blank, and no further. */
    assert_int_equal(w.digested, 0x10000 * 3 + 0x8000);
    sim_bench_done(&w.b);
}

/* A real firmware, put into the flash by tables of offsets that are not the programme's: one sector of it changed, then none. */
static void a_real_firmware_is_found(void **state)
{
    static const uint32_t touched[] = {BOOT_SECTOR, 0x90000};
    const struct firmware_sample *s = &firmware_samples[3];
    char path[1024], job_path[256];
    struct complaint c = {0};

    (void)state;
    firmware_path(SHARED_DIR, s, path);
    if (access(path, R_OK) != 0) {
        skipped_row("no %s in " SHARED_DIR "/firmware", s->file);
        skip();
    }
    assert_int_equal(s->flash_size, FLASH);
    snprintf(job_path, sizeof job_path, "%s/profiles/jobs/%s.yaml", SOURCE_DIR, s->job);
    struct job *job = job_load(job_path, path, &c);
    assert_non_null(job);
    for (size_t row = 0; row < 2; row++) {
        int64_t before = 0;
        if (!init_of(row, s->revision, false))
            continue;
        w.b.config.job = job;
        firmware_expect(want, SHARED_DIR, s);
        sim_board_preload(board(), 0, want, FLASH);
        flip(0x90000 + 0x321);
        expect_pass();
        expect_touched(touched, 2);
        print_time("firmware, one byte", row, 0);
        again();
        before = clock_now_us(w.b.clock);
        expect_pass();
        expect_touched(NULL, 0);
        assert_int_equal(w.b.result.bytes_written, 0);
        assert_true(w.b.result.bytes_unchanged > 1000000);
        print_time("firmware, unchanged", row, before);
        sim_bench_done(&w.b);
    }
    job_free(job);
}

static void blank_most(void)
{
    memset(want + 0x2000, 0xff, 0x80000);
    sim_board_preload(board(), 0x2000, want + 0x2000, 0x80000);
}

/* Where the line is faster than what the flash has to do nothing is left to inflate; where it is not, a stream saves time. */
static void a_line_faster_than_the_flash_carries_plain_bytes(void **state)
{
    static const struct {
        uint32_t baud;
        bool dirty, plain;
    } cases[] = {{3000000, true, true},
                 {3000000, false, true},
                 {2000000, true, true},
                 {2000000, false, false},
                 {1500000, true, false}};

    (void)state;
    for (size_t i = 0; i < ROWS * sizeof cases / sizeof cases[0]; i++) {
        size_t row = i % ROWS, at = i / ROWS;
        if (row == 0 || !init(row))
            continue;
        if (!cases[at].dirty)
            blank_most();
        w.b.tiny.job.baud = cases[at].baud;
        expect_flash();
        expect_pass();
        assert_int_equal(w.b.result.baud, w.b.tiny.job.baud);
        assert_true(cases[at].plain ? w.plains > 0 && w.streams == 0 : w.streams > 0);
        assert_int_equal(w.announced, w.b.tiny.plan.piece_count);
        sim_bench_done(&w.b);
    }
}

#define GAP      0x51000u /* in a block that the application does not fill */
#define GAP_SIZE 0x3000u

/* The application again, with FF in it, and the flash blank there up to `dirty_from`. */
static void leave_gap(uint32_t dirty_from)
{
    struct piece_store store = {.arena = w.b.tiny.arena, .compress = true};
    struct piece *app = &w.b.tiny.pieces[2];
    uint8_t *data = arena_alloc(w.b.tiny.arena, APP);

    assert_non_null(data);
    memcpy(data, app->data, APP);
    memset(data + GAP - TINY_APP_OFFSET, 0xff, GAP_SIZE);
    assert_int_equal(image_piece_make(&store, "app", TINY_APP_OFFSET, data, APP, app), 0);
    memset(want + GAP, 0xff, dirty_from - GAP);
    sim_board_preload(board(), GAP, want + GAP, GAP_SIZE);
    expect_flash();
}

/* Of plain bytes FF are not sent: erased where the flash is not blank, and left where it is. */
static void blank_sectors_are_not_sent_plain(void **state)
{
    static const uint32_t dirty_from[] = {GAP, GAP + SECTOR_SIZE, GAP + GAP_SIZE};

    (void)state;
    for (size_t i = 0; i < LATEST * 3; i++) {
        if (!init(i % LATEST))
            continue;
        w.b.tiny.job.baud = 2000000;
        leave_gap(dirty_from[i / LATEST]);
        expect_pass();
        assert_int_equal(w.b.result.retries, 0);
        for (uint32_t at = GAP; at < GAP + GAP_SIZE; at += SECTOR_SIZE)
            assert_int_equal(w.touched[at / SECTOR_SIZE], i / LATEST < 2);
        assert_int_equal(w.streams, 0);
        sim_bench_done(&w.b);
    }
}

/* The newer stub says that it did not take the block: it goes again, and nothing else. The older one's board is started over. */
static void a_plain_block_that_was_refused_goes_again(void **state)
{
    (void)state;
    for (size_t row = 1; row < ROWS; row++) {
        if (!init(row))
            continue;
        w.b.tiny.job.baud = 3000000;
        w.what = BEND_BLOCK;
        expect_flash();
        expect_pass();
        if (row == 1)
            assert_int_equal(w.announced, w.b.tiny.plan.piece_count);
        else
            assert_true(w.announced > (int)w.b.tiny.plan.piece_count);
        sim_bench_done(&w.b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unchanged_board_is_not_touched),
        cmocka_unit_test(a_skip_is_never_the_proof),
        cmocka_unit_test(after_a_wrong_digest_all_is_written),
        cmocka_unit_test(one_changed_byte_costs_its_sector),
        cmocka_unit_test(a_byte_where_it_shall_be_blank_costs_its_sector),
        cmocka_unit_test(a_lost_boot_sector_comes_back),
        cmocka_unit_test(the_boards_own_boot_sector_follows_the_rule),
        cmocka_unit_test(a_rework_that_was_cut_off_is_finished),
        cmocka_unit_test(what_is_protected_stays),
        cmocka_unit_test(a_damaged_cell_is_found),
        cmocka_unit_test(a_digest_of_another_place_is_no_pass),
        cmocka_unit_test(after_a_lost_answer_all_is_written),
        cmocka_unit_test(the_job_may_want_all_of_it_written),
        cmocka_unit_test(a_foreign_board_costs_few_questions),
        cmocka_unit_test(a_blank_end_is_a_stream_of_its_own),
        cmocka_unit_test(a_real_firmware_is_found),
        cmocka_unit_test(a_line_faster_than_the_flash_carries_plain_bytes),
        cmocka_unit_test(blank_sectors_are_not_sent_plain),
        cmocka_unit_test(a_plain_block_that_was_refused_goes_again),
    };
    return cmocka_run_group_tests_name("unchanged", tests, NULL, NULL);
}
