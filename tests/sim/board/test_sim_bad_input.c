/* SPDX-License-Identifier: Apache-2.0 */
/* Runs tests/vectors/bad_input.txt: what the three loaders do with bad input. The language is explained there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/digest.h"
#include "sim/board/sim_random.h"
#include "sim/board/sim_stub.h"
#include "tests/support/board_host.h"

#define IMAGE_SIZE 0x4000
#define STREAM_OF  0xc00
#define PIECE      0x200
#define SECOND     1000000

/* Cases in the file, so that none gets lost. */
#define ROM_CASES 44
#define V1_CASES  30
#define V2_CASES  33

struct script {
    struct board_host host;
    const char *loader;
    uint8_t image[IMAGE_SIZE];
    uint8_t stream[0x1000];
    size_t stream_len;
    int line;
    bool running;
};

static const struct sim_board_config chip = {
    .mac = {{0x24, 0x0a, 0xc4, 0x00, 0x00, 0x03}},
    .revision = 3,
    .flash_size = 4u << 20,
    .flash_id = 0x1640c8,
    .starts_in_bootloader = true,
};

static void complain(const struct script *s, const char *what, const uint8_t *got, ssize_t len)
{
    fprintf(stderr, "bad_input.txt:%d (%s): %s", s->line, s->loader, what);
    for (ssize_t i = 0; i < len && i < 48; i++)
        fprintf(stderr, "%s%02x", i == 0 ? ", got " : "", got[i]);
    fprintf(stderr, "\n");
    fail();
}

static size_t hex(const char *text, uint8_t *out, size_t room)
{
    size_t n = 0;
    unsigned v;

    while (n < room && isxdigit((unsigned char)text[2 * n]) && sscanf(text + 2 * n, "%2x", &v) == 1)
        out[n++] = (uint8_t)v;
    return n;
}

static void prepare_loader(struct script *s)
{
    const uint32_t attach[2] = {0, 0}, params[6] = {0, 4u << 20, 0x10000, 0x1000, 0x100, 0xffff},
                   magic = 0x40001000;
    uint8_t got[64];

    host_sync(&s->host);
    if (strcmp(s->loader, "rom") != 0) {
        assert_int_equal(sim_stub_start(s->host.board, strcmp(s->loader, "v1") == 0 ? "v1" : "v2 1.0.0"), 0);
        assert_int_equal(host_reply(&s->host, got, sizeof got, SECOND), 4);
    }
    host_command(&s->host, 0x0d, attach, strcmp(s->loader, "rom") == 0 ? 2 : 1);
    host_reply(&s->host, got, sizeof got, SECOND);
    host_command(&s->host, 0x0b, params, 6);
    host_reply(&s->host, got, sizeof got, SECOND);
    /* Every buffer of every loader holds a good READ_REG of the chip's magic now. */
    for (int i = 0; i < 4; i++) {
        host_command(&s->host, 0x0a, &magic, 1);
        host_reply(&s->host, got, sizeof got, SECOND);
    }
    host_drop(&s->host);
}

static void start(struct script *s, const char *loader)
{
    struct sim_random r = {42};

    s->loader = loader;
    s->running = true;
    sim_random_fill(&r, s->image, sizeof s->image);
    host_start(&s->host, &chip);
    prepare_loader(s);
}

static void stop(struct script *s)
{
    if (s->running)
        host_end(&s->host);
    s->running = false;
}

static void do_block(struct script *s, uint8_t op, uint32_t seq, const uint8_t *bytes, size_t len,
                     const char *flags)
{
    static uint8_t plain[24 + IMAGE_SIZE], wire[2 * sizeof plain + 2];
    const char *inner = strstr(flags, "inner="), *cut = strstr(flags, "cut=");
    uint32_t sum = 0xef;
    size_t n = 0;

    for (size_t i = 0; i < len; i++)
        sum ^= bytes[i];
    memset(plain, 0, 24);
    plain[1] = op;
    plain[2] = (uint8_t)(len + 16);
    plain[3] = (uint8_t)((len + 16) >> 8);
    host_word(plain + 4, strstr(flags, "sum") != NULL ? sum ^ 0x55 : sum);
    host_word(plain + 8, inner != NULL ? (uint32_t)strtoul(inner + 6, NULL, 16) : (uint32_t)len);
    host_word(plain + 12, seq);
    memcpy(plain + 24, bytes, len);
    wire[n++] = 0xc0;
    for (size_t i = 0; i < len + 24; i++) {
        bool special = plain[i] == 0xc0 || plain[i] == 0xdb;
        if (i == 200 && strstr(flags, "lost") != NULL)
            continue;
        if (i == 200 && strstr(flags, "esc") != NULL) {
            wire[n++] = 0xdb;
            wire[n++] = 0x01;
            continue;
        }
        if (special)
            wire[n++] = 0xdb;
        wire[n++] = plain[i] == 0xc0 ? 0xdc : plain[i] == 0xdb ? 0xdd : plain[i];
    }
    wire[n++] = 0xc0;
    host_send(&s->host, wire, cut != NULL ? strtoul(cut + 4, NULL, 10) : n);
}

