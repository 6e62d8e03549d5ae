/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every chip's row against a port that has that chip's registers, as its sources name them and, of the ESP32-C3, as a mask ROM
 * answered: a wrong address or bit here would record another board's name, or miss a fuse that forbids to write.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/chip/boot_log.h"
#include "engine/chip/esp_chip.h"
#include "engine/chip/esp_loader.h"
#include "engine/chip/slip.h"
#include "engine/port/transport.h"

#define REGISTERS 48
#define SENT_MAX  64

struct reg {
    uint32_t at, value;
};

/* A ROM that has registers, tells its security or not, and remembers what it was asked. */
struct rom {
    struct clock *clock;
    struct reg regs[REGISTERS];
    size_t count;
    uint8_t security[20];
    size_t security_size; /* 0: it does not know the command */
    bool secure_download;
    uint32_t spi_command, spi_result, flash_id;
    uint8_t last_op;
    uint8_t out[4096];
    size_t len, given;
    struct {
        uint8_t op;
        uint32_t word[6];
        size_t words;
    } sent[SENT_MAX];
    size_t sent_count;
    bool bends; /* one bit of each second security reply is turned */
    int asked;
};

static uint32_t word_at(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static struct reg *reg_at(struct rom *r, uint32_t at)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->regs[i].at == at)
            return &r->regs[i];
    assert_true(r->count < REGISTERS);
    r->regs[r->count] = (struct reg){at, 0};
    return &r->regs[r->count++];
}

static void say(struct rom *r, uint8_t op, uint32_t val, const uint8_t *data, size_t len, uint8_t status,
                uint8_t error)
{
    uint8_t body[64] = {1,
                        op,
                        (uint8_t)(len + 4),
                        0,
                        (uint8_t)val,
                        (uint8_t)(val >> 8),
                        (uint8_t)(val >> 16),
                        (uint8_t)(val >> 24)};
    struct slip_writer w;

    if (len > 0)
        memcpy(body + 8, data, len);
    body[8 + len] = status;
    body[9 + len] = error;
    slip_begin(&w, r->out + r->len, sizeof r->out - r->len);
    slip_put(&w, body, 12 + len);
    r->len += slip_finish(&w);
}

/* Under the name of the command before, after a SYNC eight times: as both mask ROMs that were measured do it. */
static void refuse(struct rom *r)
{
    for (int i = 0; i < (r->last_op == ESP_SYNC ? 8 : 1); i++)
        say(r, r->last_op, 0x20120707, NULL, 0, 1, 5);
}

static void write_reg(struct rom *r, uint32_t at, uint32_t value)
{
    reg_at(r, at)->value = value;
    if (at == r->spi_command && (value & 1u << 18)) {
        reg_at(r, r->spi_command)->value = 0;
        reg_at(r, r->spi_result)->value = r->flash_id;
    }
}

static void answer(struct rom *r, const uint8_t *frame, size_t len)
{
    uint8_t op = frame[1];
    const uint8_t *body = frame + 8;
    uint32_t value = 0;

    if (op == ESP_SECURITY_INFO && r->security_size == 0) {
        refuse(r);
        return;
    }
    if (r->secure_download && op != ESP_SYNC && op != ESP_SECURITY_INFO) {
        refuse(r);
        return;
    }
    r->last_op = op;
    switch (op) {
    case ESP_SYNC:
        for (int i = 0; i < 8; i++)
            say(r, op, 0x20120707, NULL, 0, 0, 0);
        return;
    case ESP_SECURITY_INFO: {
        uint8_t data[20];
        memcpy(data, r->security, sizeof data);
        if (r->bends && ++r->asked % 2 == 0)
            data[12] ^= 1;
        say(r, op, 0, data, r->security_size, 0, 0);
        return;
    }
    case ESP_READ_REG:
        value = reg_at(r, word_at(body))->value;
        break;
    case ESP_WRITE_REG:
        for (size_t at = 8; at + 16 <= len; at += 16) /* all that follow each other in one command */
            write_reg(r, word_at(frame + at), word_at(frame + at + 4));
        break;
    default:
        break;
    }
    say(r, op, value, NULL, 0, 0, 0);
}

