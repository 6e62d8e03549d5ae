/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an attempt says on the wire, frame by frame, when an answer is lost, a read or a digest is of another place, another
 * board answers, or it ends early: counted and compared, so that what must never be sent is seen not to be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/bent_port.h"
#include "tests/support/sim_bench.h"

#define FLASH      (8u << 20)
#define FRAMES_MAX 8192
#define ANY        0xFFFFFFFFu

/* Commands, as Espressif numbers them. */
enum op {
    FLASH_BEGIN = 0x02,
    FLASH_DATA = 0x03,
    FLASH_END = 0x04,
    READ_REG = 0x0A,
    READ_SLOW = 0x0E,
    DEFL_BEGIN = 0x10,
    DEFL_DATA = 0x11,
    DEFL_END = 0x12,
    FLASH_MD5 = 0x13,
    ERASE_REGION = 0xD1,
};

struct frame {
    uint8_t op;
    enum stage stage;
    uint32_t word[4]; /* of its body */
};

/* What happens to requests: of that command and stage, with that first word, the `skip`th and `times` of those after it. */
struct trouble {
    uint8_t op;
    enum stage stage;
    uint32_t at; /* DATA: where its BEGIN went to; else the first word, or ANY */
    int skip, times;
    enum { LOSE_REPLY = 1, OTHER_PLACE, OTHER_BYTE, BEYOND_FLASH } what;
};

struct line {
    struct sim_bench b;
    struct bent_port port;
    struct frame log[FRAMES_MAX];
    int frames, met;
    struct trouble trouble;
    enum stage stage, exchange_at, abort_at;
    int exchange_visit, visits; /* at which visit of that stage; how many there were */
    bool exchange_on_trouble;
    bool exchanged; /* from now on another MAC answers */
    int exchanged_frame;
    uint32_t begun; /* where the region under way begins */
};

static struct line w;
static uint8_t before[FLASH];

static struct sim_board *board(void)
{
    return sim_tray_board(w.b.tray, BENCH_BOARD);
}

/* The `i`th byte of what stands in a frame, whatever is escaped before it. */
static uint8_t *frame_byte(uint8_t *bytes, size_t i)
{
    uint8_t *at = bytes + 1;

    while (i-- > 0)
        at += *at == 0xDB ? 2 : 1;
    return at;
}

static uint32_t frame_word(uint8_t *bytes, size_t i)
{
    uint32_t value = 0;

    for (size_t k = 4; k-- > 0;) {
        const uint8_t *at = frame_byte(bytes, i + k);
        value = value << 8 | (*at == 0xDB ? (at[1] == 0xDC ? 0xC0u : 0xDBu) : *at);
    }
    return value;
}

static bool is_data(uint8_t op)
{
    return op == FLASH_DATA || op == DEFL_DATA;
}

static bool is_begin(uint8_t op)
{
    return op == FLASH_BEGIN || op == DEFL_BEGIN;
}

/* A byte in the middle of a block, turned so that the frame stays as long as it was. */
static void turn_a_byte(uint8_t *bytes, size_t len)
{
    for (size_t i = len / 2; i + 1 < len; i++) {
        uint8_t to = bytes[i] ^ 1;
        if (bytes[i] >= 0xC0 || bytes[i - 1] == 0xDB || to >= 0xC0)
            continue;
        bytes[i] = to;
        return;
    }
}

static void make_trouble(uint8_t op, uint8_t *bytes, size_t len)
{
    switch (w.trouble.what) {
    case LOSE_REPLY:
        w.port.deaf = true;
        break;
    case OTHER_PLACE: /* the sector next to it, or a register some words on */
        *frame_byte(bytes, op == READ_REG ? 8 : 9) ^= 0x10;
        break;
    case OTHER_BYTE:
        turn_a_byte(bytes, len);
        break;
    case BEYOND_FLASH:
        *frame_byte(bytes, 8 + 15) ^= 0x40;
        break;
    }
}

static void meet_trouble(const struct frame *f, uint8_t *bytes, size_t len)
{
    struct trouble *t = &w.trouble;
    uint32_t at = is_data(f->op) ? w.begun : f->word[0];

    if (t->what == 0 || f->op != t->op || f->stage != t->stage || (t->at != ANY && at != t->at))
        return;
    if (t->skip-- > 0 || t->times-- <= 0)
        return;
    w.met++;
    make_trouble(f->op, bytes, len);
    w.exchanged |= w.exchange_on_trouble;
    if (w.exchanged && w.exchanged_frame == 0)
        w.exchanged_frame = w.frames;
}