static void do_data(struct script *s, const char *args)
{
    unsigned op, seq, len;

    assert_int_equal(sscanf(args, "%x %u %x", &op, &seq, &len), 3);
    do_block(s, (uint8_t)op, seq, s->image + (seq % 8) * len % (IMAGE_SIZE - len + 1), len, args);
}

static void do_stream(struct script *s, const char *kind)
{
    uLongf len = sizeof s->stream;

    assert_int_equal(compress2(s->stream, &len, s->image, STREAM_OF, 9), Z_OK);
    s->stream_len = len;
    if (strncmp(kind, "header", 6) == 0)
        s->stream[0] = s->stream[1] = 0xff;
    else if (strncmp(kind, "middle", 6) == 0)
        s->stream[len / 2] ^= 0xff;
    else if (strncmp(kind, "adler", 5) == 0)
        s->stream[len - 1] ^= 1;
}

static void do_defl(struct script *s, const char *args)
{
    size_t seq = strtoul(args, NULL, 10), from = seq * PIECE;
    size_t len = s->stream_len - from < PIECE ? s->stream_len - from : PIECE;

    assert_true(from < s->stream_len);
    do_block(s, 0x11, (uint32_t)seq, s->stream + from, len, args);
}

static void do_cmd(struct script *s, const char *args)
{
    uint32_t words[8];
    size_t n = 0;
    char *at;
    uint8_t op = (uint8_t)strtoul(args, &at, 16);

    for (char *next; n < 8; at = next) {
        words[n] = (uint32_t)strtoul(at, &next, 16);
        if (next == at)
            break;
        n++;
    }
    host_command(&s->host, op, words, n);
}

static void do_send(struct script *s, const char *args)
{
    uint8_t bytes[512];

    host_send(&s->host, bytes, hex(args, bytes, sizeof bytes));
}

static void do_reply(struct script *s, const char *want)
{
    uint8_t got[256];
    ssize_t n = host_reply(&s->host, got, sizeof got, 5 * SECOND);
    size_t len = strcspn(want, " \n") / 2;

    if (n < 0)
        complain(s, "no answer", got, 0);
    if ((size_t)n != len)
        complain(s, "answer of another length", got, n);
    for (size_t i = 0; i < len; i++) {
        unsigned v;
        if (strncmp(want + 2 * i, "..", 2) != 0 && (sscanf(want + 2 * i, "%2x", &v) != 1 || v != got[i]))
            complain(s, "another answer", got, n);
    }
}

static void do_quiet(struct script *s)
{
    uint8_t got[256];
    ssize_t n = host_reply(&s->host, got, sizeof got, SECOND);

    if (n >= 0)
        complain(s, "an answer where none should be", got, n);
    host_drop(&s->host);
}

static bool answers_sync(struct script *s)
{
    uint8_t f[8 + 36] = {0, 8, 36, 0, 0, 0, 0, 0, 7, 7, 0x12, 0x20}, got[256];
    int replies = 0;

    memset(f + 12, 0x55, 32);
    host_drop(&s->host);
    host_frame(&s->host, f, sizeof f);
    while (host_reply(&s->host, got, sizeof got, SECOND / 10) >= 0)
        replies += got[0] == 1 && got[1] == 8;
    return replies == 8;
}