static int rom_open(void **port, void *ctx, const char *name, const struct transport_env *env, char *detail)
{
    (void)name, (void)env, (void)detail;
    *port = ctx;
    return 0;
}

static void rom_close(void *port)
{
    (void)port;
}

static ssize_t rom_read(void *port, void *buf, size_t len, int64_t deadline_us)
{
    struct rom *r = port;
    size_t n = r->len - r->given;

    if (n == 0) {
        r->len = r->given = 0;
        clock_wait_until(r->clock, deadline_us, NULL);
        return 0;
    }
    n = n < len ? n : len;
    memcpy(buf, r->out + r->given, n);
    r->given += n;
    return (ssize_t)n;
}

static int rom_write(void *port, const void *buf, size_t len, int64_t deadline_us)
{
    struct rom *r = port;
    uint8_t frame[256];
    struct slip_decoder d;

    (void)deadline_us;
    slip_decoder_init(&d, frame, sizeof frame);
    for (size_t i = 0; i < len; i++) {
        if (slip_feed(&d, ((const uint8_t *)buf)[i]) != SLIP_FRAME)
            continue;
        assert_true(r->sent_count < SENT_MAX);
        r->sent[r->sent_count].op = frame[1];
        r->sent[r->sent_count].words = (d.len - 8) / 4;
        for (size_t w = 0; w < 6 && 8 + 4 * w + 4 <= d.len; w++)
            r->sent[r->sent_count].word[w] = word_at(frame + 8 + 4 * w);
        r->sent_count++;
        answer(r, frame, d.len);
    }
    return 0;
}

static int rom_set_baud(void *port, uint32_t baud, uint32_t *actual)
{
    (void)port;
    if (actual != NULL)
        *actual = baud;
    return 0;
}

static int rom_flush(void *port)
{
    (void)port;
    return 0;
}

static int rom_set_lines(void *port, bool dtr, bool rts)
{
    (void)port, (void)dtr, (void)rts;
    return 0;
}

static const struct transport_driver rom_driver = {
    .scheme = "rom",
    .open = rom_open,
    .close = rom_close,
    .read = rom_read,
    .write = rom_write,
    .set_baud = rom_set_baud,
    .set_lines = rom_set_lines,
    .flush_input = rom_flush,
};

struct bench {
    struct rom rom;
    struct transport *t;
    struct esp_loader *l;
    struct esp_chip chip;
};

static void begin(struct bench *b)
{
    const struct transport_binding bindings[] = {{&rom_driver, &b->rom}, {NULL, NULL}};
    struct failure f = {0};

    memset(b, 0, sizeof *b);
    b->rom.clock = clock_new_virtual();
    const struct transport_env env = {b->rom.clock, NULL};
    assert_int_equal(transport_open(&b->t, bindings, "rom:", &env, &f), 0);
    assert_int_equal(transport_set_baud(b->t, 115200), 0);
    b->l = esp_loader_new(b->t, b->rom.clock);
    assert_non_null(b->l);
}

static void end(struct bench *b)
{
    esp_loader_free(b->l);
    transport_close(b->t);
    clock_free(b->rom.clock);
}

static void set(struct bench *b, uint32_t at, uint32_t value)
{
    reg_at(&b->rom, at)->value = value;
}

static void tell_chip(struct bench *b, uint32_t flags, uint32_t chip_id)
{
    uint8_t *s = b->rom.security;

    s[0] = (uint8_t)flags;
    s[12] = (uint8_t)chip_id;
    b->rom.security_size = 20;
}

static int ask_and_read(struct esp_loader *l, struct esp_chip *out)
{
    int rc = esp_chip_ask(l, out);

    return rc < 0 ? rc : esp_chip_read(l, out);
}

static void identify(struct bench *b)
{
    assert_int_equal(esp_loader_sync(b->l, 100000), 0);
    assert_int_equal(ask_and_read(b->l, &b->chip), 0);
}

