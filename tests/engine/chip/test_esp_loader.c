/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loader against what others recorded: every byte it sends is compared with tests/vectors/rom-replay.hex, every
 * answer comes from there. So engine and virtual board cannot share a mistake.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/digest.h"
#include "engine/chip/esp_chip.h"
#include "engine/chip/esp_loader.h"
#include "engine/port/transport.h"
#include "tests/support/hexfile.h"

#define VECTORS   "rom-replay.hex"
#define STEPS_MAX 32

/* A port that expects these steps in turn and plays their answers, a few bytes a read. */
struct replay {
    struct clock *clock;
    const char *steps[STEPS_MAX];
    int count, at;
    uint8_t answer[2048];
    size_t len, given;
    const uint8_t *instead; /* of the recorded answer to the next step; NULL: that */
    size_t instead_len;
    size_t chunk;
    bool wrong, babbles; /* a line that never falls silent */
    uint32_t baud;
};

static int replay_open(void **port, void *ctx, const char *name, const struct transport_env *env,
                       char *detail)
{
    (void)name, (void)env, (void)detail;
    *port = ctx;
    return 0;
}

static void replay_close(void *port)
{
    (void)port;
}

static ssize_t replay_read(void *port, void *buf, size_t len, int64_t deadline_us)
{
    struct replay *r = port;
    size_t n = r->len - r->given;

    if (r->babbles) { /* one byte in the time it takes */
        *(uint8_t *)buf = 'x';
        clock_wait_until(r->clock, clock_after(r->clock, 87), NULL);
        return 1;
    }
    if (n == 0) {
        clock_wait_until(r->clock, deadline_us, NULL);
        return 0;
    }
    n = n < len ? n : len;
    n = n < r->chunk ? n : r->chunk;
    memcpy(buf, r->answer + r->given, n);
    r->given += n;
    return (ssize_t)n;
}

static int replay_write(void *port, const void *buf, size_t len, int64_t deadline_us)
{
    struct replay *r = port;
    uint8_t want[2048];
    char name[64];

    (void)deadline_us;
    if (r->babbles)
        return 0;
    if (r->at == r->count) {
        r->wrong = true;
        return 0;
    }
    snprintf(name, sizeof name, "%s-tx", r->steps[r->at]);
    size_t n = hexfile_read(VECTORS, name, want, sizeof want);
    if (n != len || memcmp(want, buf, len) != 0) {
        print_message("step %s: other bytes were sent than recorded\n", r->steps[r->at]);
        r->wrong = true;
    }
    snprintf(name, sizeof name, "%s-rx", r->steps[r->at++]);
    r->len = hexfile_read(VECTORS, name, r->answer, sizeof r->answer);
    if (r->instead != NULL)
        memcpy(r->answer, r->instead, r->len = r->instead_len);
    r->given = 0;
    return 0;
}

static int replay_set_baud(void *port, uint32_t baud, uint32_t *actual)
{
    ((struct replay *)port)->baud = *actual = baud;
    return 0;
}

static int replay_set_lines(void *port, bool dtr, bool rts)
{
    (void)port, (void)dtr, (void)rts;
    return -ENOTSUP;
}

static int replay_flush(void *port)
{
    (void)port;
    return 0;
}

static const struct transport_driver replay_driver = {
    .scheme = "replay",
    .open = replay_open,
    .close = replay_close,
    .read = replay_read,
    .write = replay_write,
    .set_baud = replay_set_baud,
    .set_lines = replay_set_lines,
    .flush_input = replay_flush,
};

struct bench {
    struct replay replay;
    struct transport *t;
    struct esp_loader *l;
};

static void bench_init(struct bench *b, size_t chunk)
{
    const struct transport_binding bindings[] = {{&replay_driver, &b->replay}, {NULL, NULL}};
    struct failure f = {0};

    memset(b, 0, sizeof *b);
    b->replay.clock = clock_new_virtual();
    b->replay.chunk = chunk;
    const struct transport_env env = {b->replay.clock, NULL};
    assert_int_equal(transport_open(&b->t, bindings, "replay:", &env, &f), 0);
    assert_int_equal(transport_set_baud(b->t, 115200), 0);
    b->l = esp_loader_new(b->t, b->replay.clock);
    assert_non_null(b->l);
}