static void do_md5(struct script *s, const char *args)
{
    unsigned address, len, from = 0;
    char what[32], text[33];
    uint8_t want[MD5_SIZE], got[256], *blank;

    assert_int_equal(sscanf(args, "%x %x %31s", &address, &len, what), 3);
    sscanf(what, "image+%x", &from);
    blank = malloc(len + 1);
    assert_non_null(blank);
    bool zeros = strcmp(what, "zeros") == 0;
    memset(blank, zeros ? 0 : 0xff, len + 1);
    digest_md5(zeros || strcmp(what, "blank") == 0 ? blank : s->image + from, len, want);
    free(blank);
    const uint32_t words[4] = {address, len, 0, 0};
    host_command(&s->host, 0x13, words, 4);
    ssize_t n = host_reply(&s->host, got, sizeof got, 5 * SECOND);
    digest_hex(want, sizeof want, text);
    bool same = n == 44 ? memcmp(got + 8, text, 32) == 0 : n == 26 && memcmp(got + 8, want, sizeof want) == 0;
    if ((n != 44 && n != 26) || same == (strcmp(what, "other") == 0))
        complain(s, "another digest", got, n);
}

static void do_long(struct script *s, const char *args)
{
    static uint8_t frame[0x4000] = {0, 0x0a};
    unsigned word, len;

    assert_int_equal(sscanf(args, "%x %x", &word, &len), 2);
    frame[2] = (uint8_t)len;
    frame[3] = (uint8_t)(len >> 8);
    host_word(frame + 8, word);
    host_frame(&s->host, frame, 8 + len);
}

static void do_baud(struct script *s, const char *args)
{
    sim_board_set_baud(s->host.board, (uint32_t)strtoul(args, NULL, 10), s->host.now);
    host_pass(&s->host, SECOND / 20);
    host_drop(&s->host);
}

static void do_reset(struct script *s)
{
    sim_board_button(s->host.board, true, s->host.now);
    host_pass(&s->host, SECOND / 5);
    host_drop(&s->host);
}

static void step(struct script *s, const char *line)
{
    const char *args = line + strcspn(line, " \n");

    args += *args == ' ';
    if (strncmp(line, "send", 4) == 0)
        do_send(s, args);
    else if (strncmp(line, "cmd", 3) == 0)
        do_cmd(s, args);
    else if (strncmp(line, "data", 4) == 0)
        do_data(s, args);
    else if (strncmp(line, "stream", 6) == 0)
        do_stream(s, args);
    else if (strncmp(line, "defl", 4) == 0)
        do_defl(s, args);
    else if (strncmp(line, "reply", 5) == 0)
        do_reply(s, args);
    else if (strncmp(line, "quiet", 5) == 0)
        do_quiet(s);
    else if (strncmp(line, "md5", 3) == 0)
        do_md5(s, args);
    else if (strncmp(line, "hung", 4) == 0)
        (answers_sync(s) || answers_sync(s)) ? complain(s, "SYNC was answered", NULL, 0) : (void)0;
    else if (strncmp(line, "alive", 5) == 0)
        answers_sync(s) ? (void)0 : complain(s, "SYNC was not answered eight times", NULL, 0);
    else if (strncmp(line, "long", 4) == 0)
        do_long(s, args);
    else if (strncmp(line, "baud", 4) == 0)
        do_baud(s, args);
    else if (strncmp(line, "reset", 5) == 0)
        do_reset(s);
    else
        complain(s, "a word the test does not know", NULL, 0);
}

/* Runs all cases that name `loader`. */
static int run(const char *loader)
{
    static struct script s;
    char line[512];
    int cases = 0;
    FILE *f = fopen(SOURCE_DIR "/tests/vectors/bad_input.txt", "r");

    assert_non_null(f);
    s.line = 0;
    while (fgets(line, sizeof line, f) != NULL) {
        s.line++;
        if (strncmp(line, "case ", 5) == 0) {
            char *colon = strchr(line, ':');
            assert_non_null(colon);
            *colon = '\0';
            stop(&s);
            if (strstr(line + 5, loader) != NULL) {
                start(&s, loader);
                cases++;
            }
        } else if (line[0] != '#' && line[0] != '\n' && s.running) {
            step(&s, line);
        }
    }
    stop(&s);
    fclose(f);
    return cases;
}

static void rom_answers_as_measured(void **state)
{
    (void)state;
    assert_int_equal(run("rom"), ROM_CASES);
}

static void first_stub_answers_as_measured(void **state)
{
    (void)state;
    assert_int_equal(run("v1"), V1_CASES);
}

static void second_stub_answers_as_measured(void **state)
{
    (void)state;
    assert_int_equal(run("v2"), V2_CASES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rom_answers_as_measured),
        cmocka_unit_test(first_stub_answers_as_measured),
        cmocka_unit_test(second_stub_answers_as_measured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