static const char *mac_of(const struct esp_chip *c)
{
    static char text[MAC_TEXT_SIZE];

    mac_text(&c->unit.mac, text);
    return text;
}

static const char *hex_of(const uint8_t *bytes, size_t n)
{
    static char text[64];

    for (size_t i = 0; i < n; i++)
        snprintf(text + 3 * i, sizeof text - 3 * i, "%02x:", bytes[i]);
    text[3 * n - 1] = '\0';
    return text;
}

/* Registers as the recorded session of an ESP32-C3 has them; its client printed v0.3, 58:cf:79:01:02:03, flash c8 40 16. */
static void a_recorded_c3_is_identified(void **state)
{
    static const uint8_t security[20] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0c, 5, 0, 0, 0, 3, 0, 0, 0};
    struct bench b;
    uint32_t id = 0;

    (void)state;
    begin(&b);
    memcpy(b.rom.security, security, sizeof security);
    b.rom.security_size = sizeof security;
    set(&b, 0x60008844, 0x79010203);
    set(&b, 0x60008848, 0x000058cf);
    set(&b, 0x60008850, 0x010c0000);
    b.rom.spi_command = 0x60002000;
    b.rom.spi_result = 0x60002058;
    b.rom.flash_id = 0x1640c8;
    identify(&b);
    assert_string_equal(b.chip.id, "esp32c3");
    assert_string_equal(b.chip.unit.chip, "ESP32-C3 (QFN32)");
    assert_int_equal(b.chip.unit.revision, 3);
    assert_string_equal(mac_of(&b.chip), "58:cf:79:01:02:03");
    assert_true(b.chip.mac_crc_ok);
    assert_false(b.chip.unit.has_eui64);
    assert_int_equal(b.chip.unit.crystal_mhz, 40);
    assert_int_equal(b.chip.unit.security, 0);
    assert_int_equal(esp_flash_read_id(b.l, &id), 0);
    assert_int_equal(id, 0x1640c8);
    end(&b);
}

static const struct {
    const char *id;
    uint32_t chip_id; /* 0: told otherwise */
    uint32_t mac_at;
    struct reg regs[4];
    int revision, crystal_mhz;
    const char *name;
    const char *eui64;
    int flash_mb, psram_mb;
    struct reg crypt, boot; /* one bit each that means flash encryption, secure boot */
    uint32_t spi;
} rows[] = {
    {"esp32s2",
     0,
     0x3f41a044,
     {{0x3f41a050, 1u << 18 | 2u << 21 | 1u << 28}, {0x3f41a054, 2u << 4}},
     102,
     40,
     "ESP32-S2FNR2",
     NULL,
     4,
     2,
     {0x3f41a034, 1u << 18},
     {0x3f41a038, 1u << 20},
     0x3f402000},
    {"esp32s3",
     9,
     0x60007044,
     {{0x60007050, 2u << 18 | 1u << 27}, {0x60007054, 1u << 3}},
     2,
     40,
     "ESP32-S3 (QFN56)",
     NULL,
     8,
     8,
     {0x60007034, 1u << 18},
     {0x60007038, 1u << 20},
     0x60002000},
    {"esp32c2",
     12,
     0x60008840,
     {{0x60008844, 1u << 20 | 1u << 16 | 1u << 22}, {0x6000885c, 2u << 29}, {0x60000014, 225}},
     101,
     26,
     "ESP8684H",
     NULL,
     2,
     0,
     {0x60008830, 1u << 7},
     {0x60008830, 1u << 21},
     0x60002000},
    {"esp32c3",
     5,
     0x60008844,
     {{0x60008850, 4u << 18 | 1u << 27}, {0x60008858, 1u << 24 | 1u << 23}},
     112,
     40,
     "ESP32-C3 (QFN32)",
     NULL,
     4,
     0,
     {0x60008834, 1u << 18},
     {0x60008838, 1u << 20},
     0x60002000},
    {"esp32c5",
     23,
     0x600b4844,
     {{0x600b484c, 1u << 4}, {0x60000014, 416}},
     100,
     48,
     "ESP32-C5",
     "60:55:f9:ff:fe:f7:2c:a2",
     0,
     0,
     {0x600b4834, 1u << 16},
     {0x600b4838, 1u << 25},
     0x60003000},
    {"esp32c6",
     13,
     0x600b0844,
     {{0x600b0850, 1u << 24 | 2u << 18}, {0x600b0854, 1}},
     2,
     40,
     "ESP32-C6FH4 (QFN32)",
     "60:55:f9:ff:fe:f7:2c:a2",
     4,
     0,
     {0x600b0834, 1u << 18},
     {0x600b0838, 1u << 20},
     0x60003000},
    {"esp32c61",
     20,
     0x600b4844,
     {{0x600b484c, 1u << 4 | 1}},
     101,
     40,
     "ESP32-C61",
     NULL,
     0,
     0,
     {0x600b4830, 1u << 23},
     {0x600b4834, 1u << 26},
     0x60003000},
    {"esp32h2",
     16,
     0x600b0844,
     {{0x600b0850, 1u << 21 | 2u << 18}},
     102,
     32,
     "ESP32-H2",
     "60:55:f9:ff:fe:f7:2c:a2",
     0,
     0,
     {0x600b0834, 1u << 18},
     {0x600b0838, 1u << 20},
     0x60003000},
    {"esp32h21",
     25,
     0x600b4044,
     {{0x600b4058, 1u << 8 | 9u << 4}},
     109,
     32,
     "ESP32-H21",
     "60:55:f9:ff:fe:f7:2c:a2",
     0,
     0,
     {0x600b4034, 1u << 18},
     {0x600b4038, 1u << 20},
     0x60003000},
    {"esp32p4",
     18,
     0x5012d044,
     {{0x5012d04c, 3u << 4 | 1}},
     301,
     40,
     "ESP32-P4",
     NULL,
     0,
     0,
     {0x5012d034, 1u << 18},
     {0x5012d038, 1u << 20},
     0x5008d000},
};

