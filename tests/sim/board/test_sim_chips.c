/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a virtual board of each chip tells a tool: who it is, its MAC and revision where tools read them, its flash's id
 * through its own controller, where it starts from, what it prints. Expected values are those of public sources, written down
 * here once more, so that a slip in the board's table does not repeat itself here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "sim/board/sim_chip.h"
#include "sim/board/sim_stub.h"
#include "tests/support/board_host.h"

#define OP_READ_REG  0x0a
#define OP_WRITE_REG 0x09
#define OP_ATTACH    0x0d
#define OP_PARAMS    0x0b
#define OP_SECURITY  0x14

struct facts {
    const char *name;
    uint8_t id, info_size;
    uint32_t magic;                  /* at 0x40001000; 0: it has none, or none is known */
    uint32_t mac;                    /* register of its low word */
    uint32_t high;                   /* what the word behind it holds above the MAC */
    uint32_t spi, user, user2, data; /* base and offsets of the flash controller */
    uint32_t major_at, major_shift, major, minor_at, minor_shift, minor;
    uint32_t baud_of_banner;
    const char *run, *download; /* pieces of what it prints */
    uint32_t boot_at;
};

/* clang-format off */
static const struct facts facts[] = {
    {"esp32", 0, 0, 0x00f01d83, 0x3ff5a004, 0, 0x3ff42000, 0x1c, 0x24, 0x80, 0x3ff5a00c,
     15, 1, 0x3ff5a014, 24, 0, 115200, "boot:0x13 (SPI_FAST_FLASH_BOOT)", "boot:0x3 (DOWNLOAD_BOOT(", 0x1000},
    {"esp32s2", 2, 12, 0x7c6, 0x3f41a044, 0, 0x3f402000, 0x18, 0x20, 0x58, 0x3f41a050,
     18, 1, 0x3f41a054, 4, 0, 115200, "ESP-ROM:esp32s2-rc4-20191025", "DOWNLOAD(USB/UART0/1/SPI)", 0x1000},
    {"esp32s3", 9, 20, 9, 0x60007044, 0, 0x60002000, 0x18, 0x20, 0x58, 0x60007058,
     24, 0, 0x60007050, 18, 2, 115200, "ESP-ROM:esp32s3-20210327", "DOWNLOAD(USB/UART0)", 0},
    {"esp32c3", 5, 20, 0x1b31506f, 0x60008844, 0, 0x60002000, 0x18, 0x20, 0x58, 0x60008858,
     24, 0, 0x60008850, 18, 3, 115200, "ESP-ROM:esp32c3-api1-20210207", "DOWNLOAD(USB/UART0/1)", 0},
    {"esp32c2", 12, 20, 0x7c41a06f, 0x60008840, 0x51, 0x60002000, 0x18, 0x20, 0x58, 0x60008844,
     20, 1, 0x60008844, 16, 1, 74880, "ESP-ROM:esp8684-api2-20220127", "DOWNLOAD(UART0)", 0},
    {"esp32c5", 23, 20, 0x5fd1406f, 0x600b4844, 0xfffe, 0x60003000, 0x18, 0x20, 0x58, 0x600b484c,
     4, 1, 0x600b484c, 0, 0, 115200, "boot:0x18 (SPI_FAST_FLASH_BOOT)", "waiting for download", 0x2000},
    {"esp32c6", 13, 20, 0x2ce0806f, 0x600b0844, 0xfffe, 0x60003000, 0x18, 0x20, 0x58, 0x600b0850,
     22, 0, 0x600b0850, 18, 1, 115200, "ESP-ROM:esp32c6-20220919", "DOWNLOAD(USB/UART0/SDIO_FEI_FEO)", 0},
    {"esp32c61", 20, 20, 0x7211606f, 0x600b4844, 0, 0x60003000, 0x18, 0x20, 0x58, 0x600b484c,
     4, 1, 0x600b484c, 0, 0, 115200, "ESP-ROM:esp32c61-eco3-20250228", "waiting for download", 0},
    {"esp32h2", 16, 20, 0xd7b73e80, 0x600b0844, 0xfffe, 0x60003000, 0x18, 0x20, 0x58, 0x600b0850,
     21, 0, 0x600b0850, 18, 1, 115200, "ESP-ROM:esp32h2-20221101", "DOWNLOAD(USB/UART0)", 0},
    {"esp32h21", 25, 20, 0, 0x600b4044, 0xfffe, 0x60003000, 0x18, 0x20, 0x58, 0x600b4058,
     8, 0, 0x600b4058, 4, 1, 115200, "boot:0xc (SPI_FAST_FLASH_BOOT)", "boot:0x4 (DOWNLOAD(USB/UART0))", 0},
    {"esp32p4", 18, 20, 0, 0x5012d044, 0, 0x5008d000, 0x18, 0x20, 0x58, 0x5012d04c,
     4, 1, 0x5012d04c, 0, 3, 115200, "boot:0x30f (SPI_FAST_FLASH_BOOT)", "boot:0x307 (DOWNLOAD(USB/UART0/SPI))", 0x2000},
};
/* clang-format on */

