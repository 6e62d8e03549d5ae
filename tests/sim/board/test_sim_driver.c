/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/clock.h"
#include "sim/board/sim_chip.h"
#include "sim/board/sim_tray.h"
#include "tests/support/hexfile.h"

struct bench {
    struct sim_tray *tray;
    struct clock *clock;
    void *port;
};

static void bench_open(struct bench *b, const struct sim_tray_config *config)
{
    char error[SIM_TRAY_ERROR] = "", detail[TRANSPORT_DETAIL_SIZE] = "";

    b->tray = sim_tray_new(config, error);
    assert_string_equal(error, "");
    b->clock = clock_new_virtual();
    struct transport_env env = {.clock = b->clock};
    assert_int_equal(sim_driver.open(&b->port, b->tray, "1", &env, detail), 0);
}

static void bench_close(struct bench *b)
{
    sim_driver.close(b->port);
    clock_free(b->clock);
    sim_tray_free(b->tray);
}

static void wait_us(struct bench *b, int64_t us)
{
    clock_wait_until(b->clock, clock_after(b->clock, us), NULL);
}

static void reset_into_bootloader(struct bench *b)
{
    sim_driver.set_lines(b->port, false, true);
    wait_us(b, 100000);
    sim_driver.set_lines(b->port, true, false);
    wait_us(b, 50000);
    sim_driver.set_lines(b->port, false, false);
}

static size_t read_until_quiet(struct bench *b, uint8_t *buf, size_t room, int64_t patience_us)
{
    size_t n = 0;

    for (;;) {
        ssize_t got = sim_driver.read(b->port, buf + n, room - n, clock_after(b->clock, patience_us));
        assert_true(got >= 0);
        if (got == 0)
            return n;
        n += (size_t)got;
    }
}

static void send_sync(struct bench *b)
{
    uint8_t sync[64];
    size_t n = hexfile_read("rom-session.hex", "sync-request", sync, sizeof sync);

    assert_int_equal(n, 46);
    assert_int_equal(sim_driver.write(b->port, sync, n, CLOCK_NEVER), 0);
}

static void reset_sequence_leads_to_the_bootloader_which_answers_sync_eight_times(void **state)
{
    (void)state;
    struct bench b;
    uint8_t got[4096];
    bench_open(&b, &(struct sim_tray_config){.count = 1, .revision = 1, .seed = 7});
    reset_into_bootloader(&b);
    size_t n = read_until_quiet(&b, got, sizeof got - 1, 20000);
    got[n] = '\0';
    assert_non_null(strstr((char *)got, "boot:0x3 "));
    assert_non_null(strstr((char *)got, "waiting for download\r\n"));

    send_sync(&b);
    n = read_until_quiet(&b, got, sizeof got, 20000);
    static const uint8_t one[14] = {0xc0, 1, 8, 4, 0, 7, 7, 0x12, 0x20, 0, 0, 0, 0, 0xc0};
    assert_int_equal(n, 8 * sizeof one);
    for (int i = 0; i < 8; i++)
        assert_memory_equal(got + i * sizeof one, one, sizeof one);
    bench_close(&b);
}

static void reset_without_gpio0_starts_the_program(void **state)
{
    (void)state;
    struct bench b;
    uint8_t got[4096];
    bench_open(&b, &(struct sim_tray_config){.count = 1, .revision = 1, .seed = 7});
    sim_driver.set_lines(b.port, false, true);
    wait_us(&b, 100000);
    read_until_quiet(&b, got, sizeof got, 1000);
    sim_driver.set_lines(b.port, false, false);
    size_t n = read_until_quiet(&b, got, sizeof got - 1, 20000);
    got[n] = '\0';
    assert_non_null(strstr((char *)got, "boot:0x13 (SPI_FAST_FLASH_BOOT)"));
    send_sync(&b);
    assert_int_equal(read_until_quiet(&b, got, sizeof got, 200000), 0);
    bench_close(&b);
}

static void writing_takes_the_time_of_the_line(void **state)
{
    (void)state;
    struct bench b;
    static const uint8_t block[11520];
    bench_open(&b, &(struct sim_tray_config){.count = 1, .revision = 1, .seed = 7});
    int64_t from = clock_now_us(b.clock);
    assert_int_equal(sim_driver.write(b.port, block, sizeof block, CLOCK_NEVER), 0);
    assert_int_equal(clock_now_us(b.clock) - from, 1000000); /* 11,520 bytes at 115,200 baud */
    from = clock_now_us(b.clock);
    assert_int_equal(sim_driver.set_baud(b.port, 1152000, NULL), 0);
    assert_int_equal(sim_driver.write(b.port, block, sizeof block, CLOCK_NEVER), 0);
    assert_int_equal(clock_now_us(b.clock) - from, 100000);
    bench_close(&b);
}