#define ROWS (sizeof rows / sizeof rows[0])

static void begin_row(struct bench *b, size_t i)
{
    begin(b);
    tell_chip(b, 0, rows[i].chip_id);
    if (rows[i].chip_id == 0)
        b->rom.security_size = 12;
    set(b, rows[i].mac_at, 0xf9f72ca2);
    set(b, rows[i].mac_at + 4, 0xfffe6055);
    for (size_t k = 0; k < 4 && rows[i].regs[k].at != 0; k++)
        reg_at(&b->rom, rows[i].regs[k].at)->value |= rows[i].regs[k].value;
    b->rom.spi_command = rows[i].spi;
    b->rom.spi_result = rows[i].spi + 0x58;
    b->rom.flash_id = 0x1740ef;
}

static void each_chip_is_read_where_it_keeps_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        struct bench b;
        uint32_t id = 0;
        bool shares = rows[i].mac_at + 4 == rows[i].regs[0].at; /* the C2 has its revision beside its MAC */

        begin_row(&b, i);
        if (shares)
            set(&b, rows[i].mac_at + 4, 0x6055 | rows[i].regs[0].value);
        identify(&b);
        assert_string_equal(b.chip.id, rows[i].id);
        assert_string_equal(mac_of(&b.chip), "60:55:f9:f7:2c:a2");
        assert_string_equal(b.chip.unit.chip, rows[i].name);
        assert_int_equal(b.chip.unit.revision, rows[i].revision);
        assert_int_equal(b.chip.unit.crystal_mhz, rows[i].crystal_mhz);
        assert_int_equal(b.chip.unit.security, 0);
        assert_int_equal(b.chip.flash_mb, rows[i].flash_mb);
        assert_int_equal(b.chip.psram_mb, rows[i].psram_mb);
        assert_int_equal(b.chip.unit.has_eui64, rows[i].eui64 != NULL);
        if (rows[i].eui64 != NULL)
            assert_string_equal(hex_of(b.chip.unit.eui64, EUI64_SIZE), rows[i].eui64);
        assert_int_equal(b.chip.spi_pads, 0);
        assert_int_equal(esp_flash_read_id(b.l, &id), 0);
        assert_int_equal(id, 0x1740ef);
        end(&b);
    }
}

