/* SPDX-License-Identifier: Apache-2.0 */
/* label: scenario */
/*
 * Nothing that is measured lies below the floor: neither the station's own write stage nor hosts that cut regions and frames
 * as they like, in virtual time. A floor that a run undercuts is no floor, and every ratio made with it would be a lie.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "bench/model/floor.h"
#include "sim/board/sim_random.h"
#include "sim/board/sim_stub.h"
#include "tests/support/board_host.h"
#include "tests/support/sim_bench.h"

#define OP_FLASH_BEGIN 0x02
#define OP_FLASH_DATA  0x03
#define OP_FLASH_END   0x04
#define OP_CHANGE_BAUD 0x0f
#define OP_DEFL_BEGIN  0x10
#define OP_DEFL_DATA   0x11
#define OP_DEFL_END    0x12

#define AREA     0x60000u /* all that is written in these tests lies below */
#define APP_SIZE 0x28000u
#define WINDOW   0x8000u

static const uint32_t bauds[] = {460800, 921600, 2000000, 3000000};

static void fill(struct sim_board *board, enum floor_state state)
{
    static uint8_t bytes[AREA];

    memset(bytes, state == FLOOR_BLANK ? 0xff : 0x00, sizeof bytes);
    sim_board_preload(board, 0, bytes, sizeof bytes);
}

static double floor_us(const char *loader, enum floor_state state, uint32_t baud, uint32_t offset,
                       const uint8_t *bytes, uint32_t size)
{
    const struct floor_case c = {
        .loader = loader, .state = state, .baud = baud, .offset = offset, .bytes = bytes, .size = size};
    struct floor_result r;

    assert_int_equal(floor_find(&c, &r), 0);
    return floor_sum(&r.write);
}

/* The first sector is the boot sector's own stage's. Of a later piece's BEGIN the line time may be hidden. */
static double floor_of_plan(const char *loader, enum floor_state state, uint32_t baud, const struct plan *p)
{
    double sum = 0;

    for (size_t i = 0; i < p->piece_count; i++)
        sum += floor_us(loader, state, baud, p->pieces[i].offset, p->pieces[i].data, p->pieces[i].size) -
               (i > 0 ? 30 * 10e6 / baud : 0);
    return sum;
}

static void run_station(const char *loader, const char *stub_file, enum floor_state state, uint32_t baud)
{
    struct sim_bench b;

    sim_bench_init(&b, "good");
    tiny_job_done(&b.tiny);
    tiny_job_make(&b.tiny, APP_SIZE, 3);
    b.tiny.job.baud = baud;
    fill(sim_tray_board(b.tray, BENCH_BOARD), state);
    if (stub_file == NULL || sim_bench_use_stub(&b, stub_file)) {
        sim_bench_run(&b);
        assert_int_equal(b.result.result, RESULT_PASS);
        double took = (double)b.result.stage_us[STAGE_WRITE];
        double floor = floor_of_plan(loader, state, b.result.baud, &b.tiny.plan);
        print_message("%-4s %-5s %7u baud: write %6.1f ms, floor %6.1f, %.3f\n", loader,
                      state == FLOOR_BLANK ? "blank" : "dirty", baud, took / 1e3, floor / 1e3, took / floor);
        assert_true(took >= floor);
        /* Where the line is faster than the flash, which has something to do without a break. */
        if (stub_file != NULL && state == FLOOR_DIRTY && baud >= 2000000)
            assert_true(took <= 1.005 * floor);
    }
    sim_bench_done(&b);
}

static void the_station_stays_above(void **state)
{
    static const struct {
        const char *loader, *stub;
        bool looks;
    } loaders[] = {{"rom", NULL, false}, {"v1", "esp32-v1.json", false}, {"v2", "esp32.json", true}};

    (void)state;
    for (size_t l = 0; l < sizeof loaders / sizeof loaders[0]; l++)
        for (size_t i = 0; i < sizeof bauds / sizeof bauds[0]; i++)
            for (int s = FLOOR_BLANK; s <= FLOOR_DIRTY; s++)
                if (loaders[l].looks || s == FLOOR_DIRTY) /* to the others both are one */
                    run_station(loaders[l].loader, loaders[l].stub, (enum floor_state)s, bauds[i]);
}

/* A host that does as it likes, within the rules: a region announces what it writes, one frame is under way. */
struct free_host {
    struct board_host h;
    struct sim_random r;
    const uint8_t *image;
    uint32_t size, offset;
    bool cuts_at_windows; /* frames end where the chip can begin to work */
    bool random_frames;
    bool plain_too;
};

static void ask(struct free_host *f, uint8_t op, uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
    const uint32_t words[] = {a, b, c, d};
    uint8_t got[64];

    assert_true(host_ask(&f->h, op, words, op == OP_DEFL_BEGIN || op == OP_FLASH_BEGIN ? 4 : 1, got) > 0);
    assert_int_equal(got[8], 0);
}

/* Bytes of the stream after which the next whole window has come out. */
static uint32_t to_next_window(z_stream *in, const uint8_t *z, uint32_t left)
{
    static uint8_t waste[WINDOW];
    uLong before = in->total_out / WINDOW;
    uint32_t n = 0;

    while (n < left && in->total_out / WINDOW == before) {
        in->next_in = (z_const Bytef *)z + n++;
        in->avail_in = 1;
        in->next_out = waste;
        in->avail_out = sizeof waste;
        inflate(in, Z_NO_FLUSH);
    }
    return n;
}

