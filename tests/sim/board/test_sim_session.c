/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole sessions of a real tool with a real chip's machine code, replayed against the virtual board: the requests are
 * fed, every reply is compared byte for byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/board/sim_stub.h"
#include "tests/support/board_host.h"

#define NOSTUB SHARED_DIR "/vectors/nostub-session.socat.txt"
#define STUB   SHARED_DIR "/vectors/stub-session.annotated.txt"

struct stream {
    uint8_t bytes[30000];
    size_t len, at;
};

struct session {
    struct stream host, chip;
};

/* Lines "> time length=.." and "< .." open a piece, lines " c0 00 ..  text" carry up to 16 bytes of it, fewer after a 0a. */
static struct session *read_session(void)
{
    struct session *s = calloc(1, sizeof *s);
    FILE *f = fopen(NOSTUB, "r");
    struct stream *to = NULL;
    char line[256];
    size_t left = 0;

    assert_non_null(s);
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL) {
        if (line[0] == '>' || line[0] == '<') {
            const char *l = strstr(line, "length=");
            assert_non_null(l);
            to = line[0] == '>' ? &s->host : &s->chip;
            left = strtoul(l + 7, NULL, 10);
        } else if (line[0] == ' ' && to != NULL) {
            for (int i = 0; i < 16 && left > 0 && line[1 + 3 * i] != ' '; i++, left--) {
                assert_true(to->len < sizeof to->bytes);
                to->bytes[to->len++] = (uint8_t)strtoul(line + 1 + 3 * i, NULL, 16);
            }
        }
    }
    fclose(f);
    return s;
}

static const struct sim_board_config the_chip = {
    .mac = {{0x24, 0x0a, 0xc4, 0x00, 0x00, 0x03}},
    .revision = 3,
    .flash_size = 4u << 20,
    .flash_id = 0x1640c8,
    .starts_in_bootloader = true,
};

/* Next frame that is not empty, with both C0; 0 at the end. */
static size_t next_frame(struct stream *s, uint8_t *out)
{
    size_t n = 0;

    while (s->at < s->len && (s->bytes[s->at] != 0xc0 || (s->at + 1 < s->len && s->bytes[s->at + 1] == 0xc0)))
        s->at++;
    while (s->at < s->len && (n < 2 || out[n - 1] != 0xc0))
        out[n++] = s->bytes[s->at++];
    return n;
}

static size_t unescape(const uint8_t *in, size_t len, uint8_t *out)
{
    size_t n = 0;

    for (size_t i = 1; i + 1 < len; i++)
        out[n++] = in[i] != 0xdb ? in[i] : in[++i] == 0xdc ? 0xc0 : 0xdb;
    return n;
}

/* The host goes to the rate of its CHANGE_BAUD once the answer is there, as tools do. */
static void follow_baud(struct board_host *h, const uint8_t *request)
{
    uint32_t baud = request[9] | (uint32_t)request[10] << 8 | (uint32_t)request[11] << 16;

    sim_board_set_baud(h->board, baud, h->now);
    host_pass(h, 50000);
    host_drop(h);
}

static void session_without_stub_is_the_same_byte_for_byte(void **state)
{
    (void)state;
    static uint8_t request[20000], frame[20000], want[20000], got[20000];
    struct session *s = read_session();
    struct board_host h;
    size_t n, replies = 0;

    host_start(&h, &the_chip);
    while ((n = next_frame(&s->host, request)) > 0) {
        host_send(&h, request, n);
        /* SYNC is answered eight times, and so is an unknown command right after it, under SYNC's name. */
        for (int i = request[2] == 0x08 || request[2] == 0x14 ? 8 : 1; i > 0; i--) {
            size_t len = unescape(frame, next_frame(&s->chip, frame), want);
            assert_int_equal(host_reply(&h, got, sizeof got, 3000000), len);
            assert_memory_equal(got, want, len);
            replies++;
        }
        if (request[2] == 0x0f)
            follow_baud(&h, request);
    }
    assert_int_equal(replies, 105);
    assert_int_equal(next_frame(&s->chip, frame), 0);
    free(s);
    host_end(&h);
}

