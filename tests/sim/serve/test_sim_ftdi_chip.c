/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual FTDI chip against FTDI's data sheets: descriptors, divisors, packets, the event character's rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/serve/ftdi/sim_ftdi_chip.h"

#define MS INT64_C(1000)

/* A wire whose receiving end the test holds in its hand. */
struct wire {
    uint8_t in[4096];
    size_t in_len, in_at;
    uint8_t out[4096];
    size_t out_len;
    uint32_t baud;
    bool dtr, rts;
    int64_t sent_at;
};

static void wire_set_baud(void *ctx, uint32_t baud, int64_t now_us)
{
    (void)now_us;
    ((struct wire *)ctx)->baud = baud;
}

static void wire_set_lines(void *ctx, bool dtr, bool rts, int64_t now_us)
{
    struct wire *w = ctx;

    (void)now_us;
    w->dtr = dtr;
    w->rts = rts;
}

static void wire_send(void *ctx, const uint8_t *bytes, size_t len, int64_t now_us)
{
    struct wire *w = ctx;

    memcpy(w->out + w->out_len, bytes, len);
    w->out_len += len;
    w->sent_at = now_us + (int64_t)len * 10 * 1000000 / w->baud;
}

static int64_t wire_sent_at(void *ctx)
{
    return ((struct wire *)ctx)->sent_at;
}

static size_t wire_receive(void *ctx, uint8_t *buf, size_t len, int64_t now_us)
{
    struct wire *w = ctx;
    size_t n = w->in_len - w->in_at < len ? w->in_len - w->in_at : len;

    (void)now_us;
    memcpy(buf, w->in + w->in_at, n);
    w->in_at += n;
    return n;
}

static int64_t wire_next(void *ctx)
{
    (void)ctx;
    return INT64_MAX;
}

struct fixture {
    struct wire wires[SIM_FTDI_INTERFACES];
    struct sim_ftdi_chip *chip;
};

static void plug(struct fixture *f, enum sim_ftdi_model model, bool ignores_event_char)
{
    struct sim_ftdi_config config = {
        .model = model, .serial = "FTTEST01", .ignores_event_char = ignores_event_char};

    memset(f, 0, sizeof *f);
    for (int i = 0; i < SIM_FTDI_INTERFACES; i++)
        config.lines[i] = (struct sim_ftdi_line){&f->wires[i], wire_set_baud, wire_set_lines, wire_send,
                                                 wire_sent_at, wire_receive,  wire_next};
    f->chip = sim_ftdi_chip_new(&config, 0);
    assert_non_null(f->chip);
}

/* One request on endpoint 0; the answer's length or the negative status. */
static int control(struct fixture *f, uint8_t type, uint8_t request, uint16_t value, uint16_t index,
                   uint8_t *answer, uint16_t len, int64_t now_us)
{
    struct sim_ftdi_urb urb = {.tag = 99, .endpoint = 0, .len = len};
    struct sim_ftdi_done done;
    const uint8_t setup[8] = {type,           request,
                              (uint8_t)value, (uint8_t)(value >> 8),
                              (uint8_t)index, (uint8_t)(index >> 8),
                              (uint8_t)len,   (uint8_t)(len >> 8)};

    memcpy(urb.setup, setup, sizeof setup);
    assert_int_equal(sim_ftdi_chip_submit(f->chip, &urb, now_us), 0);
    assert_true(sim_ftdi_chip_take(f->chip, &done, now_us));
    assert_int_equal(done.tag, 99);
    if (done.status != 0)
        return done.status;
    if (done.data != NULL && answer != NULL)
        memcpy(answer, done.data, done.actual);
    return (int)done.actual;
}

static void ask_in(struct fixture *f, uint64_t tag, uint8_t endpoint, size_t room, int64_t now_us)
{
    const struct sim_ftdi_urb urb = {.tag = tag, .endpoint = endpoint, .len = room};

    assert_int_equal(sim_ftdi_chip_submit(f->chip, &urb, now_us), 0);
}

static void arrive(struct fixture *f, int interface, const char *bytes, size_t len)
{
    struct wire *w = &f->wires[interface];

    memcpy(w->in, bytes, len);
    w->in_len = len;
    w->in_at = 0;
}