static void bench_done(struct bench *b)
{
    esp_loader_free(b->l);
    transport_close(b->t);
    clock_free(b->replay.clock);
}

static void play(struct bench *b, const char *step)
{
    b->replay.steps[b->replay.count++] = step;
}

/* As the recorded client asked for it, register by register. */
static uint32_t recorded_flash_id(struct bench *b)
{
    static const char *const names[] = {"rdid0", "rdid1", "rdid2", "rdid3", "rdid4", "rdid5",
                                        "rdid6", "rdid7", "rdid8", "rdid9", "rdid10"};
    static const struct {
        uint32_t address, value;
        bool write;
    } steps[] = {
        {0x3ff4201c, 0, false},         {0x3ff42024, 0, false},         {0x3ff4202c, 0x17, true},
        {0x3ff4201c, 0x90000000, true}, {0x3ff42024, 0x7000009f, true}, {0x3ff42080, 0, true},
        {0x3ff42000, 0x40000, true},    {0x3ff42000, 0, false},         {0x3ff42080, 0, false},
        {0x3ff4201c, 0x50000000, true}, {0x3ff42024, 0x70000003, true},
    };
    uint32_t value[sizeof steps / sizeof steps[0]] = {0};

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        play(b, names[i]);
        assert_int_equal(steps[i].write ? esp_loader_write_reg(b->l, steps[i].address, steps[i].value)
                                        : esp_loader_read_reg(b->l, steps[i].address, &value[i]),
                         0);
    }
    assert_int_equal(value[7] & 1u << 18, 0); /* done */
    return value[8];
}

static void whole_session(size_t chunk)
{
    struct bench b;
    uint32_t value = 0;
    uint8_t md5[MD5_SIZE];
    char hex[2 * MD5_SIZE + 1];

    bench_init(&b, chunk);
    play(&b, "sync");
    assert_int_equal(esp_loader_sync(b.l, 100000), 0);
    assert_false(esp_loader_is_stub(b.l));
    play(&b, "magic");
    assert_int_equal(esp_loader_read_reg(b.l, 0x40001000, &value), 0);
    assert_int_equal(value, 0x00f01d83);
    play(&b, "baud");
    assert_int_equal(esp_loader_change_baud(b.l, 460800, 460800), 0);
    assert_int_equal(b.replay.baud, 460800);
    play(&b, "attach");
    assert_int_equal(esp_loader_spi_attach(b.l, 0), 0);
    value = recorded_flash_id(&b);
    assert_int_equal(value, 0x1640c8);
    play(&b, "params");
    assert_int_equal(esp_loader_spi_set_size(b.l, esp_flash_size(value)), 0);
    play(&b, "flash-begin");
    assert_int_equal(esp_loader_flash_begin(b.l, 0x20000, 0x1000), 0);
    play(&b, "md5");
    assert_int_equal(esp_loader_md5(b.l, 0x20000, 20004, md5), 0);
    digest_hex(md5, MD5_SIZE, hex);
    assert_string_equal(hex, "c7752aef605728967a05aa8dc0071249");
    assert_false(b.replay.wrong);
    assert_int_equal(b.replay.at, b.replay.count);
    bench_done(&b);
}

/* The ROM's own inflate destroys what follows the data: not one byte of a compressed write may reach it. */
static void only_a_stub_is_given_compressed_data(void **state)
{
    struct bench b;
    uint8_t data[16] = {0};

    (void)state;
    bench_init(&b, 64);
    assert_int_equal(esp_loader_defl_begin(b.l, 0x10000, 20004, 10924), -ENOTSUP);
    assert_int_equal(esp_loader_defl_block(b.l, 0, data, sizeof data, 16), -ENOTSUP);
    assert_false(b.replay.wrong);
    esp_loader_set_stub(b.l, true);
    play(&b, "stub-defl-begin");
    assert_int_equal(esp_loader_defl_begin(b.l, 0x10000, 20004, 10924), 0);
    assert_false(b.replay.wrong);
    assert_int_equal(b.replay.at, b.replay.count);
    bench_done(&b);
}