static void put_byte(struct bench *b, uint32_t at, uint8_t value)
{
    reg_at(&b->rom, at & ~3u)->value |= (uint32_t)value << 8 * (at & 3);
}

/*
 * As espefuse burns them: on the ESP32 a checksum, the address and a version in BLK3, on the others bits 200 to 247 of
 * BLOCK_USR_DATA, on the C2 those from 0 of its BLOCK1.
 */
static void what_the_owner_burnt_is_read_beside_the_base_mac(void **state)
{
    static const uint8_t mine[] = {0x48, 0x63, 0x92,
                                   0x15, 0x72, 0x16}; /* CRC 0x75: espefuse's documentation */
    static const uint8_t group[] = {0x49, 0x63, 0x92, 0x15, 0x72, 0x16};

    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        for (int burnt = 0; burnt < 3; burnt++) {
            struct bench b;
            uint32_t at = strcmp(rows[i].id, "esp32c2") == 0 ? 0x60008834 : rows[i].mac_at - 0x44 + 0x7c + 25;
            begin_row(&b, i);
            for (uint32_t k = 0; k < 6 && burnt > 0; k++)
                put_byte(&b, at + k, burnt == 1 ? mine[k] : group[k]);
            identify(&b);
            assert_string_equal(mac_of(&b.chip), "60:55:f9:f7:2c:a2");
            assert_int_equal(b.chip.unit.has_custom_mac, burnt == 1);
            if (burnt == 1)
                assert_memory_equal(b.chip.unit.custom_mac.bytes, mine, sizeof mine);
            end(&b);
        }
    }
}

static void on_the_first_chip_it_has_a_checksum_and_a_version(void **state)
{
    static const struct {
        uint32_t words[3]; /* BLK3: words 0, 1, 5 */
        bool there;
    } cases[] = {{{0x92634875, 0x00167215, 0x01000000}, true},
                 {{0x92634876, 0x00167215, 0x01000000}, false},
                 {{0x92634875, 0x00167215, 0}, false},
                 {{0, 0, 0}, false}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct esp_target *t = esp_target_by_name("esp32");
        struct esp_words w = {{0}, 0};
        struct esp_chip chip = {0};
        uint16_t at[FUSE_WORDS_MAX];
        size_t count = esp_target_words(t, at);
        static const uint16_t places[] = {0x78, 0x7c, 0x8c};
        for (size_t k = 0; k < count; k++)
            for (size_t p = 0; p < 3; p++)
                if (at[k] == places[p])
                    w.fuse[k] = cases[i].words[p];
        esp_chip_decode(t, &w, 115200, &chip);
        assert_int_equal(chip.unit.has_custom_mac, cases[i].there);
        if (cases[i].there)
            assert_memory_equal(chip.unit.custom_mac.bytes, "\x48\x63\x92\x15\x72\x16", 6);
    }
}

static void each_chips_security_fuses_are_seen(void **state)
{
    char text[80];

    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        struct bench b;

        begin_row(&b, i);
        reg_at(&b.rom, rows[i].crypt.at)->value |= rows[i].crypt.value;
        identify(&b);
        assert_int_equal(b.chip.unit.security, SECURITY_FLASH_ENCRYPTED);
        assert_string_equal(esp_security_text(&b.chip, SECURITY_FLASH_ENCRYPTED, text),
                            "eFuse SPI_BOOT_CRYPT_CNT has an odd number of bits");
        end(&b);
        begin_row(&b, i);
        reg_at(&b.rom, rows[i].boot.at)->value |= rows[i].boot.value;
        identify(&b);
        assert_int_equal(b.chip.unit.security, SECURITY_SECURE_BOOT_V2);
        end(&b);
        begin_row(&b, i);
        b.rom.security[0] = 1u << 0 | 1u << 7; /* SECURE_BOOT_EN, HARD_DIS_JTAG */
        b.rom.security[4] = 7;                 /* SPI_BOOT_CRYPT_CNT */
        identify(&b);
        assert_int_equal(b.chip.unit.security,
                         SECURITY_SECURE_BOOT_V2 | SECURITY_JTAG_DISABLED | SECURITY_FLASH_ENCRYPTED);
        end(&b);
    }
}