static void on_request(void *ctx, uint8_t op, uint8_t *bytes, size_t len)
{
    struct frame f = {.op = op, .stage = w.stage};

    (void)ctx;
    for (size_t i = 0; i < 4 && len > 10 + 4 * i; i++)
        f.word[i] = frame_word(bytes, 8 + 4 * i);
    if (is_begin(op))
        w.begun = f.word[3];
    assert_true(w.frames < FRAMES_MAX);
    w.log[w.frames++] = f;
    meet_trouble(&f, bytes, len);
    /* Another board: another word stands where the lower half of the MAC is read. */
    if (w.exchanged && op == READ_REG && f.word[0] == 0x3FF5A004)
        *frame_byte(bytes, 8) = 0x14;
}

static void see(void *ctx, const struct attempt_view *v)
{
    (void)ctx;
    if (v->stage != w.stage && v->stage == w.exchange_at && w.visits++ == w.exchange_visit)
        w.exchanged = true;
    w.stage = v->stage;
    if (w.abort_at != STAGE_NONE && v->stage == w.abort_at)
        waker_raise(w.b.cancel);
}

static void init(const char *personality)
{
    memset(&w, 0, sizeof w);
    sim_bench_init(&w.b, personality);
    for (uint32_t i = 0; i < FLASH; i += SECTOR_SIZE) /* no two sectors are alike */
        sim_board_preload(board(), i + 0x800, (const uint8_t *)&i, sizeof i);
    memcpy(before, sim_board_flash(board(), NULL), FLASH);
    memcpy(w.b.config_before, before + CONFIG_SECTOR, SECTOR_SIZE);
    w.port = (struct bent_port){.tray = w.b.tray, .on_request = on_request};
    w.b.bindings[0] = (struct transport_binding){&bent_driver, &w.port};
    w.b.session.uri = "bent:1";
    w.b.config.publish = see;
    w.b.tiny.job.retries = 0;
}

/* Row 0: the ROM; row 1: the stub. False: there is no stub file here. */
static bool init_row(int row)
{
    init("good");
    if (row == 0 || sim_bench_use_stub(&w.b, "esp32.json"))
        return true;
    sim_bench_done(&w.b);
    return false;
}

static void run_and_expect(enum result result, enum failure_code code, enum stage stage)
{
    const struct attempt_result *r = &w.b.result;

    sim_bench_run(&w.b);
    if (r->result != result || r->failure.code != code || r->failure.stage != stage)
        print_message("%s %s in %s: %s\n", result_name(r->result), failure_name(r->failure.code),
                      stage_name(r->failure.stage), r->failure.detail);
    assert_int_equal(r->failure.code, code);
    assert_int_equal(r->result, result);
    assert_int_equal(r->failure.stage, stage);
}

static void expect_pass(void)
{
    run_and_expect(RESULT_PASS, FAILURE_NONE, STAGE_NONE);
    assert_true(tiny_job_is_in(&w.b.tiny, sim_bench_flash(&w.b)));
    assert_true(sim_bench_config_kept(&w.b));
}

static int count(uint8_t op, uint32_t at)
{
    int n = 0;

    for (int i = 0; i < w.frames; i++)
        n += w.log[i].op == op && (at == ANY || w.log[i].word[is_begin(op) ? 3 : 0] == at);
    return n;
}

/* After each BEGIN the blocks are numbered from 0 and none is sent twice. */
static void expect_no_block_twice(void)
{
    uint32_t next = 0;

    for (int i = 0; i < w.frames; i++) {
        if (is_begin(w.log[i].op))
            next = 0;
        if (is_data(w.log[i].op))
            assert_int_equal(w.log[i].word[1], next++);
    }
}

/* After each BEGIN of the ROM as many blocks as it was told of, before anything else. */
static void expect_as_many_as_announced(void)
{
    for (int i = 0; i < w.frames; i++) {
        uint32_t blocks = 0;
        if (w.log[i].op != FLASH_BEGIN)
            continue;
        for (int k = i + 1; k < w.frames && w.log[k].op == FLASH_DATA; k++)
            blocks++;
        assert_int_equal(w.log[i].word[1], blocks);
    }
}