#define FACTS (sizeof facts / sizeof facts[0])

static const struct facts *facts_of(const char *name)
{
    const struct facts *f = facts;

    while (f < facts + FACTS && strcmp(f->name, name) != 0)
        f++;
    assert_true(f < facts + FACTS);
    return f;
}

/* A chip whose row is missing here goes untested. */
static void every_chip_has_a_row_here(void **state)
{
    (void)state;
    for (size_t i = 0; sim_chip_at(i) != NULL; i++)
        assert_non_null(facts_of(sim_chip_at(i)->name));
}

/* A board of that chip in its loader, SYNC done. */
static void start_with(struct board_host *h, const char *name, const char *personality, int revision)
{
    struct sim_board_config c = host_board(personality);

    c.chip = sim_chip_find(name);
    assert_non_null(c.chip);
    c.revision = revision >= 0 ? revision : c.chip->revision;
    host_start(h, &c);
    host_sync(h);
}

static uint32_t reg(struct board_host *h, uint32_t address)
{
    uint32_t value = 0;

    assert_true(host_reads(h, address, &value));
    return value;
}

static void set(struct board_host *h, uint32_t address, uint32_t value)
{
    const uint32_t words[4] = {address, value, 0xffffffff, 0};
    uint8_t got[64];

    assert_true(host_ask(h, OP_WRITE_REG, words, 4, got) > 0);
    assert_int_equal(got[8], 0);
}

/* As tools ask for it: command and data-in phases, 24 bits, 9F. */
static uint32_t flash_id(struct board_host *h, const struct facts *f)
{
    const uint32_t attach[2] = {0, 0};
    uint8_t got[64];

    host_ask(h, OP_ATTACH, attach, 2, got);
    set(h, f->spi + (f->user == 0x1c ? 0x2c : 0x28), 23);
    set(h, f->spi + f->user, 0x90000000);
    set(h, f->spi + f->user2, 0x7000009f);
    set(h, f->spi + f->data, 0);
    set(h, f->spi, 1u << 18);
    return reg(h, f->spi + f->data);
}

static void each_chip_says_who_it_is(void **state)
{
    (void)state;
    static struct board_host h;
    uint8_t got[64];

    for (const struct facts *f = facts; f < facts + FACTS; f++) {
        start_with(&h, f->name, NULL, -1);
        ssize_t n = host_ask(&h, OP_SECURITY, NULL, 0, got);
        if (f->info_size == 0) {
            assert_int_equal(n, 12);
            assert_int_equal(got[8] << 8 | got[9], 0x0105);
            host_pass(&h, HOST_SECOND / 5); /* eight times, as everything behind a SYNC */
            host_drop(&h);
        } else {
            assert_int_equal(n, 8 + f->info_size + 4);
            assert_int_equal(got[2], f->info_size + 4);
            assert_int_equal(got[8], 0); /* no flags */
            if (f->info_size == 20)
                assert_int_equal(got[20], f->id);
        }
        if (f->magic != 0)
            assert_int_equal(reg(&h, 0x40001000), f->magic);
        host_end(&h);
    }
}

