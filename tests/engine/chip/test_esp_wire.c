/* SPDX-License-Identifier: Apache-2.0 */
/* Frames against what stood on the wire between others: tests/vectors/rom-session.hex. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/chip/esp_wire.h"
#include "engine/chip/slip.h"
#include "tests/support/hexfile.h"

#define VECTORS "rom-session.hex"

static size_t vector(const char *name, uint8_t *out, size_t size)
{
    size_t n = hexfile_read(VECTORS, name, out, size);

    assert_true(n > 0);
    return n;
}

static void check_request(const char *name, uint8_t op, const uint8_t *body, size_t len)
{
    uint8_t want[256], got[256];
    size_t n = vector(name, want, sizeof want);

    assert_int_equal(esp_request(got, sizeof got, op, body, len), n);
    assert_memory_equal(got, want, n);
}

static void put_words(uint8_t *body, const uint32_t *words, int count)
{
    for (int i = 0; i < count; i++)
        esp_put32(body + 4 * i, words[i]);
}

static void requests_are_as_recorded(void **state)
{
    uint8_t body[64];

    (void)state;
    esp_sync_body(body);
    check_request("sync-request", ESP_SYNC, body, ESP_SYNC_SIZE);
    esp_put32(body, 0x40001000);
    check_request("read-magic-request", ESP_READ_REG, body, 4);
    memset(body, 0, sizeof body);
    check_request("attach-request", ESP_SPI_ATTACH, body, 8);
    put_words(body, (const uint32_t[]){0, 0x400000, 0x10000, 0x1000, 0x100, 0xFFFF}, 6);
    check_request("set-params-request", ESP_SPI_SET_PARAMS, body, 24);
    put_words(body, (const uint32_t[]){460800, 0}, 2);
    check_request("change-baud-request", ESP_CHANGE_BAUD, body, 8);
    put_words(body, (const uint32_t[]){0x5000, 11, 0x400, 0x20000}, 4);
    check_request("defl-begin-request", ESP_DEFL_BEGIN, body, 16);
    put_words(body, (const uint32_t[]){0x1000, 9, 0x400, 0xC000}, 4);
    check_request("defl-begin-escaped-request", ESP_DEFL_BEGIN, body, 16);
    put_words(body, (const uint32_t[]){0x20000, 0x4e24, 0, 0}, 4);
    check_request("md5-request", ESP_FLASH_MD5, body, 16);
}

static size_t unframe_from(const char *file, const char *name, uint8_t *buf, size_t size)
{
    uint8_t wire[256];
    size_t n = hexfile_read(file, name, wire, sizeof wire);
    struct slip_decoder d;

    assert_true(n > 0);
    slip_decoder_init(&d, buf, size);
    for (size_t i = 0; i < n; i++) {
        enum slip_event event = slip_feed(&d, wire[i]);
        if (event == SLIP_FRAME)
            return d.len;
        assert_int_equal(event, SLIP_MORE);
    }
    fail_msg("%s holds no whole frame", name);
    return 0;
}

static size_t unframe(const char *name, uint8_t *buf, size_t size)
{
    return unframe_from(VECTORS, name, buf, size);
}

/* The table of layouts against sessions that others had: words of the request, data of the answer. */
static void layouts_are_as_recorded(void **state)
{
    static const struct {
        const char *file, *request, *reply; /* reply NULL: none was recorded alone */
        const char *name;
        bool by_stub;
    } rows[] = {
        {"rom-replay.hex", "magic-tx", "magic-rx", "READ_REG", false},
        {"rom-replay.hex", "rdid2-tx", "rdid2-rx", "WRITE_REG", false},
        {"rom-replay.hex", "attach-tx", "attach-rx", "SPI_ATTACH", false},
        {"rom-replay.hex", "params-tx", "params-rx", "SPI_SET_PARAMS", false},
        {"rom-replay.hex", "baud-tx", "baud-rx", "CHANGE_BAUD", false},
        {"rom-replay.hex", "flash-begin-tx", "flash-begin-rx", "FLASH_BEGIN", false},
        {"rom-replay.hex", "md5-tx", "md5-rx", "FLASH_MD5", false},
        {"rom-replay.hex", "stub-defl-begin-tx", "stub-defl-begin-rx", "DEFL_BEGIN", true},
        {"rom-replay.hex", "sync-tx", NULL, "SYNC", false},
    };
    const size_t rom_status = 4, stub_status = 2; /* bytes, as Espressif's documentation has them */

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t wire[256], frame[128];
        struct esp_reply r;
        size_t n = hexfile_read(rows[i].file, rows[i].request, wire, sizeof wire);
        assert_string_equal(esp_request_name(wire, n), rows[i].name);
        size_t len = unframe_from(rows[i].file, rows[i].request, frame, sizeof frame);
        const struct esp_layout *x = esp_layout(frame[1]);
        assert_non_null(x);
        assert_int_equal(len - 8, 4 * (rows[i].by_stub ? x->stub_words : x->rom_words));
        if (rows[i].reply == NULL)
            continue;
        assert_true(
            esp_reply_parse(frame, unframe_from(rows[i].file, rows[i].reply, frame, sizeof frame), &r));
        assert_int_equal(r.op, x->op);
        assert_int_equal(r.len, rows[i].by_stub ? x->stub_data + stub_status : x->rom_data + rom_status);
    }
    assert_null(esp_layout(0x00));
    assert_null(esp_request_name((const uint8_t *)"boot", 4));
}