/* One round trip for what the ROM does in one; a stub is told one at a time. */
static void several_registers_are_written_in_one_command_by_the_rom_alone(void **state)
{
    static const uint32_t writes[][2] = {{0x3ffd0000, 1}, {0x3ffd0004, 2}};
    struct bench b;
    uint32_t value = 0;

    (void)state;
    bench_init(&b, 64);
    play(&b, "two-writes");
    assert_int_equal(esp_loader_write_regs(b.l, writes, 2), 0);
    play(&b, "first-of-two");
    assert_int_equal(esp_loader_read_reg(b.l, 0x3ffd0000, &value), 0);
    assert_int_equal(value, 1);
    play(&b, "second-of-two");
    assert_int_equal(esp_loader_read_reg(b.l, 0x3ffd0004, &value), 0);
    assert_int_equal(value, 2);
    esp_loader_set_stub(b.l, true);
    play(&b, "one-write");
    play(&b, "other-write");
    assert_int_equal(esp_loader_write_regs(b.l, writes, 2), 0);
    assert_false(b.replay.wrong);
    assert_int_equal(b.replay.at, b.replay.count);
    bench_done(&b);
}

/* All eight answers in hand there is nothing to wait for; where some got lost, silence says that no more come. */
static void a_sync_ends_with_its_last_answer(void **state)
{
    static const struct {
        unsigned lost, answers_before; /* of the eight; to an earlier one that was given up */
        int64_t at_least_us, at_most_us;
    } rows[] = {{0, 0, 0, 1000}, {1, 0, 30000, 31000}, {0, 8, 0, 1000}, {0, 3, 30000, 31000}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench b;
        uint8_t answers[16 * 14];
        bench_init(&b, 512);
        if (rows[i].answers_before > 0)
            assert_int_equal(esp_loader_sync(b.l, 100000), -ETIMEDOUT);
        play(&b, "sync");
        size_t n = hexfile_read(VECTORS, "sync-rx", answers, sizeof answers);
        assert_int_equal(n, 8 * 14);
        memcpy(answers + n, answers, n);
        b.replay.instead = answers;
        b.replay.instead_len = n - rows[i].lost * 14 + rows[i].answers_before * 14;
        int64_t began = clock_now_us(b.replay.clock);
        assert_int_equal(esp_loader_sync(b.l, 100000), 0);
        assert_in_range(clock_now_us(b.replay.clock) - began, rows[i].at_least_us, rows[i].at_most_us);
        bench_done(&b);
    }
}

static void a_recorded_session_is_repeated_byte_for_byte(void **state)
{
    (void)state;
    whole_session(512);
    whole_session(1); /* however the port cuts it up */
    whole_session(7);
}