static void send_frames(struct free_host *f, uint8_t op, const uint8_t *bytes, uint32_t len)
{
    z_stream in = {0};
    uint8_t got[64];
    uint32_t window = 0;

    assert_int_equal(inflateInit(&in), Z_OK);
    for (uint32_t at = 0, seq = 0, n; at < len; at += n, seq++) {
        n = len - at < 0x4000 ? len - at : 0x4000;
        if (f->random_frames)
            n = 1 + (uint32_t)sim_random_below(&f->r, n);
        if (f->cuts_at_windows && op == OP_DEFL_DATA) {
            if (window == 0)
                window = to_next_window(&in, bytes + at, len - at);
            n = window < n ? window : n;
            window -= n;
        }
        host_block(&f->h, op, seq, bytes + at, n);
        assert_int_equal(host_reply(&f->h, got, sizeof got, 60 * HOST_SECOND), 10);
        assert_int_equal(got[8], 0);
    }
    inflateEnd(&in);
}

static void send_region(struct free_host *f, uint32_t from, uint32_t to)
{
    uLongf len = compressBound(to - from);
    uint8_t *z = malloc(len);

    assert_non_null(z);
    if (f->plain_too && sim_random_below(&f->r, 2) == 0) {
        ask(f, OP_FLASH_BEGIN, to - from, (to - from + 0x3fff) / 0x4000, 0x4000, f->offset + from);
        send_frames(f, OP_FLASH_DATA, f->image + from, to - from);
    } else {
        assert_int_equal(compress2(z, &len, f->image + from, to - from, 9), Z_OK);
        ask(f, OP_DEFL_BEGIN, to - from, (uint32_t)(len + 0x3fff) / 0x4000, 0x4000, f->offset + from);
        send_frames(f, OP_DEFL_DATA, z, (uint32_t)len);
    }
    free(z);
}

/* Regions of random length, in sectors and now and then in blocks; a region of FF is left out where the flash is blank. */
static void send_all(struct free_host *f, bool leave_out)
{
    for (uint32_t at = 0, next; at < f->size; at = next) {
        uint32_t step = sim_random_below(&f->r, 2) == 0 ? 0x1000u : 0x10000u;
        next = at + step * (1 + (uint32_t)sim_random_below(&f->r, 6));
        if (sim_random_below(&f->r, 3) == 0 || next > f->size)
            next = f->size;
        bool blank = f->image[at] == 0xff && memcmp(f->image + at, f->image + at + 1, next - at - 1) == 0;
        if (!blank || !leave_out)
            send_region(f, at, next);
    }
    ask(f, OP_FLASH_END, 1, 0, 0, 0);
}

static uint8_t *image_of(struct sim_random *r, uint32_t size)
{
    uint8_t *bytes = malloc(size);

    assert_non_null(bytes);
    for (uint32_t i = 0; i < size; i += 64) {
        bool even = sim_random_below(r, 5) < 2;
        for (uint32_t k = i; k < i + 64; k++)
            bytes[k] = even ? (uint8_t)(i / 256) : (uint8_t)sim_random_next(r);
    }
    uint32_t at = 0x1000 * (uint32_t)sim_random_below(r, size / 0x1000),
             len = 0x1000 * (uint32_t)sim_random_below(r, 9);
    memset(bytes + at, 0xff, len < size - at ? len : size - at);
    return bytes;
}

static void run_free_host(const char *loader, const char *stub, uint64_t seed)
{
    struct free_host f = {
        .r = {seed}, .size = 0x1000u * (1 + seed * 7 % 60), .offset = 0x1000u * (1 + seed % 16)};
    struct sim_board_config config = host_board(NULL);
    enum floor_state state = seed % 2 == 0 ? FLOOR_BLANK : FLOOR_DIRTY;
    uint32_t baud = bauds[seed / 2 % 4], flash_size;
    uint8_t *image = image_of(&f.r, f.size), got[64];
    const uint32_t rates[] = {baud, 115200};

    f.image = image;
    f.cuts_at_windows = seed % 3 == 0;
    f.random_frames = seed % 3 == 1;
    f.plain_too = seed % 5 == 0;
    host_start(&f.h, &config);
    host_sync(&f.h);
    assert_int_equal(sim_stub_start(f.h.board, stub), 0);
    assert_int_equal(host_reply(&f.h, got, sizeof got, HOST_SECOND), 4);
    host_ask(&f.h, OP_CHANGE_BAUD, rates, 2, got);
    sim_board_set_baud(f.h.board, baud, f.h.now);
    fill(f.h.board, state);
    int64_t began = f.h.now;
    send_all(&f, state == FLOOR_BLANK);
    double took = (double)(f.h.now - began), floor = floor_us(loader, state, baud, f.offset, image, f.size);
    assert_memory_equal(sim_board_flash(f.h.board, &flash_size) + f.offset, image, f.size);
    if (took < floor)
        print_message("%s, seed %llu: %.1f ms, floor %.1f\n", loader, (unsigned long long)seed, took / 1e3,
                      floor / 1e3);
    assert_true(took >= floor);
    host_end(&f.h);
    free(image);
}

static void no_host_undercuts_it(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 24; seed++) {
        run_free_host("v1", "v1", seed);
        run_free_host("v2-1.0", "v2 1.0.0", seed);
        run_free_host("v2", "v2 1.2.2", seed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_station_stays_above),
        cmocka_unit_test(no_host_undercuts_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