/* Tools look at the date of its flash controller. */
static void a_p4_is_told_without_a_magic_word(void **state)
{
    (void)state;
    static struct board_host h;

    start_with(&h, "esp32p4", NULL, -1);
    assert_int_equal(reg(&h, 0x500d0000) & 0x7ffffff, 0x2207202);
    host_end(&h);
}

static void mac_and_revision_stand_where_tools_read_them(void **state)
{
    (void)state;
    static struct board_host h;

    for (const struct facts *f = facts; f < facts + FACTS; f++) {
        start_with(&h, f->name, NULL, -1);
        const struct sim_board_config c = host_board(NULL);
        const uint8_t *m = c.mac.bytes;
        uint32_t low = reg(&h, f->mac), high = reg(&h, f->mac + 4);
        assert_int_equal(low, (uint32_t)m[2] << 24 | (uint32_t)m[3] << 16 | (uint32_t)m[4] << 8 | m[5]);
        assert_int_equal(high & 0xffff, m[0] << 8 | m[1]);
        if (f->id != 0)
            assert_int_equal(high >> 16, f->high);
        assert_int_equal(reg(&h, f->major_at) >> f->major_shift & (f->id == 0 ? 1 : 3), f->major);
        assert_int_equal(reg(&h, f->minor_at) >> f->minor_shift & (f->id == 0 ? 3 : 7), f->minor);
        host_end(&h);
    }
}

static void the_flash_is_behind_each_chips_own_controller(void **state)
{
    (void)state;
    static struct board_host h;

    for (const struct facts *f = facts; f < facts + FACTS; f++) {
        start_with(&h, f->name, NULL, -1);
        assert_int_equal(flash_id(&h, f) & 0xffffff, 0x1640ef);
        host_end(&h);
    }
}

static void each_chip_prints_and_starts_as_its_own(void **state)
{
    (void)state;
    static struct board_host h;
    static const uint8_t magic = 0xe9;
    char text[600];

    for (const struct facts *f = facts; f < facts + FACTS; f++) {
        struct sim_board_config c = host_board(NULL);
        c.chip = sim_chip_find(f->name);
        c.revision = c.chip->revision;
        c.reset_wired = true;
        host_start(&h, &c);
        sim_board_set_baud(h.board, f->baud_of_banner, h.now);
        host_boot_text(&h, true, text, sizeof text);
        assert_non_null(strstr(text, f->download));
        assert_non_null(strstr(text, "waiting for download"));
        host_boot_text(&h, false, text, sizeof text);
        assert_non_null(strstr(text, f->run));
        assert_null(strstr(text, "MicroPython"));
        sim_board_preload(h.board, f->boot_at, &magic, 1);
        host_boot_text(&h, false, text, sizeof text);
        assert_non_null(strstr(text, "MicroPython"));
        host_end(&h);
    }
}

/* The ESP32 has no such mode; an S2 in it says so in 12 bytes, the others also which chip they are. */
static void secure_download_mode_reads_and_runs_nothing(void **state)
{
    (void)state;
    static struct board_host h;
    static const uint8_t forbidden[] = {0x05, 0x06, 0x07, 0x09, 0x0a, 0x0e, 0x10, 0x11, 0x12, 0x13};
    const uint32_t words[6] = {0x40001000, 0x400, 0x400, 0x10000, 0, 0};
    uint8_t got[64], data[0x400];

    for (const struct facts *f = facts + 1; f < facts + FACTS; f++) {
        start_with(&h, f->name, "secure-download", -1);
        host_ask(&h, OP_SECURITY, NULL, 0, got);
        assert_int_equal(got[8], 4); /* SECURE_DOWNLOAD_ENABLE */
        for (size_t i = 0; i < sizeof forbidden; i++) {
            assert_int_equal(host_ask(&h, forbidden[i], words, 5, got), 12);
            assert_int_equal(got[1], OP_SECURITY); /* under the last accepted command's name */
            assert_int_equal(got[8] << 8 | got[9], 0x0105);
        }
        const uint32_t params[6] = {0, 4u << 20, 0x10000, 0x1000, 0x100, 0xffff}, attach[2] = {0, 0};
        const uint32_t begin[5] = {0x400, 1, 0x400, 0x10000, 0};
        host_ask(&h, OP_ATTACH, attach, 2, got);
        host_ask(&h, OP_PARAMS, params, 6, got);
        assert_int_equal(got[8], 0);
        host_ask(&h, 0x02, begin, 5, got);
        assert_int_equal(got[8], 0);
        memset(data, 0x5c, sizeof data);
        host_block(&h, 0x03, 0, data, sizeof data);
        assert_true(host_reply(&h, got, sizeof got, HOST_SECOND) > 0);
        assert_int_equal(got[8], 0);
        assert_memory_equal(sim_board_flash(h.board, NULL) + 0x10000, data, sizeof data);
        host_end(&h);
    }
}