static void a_data_block_is_as_recorded(void **state)
{
    uint8_t want[1200], data[1024], got[1200];
    size_t n, len;

    (void)state;
    n = vector("defl-data-request", want, sizeof want);
    len = vector("defl-data-data", data, sizeof data);
    assert_int_equal(esp_data_request(got, sizeof got, ESP_DEFL_DATA, 10, data, len), n);
    assert_memory_equal(got, want, n);
}

static void replies_are_understood(void **state)
{
    uint8_t frame[128];
    struct esp_reply r;

    (void)state;
    assert_true(esp_reply_parse(frame, unframe("sync-reply", frame, sizeof frame), &r));
    assert_int_equal(r.op, ESP_SYNC);
    assert_int_equal(r.val, ESP_SYNC_WORD);
    assert_int_equal(r.len, 4);
    assert_true(esp_reply_parse(frame, unframe("read-magic-reply", frame, sizeof frame), &r));
    assert_int_equal(r.val, 0x00f01d83);
    assert_true(esp_reply_parse(frame, unframe("md5-reply", frame, sizeof frame), &r));
    assert_int_equal(r.op, ESP_FLASH_MD5);
    assert_int_equal(r.len, 36);
    assert_memory_equal(r.body, "c7752aef", 8);
    assert_true(esp_reply_parse(frame, unframe("stub-baud-reply", frame, sizeof frame), &r));
    assert_int_equal(r.len, 2);
}

static void what_is_no_reply_is_refused(void **state)
{
    uint8_t frame[128];
    struct esp_reply r;

    (void)state;
    assert_false(esp_reply_parse(frame, unframe("ohai", frame, sizeof frame), &r));
    assert_false(esp_reply_parse(frame, unframe("sync-request", frame, sizeof frame), &r));
    assert_false(esp_reply_parse((const uint8_t *)"", 0, &r));
}

static void a_request_too_large_is_not_cut(void **state)
{
    uint8_t out[12], body[4] = {0};

    (void)state;
    assert_int_equal(esp_request(out, sizeof out, ESP_READ_REG, body, sizeof body), 0);
}

static void status_bytes_have_words(void **state)
{
    (void)state;
    assert_string_equal(esp_status_text(0x01, 0x07), "bad checksum");
    assert_string_equal(esp_status_text(0xC1, 0x00), "bad checksum");
    assert_string_equal(esp_status_text(0x01, 0x77), "unknown error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_as_recorded),    cmocka_unit_test(layouts_are_as_recorded),
        cmocka_unit_test(a_data_block_is_as_recorded), cmocka_unit_test(replies_are_understood),
        cmocka_unit_test(what_is_no_reply_is_refused), cmocka_unit_test(a_request_too_large_is_not_cut),
        cmocka_unit_test(status_bytes_have_words),
    };
    return cmocka_run_group_tests_name("esp_wire", tests, NULL, NULL);
}