static void every_model_describes_its_interfaces(void **state)
{
    static const struct {
        enum sim_ftdi_model model;
        uint16_t product;
        int interfaces, packet;
    } table[] = {
        {SIM_FT232R, 0x6001, 1, 64},   {SIM_FT230X, 0x6015, 1, 64},   {SIM_FT232H, 0x6014, 1, 512},
        {SIM_FT2232H, 0x6010, 2, 512}, {SIM_FT4232H, 0x6011, 4, 512},
    };
    struct fixture f;
    uint8_t d[256];

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        plug(&f, table[i].model, false);
        assert_int_equal(control(&f, 0x80, 6, 0x0100, 0, d, 18, 0), 18);
        assert_int_equal(d[8] | d[9] << 8, 0x0403);
        assert_int_equal(d[10] | d[11] << 8, table[i].product);
        assert_int_equal(control(&f, 0x80, 6, 0x0200, 0, d, 255, 0), 9 + 23 * table[i].interfaces);
        assert_int_equal(d[4], table[i].interfaces);
        assert_int_equal(d[2], 9 + 23 * table[i].interfaces);
        assert_int_equal(d[9 + 9 + 4] | d[9 + 9 + 5] << 8, table[i].packet);
        assert_int_equal(control(&f, 0x80, 6, 0x0303, 0x409, d, 255, 0), 2 + 2 * 8);
        assert_memory_equal(d + 2, "F\0T\0T\0E\0S\0T\0", 12);
        assert_int_equal(control(&f, 0x80, 6, 0x0304, 0x409, d, 255, 0), SIM_URB_STALL);
        sim_ftdi_chip_free(f.chip);
    }
}

static void eeprom_carries_strings_and_a_valid_checksum(void **state)
{
    struct fixture f;
    uint8_t e[256];
    uint16_t sum = 0xaaaa;

    (void)state;
    plug(&f, SIM_FT4232H, false);
    for (uint16_t word = 0; word < 128; word++)
        assert_int_equal(control(&f, 0xc0, 0x90, 0, word, e + 2 * word, 2, 0), 2);
    assert_memory_equal(e + 2, "\x03\x04\x11\x60", 4);
    assert_int_equal(e[e[0x12]], e[0x13]);
    assert_int_equal(e[e[0x12] + 2], 'F');
    for (int i = 0; i < 254; i += 2) {
        sum ^= (uint16_t)(e[i] | e[i + 1] << 8);
        sum = (uint16_t)(sum << 1 | sum >> 15);
    }
    assert_int_equal(e[254] | e[255] << 8, sum);
    sim_ftdi_chip_free(f.chip);
}

static void divisors_mean_the_rates_of_the_data_sheet(void **state)
{
    struct fixture f;

    (void)state;
    plug(&f, SIM_FT232R, false);
    control(&f, 0x40, 3, 0x0003, 0, NULL, 0, 0); /* 3 MHz / 3 */
    assert_int_equal(f.wires[0].baud, 1000000);
    control(&f, 0x40, 3, 0x0000, 0, NULL, 0, 0);
    assert_int_equal(f.wires[0].baud, 3000000);
    control(&f, 0x40, 3, 0x0001, 0, NULL, 0, 0);
    assert_int_equal(f.wires[0].baud, 2000000);
    control(&f, 0x40, 3, 0x001a, 0, NULL, 0, 0); /* 26 */
    assert_int_equal(f.wires[0].baud, 115385);
    control(&f, 0x40, 3, 0x8003, 0, NULL, 0, 0); /* 3.25: code 2 is 0.25 */
    assert_int_equal(f.wires[0].baud, 923077);
    control(&f, 0x40, 3, 0x4003, 1, NULL, 0, 0); /* 3.625: code 5 */
    assert_int_equal(f.wires[0].baud, 827586);
    sim_ftdi_chip_free(f.chip);
    plug(&f, SIM_FT4232H, false);
    control(&f, 0x40, 3, 0x0000, 0x0202, NULL, 0, 0); /* 12 MHz, interface B */
    assert_int_equal(f.wires[1].baud, 12000000);
    assert_int_equal(f.wires[0].baud, 0);
    control(&f, 0x40, 3, 0x000d, 0x0202, NULL, 0, 0); /* 12 MHz / 13 */
    assert_int_equal(f.wires[1].baud, 923077);
    assert_int_equal(control(&f, 0x40, 3, 0x000d, 0x0205, NULL, 0, 0),
                     SIM_URB_STALL); /* no fifth interface */
    sim_ftdi_chip_free(f.chip);
}

