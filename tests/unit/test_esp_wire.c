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

static size_t unframe(const char *name, uint8_t *buf, size_t size)
{
    uint8_t wire[256];
    size_t n = vector(name, wire, sizeof wire);
    struct slip_decoder d;

    slip_decoder_init(&d, buf, size);
    for (size_t i = 0; i + 1 < n; i++)
        assert_int_equal(slip_feed(&d, wire[i]), SLIP_MORE);
    assert_int_equal(slip_feed(&d, wire[n - 1]), SLIP_FRAME);
    return d.len;
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
        cmocka_unit_test(requests_are_as_recorded),       cmocka_unit_test(a_data_block_is_as_recorded),
        cmocka_unit_test(replies_are_understood),         cmocka_unit_test(what_is_no_reply_is_refused),
        cmocka_unit_test(a_request_too_large_is_not_cut), cmocka_unit_test(status_bytes_have_words),
    };
    return cmocka_run_group_tests_name("esp_wire", tests, NULL, NULL);
}