static void a_p4_of_v3_1_has_no_flash_until_it_is_switched_on(void **state)
{
    (void)state;
    static struct board_host h;
    const struct facts *p4 = facts_of("esp32p4");

    for (int way = 0; way < 2; way++) {
        start_with(&h, "esp32p4", way == 0 ? "flash-unpowered" : NULL, way == 0 ? -1 : 302);
        assert_int_equal(reg(&h, 0x5012d04c) >> 4 & 3, 3); /* tools go by the revision */
        assert_int_equal(flash_id(&h, p4) & 0xffffff, 0xffffff);
        set(&h, 0x501153fc, reg(&h, 0x501153fc) | 3);
        assert_int_equal(flash_id(&h, p4) & 0xffffff, 0xffffff);
        set(&h, 0x5011010c, 1);
        assert_int_equal(flash_id(&h, p4) & 0xffffff, 0x1640ef);
        host_end(&h);
    }
    start_with(&h, "esp32s3", "flash-unpowered", -1);
    assert_int_equal(flash_id(&h, facts_of("esp32s3")) & 0xffffff, 0xffffff);
    host_end(&h);
}

/* Asked for a rate, a C2's ROM makes 26/40 of it: its crystal is not the one that it takes for granted. */
static void the_roms_of_c2_and_c5_misjudge_their_crystal(void **state)
{
    (void)state;
    static struct board_host h;
    static const struct {
        const char *chip, *personality;
        uint32_t asked, made, expected; /* expected: MHz in the C5's register */
    } rows[] = {{"esp32c2", NULL, 460800, 299520, 0},
                {"esp32c2", "other-crystal", 460800, 460800, 0},
                {"esp32c5", NULL, 460800, 460800, 48},
                {"esp32c5", "other-crystal", 460800, 384000, 48},
                {"esp32h2", NULL, 460800, 460800, 0}};
    uint8_t got[64];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const uint32_t words[2] = {rows[i].asked, 0};
        start_with(&h, rows[i].chip, rows[i].personality, -1);
        if (rows[i].expected != 0)
            assert_int_equal(reg(&h, 0x60096110) >> 24 & 0x7f, rows[i].expected);
        host_ask(&h, 0x0f, words, 2, got);
        assert_in_range(sim_board_baud(h.board), rows[i].made * 995 / 1000, rows[i].made * 1005 / 1000);
        host_end(&h);
    }
}

static void a_burnt_mac_stands_beside_the_factorys(void **state)
{
    (void)state;
    static struct board_host h;
    static const struct {
        const char *chip;
        uint32_t at; /* of its first byte */
    } rows[] = {{"esp32", 0x3ff5a079},   {"esp32s2", 0x3f41a095}, {"esp32c3", 0x60008895},
                {"esp32c2", 0x60008834}, {"esp32c6", 0x600b0895}, {"esp32p4", 0x5012d095}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        start_with(&h, rows[i].chip, "custom-mac", -1);
        struct mac own = host_board(NULL).mac;
        own.bytes[5] ^= 0x40;
        uint32_t low = reg(&h, rows[i].at), high = reg(&h, rows[i].at + 4);
        assert_int_equal(low, (uint32_t)own.bytes[3] << 24 | (uint32_t)own.bytes[2] << 16 |
                                  (uint32_t)own.bytes[1] << 8 | own.bytes[0]);
        assert_int_equal(high & 0xffff, own.bytes[5] << 8 | own.bytes[4]);
        if (i == 0) {
            assert_int_equal(reg(&h, 0x3ff5a078) & 0xff, mac_crc8(&own));
            assert_int_equal(reg(&h, 0x3ff5a08c) >> 24, 1);
        }
        host_end(&h);
    }
}