/* All that such a ROM tells is which chip it is: no register is asked for. */
static void secure_download_is_named_and_left_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        struct bench b;
        struct mac mac;

        begin_row(&b, i);
        b.rom.security[0] = 1u << 2;
        b.rom.secure_download = true;
        identify(&b);
        assert_true(b.chip.secure_download);
        assert_string_equal(b.chip.id, rows[i].id);
        for (size_t k = 0; k < b.rom.sent_count; k++)
            assert_true(b.rom.sent[k].op == ESP_SYNC || b.rom.sent[k].op == ESP_SECURITY_INFO);
        esp_loader_restarted(b.l);
        assert_int_equal(esp_chip_read_mac(b.l, &mac), -ENOTSUP);
        end(&b);
    }
}

/* The first chip's ROM knows no security info; an older ROM of a later chip may not either, and is known by its word. */
static void a_magic_word_tells_where_the_command_is_refused(void **state)
{
    static const struct {
        uint32_t magic;
        const char *id, *words;
        bool known;
    } by_word[] = {
        {0x00f01d83, "esp32", "esp32 (magic word 00f01d83)", true},
        {0x1b31506f, "esp32c3", "esp32c3 (magic word 1b31506f)", true},
        {0x000007c6, "esp32s2", "esp32s2 (magic word 000007c6)",
         false}, /* a true one answers the command, in short */
        {0xfff0c101, "esp8266", "esp8266 (magic word fff0c101)", false},
        {0x12345678, "", "a chip not in the table (magic word 12345678)", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof by_word / sizeof by_word[0]; i++) {
        struct bench b;
        char words[64];

        begin(&b);
        set(&b, 0x40001000, by_word[i].magic);
        identify(&b);
        assert_string_equal(b.chip.id, by_word[i].id);
        assert_string_equal(esp_chip_words(&b.chip, words), by_word[i].words);
        assert_int_equal(esp_chip_is_known(&b.chip), by_word[i].known);
        end(&b);
    }
}

static void a_chip_id_in_no_table_is_told_and_not_read(void **state)
{
    struct bench b;
    char words[64];

    (void)state;
    begin(&b);
    tell_chip(&b, 0, 77);
    identify(&b);
    assert_false(esp_chip_is_known(&b.chip));
    assert_string_equal(esp_chip_words(&b.chip, words), "a chip not in the table (chip id 77)");
    for (size_t k = 0; k < b.rom.sent_count; k++)
        assert_int_not_equal(b.rom.sent[k].op, ESP_READ_REG);
    end(&b);
}

/* A bit that was turned on the way would make another chip of it. */
static void a_turned_bit_is_no_other_chip(void **state)
{
    struct bench b;

    (void)state;
    begin(&b);
    tell_chip(&b, 0, 5);
    b.rom.bends = true;
    assert_int_equal(esp_loader_sync(b.l, 100000), 0);
    assert_int_equal(ask_and_read(b.l, &b.chip), -EBADMSG);
    end(&b);
}

static size_t words_of(const struct bench *b, uint8_t op)
{
    size_t words = 0;

    for (size_t i = 0; i < b->rom.sent_count; i++)
        if (b->rom.sent[i].op == op)
            words = b->rom.sent[i].words;
    return words;
}

/* Measured: an ESP32's ROM refuses five words, an ESP32-C3's four. */
static void begin_has_the_words_of_the_chip(void **state)
{
    struct bench b;

    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        begin_row(&b, i);
        identify(&b);
        assert_int_equal(esp_loader_flash_begin(b.l, 0x1000, 0x1000), 0);
        assert_int_equal(words_of(&b, ESP_FLASH_BEGIN), 5);
        end(&b);
    }
    begin(&b);
    set(&b, 0x40001000, 0x00f01d83);
    identify(&b);
    assert_int_equal(esp_loader_flash_begin(b.l, 0x1000, 0x1000), 0);
    assert_int_equal(words_of(&b, ESP_FLASH_BEGIN), 4);
    assert_int_equal(esp_loader_defl_begin(b.l, 0x1000, 0x1000, 100), -ENOTSUP);
    end(&b);
}