static bool changes_flash(const struct frame *f)
{
    return is_begin(f->op) || is_data(f->op) || f->op == ERASE_REGION;
}

/* ---- order ---- */

static int (*real_open)(void *ctx, const struct attempt_start *start, int64_t *attempt, struct failure *f);
static int opened_before;

static int open_and_look(void *ctx, const struct attempt_start *start, int64_t *attempt, struct failure *f)
{
    opened_before = w.port.opened;
    return real_open(ctx, start, attempt, f);
}

static void the_attempt_is_in_the_record_before_the_port_is_touched(void **state)
{
    (void)state;
    init("good");
    real_open = w.b.recorder.recorder.open;
    w.b.recorder.recorder.open = open_and_look;
    opened_before = -1;
    expect_pass();
    assert_int_equal(opened_before, 0);
    assert_int_equal(w.port.opened, 1);
    sim_bench_done(&w.b);
}

static void the_boot_sector_is_the_first_that_changes_and_the_last(void **state)
{
    (void)state;
    for (int row = 0; row < 2 && init_row(row); row++) {
        int first = 0, last = 0;
        expect_pass();
        for (int i = w.frames - 1; i >= 0; i--) {
            if (changes_flash(&w.log[i]))
                first = i;
        }
        for (int i = 0; i < w.frames; i++)
            last = is_begin(w.log[i].op) ? i : last;
        assert_int_equal(w.log[first].word[w.log[first].op == ERASE_REGION ? 0 : 3], BOOT_SECTOR);
        assert_int_equal(w.log[last].word[3], BOOT_SECTOR);
        sim_bench_done(&w.b);
    }
}

static void a_sector_without_a_bootloader_is_not_kept_as_one(void **state)
{
    static const uint8_t zeros[SECTOR_SIZE];

    (void)state;
    init("good");
    tiny_job_without_boot(&w.b.tiny);
    sim_board_preload(board(), BOOT_SECTOR, zeros, sizeof zeros);
    run_and_expect(RESULT_ERROR, FAIL_NO_BOOT_SECTOR, STAGE_BACKUP);
    assert_int_equal(w.b.recorder.backups, 1);
    assert_int_equal(w.b.recorder.backup[0].kind, BACKUP_IDENTITY);
    sim_bench_done(&w.b);
}

/* ---- a lost answer ---- */