/* As espefuse's set-flash-voltage, burn-efuse and burn-key leave a chip: addresses of the tables of ESP-IDF. */
static void what_a_personality_burns_is_where_the_chip_keeps_it(void **state)
{
    static struct board_host h;
    static const struct {
        const char *chip, *personality;
        uint32_t at, word;
    } rows[] = {
        {"esp32", "vdd-1v8", 0x3ff5a010, 1u << 16 | 1u << 14},
        {"esp32", "vdd-3v3", 0x3ff5a010, 1u << 16 | 1u << 15 | 1u << 14},
        {"esp32", "jtag-off", 0x3ff5a018, 1u << 6},
        {"esp32", "key-burnt", 0x3ff5a000, 1u << 16 | 1u << 7},
        {"esp32s2", "vdd-1v8", 0x3f41a034, 1u << 6 | 1u << 4},
        {"esp32s2", "jtag-off", 0x3f41a030, 1u << 18},
        {"esp32s3", "vdd-3v3", 0x60007034, 1u << 6 | 1u << 5 | 1u << 4},
        {"esp32s3", "jtag-off", 0x60007030, 1u << 19},
        {"esp32c3", "vdd-1v8", 0x60008834, 0},
        {"esp32c3", "key-burnt", 0x6000882c, 1u << 23},
        {"esp32c3", "key-burnt", 0x60008830, 1},
        {"esp32c3", "key-burnt", 0x60008834, 4u << 24},
        {"esp32c2", "jtag-off", 0x60008830, 1u << 4},
        {"esp32c2", "key-burnt", 0x60008830, 3},
        {"esp32c2", "key-burnt", 0x6000882c, 1u << 7},
        {"esp32c5", "key-burnt", 0x600b4834, 4u << 22},
        {"esp32c61", "jtag-off", 0x600b4830, 1u << 13},
        {"esp32c61", "key-burnt", 0x600b4834, 4},
        {"esp32c6", "jtag-off", 0x600b0830, 1u << 19},
        {"esp32h2", "key-burnt", 0x600b0834, 4u << 24},
        {"esp32h21", "jtag-off", 0x600b4030, 1u << 19},
        {"esp32p4", "jtag-off", 0x5012d030, 1u << 19},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const uint32_t trim = 0xff; /* of the ESP32's oscillator, in one of these words */

        start_with(&h, rows[i].chip, rows[i].personality, -1);
        uint32_t word = reg(&h, rows[i].at);
        assert_int_equal(rows[i].at == 0x3ff5a010 ? word & ~trim : word, rows[i].word);
        host_end(&h);
    }
}