/* The compressed image of the session without stub: the data of its DEFL_DATA blocks. */
static size_t collect_image(uint8_t *out)
{
    static uint8_t frame[20000], plain[20000];
    struct session *s = read_session();
    size_t n, total = 0;

    while ((n = next_frame(&s->host, frame)) > 0) {
        size_t len = unescape(frame, n, plain);
        if (len > 24 && plain[1] == 0x11) {
            memcpy(out + total, plain + 24, len - 24);
            total += len - 24;
        }
    }
    free(s);
    return total;
}

static size_t hex(const char *text, uint8_t *out)
{
    size_t n = 0;
    unsigned v;

    while (sscanf(text + 2 * n, "%2x", &v) == 1 && n < 4000)
        out[n++] = (uint8_t)v;
    return n;
}

static int op_of(const char *name)
{
    static const struct {
        const char *name;
        int op;
    } table[] = {{"FLASH_BEGIN", 2}, {"FLASH_END", 4},       {"SYNC", 8},         {"WRITE_REG", 9},
                 {"READ_REG", 10},   {"SPI_SET_PARAMS", 11}, {"CHANGE_BAUD", 15}, {"DEFL_BEGIN", 16},
                 {"DEFL_DATA", 17},  {"DEFL_END", 18},       {"MD5", 19}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(table[i].name, name) == 0)
            return table[i].op;
    return -1;
}

/* Lines ">> NAME len=N body=HEX" and "<< N bytes HEX" from the stub's OHAI on. The image itself is cut short there. */
static void session_with_the_first_stub_is_the_same_byte_for_byte(void **state)
{
    (void)state;
    static uint8_t image[20000], body[4096], want[4096], got[4096];
    static char line[8192];
    struct board_host h;
    size_t image_len = collect_image(image), replies = 0;
    bool running = false;
    uint32_t baud = 0;
    FILE *f = fopen(STUB, "r");
    assert_non_null(f);

    host_start(&h, &the_chip);
    host_sync(&h);
    while (fgets(line, sizeof line, f) != NULL) {
        char name[40];
        int len;
        char *text = strstr(line, "body=");
        if (!running) {
            if (strstr(line, "<< 4 bytes 4f484149") == NULL)
                continue;
            running = true;
            assert_int_equal(sim_stub_start(h.board, "v1"), 0);
            assert_int_equal(host_reply(&h, got, sizeof got, 1000000), 4);
            assert_memory_equal(got, "OHAI", 4);
        } else if (sscanf(line, ">> %39s len=%d", name, &len) == 2) {
            int op = op_of(name);
            assert_true(op >= 0);
            size_t n = text != NULL ? hex(text + 5, body) : 0;
            if (op == 17) {
                assert_int_equal(image_len, len - 16);
                host_block(&h, 17, 0, image, image_len);
                continue;
            }
            assert_int_equal(n, len);
            uint32_t words[16];
            for (size_t i = 0; i < n / 4; i++)
                words[i] = body[4 * i] | (uint32_t)body[4 * i + 1] << 8 | (uint32_t)body[4 * i + 2] << 16 |
                           (uint32_t)body[4 * i + 3] << 24;
            baud = op == 15 ? words[0] : 0;
            host_command(&h, (uint8_t)op, words, n / 4);
        } else if (sscanf(line, "<< %d bytes", &len) == 1) {
            hex(strstr(line, "bytes ") + 6, want);
            ssize_t n = host_reply(&h, got, sizeof got, 3000000);
            assert_int_equal(n, len);
            assert_memory_equal(got, want, (size_t)len);
            replies++;
            if (baud != 0) {
                sim_board_set_baud(h.board, baud, h.now);
                host_pass(&h, 50000);
                baud = 0;
            }
        }
    }
    fclose(f);
    assert_int_equal(replies, 63);
    host_end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(session_without_stub_is_the_same_byte_for_byte),
        cmocka_unit_test(session_with_the_first_stub_is_the_same_byte_for_byte),
    };
    if (access(NOSTUB, R_OK) != 0 || access(STUB, R_OK) != 0) {
        printf("skipped: no recorded sessions in %s/vectors\n", SHARED_DIR);
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
