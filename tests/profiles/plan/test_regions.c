/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file by erase blocks: which runs of FF are erased and not sent, what the regions of a piece are, their digests by md5sum and
 * their streams by libdeflate. What is expected was worked out by hand from the sectors below.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libdeflate.h>

#include "profiles/job/job.h"
#include "profiles/plan/image_piece.h"
#include "profiles/plan/region_stream.h"
#include "profiles/text/arena.h"
#include "profiles/text/complaint.h"
#include "tests/support/scratch.h"

#define RUNS  6
#define PARTS 4

static char folder[SCRATCH_SIZE];

static int set_up(void **state)
{
    (void)state;
    scratch_enter(folder, "regions");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_leave(folder);
    return 0;
}

struct range {
    uint32_t offset, size;
};

/* A file at `offset`: runs of noise (positive) and of FF (negative), in bytes. */
struct file_case {
    uint32_t offset;
    int runs[RUNS];
    struct range pieces[PARTS], erases[PARTS]; /* size 0: no more */
};

/* Half of it repeats, as firmware does; no byte of it is FF. */
static size_t fill(const int *runs, uint8_t *out)
{
    uint32_t x = 12345;
    size_t used = 0;

    for (int i = 0; i < RUNS; i++) {
        for (int n = 0; n < abs(runs[i]); n++, used++) {
            x = x * 1664525u + 1013904223u;
            out[used] = runs[i] < 0          ? 0xff
                        : used / 32 % 2 == 0 ? (uint8_t)(x >> 24) % 255
                                             : (uint8_t)(used / 64 % 200);
        }
    }
    return used;
}

static struct job *open_job(const char *path)
{
    struct complaint c = {0};
    struct job *job = job_load(path, NULL, &c);

    if (job == NULL)
        fail_msg("%s", c.text);
    return job;
}

static struct job *load(uint32_t offset, const uint8_t *bytes, size_t size)
{
    char text[200];

    scratch_save("data.bin", bytes, size);
    snprintf(
        text, sizeof text,
        "board: esp32\nchip: esp32\npartial: yes\nfirmware:\n  images:\n    - {file: data.bin, offset: 0x%x}\n",
        (unsigned)offset);
    scratch_save_text("j.yaml", text);
    return open_job("j.yaml");
}

static void expect_case(size_t number, const struct file_case *f, const struct plan *p, const uint8_t *bytes)
{
    size_t pieces = 0, erases = 0;

    while (pieces < PARTS && f->pieces[pieces].size > 0)
        pieces++;
    while (erases < PARTS && f->erases[erases].size > 0)
        erases++;
    if (p->piece_count != pieces || p->erase_count != erases)
        fail_msg("case %zu: %zu pieces and %zu erases", number, p->piece_count, p->erase_count);
    for (size_t i = 0; i < pieces; i++) {
        const struct piece *x = &p->pieces[i];
        if (x->offset != f->pieces[i].offset || x->size != f->pieces[i].size)
            fail_msg("case %zu: piece 0x%x+0x%x", number, (unsigned)x->offset, (unsigned)x->size);
        assert_memory_equal(x->data, bytes + (x->offset - f->offset), x->size);
    }
    for (size_t i = 0; i < erases; i++)
        if (p->erases[i].offset != f->erases[i].offset || p->erases[i].size != f->erases[i].size)
            fail_msg("case %zu: erase 0x%x+0x%x", number, (unsigned)p->erases[i].offset,
                     (unsigned)p->erases[i].size);
    assert_true(plan_writes(p)); /* the boot sector's rule, also where nothing is left to send */
}

static void long_blank_runs_are_erased_and_not_sent(void **state)
{
    static const struct file_case cases[] = {
        {0x200000,
         {0x10000, -0x10000, 0x10000},
         {{0x200000, 0x10000}, {0x220000, 0x10000}},
         {{0x210000, 0x10000}}},
        /* A block is taken whole, or its sectors would be erased one by one. */
        {0x200000,
         {0x11000, -0x1f000, 0x4000},
         {{0x200000, 0x20000}, {0x230000, 0x4000}},
         {{0x220000, 0x10000}}},
        {0x200000, {0x11000, -0xf000, 0x4000}, {{0x200000, 0x24000}}, {{0}}},
        /* In a block that the file does not fill, half a block counts. */
        {0x208000, {-0x8000, 0x10000}, {{0x210000, 0x10000}}, {{0x208000, 0x8000}}},
        {0x209000, {-0x7000, 0x10000}, {{0x209000, 0x17000}}, {{0}}},
        {0x200000, {0x11000, -0x9000, 0x64}, {{0x200000, 0x11000}, {0x21a000, 0x64}}, {{0x211000, 0x9000}}},
        /* What a file leaves of its last sector is blank as well. */
        {0x200000, {0x10000, -0x8100}, {{0x200000, 0x10000}}, {{0x210000, 0x9000}}},
        {0x200000, {-0x20000}, {{0}}, {{0x200000, 0x20000}}},
        {0x200000,
         {0x10000, -0x10000, 0x1000, -0xf000, 0x10000},
         {{0x200000, 0x10000}, {0x220000, 0x20000}},
         {{0x210000, 0x10000}}},
    };
    static uint8_t bytes[0x60000];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct job *job = load(cases[i].offset, bytes, fill(cases[i].runs, bytes));
        expect_case(i, &cases[i], &job->plans[0], bytes);
        job_free(job);
    }
}