/* Five words of BEGIN for all but the ESP32, four for that; what a stream does not reach stays as it was. */
static void later_roms_take_five_words_and_write_a_stream_exactly(void **state)
{
    (void)state;
    static struct board_host h;
    /* 16 bytes of 'a' as zlib makes them. */
    static const uint8_t stream[] = {0x78, 0x9c, 0x4b, 0x4c, 0x44, 0x05, 0x00, 0x33, 0x98, 0x06, 0x11};
    static const uint8_t before[0x9000];
    const uint32_t params[6] = {0, 4u << 20, 0x10000, 0x1000, 0x100, 0xffff}, attach[2] = {0, 0};
    const uint32_t begin[5] = {16, 1, 0x400, 0x10000, 0};
    uint8_t got[64];

    for (const struct facts *f = facts; f < facts + FACTS; f++) {
        start_with(&h, f->name, NULL, -1);
        sim_board_preload(h.board, 0x10000, before, sizeof before);
        host_ask(&h, OP_ATTACH, attach, 2, got);
        host_ask(&h, OP_PARAMS, params, 6, got);
        host_ask(&h, 0x10, begin, f->id == 0 ? 5 : 4, got);
        assert_int_equal(got[8] << 8 | got[9], 0x0105);
        host_ask(&h, 0x10, begin, f->id == 0 ? 4 : 5, got);
        assert_int_equal(got[8], 0);
        host_block(&h, 0x11, 0, stream, sizeof stream);
        assert_true(host_reply(&h, got, sizeof got, HOST_SECOND) > 0);
        assert_int_equal(got[8], 0);
        const uint8_t *flash = sim_board_flash(h.board, NULL);
        assert_memory_equal(flash + 0x10000, "aaaaaaaaaaaaaaaa", 16);
        assert_int_equal(flash[0x10010], f->id == 0 ? 0 : 0xff); /* the ESP32 programs a whole window */
        assert_int_equal(flash[0x11000], 0);
        host_end(&h);
    }
}

/* The fuses of a personality are those of its chip, and what it does to a loader it does on any. */
static void personalities_go_with_every_chip(void **state)
{
    (void)state;
    static struct board_host h;
    char text[600];
    uint8_t got[64];

    for (const struct facts *f = facts; f < facts + FACTS; f++) {
        start_with(&h, f->name, "blank-mac", -1);
        assert_int_equal(reg(&h, f->mac), 0);
        assert_int_equal(reg(&h, f->mac + 4) & 0xffff, 0);
        assert_int_equal(reg(&h, f->major_at) >> f->major_shift & (f->id == 0 ? 1 : 3), f->major);
        host_end(&h);
        start_with(&h, f->name, "flash-id-bad", -1);
        assert_int_equal(flash_id(&h, f) & 0xffffff, 0xffffff);
        host_end(&h);
        start_with(&h, f->name, "runs-app", -1);
        host_boot_text(&h, true, text, sizeof text);
        assert_null(strstr(text, "waiting for download"));
        host_end(&h);
        start_with(&h, f->name, "wrong-chip", -1);
        assert_int_equal(reg(&h, 0x40001000), f->id == 0 ? 0x7c6 : 0x00f01d83);
        host_end(&h);
        if (f->info_size == 0)
            continue;
        start_with(&h, f->name, "secure-boot-2", -1);
        host_ask(&h, OP_SECURITY, NULL, 0, got);
        assert_int_equal(got[8], 1);
        host_end(&h);
        start_with(&h, f->name, "encrypted", -1);
        host_ask(&h, OP_SECURITY, NULL, 0, got);
        assert_int_equal(got[12], 1);
        host_end(&h);
        start_with(&h, f->name, "download-disabled", -1);
        host_boot_text(&h, true, text, sizeof text);
        assert_true(f->baud_of_banner != 115200 || strstr(text, "Download boot modes disabled") != NULL);
        host_end(&h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_chip_has_a_row_here),
        cmocka_unit_test(each_chip_says_who_it_is),
        cmocka_unit_test(a_p4_is_told_without_a_magic_word),
        cmocka_unit_test(mac_and_revision_stand_where_tools_read_them),
        cmocka_unit_test(the_flash_is_behind_each_chips_own_controller),
        cmocka_unit_test(each_chip_prints_and_starts_as_its_own),
        cmocka_unit_test(secure_download_mode_reads_and_runs_nothing),
        cmocka_unit_test(a_p4_of_v3_1_has_no_flash_until_it_is_switched_on),
        cmocka_unit_test(the_roms_of_c2_and_c5_misjudge_their_crystal),
        cmocka_unit_test(a_burnt_mac_stands_beside_the_factorys),
        cmocka_unit_test(what_a_personality_burns_is_where_the_chip_keeps_it),
        cmocka_unit_test(later_roms_take_five_words_and_write_a_stream_exactly),
        cmocka_unit_test(personalities_go_with_every_chip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