static void event_character_sends_at_once_but_not_as_first_byte(void **state)
{
    struct fixture f;
    struct sim_ftdi_done done;

    (void)state;
    plug(&f, SIM_FT230X, false);
    control(&f, 0x40, 9, 200, 0, NULL, 0, 0);
    control(&f, 0x40, 6, 0x01c0, 0, NULL, 0, 0);
    ask_in(&f, 1, 0x81, 4096, 0);
    arrive(&f, 0, "\xc0", 1);
    assert_false(sim_ftdi_chip_take(f.chip, &done, 1 * MS));
    arrive(&f, 0, "ab", 2);
    assert_false(sim_ftdi_chip_take(f.chip, &done, 2 * MS));
    arrive(&f, 0, "\xc0", 1);
    assert_true(sim_ftdi_chip_take(f.chip, &done, 3 * MS));
    assert_int_equal(done.actual, 2 + 4);
    assert_memory_equal(done.data + 2,
                        "\xc0"
                        "ab\xc0",
                        4);
    ask_in(&f, 2, 0x81, 4096, 3 * MS);
    arrive(&f, 0, "\xc0", 1); /* alone at the start of a packet: waits for the timer */
    assert_false(sim_ftdi_chip_take(f.chip, &done, 202 * MS));
    assert_true(sim_ftdi_chip_take(f.chip, &done, 203 * MS));
    assert_int_equal(done.actual, 3);
    sim_ftdi_chip_free(f.chip);
}

static void event_character_after_a_full_packet_is_again_first(void **state)
{
    struct fixture f;
    struct sim_ftdi_done done;
    char bytes[63];

    (void)state;
    plug(&f, SIM_FT230X, false);
    control(&f, 0x40, 9, 100, 0, NULL, 0, 0);
    control(&f, 0x40, 6, 0x01c0, 0, NULL, 0, 0);
    ask_in(&f, 1, 0x81, 4096, 0);
    memset(bytes, 'x', 62);
    bytes[62] = (char)0xc0;
    arrive(&f, 0, bytes, sizeof bytes);
    assert_false(sim_ftdi_chip_take(f.chip, &done, 50 * MS));
    assert_true(sim_ftdi_chip_take(f.chip, &done, 150 * MS));
    assert_int_equal(done.actual, 64 + 3); /* one URB: the full packet, then the short one that ends it */
    assert_int_equal(done.data[66], 0xc0);
    sim_ftdi_chip_free(f.chip);
}

static void idle_chip_answers_once_a_latency_period(void **state)
{
    struct fixture f;
    struct sim_ftdi_done done;
    struct sim_ftdi_stats stats;
    int64_t now = 0;

    (void)state;
    plug(&f, SIM_FT4232H, true);
    control(&f, 0x40, 9, 255, 3, NULL, 0, 0);
    for (uint64_t tag = 1; tag <= 8; tag++) {
        ask_in(&f, tag, 0x85, 512, now);
        now = sim_ftdi_chip_next(f.chip);
        assert_true(sim_ftdi_chip_take(f.chip, &done, now));
        assert_int_equal(done.actual, 2);
        assert_memory_equal(done.data, "\x01\x60", 2);
    }
    assert_int_equal(now, 8 * 255 * MS);
    sim_ftdi_chip_stats(f.chip, 2, &stats);
    assert_int_equal(stats.in_transfers, 8);
    assert_int_equal(stats.in_empty, 8);
    sim_ftdi_chip_free(f.chip);
}

static void writing_ends_when_all_but_a_bufferful_is_on_the_wire(void **state)
{
    struct fixture f;
    struct sim_ftdi_done done;
    uint8_t bytes[2148] = {0};
    const struct sim_ftdi_urb urb = {.tag = 7, .endpoint = 0x04, .data = bytes, .len = sizeof bytes};

    (void)state;
    plug(&f, SIM_FT4232H, false);
    control(&f, 0x40, 3, 0x000c, 0x0202, NULL, 0, 0); /* 12 MHz / 12: 10 us a byte */
    assert_int_equal(sim_ftdi_chip_submit(f.chip, &urb, 0), 0);
    assert_false(sim_ftdi_chip_take(f.chip, &done, 999));
    assert_true(sim_ftdi_chip_take(f.chip, &done, 1000)); /* 100 bytes more than the buffer */
    assert_int_equal(done.actual, sizeof bytes);
    assert_int_equal(f.wires[1].out_len, sizeof bytes);
    sim_ftdi_chip_free(f.chip);
}

static void lines_move_together_and_are_remembered(void **state)
{
    struct fixture f;
    struct sim_ftdi_modem_event e;

    (void)state;
    plug(&f, SIM_FT4232H, false);
    control(&f, 0x40, 1, 0x0303, 4, NULL, 0, 5 * MS);
    assert_true(f.wires[3].dtr && f.wires[3].rts);
    control(&f, 0x40, 1, 0x0302, 4, NULL, 0, 6 * MS);
    assert_true(!f.wires[3].dtr && f.wires[3].rts);
    control(&f, 0x40, 1, 0x0100, 4, NULL, 0, 7 * MS); /* mask: only DTR is spoken of */
    assert_true(f.wires[3].rts);
    assert_true(sim_ftdi_chip_modem_event(f.chip, 1, &e));
    assert_int_equal(e.at_us, 6 * MS);
    assert_int_equal(e.interface, 3);
    assert_int_equal(e.value, 0x0302);
    assert_false(sim_ftdi_chip_modem_event(f.chip, 3, &e));
    sim_ftdi_chip_free(f.chip);
}