static void no_block_is_sent_again_after_its_answer_was_lost(void **state)
{
    static const struct {
        int stub;
        uint8_t op;
        uint32_t at;
        int skip;
    } rows[] = {
        {0, FLASH_DATA, 0x2000, 0}, {0, FLASH_DATA, 0x2000, 2},         {0, FLASH_DATA, TINY_APP_OFFSET, 7},
        {0, FLASH_DATA, 0x8000, 0}, {1, DEFL_DATA, TINY_APP_OFFSET, 0}, {1, DEFL_DATA, TINY_APP_OFFSET, 3},
        {1, DEFL_DATA, 0x2000, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && init_row(rows[i].stub); i++) {
        w.trouble = (struct trouble){rows[i].op, STAGE_WRITE, rows[i].at, rows[i].skip, 1, LOSE_REPLY};
        expect_pass();
        assert_int_equal(w.met, 1);
        expect_no_block_twice();
        assert_int_equal(w.b.result.retries, 1);
        sim_bench_done(&w.b);
    }
}

static void a_part_is_started_over_twice_and_no_more(void **state)
{
    (void)state;
    init("good");
    w.trouble = (struct trouble){FLASH_DATA, STAGE_WRITE, 0x2000, 0, 1000, LOSE_REPLY};
    run_and_expect(RESULT_ERROR, FAIL_WRITE_LOST, STAGE_WRITE);
    assert_int_equal(count(FLASH_BEGIN, 0x2000), 3);
    assert_int_equal(w.met, 3);
    assert_int_equal(w.b.result.retries, 2);
    expect_no_block_twice();
    sim_bench_done(&w.b);
}

/* A stream is started over once; then the same bytes go as short plain regions. */
static void a_stream_is_started_over_once_and_no_more(void **state)
{
    (void)state;
    if (!init_row(1))
        skip();
    w.trouble = (struct trouble){DEFL_DATA, STAGE_WRITE, TINY_APP_OFFSET, 0, 1000, LOSE_REPLY};
    expect_pass();
    assert_int_equal(count(DEFL_BEGIN, TINY_APP_OFFSET), 2);
    assert_int_equal(w.met, 2);
    for (uint32_t at = 0; at < 0x20000; at += 0x4000)
        assert_int_equal(count(FLASH_BEGIN, TINY_APP_OFFSET + at), 1);
    expect_no_block_twice();
    sim_bench_done(&w.b);
}

/* The first block of each BEGIN goes unanswered, twice at each place. */
static void lose_twice_at_each_place(void *ctx, uint8_t op, uint8_t *bytes, size_t len)
{
    on_request(ctx, op, bytes, len);
    if (op == FLASH_DATA && w.stage == STAGE_WRITE && frame_word(bytes, 8 + 4) == 0 &&
        count(FLASH_BEGIN, w.begun) <= 2)
        w.port.deaf = true;
}

static void no_try_has_more_than_eight_starts_over(void **state)
{
    (void)state;
    init("good");
    w.port.on_request = lose_twice_at_each_place;
    run_and_expect(RESULT_ERROR, FAIL_WRITE_LOST, STAGE_WRITE);
    assert_int_equal(w.b.result.retries, 8);
    expect_no_block_twice();
    sim_bench_done(&w.b);
}

/* The newer stub says by itself that it took nothing: then, and three times at most, the same block goes again. */
static void a_block_that_was_refused_goes_again_three_times(void **state)
{
    static const struct {
        int bent, sent, retries;
    } rows[] = {{1, 2, 0}, {3, 4, 0}, {4, 5, 1}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && init_row(1); i++) {
        int sent = 0;
        /* The table is one block, so that each time it is block 0 of its stream. */
        w.trouble = (struct trouble){DEFL_DATA, STAGE_WRITE, 0x8000, 0, rows[i].bent, OTHER_BYTE};
        expect_pass();
        for (int k = 0, in = 0; k < w.frames; k++) {
            in = is_begin(w.log[k].op) ? w.log[k].word[3] == 0x8000 : in;
            sent += in && is_data(w.log[k].op);
        }
        assert_int_equal(w.met, rows[i].bent);
        assert_int_equal(sent, rows[i].sent);
        assert_int_equal(w.b.result.retries, rows[i].retries);
        assert_int_equal(count(DEFL_BEGIN, 0x8000), 1 + rows[i].retries);
        sim_bench_done(&w.b);
    }
}

static void the_rom_hears_what_was_announced_no_end_and_nothing_compressed(void **state)
{
    (void)state;
    for (int lost = 0; lost < 2; lost++) {
        init("good");
        if (lost)
            w.trouble = (struct trouble){FLASH_DATA, STAGE_WRITE, TINY_APP_OFFSET, 3, 1, LOSE_REPLY};
        expect_pass();
        assert_int_equal(w.met, lost);
        if (!lost)
            expect_as_many_as_announced();
        assert_int_equal(
            count(FLASH_END, ANY) + count(DEFL_BEGIN, ANY) + count(DEFL_DATA, ANY) + count(DEFL_END, ANY), 0);
        assert_true(count(FLASH_DATA, ANY) > 0);
        sim_bench_done(&w.b);
    }
}

/* ---- another board ---- */

static void expect_exchange_noticed(enum stage stage)
{
    run_and_expect(RESULT_ERROR, FAIL_IDENTITY_CHANGED, stage);
    for (int i = w.exchanged_frame; w.exchanged_frame > 0 && i < w.frames; i++)
        assert_false(changes_flash(&w.log[i]));
    sim_bench_done(&w.b);
}

static void a_board_exchanged_before_the_end_is_no_pass(void **state)
{
    (void)state;
    for (int row = 0; row < 2 && init_row(row); row++) {
        w.exchange_at = STAGE_CONFIRM;
        expect_exchange_noticed(STAGE_CONFIRM);
    }
}

static void a_board_exchanged_while_an_answer_was_lost_is_not_written(void **state)
{
    (void)state;
    for (int row = 0; row < 2 && init_row(row); row++) {
        w.trouble = (struct trouble){
            row == 0 ? FLASH_DATA : DEFL_DATA, STAGE_WRITE, TINY_APP_OFFSET, 1, 1, LOSE_REPLY};
        w.exchange_on_trouble = true;
        expect_exchange_noticed(STAGE_WRITE);
    }
    init("no-reset-wire");
    w.b.session.connect.reset = RESET_NONE;
    w.trouble = (struct trouble){FLASH_DATA, STAGE_WRITE, TINY_APP_OFFSET, 1, 1, LOSE_REPLY};
    w.exchange_on_trouble = true;
    expect_exchange_noticed(STAGE_WRITE);
}

static void a_board_exchanged_between_two_tries_is_not_written(void **state)
{
    (void)state;
    init("good");
    w.b.tiny.job.retries = 1;
    w.trouble = (struct trouble){FLASH_BEGIN, STAGE_ERASE, ANY, 0, 2, BEYOND_FLASH};
    w.exchange_at = STAGE_CONNECT;
    w.exchange_visit = 1;
    run_and_expect(RESULT_ERROR, FAIL_IDENTITY_CHANGED, STAGE_IDENTIFY);
    assert_int_equal(w.met, 2);
    assert_int_equal(w.visits, 2);
    sim_bench_done(&w.b);
}

/* ---- reads and digests of another place ---- */

static void a_backup_of_another_place_is_none(void **state)
{
    (void)state;
    init("good");
    w.trouble = (struct trouble){READ_SLOW, STAGE_BACKUP, ANY, 0, 1000, OTHER_PLACE};
    run_and_expect(RESULT_ERROR, FAIL_BACKUP_READ, STAGE_BACKUP);
    assert_true(w.met > 0);
    assert_int_equal(w.b.recorder.backups, 0);
    assert_memory_equal(sim_bench_flash(&w.b), before, FLASH);
    sim_bench_done(&w.b);
}

/* Right, but of the sector next to the one asked for. */
static void a_digest_of_another_place_is_asked_for_again_and_then_no_pass(void **state)
{
    static const struct {
        enum stage stage;
        uint32_t at;
        int times;
        enum result result;
        enum failure_code code;
    } rows[] = {
        {STAGE_VERIFY, 0x2000, 1, RESULT_PASS, FAILURE_NONE},
        {STAGE_VERIFY, 0x2000, 2, RESULT_ERROR, FAIL_MD5_UNPROVEN},
        {STAGE_VERIFY, 0x9000, 2, RESULT_ERROR, FAIL_MD5_UNPROVEN},
        {STAGE_FINALISE, TINY_OTADATA, 2, RESULT_ERROR, FAIL_MD5_UNPROVEN},
        {STAGE_CONFIRM, 0x8000, 1, RESULT_PASS, FAILURE_NONE},
        {STAGE_CONFIRM, 0x8000, 2, RESULT_ERROR, FAIL_BESIDE_CHANGED},
        {STAGE_CONFIRM, BOOT_SECTOR, 2, RESULT_ERROR, FAIL_BESIDE_CHANGED},
        {STAGE_CONFIRM, 0, 1, RESULT_PASS, FAILURE_NONE},
        {STAGE_CONFIRM, 0, 2, RESULT_ERROR, FAIL_BESIDE_CHANGED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        init("good");
        w.trouble = (struct trouble){FLASH_MD5, rows[i].stage, rows[i].at, 0, rows[i].times, OTHER_PLACE};
        run_and_expect(rows[i].result, rows[i].code,
                       rows[i].result == RESULT_PASS ? STAGE_NONE : rows[i].stage);
        assert_int_equal(w.met, rows[i].times);
        sim_bench_done(&w.b);
    }
}

/* A flash that forgets must not get in by patience: whatever the job's retries, the board is done once more and no oftener. */
static void a_wrong_digest_is_done_once_more_at_most(void **state)
{
    (void)state;
    init("good");
    w.b.tiny.job.retries = 3;
    w.trouble = (struct trouble){FLASH_MD5, STAGE_VERIFY, 0x2000, 0, 1000, OTHER_PLACE};
    run_and_expect(RESULT_FAIL, FAIL_MD5_MISMATCH, STAGE_VERIFY);
    assert_int_equal(w.b.result.retries, 1);
    assert_int_equal(w.met, 4); /* in two tries, asked twice in each */
    sim_bench_done(&w.b);
}

/* Before the first erase each sector beside the plan is digested twice; two that differ are none. */
static void a_digest_beside_the_plan_that_was_misread_is_not_kept(void **state)
{
    (void)state;
    for (int skip_one = 0; skip_one < 2; skip_one++) {
        init("good");
        w.trouble = (struct trouble){FLASH_MD5, STAGE_BACKUP, 0, skip_one, 1, OTHER_PLACE};
        run_and_expect(RESULT_ERROR, FAIL_BACKUP_READ, STAGE_BACKUP);
        assert_memory_equal(sim_bench_flash(&w.b), before, FLASH);
        sim_bench_done(&w.b);
    }
}

/* Neither a MAC nor a fuse is believed that was read once: a bit turned on the way would be blamed on the board. */
static void a_register_that_was_misread_is_not_the_boards_fault(void **state)
{
    static const uint32_t rows[] = {0x3FF5A004, 0x3FF5A008, 0x3FF5A00C};

    (void)state;
    for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
        init("good");
        w.trouble = (struct trouble){READ_REG, STAGE_IDENTIFY, rows[i / 2], (int)i % 2, 1, OTHER_PLACE};
        run_and_expect(RESULT_ERROR, FAIL_IDENTIFY, STAGE_IDENTIFY);
        assert_int_equal(w.b.recorder.identified, 0);
        sim_bench_done(&w.b);
    }
}

/* ---- how a chip is left ---- */

static void an_aborted_chip_is_held_wherever_it_was(void **state)
{
    static const enum stage rows[] = {STAGE_IDENTIFY, STAGE_BACKUP, STAGE_ERASE, STAGE_WRITE, STAGE_CONFIRM};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        init("good");
        w.abort_at = rows[i];
        run_and_expect(RESULT_ABORTED, FAIL_ABORTED, rows[i]);
        assert_true(w.port.rts && !w.port.dtr); /* EN low: nothing runs */
        sim_bench_done(&w.b);
    }
}