/* By the system's md5sum, of the bytes and the FF behind them. */
static void expect_md5(const uint8_t *data, uint32_t size, const uint8_t got[static MD5_SIZE])
{
    uint32_t whole = (size + 0xfff) / 0x1000 * 0x1000;
    uint8_t *padded = malloc(whole);
    char line[80] = "", hex[2 * MD5_SIZE + 1];

    assert_non_null(padded);
    memset(padded, 0xff, whole);
    memcpy(padded, data, size);
    scratch_save("part.bin", padded, whole);
    free(padded);
    FILE *p = popen("md5sum part.bin", "r"); /* NOLINT(cert-env33-c): a reader that is not ours */
    assert_non_null(p);
    assert_non_null(fgets(line, sizeof line, p));
    pclose(p);
    line[2 * MD5_SIZE] = '\0';
    digest_hex(got, MD5_SIZE, hex);
    assert_string_equal(hex, line);
}

static void regions_are_what_lies_in_an_erase_block(void **state)
{
    static const struct range want[] = {
        {0, 0x7000}, {0x7000, 0x10000}, {0x17000, 0x10000}, {0x27000, 0x10000}, {0x37000, 0x8104}};
    static const int runs[RUNS] = {0x3f104};
    static uint8_t bytes[0x40000];
    const struct piece *p;

    (void)state;
    struct job *job = load(0x209000, bytes, fill(runs, bytes));
    p = &job->plans[0].pieces[0];
    assert_int_equal(p->region_count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(p->regions[i].at, want[i].offset);
        assert_int_equal(p->regions[i].size, want[i].size);
        expect_md5(bytes + want[i].offset, want[i].size, p->regions[i].md5);
    }
    expect_md5(bytes, 0x37000, p->ranges[0]); /* four of them */
    expect_md5(bytes + 0x37000, 0x8104, p->ranges[1]);
    job_free(job);
}

/* The stream of some neighbours, put together in blocks of that size, by another inflater; and what the blocks are said to become. */
static void expect_stream(const struct piece *p, size_t first, size_t count, uint32_t step)
{
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    struct region_stream s = region_stream_of(p, first, count);
    uint8_t *z = malloc(s.zsize), *back = malloc(s.size), room[0x4000];
    uint64_t becomes = 0;
    uint32_t at = 0;
    size_t got = 0;

    assert_true(z != NULL && back != NULL);
    assert_int_equal(s.offset, p->offset + p->regions[first].at);
    while (at < s.zsize) {
        struct stream_block b = region_stream_block(&s, at, step, room);
        assert_true(b.len > 0 && b.len <= step && at + b.len <= s.zsize);
        memcpy(z + at, b.bytes, b.len);
        at += b.len;
        becomes += b.becomes;
    }
    assert_int_equal(libdeflate_zlib_decompress(d, z, s.zsize, back, s.size, &got), LIBDEFLATE_SUCCESS);
    assert_int_equal(got, s.size);
    assert_memory_equal(back, p->data + p->regions[first].at, s.size);
    assert_true((z[0] & 0xf) == 8 && z[0] >> 4 <= 7); /* a window of 32 KiB at most */
    assert_true(count == p->region_count ? becomes == s.size : becomes >= s.size);
    free(z);
    free(back);
    libdeflate_free_decompressor(d);
}

static void neighbours_make_one_stream(void **state)
{
    static const int runs[RUNS] = {0x20000, -0x9000, 0x1a104};
    static uint8_t bytes[0x50000];
    const struct piece *p;

    (void)state;
    struct job *job = load(0x209000, bytes, fill(runs, bytes));
    p = &job->plans[0].pieces[0];
    assert_int_equal(job->plans[0].piece_count, 1);
    for (size_t first = 0; first < p->region_count; first++) {
        for (size_t count = 1; first + count <= p->region_count; count++) {
            expect_stream(p, first, count, 0x1000);
            expect_stream(p, first, count, 0x4000);
        }
    }
    job_free(job);
}

/* What was made once is found again, whatever it is called; cut otherwise only where it begins otherwise in its erase block. */
static void the_same_bytes_are_made_once(void **state)
{
    static const int runs[RUNS] = {0x23000};
    static uint8_t bytes[0x40000];
    struct piece_store store = {.arena = arena_new(), .compress = true};
    struct piece first, alike, otherwise;
    uint32_t size = (uint32_t)fill(runs, bytes);

    (void)state;
    assert_non_null(store.arena);
    assert_int_equal(image_piece_make(&store, "first", 0x201000, bytes, size, &first), 0);
    assert_int_equal(image_piece_make(&store, "alike", 0x311000, bytes, size, &alike), 0);
    assert_int_equal(image_piece_make(&store, "otherwise", 0x202000, bytes, size, &otherwise), 0);
    assert_ptr_equal(first.z, alike.z);
    assert_ptr_equal(first.regions, alike.regions);
    assert_ptr_equal(first.z, otherwise.z);
    assert_int_equal(first.regions[0].size, 0xf000);
    assert_int_equal(otherwise.regions[0].size, 0xe000);
    arena_free(store.arena);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(long_blank_runs_are_erased_and_not_sent),
        CASE(regions_are_what_lies_in_an_erase_block),
        CASE(neighbours_make_one_stream),
        CASE(the_same_bytes_are_made_once),
    };

    return cmocka_run_group_tests_name("regions", tests, NULL, NULL);
}