static void answers_that_are_none_are_told_apart(void **state)
{
    struct bench b;
    uint32_t value = 0;
    static const uint8_t unknown[] = {0xc0, 1, 8, 4, 0, 7, 7, 0x12, 0x20, 1, 5, 0, 0, 0xc0};
    static const uint8_t refused[] = {0xc0, 1, 0x0a, 4, 0, 0, 0, 0, 0, 1, 7, 0xff, 0xff, 0xc0};
    static const uint8_t not_written[] = {0xc0, 1, 0x0a, 4, 0, 0, 0, 0, 0, 1, 8, 0xff, 0xff, 0xc0};
    static const uint8_t after_noise[] = {'b', 'o', 'o', 't', 0xc0, 0xdb, 0x01, 0xc0, 0xc0, 1, 0x0a,
                                          4,   0,   5,   0,   0,    0,    0,    0,    9,    9, 0xc0};
    static const struct {
        const uint8_t *bytes;
        size_t len;
        int rc;
        int status; /* both status bytes of a refusal */
        bool by_flash;
    } rows[] = {
        {unknown, sizeof unknown, -EBADMSG, 0, false},
        {refused, sizeof refused, -EREMOTEIO, 0x0107, false},
        {not_written, sizeof not_written, -EREMOTEIO, 0x0108, true},
        {unknown, 0, -ETIMEDOUT, 0, false},
        {refused, 5, -ETIMEDOUT, 0, false},
        {after_noise, sizeof after_noise, 0, 0, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bench_init(&b, 512);
        memcpy(b.replay.answer, rows[i].bytes, rows[i].len);
        b.replay.len = rows[i].len;
        assert_int_equal(esp_loader_read_reg(b.l, 0x40001000, &value), rows[i].rc);
        if (rows[i].rc == -EREMOTEIO) {
            struct failure f = {0};
            esp_loader_failure(b.l, &f, STAGE_IDENTIFY, rows[i].rc, FAIL_IDENTIFY, FAIL_CHIP_REFUSED);
            assert_int_equal(f.code, FAIL_CHIP_REFUSED);
            assert_int_equal(f.sys, rows[i].status);
            assert_int_equal(esp_loader_flash_refused(b.l), rows[i].by_flash);
        }
        bench_done(&b);
    }
    assert_int_equal(value, 5);
}

/* A board that prints for ever (or a short circuit) holds nobody past a deadline. */
static void a_line_that_never_falls_silent_outlasts_no_deadline(void **state)
{
    struct bench b;
    uint32_t value;

    (void)state;
    bench_init(&b, 512);
    b.replay.babbles = true;
    int64_t until = clock_after(b.replay.clock, 100000);
    assert_int_equal(esp_loader_listen(b.l, until), 0);
    assert_in_range(clock_now_us(b.replay.clock), until, until + 87);
    assert_int_equal(esp_loader_sync(b.l, 100000), -ETIMEDOUT);
    assert_int_equal(esp_loader_read_reg(b.l, 0x40001000, &value), -ETIMEDOUT);
    bench_done(&b);
}

/* What a stub answers to READ_FLASH, written by hand: yes, one packet, and the MD5 of "flash me" by md5sum. */
#define STUB_YES 0xC0, 1, 0xD2, 2, 0, 0, 0, 0, 0, 0, 0, 0xC0
#define FLASH_ME 0xC0, 'f', 'l', 'a', 's', 'h', ' ', 'm', 'e', 0xC0
#define FLASH_MY 0xC0, 'f', 'l', 'a', 's', 'h', ' ', 'm', 'y', 0xC0
#define ITS_MD5  0x1A, 0xCF, 0x13, 0x68, 0x94, 0x7D, 0xEC, 0xBC, 0xC4, 0x14, 0x8D, 0xF3, 0x15, 0x9A, 0xD9, 0x35

static void a_read_is_believed_with_the_stubs_digest_only(void **state)
{
    static const uint8_t good[] = {STUB_YES, FLASH_ME, 0xC0, ITS_MD5, 0xC0};
    static const uint8_t other_byte[] = {STUB_YES, FLASH_MY, 0xC0, ITS_MD5, 0xC0};
    static const uint8_t short_digest[] = {STUB_YES, FLASH_ME, 0xC0, 1, 2, 3, 0xC0};
    static const uint8_t no_digest[] = {STUB_YES, FLASH_ME};
    static const struct {
        const uint8_t *bytes;
        size_t len;
        int rc;
    } rows[] = {
        {good, sizeof good, 0},
        {other_byte, sizeof other_byte, -EBADMSG},
        {short_digest, sizeof short_digest, -EBADMSG},
        {no_digest, sizeof no_digest, -ETIMEDOUT},
    };
    struct bench b;
    uint8_t out[8];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bench_init(&b, 512);
        esp_loader_set_stub(b.l, true);
        memcpy(b.replay.answer, rows[i].bytes, rows[i].len);
        b.replay.len = rows[i].len;
        assert_int_equal(esp_loader_read_flash(b.l, 0x3FF000, out, sizeof out), rows[i].rc);
        if (rows[i].rc == 0)
            assert_memory_equal(out, "flash me", sizeof out);
        bench_done(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recorded_session_is_repeated_byte_for_byte),
        cmocka_unit_test(several_registers_are_written_in_one_command_by_the_rom_alone),
        cmocka_unit_test(a_sync_ends_with_its_last_answer),
        cmocka_unit_test(only_a_stub_is_given_compressed_data),
        cmocka_unit_test(answers_that_are_none_are_told_apart),
        cmocka_unit_test(a_read_is_believed_with_the_stubs_digest_only),
        cmocka_unit_test(a_line_that_never_falls_silent_outlasts_no_deadline),
    };
    return cmocka_run_group_tests_name("esp_loader", tests, NULL, NULL);
}