static void a_refused_board_runs_unless_it_was_touched(void **state)
{
    (void)state;
    init("good");
    w.b.tiny.job.revision_min = 300;
    w.port.rts = true;
    run_and_expect(RESULT_FAIL, FAIL_WRONG_REVISION, STAGE_GATE);
    assert_false(w.port.rts || w.port.dtr);
    sim_bench_done(&w.b);
    init("bad-flash");
    run_and_expect(RESULT_ERROR, FAIL_MD5_UNPROVEN, STAGE_VERIFY);
    assert_true(w.port.rts && !w.port.dtr);
    sim_bench_done(&w.b);
    init("good");
    expect_pass();
    assert_false(w.port.rts || w.port.dtr);
    sim_bench_done(&w.b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_attempt_is_in_the_record_before_the_port_is_touched),
        cmocka_unit_test(the_boot_sector_is_the_first_that_changes_and_the_last),
        cmocka_unit_test(a_sector_without_a_bootloader_is_not_kept_as_one),
        cmocka_unit_test(no_block_is_sent_again_after_its_answer_was_lost),
        cmocka_unit_test(a_part_is_started_over_twice_and_no_more),
        cmocka_unit_test(a_stream_is_started_over_once_and_no_more),
        cmocka_unit_test(no_try_has_more_than_eight_starts_over),
        cmocka_unit_test(a_block_that_was_refused_goes_again_three_times),
        cmocka_unit_test(the_rom_hears_what_was_announced_no_end_and_nothing_compressed),
        cmocka_unit_test(a_board_exchanged_before_the_end_is_no_pass),
        cmocka_unit_test(a_board_exchanged_while_an_answer_was_lost_is_not_written),
        cmocka_unit_test(a_board_exchanged_between_two_tries_is_not_written),
        cmocka_unit_test(a_backup_of_another_place_is_none),
        cmocka_unit_test(a_digest_of_another_place_is_asked_for_again_and_then_no_pass),
        cmocka_unit_test(a_wrong_digest_is_done_once_more_at_most),
        cmocka_unit_test(a_digest_beside_the_plan_that_was_misread_is_not_kept),
        cmocka_unit_test(a_register_that_was_misread_is_not_the_boards_fault),
        cmocka_unit_test(an_aborted_chip_is_held_wherever_it_was),
        cmocka_unit_test(a_refused_board_runs_unless_it_was_touched),
    };

    return cmocka_run_group_tests_name("attempt wire", tests, NULL, NULL);
}