static void names_that_are_no_board_are_refused(void **state)
{
    (void)state;
    struct bench b;
    char detail[TRANSPORT_DETAIL_SIZE];
    void *port;
    bench_open(&b, &(struct sim_tray_config){.count = 1, .revision = 1, .seed = 7});
    struct transport_env env = {.clock = b.clock};
    assert_true(sim_driver.open(&port, b.tray, "2", &env, detail) < 0);
    assert_true(sim_driver.open(&port, b.tray, "0", &env, detail) < 0);
    assert_true(sim_driver.open(&port, b.tray, "1x", &env, detail) < 0);
    assert_true(sim_driver.open(&port, b.tray, "", &env, detail) < 0);
    bench_close(&b);
}

static void a_tray_refuses_what_it_cannot_be(void **state)
{
    (void)state;
    char error[SIM_TRAY_ERROR];
    static const struct sim_tray_config bad[] = {
        {.count = 0, .revision = 1},
        {.count = -3, .revision = 1},
        {.count = 1, .revision = 2},
        {.count = 1, .revision = 1, .flash_size = 3u << 20},
        {.count = 1, .revision = 1, .personalities = "1=unheard-of"},
        {.count = 1, .revision = 1, .personalities = "2=good"},
        {.count = 1, .revision = 1, .personalities = "good"},
        {.count = 1, .revision = 1, .chips = ""},
        {.count = 1, .revision = 1, .chips = "esp32c3,"},
        {.count = 1, .revision = 1, .chips = "esp8266"},
        {.count = 1, .revision = 1, .chips = "esp32c3@"},
        {.count = 1, .revision = 1, .chips = "esp32c3@x"},
        {.count = 1, .revision = 1, .chips = "esp32@2"},
        {.count = 1, .revision = 1, .chips = "esp32@1.1"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        error[0] = '\0';
        assert_null(sim_tray_new(&bad[i], error));
        assert_true(error[0] != '\0');
    }
}

/* However many there are, and however long the name that is none. */
static void an_unknown_chip_is_told_all_there_are(void **state)
{
    (void)state;
    const struct sim_tray_config c = {.count = 1, .revision = 1, .chips = "esp32-of-some-other-house"};
    char error[SIM_TRAY_ERROR], last[16];

    assert_null(sim_tray_new(&c, error));
    for (size_t i = 0; sim_chip_at(i) != NULL; i++)
        snprintf(last, sizeof last, " %s", sim_chip_at(i)->name);
    assert_string_equal(error + strlen(error) - strlen(last), last);
}

/* In turn, each with the flash that suits it, and a revision of its own where one is said. */
static void a_list_of_chips_mixes_a_tray(void **state)
{
    (void)state;
    static const struct {
        const char *chip;
        uint32_t flash_size;
    } boards[] = {{"esp32", 4u << 20}, {"esp32c3", 4u << 20}, {"esp32p4", 16u << 20}, {"esp32", 4u << 20}};
    const struct sim_tray_config c = {
        .count = 4, .revision = 3, .seed = 7, .chips = "esp32@0,esp32c3,esp32p4@3.1"};
    char error[SIM_TRAY_ERROR];
    struct sim_tray *t = sim_tray_new(&c, error);

    assert_non_null(t);
    for (int i = 1; i <= c.count; i++) {
        uint32_t size;
        const struct sim_board *b = sim_tray_board(t, i);
        assert_string_equal(sim_board_chip(b)->name, boards[i - 1].chip);
        sim_board_flash(b, &size);
        assert_int_equal(size, boards[i - 1].flash_size);
    }
    sim_tray_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reset_sequence_leads_to_the_bootloader_which_answers_sync_eight_times),
        cmocka_unit_test(reset_without_gpio0_starts_the_program),
        cmocka_unit_test(writing_takes_the_time_of_the_line),
        cmocka_unit_test(names_that_are_no_board_are_refused),
        cmocka_unit_test(a_tray_refuses_what_it_cannot_be),
        cmocka_unit_test(an_unknown_chip_is_told_all_there_are),
        cmocka_unit_test(a_list_of_chips_mixes_a_tray),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
