/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "sim/serve/rfc2217/sim_telnet.h"

/* What the parser called, as text: "data 41 42;baud 921600;lines 1 0;purge 1 0;answer ff..;". */
struct story {
    char text[2000];
};

static void tell(struct story *s, const char *word, const uint8_t *bytes, size_t len)
{
    size_t n = strlen(s->text);

    n += (size_t)snprintf(s->text + n, sizeof s->text - n, "%s", word);
    for (size_t i = 0; i < len && n < sizeof s->text - 8; i++)
        n += (size_t)snprintf(s->text + n, sizeof s->text - n, " %02x", bytes[i]);
    snprintf(s->text + n, sizeof s->text - n, ";");
}

static void on_data(void *ctx, const uint8_t *bytes, size_t len)
{
    tell(ctx, "data", bytes, len);
}

static void on_answer(void *ctx, const uint8_t *bytes, size_t len)
{
    tell(ctx, "answer", bytes, len);
}

static void on_baud(void *ctx, uint32_t baud)
{
    char word[32];
    snprintf(word, sizeof word, "baud %u", baud);
    tell(ctx, word, NULL, 0);
}

static void on_lines(void *ctx, bool dtr, bool rts)
{
    char word[32];
    snprintf(word, sizeof word, "lines %d %d", dtr, rts);
    tell(ctx, word, NULL, 0);
}

static void on_purge(void *ctx, bool from_board, bool to_board)
{
    char word[32];
    snprintf(word, sizeof word, "purge %d %d", from_board, to_board);
    tell(ctx, word, NULL, 0);
}

static void feed(const char *hex_text, size_t piece, struct story *s)
{
    const struct sim_telnet_calls calls = {s, on_data, on_baud, on_lines, on_purge, on_answer};
    struct sim_telnet t;
    uint8_t bytes[512];
    size_t n = 0;
    unsigned v;

    for (const char *p = hex_text; n < sizeof bytes && sscanf(p, "%2x", &v) == 1; p += 2 + (p[2] == ' '))
        bytes[n++] = (uint8_t)v;
    sim_telnet_init(&t);
    s->text[0] = '\0';
    for (size_t i = 0; i < n; i += piece)
        sim_telnet_feed(&t, bytes + i, n - i < piece ? n - i : piece, &calls);
}

static void known_input_leads_to_known_calls(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"c0 00 08 c0", "data c0 00 08 c0;"},
        {"41 ff ff 42", "data 41;data ff;data 42;"},
        /* WILL and DO of the three options are agreed to once, others are refused. */
        {"ff fb 2c ff fb 2c", "answer ff fd 2c;"},
        {"ff fd 00 ff fd 03", "answer ff fb 00;answer ff fb 03;"},
        {"ff fb 01 ff fd 18", "answer ff fe 01;answer ff fc 18;"},
        {"ff fe 2c ff fc 2c", ""},
        {"ff fd 2c ff fe 2c", "answer ff fb 2c;answer ff fc 2c;"},
        /* SET-BAUDRATE 921600; 0 asks; an FF in the value is doubled both ways. */
        {"ff fa 2c 01 00 0e 10 00 ff f0", "baud 921600;answer ff fa 2c 65 00 0e 10 00 ff f0;"},
        {"ff fa 2c 01 00 00 00 00 ff f0", "answer ff fa 2c 65 00 01 c2 00 ff f0;"},
        {"ff fa 2c 01 00 00 ff ff 00 ff f0", "baud 65280;answer ff fa 2c 65 00 00 ff ff 00 ff f0;"},
        {"ff fa 2c 01 7f 00 00 00 ff f0", "answer ff fa 2c 65 00 01 c2 00 ff f0;"},
        /* SET-CONTROL: DTR on, RTS on, DTR off; repeated is no change; ask RTS. */
        {"ff fa 2c 05 08 ff f0", "lines 1 0;answer ff fa 2c 69 08 ff f0;"},
        {"ff fa 2c 05 0b ff f0 ff fa 2c 05 0b ff f0",
         "lines 0 1;answer ff fa 2c 69 0b ff f0;answer ff fa 2c 69 0b ff f0;"},
        {"ff fa 2c 05 08 ff f0 ff fa 2c 05 09 ff f0",
         "lines 1 0;answer ff fa 2c 69 08 ff f0;lines 0 0;answer ff fa 2c 69 09 ff f0;"},
        {"ff fa 2c 05 0a ff f0", "answer ff fa 2c 69 0c ff f0;"},
        {"ff fa 2c 05 01 ff f0", "answer ff fa 2c 69 01 ff f0;"},
        {"ff fa 2c 02 08 ff f0 ff fa 2c 03 02 ff f0",
         "answer ff fa 2c 66 08 ff f0;answer ff fa 2c 67 01 ff f0;"},
        {"ff fa 2c 0c 01 ff f0 ff fa 2c 0c 03 ff f0",
         "purge 1 0;answer ff fa 2c 70 01 ff f0;purge 1 1;answer ff fa 2c 70 03 ff f0;"},
        {"ff fa 2c 0b ff ff ff f0", "answer ff fa 2c 6f ff ff ff f0;answer ff fa 2c 6b 30 ff f0;"},
        /* Nonsense: empty, foreign, cut, too long, ended by something else. */
        {"ff fa ff f0 41", "data 41;"},
        {"ff fa 18 01 ff f0 41", "data 41;"},
        {"ff fa 2c 01 00 ff f0 41", "data 41;"},
        {"ff fa 2c 05 08 ff fb 41", "data 41;"},
        {"ff f1 ff f4 41", "data 41;"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct story s;
        feed(rows[i].in, 512, &s);
        assert_string_equal(s.text, rows[i].out);
        feed(rows[i].in, 1, &s); /* byte by byte it is the same, but for data in one piece */
        if (strncmp(rows[i].in, "c0", 2) != 0)
            assert_string_equal(s.text, rows[i].out);
    }
}

static void long_subnegotiation_is_cut_off(void **state)
{
    (void)state;
    struct story s = {.text = ""};
    struct sim_telnet t;
    const struct sim_telnet_calls calls = {&s, on_data, on_baud, on_lines, on_purge, on_answer};
    static const uint8_t open[] = {0xff, 0xfa, 0x2c, 0x01};
    static uint8_t fill[100000];
    static const uint8_t close_and_more[] = {0xff, 0xf0, 0x41};
    sim_telnet_init(&t);
    sim_telnet_feed(&t, open, sizeof open, &calls);
    sim_telnet_feed(&t, fill, sizeof fill, &calls);
    sim_telnet_feed(&t, close_and_more, sizeof close_and_more, &calls);
    assert_string_equal(s.text, "data 41;");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_input_leads_to_known_calls),
        cmocka_unit_test(long_subnegotiation_is_cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