/* Measured: the ESP32-C3's inflate keeps within its piece. Of the others nobody knows. */
static void streams_go_to_a_rom_that_was_measured(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        struct bench b;
        bool c3 = strcmp(rows[i].id, "esp32c3") == 0;

        begin_row(&b, i);
        identify(&b);
        assert_int_equal(esp_loader_takes_streams(b.l), c3);
        assert_int_equal(esp_loader_defl_begin(b.l, 0x10000, 0x1234, 0x900), c3 ? 0 : -ENOTSUP);
        if (c3) {
            const uint32_t want[5] = {0x2000, 1, ESP_ROM_BLOCK, 0x10000, 0};
            assert_memory_equal(b.rom.sent[b.rom.sent_count - 1].word, want, sizeof want);
        }
        end(&b);
    }
}

/* What the ROM has to be told so that it makes 921600: C2 with 26 MHz and C5 where it expects the other crystal. */
static void rates_are_told_as_the_rom_takes_them(void **state)
{
    static const struct {
        uint32_t chip_id, divider, expects;
        uint32_t told;
    } cases[] = {
        {12, 225, 0, 921600 * 40 / 26}, /* 115200 * 225: 26 MHz */
        {12, 347, 0, 921600},           /* 40 MHz */
        {23, 416, 40, 921600 * 40 / 48},
        {23, 347, 48, 921600 * 48 / 40},
        {23, 416, 48, 921600},
        {23, 347, 40, 921600},
        {23, 347, 0, 921600}, /* it says nothing usable */
        {9, 0, 0, 921600},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench b;
        uint32_t told = 0;

        begin(&b);
        tell_chip(&b, 0, cases[i].chip_id);
        set(&b, 0x60000014, cases[i].divider);
        set(&b, 0x60096110, cases[i].expects << 24);
        identify(&b);
        assert_int_equal(esp_chip_rom_baud(b.l, &b.chip, 921600, &told), 0);
        assert_int_equal(told, cases[i].told);
        end(&b);
    }
}

/* v3.1 and v3.2 of the P4 come up with their flash off; where the ROM has switched it on it is not done twice. */
static void a_p4s_flash_is_powered_where_its_rom_does_not(void **state)
{
    static const struct {
        uint32_t minor, ready, major;
        size_t writes;
        uint32_t forced; /* the force bits as they are left */
    } cases[] = {{0, 0, 3, 0, 3}, {1, 0, 3, 8, 3}, {2, 0, 3, 8, 3},
                 {2, 1, 3, 1, 0}, {1, 1, 3, 8, 3}, {3, 0, 1, 0, 3}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench b;
        size_t writes = 0;

        begin(&b);
        tell_chip(&b, 0, 18);
        set(&b, 0x5012d04c, cases[i].major << 4 | cases[i].minor);
        set(&b, 0x5012d034, cases[i].ready << 16);
        set(&b, 0x501153fc, 0x100 | 3);
        identify(&b);
        assert_int_equal(esp_chip_power_flash(b.l, &b.chip), 0);
        for (size_t k = 0; k < b.rom.sent_count; k++)
            writes += b.rom.sent[k].op == ESP_WRITE_REG;
        assert_int_equal(writes, cases[i].writes);
        assert_int_equal(reg_at(&b.rom, 0x501153fc)->value, 0x100 | cases[i].forced);
        end(&b);
    }
}

/* An early S3 has other things where later ones have their revision. */
static void an_early_s3_is_v0_0(void **state)
{
    struct bench b;

    (void)state;
    begin(&b);
    tell_chip(&b, 0, 9);
    set(&b, 0x60007050, 1u << 24);
    set(&b, 0x60007058, 3u << 24);
    set(&b, 0x6000706c, 1);
    identify(&b);
    assert_int_equal(b.chip.unit.revision, 0);
    end(&b);
}