static void silent_chip_can_be_cancelled_and_stalled_one_says_so(void **state)
{
    struct fixture f;
    struct sim_ftdi_done done;

    (void)state;
    plug(&f, SIM_FT2232H, false);
    sim_ftdi_chip_set_silent(f.chip, true);
    ask_in(&f, 1, 0x81, 512, 0);
    assert_false(sim_ftdi_chip_take(f.chip, &done, 1000 * MS));
    assert_true(sim_ftdi_chip_cancel(f.chip, 1));
    assert_false(sim_ftdi_chip_cancel(f.chip, 1));
    sim_ftdi_chip_set_silent(f.chip, false);
    control(&f, 0x40, 9, 16, 2, NULL, 0, 1000 * MS); /* starts the latency timer anew */
    ask_in(&f, 2, 0x83, 512, 1000 * MS);
    sim_ftdi_chip_set_stalled(f.chip, 1, true); /* reaches transfers that wait already */
    assert_true(sim_ftdi_chip_take(f.chip, &done, 1000 * MS));
    assert_int_equal(done.status, SIM_URB_STALL);
    ask_in(&f, 3, 0x81, 512, 1000 * MS); /* the other interface works */
    assert_true(sim_ftdi_chip_take(f.chip, &done, 1000 * MS));
    assert_int_equal(done.status, 0);
    sim_ftdi_chip_free(f.chip);
}

static void line_errors_and_modem_inputs_show_in_the_status_bytes(void **state)
{
    struct fixture f;
    struct sim_ftdi_done done;

    (void)state;
    plug(&f, SIM_FT232R, false);
    ask_in(&f, 1, 0x81, 512, 0);
    sim_ftdi_chip_line_error(f.chip, 0, 0x0a);
    sim_ftdi_chip_set_modem(f.chip, 0, 0x10, 1 * MS);
    assert_true(sim_ftdi_chip_take(f.chip, &done, 1 * MS)); /* at once: an input changed */
    assert_memory_equal(done.data, "\x11\x6a", 2);
    ask_in(&f, 2, 0x81, 512, 1 * MS);
    assert_true(sim_ftdi_chip_take(f.chip, &done, 20 * MS));
    assert_memory_equal(done.data, "\x11\x60", 2);
    sim_ftdi_chip_free(f.chip);
}

static void bad_urbs_are_refused(void **state)
{
    struct fixture f;
    const struct sim_ftdi_urb bad[] = {
        {.tag = 1, .endpoint = 0x83, .len = 512},      {.tag = 1, .endpoint = 0x01, .len = 0},
        {.tag = 1, .endpoint = 0x82, .len = 64},       {.tag = 1, .endpoint = 0x81, .len = 2},
        {.tag = 1, .endpoint = 0x81, .len = 1u << 30},
    };

    (void)state;
    plug(&f, SIM_FT232R, false);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(sim_ftdi_chip_submit(f.chip, &bad[i], 0), -22);
    for (uint64_t tag = 0; tag < 256; tag++)
        ask_in(&f, tag, 0x81, 64, 0);
    assert_int_equal(
        sim_ftdi_chip_submit(f.chip, &(struct sim_ftdi_urb){.tag = 300, .endpoint = 0x81, .len = 64}, 0),
        -28);
    sim_ftdi_chip_free(f.chip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_model_describes_its_interfaces),
        cmocka_unit_test(eeprom_carries_strings_and_a_valid_checksum),
        cmocka_unit_test(divisors_mean_the_rates_of_the_data_sheet),
        cmocka_unit_test(event_character_sends_at_once_but_not_as_first_byte),
        cmocka_unit_test(event_character_after_a_full_packet_is_again_first),
        cmocka_unit_test(idle_chip_answers_once_a_latency_period),
        cmocka_unit_test(writing_ends_when_all_but_a_bufferful_is_on_the_wire),
        cmocka_unit_test(lines_move_together_and_are_remembered),
        cmocka_unit_test(silent_chip_can_be_cancelled_and_stalled_one_says_so),
        cmocka_unit_test(line_errors_and_modem_inputs_show_in_the_status_bytes),
        cmocka_unit_test(bad_urbs_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