static void stubs_are_of_chip_and_revision(void **state)
{
    const struct esp_target *p4 = esp_target_by_name("esp32p4"), *c2 = esp_target_by_name("esp32c2");

    (void)state;
    assert_string_equal(esp_target_stub(p4, 103), "esp32p4-rev1");
    assert_string_equal(esp_target_stub(p4, 300), "esp32p4");
    assert_null(esp_target_stub(c2, 0));
    assert_string_equal(esp_target_stub(c2, 100), "esp32c2");
    assert_string_equal(esp_target_stub(esp_target_by_name("esp32"), 0), "esp32");
}

static void heard(const char *text, enum failure_code code, const char *detail)
{
    struct boot_log log;
    struct failure f = {0};

    boot_log_clear(&log);
    boot_log_feed(&log, (const uint8_t *)text, strlen(text));
    boot_log_failure(&log, &f);
    assert_int_equal(f.code, code);
    if (strstr(f.detail, detail) == NULL)
        fail_msg("want: %s\n got: %s", detail, f.detail);
}

/* Boot text of the ESP32-C3's mask ROM as it was recorded; its straps are not an ESP32's. */
static void boot_text_of_a_chip_that_says_who_it_is(void **state)
{
#define C3 "ESP-ROM:esp32c3-api1-20210207\r\nBuild:Feb  7 2021\r\nrst:0x1 (POWERON),boot:"

    (void)state;
    heard(C3 "0x8 (SPI_FAST_FLASH_BOOT)\r\ninvalid header: 0xffffffff\r\n", FAIL_WRONG_BOOT_MODE,
          "which holds no bootloader: GPIO9 was not low");
    heard(C3 "0x8 (SPI_FAST_FLASH_BOOT)\r\n", FAIL_WRONG_BOOT_MODE, "from flash: GPIO9 was not low");
    heard(C3 "0x2 (UART0_BOOT)\r\nwait uart0 download\r\n", FAIL_TX_PATH, "waits for download");
    heard(C3 "0x4 (DOWNLOAD(USB/UART0/1))\r\nwaiting for download\r\n", FAIL_TX_PATH, "waits for download");
    heard(C3 "0x2 (UART0_BOOT)\r\nwait uart download(secure mode)\r\n", FAIL_TX_PATH, "waits for download");
    heard(
        "ESP-ROM:esp32s3-20210327\r\nrst:0x1 (POWERON),boot:0x2b (SPI_FAST_FLASH_BOOT)\r\nflash read err, 1000\r\n",
        FAIL_WRONG_BOOT_MODE, "GPIO0 was not low");
    heard(C3 "0x2 (UART0_BOOT)\r\nDownload boot modes disabled\r\n", FAIL_DOWNLOAD_DISABLED, "disabled");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recorded_c3_is_identified),
        cmocka_unit_test(each_chip_is_read_where_it_keeps_it),
        cmocka_unit_test(what_the_owner_burnt_is_read_beside_the_base_mac),
        cmocka_unit_test(on_the_first_chip_it_has_a_checksum_and_a_version),
        cmocka_unit_test(each_chips_security_fuses_are_seen),
        cmocka_unit_test(secure_download_is_named_and_left_alone),
        cmocka_unit_test(a_magic_word_tells_where_the_command_is_refused),
        cmocka_unit_test(a_chip_id_in_no_table_is_told_and_not_read),
        cmocka_unit_test(a_turned_bit_is_no_other_chip),
        cmocka_unit_test(begin_has_the_words_of_the_chip),
        cmocka_unit_test(streams_go_to_a_rom_that_was_measured),
        cmocka_unit_test(rates_are_told_as_the_rom_takes_them),
        cmocka_unit_test(a_p4s_flash_is_powered_where_its_rom_does_not),
        cmocka_unit_test(an_early_s3_is_v0_0),
        cmocka_unit_test(stubs_are_of_chip_and_revision),
        cmocka_unit_test(boot_text_of_a_chip_that_says_who_it_is),
    };
    return cmocka_run_group_tests_name("esp_targets", tests, NULL, NULL);
}
