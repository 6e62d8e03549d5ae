/* SPDX-License-Identifier: Apache-2.0 */
/* label: scenario */
/*
 * What the mask ROM's loader writes beside what it was told to: boards that are done by the ROM alone, or by the ROM after
 * the chip has lost its stub. The whole flash is compared, every byte outside the plan with what stood there before. The
 * expected flash comes from the firmware's files and tables of offsets, not from the programme's own parsers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/failure.h"
#include "profiles/firmware/image_make.h"
#include "profiles/text/complaint.h"
#include "tests/support/firmware_model.h"
#include "tests/support/scratch.h"
#include "tests/support/sim_bench.h"
#include "tests/support/skipped.h"

#define STUB     "esp32.json"
#define MIB      (1u << 20)
#define RANGES   8
#define IDENTITY 0x3ff000u

struct made {
    const char *name;
    uint32_t offset, size;
};

static char scratch[SCRATCH_SIZE];

static bool have(const struct firmware_sample *s)
{
    char path[1024];

    firmware_path(SHARED_DIR, s, path);
    return access(path, R_OK) == 0;
}

static struct job *load(const char *job_path, const char *firmware)
{
    struct complaint c = {0};
    struct job *job = job_load(job_path, firmware, &c);

    if (job == NULL)
        fail_msg("%s", c.text);
    return job;
}

static const char *verdict(const struct attempt_result *r)
{
    return r->result == RESULT_PASS ? "PASS" : r->result == RESULT_FAIL ? "FAIL" : "no PASS";
}

/* Prints each run of bytes that differ; their number. */
static int differences(const uint8_t *got, const uint8_t *want, uint32_t size)
{
    int ranges = 0;

    for (uint32_t i = 0; i < size; i++) {
        if (got[i] == want[i])
            continue;
        uint32_t from = i, last = i;
        for (; i < size && i - last < SECTOR_SIZE; i++)
            if (got[i] != want[i])
                last = i;
        if (++ranges <= RANGES)
            print_error("    0x%06x-0x%06x is not what must stand there\n", (unsigned)from, (unsigned)last);
    }
    return ranges;
}

struct trial {
    struct sim_bench bench;
    struct job *job;
    uint8_t *want;
    uint32_t size;
};

/* A bench for `job` with one board of that personality; t->want is the board's flash as it came. */
static void prepare(struct trial *t, struct job *job, const char *personality, int revision, uint32_t size)
{
    char text[64];
    struct sim_tray_config c = {
        .count = 1, .revision = revision, .flash_size = size, .seed = 41, .personalities = text};

    snprintf(text, sizeof text, "1=%s", personality);
    sim_bench_init_tray(&t->bench, &c);
    t->job = job;
    t->bench.config.job = job;
    t->size = size;
    t->want = malloc(size);
    assert_non_null(t->want);
    memcpy(t->want, sim_board_flash(sim_tray_board(t->bench.tray, BENCH_BOARD), &size), size);
    assert_int_equal(size, t->size);
}

static void finish(struct trial *t, const char *what)
{
    struct sim_bench *b = &t->bench;

    sim_bench_run(b);
    const uint8_t *got = sim_bench_flash(b);
    int ranges = differences(got, t->want, t->size);
    bool identity = t->size <= IDENTITY || memcmp(got + IDENTITY, b->config_before, SECTOR_SIZE) == 0;
    print_message("  %s: %s %d, %d retries, %d ranges differ, identity %s, %.0f s\n", what,
                  verdict(&b->result), (int)b->result.failure.code, b->result.retries, ranges,
                  identity ? "kept" : "lost", (double)clock_now_us(b->clock) / 1e6);
    bool good = b->recorded && b->result.result == RESULT_PASS && ranges == 0;
    sim_bench_done(b);
    free(t->want);
    job_free(t->job);
    assert_true(identity);
    assert_true(good);
}

/* One real firmware on one board; without `stub` by the ROM's loader alone. */
static void flash_sample(const struct firmware_sample *s, const char *personality, bool stub)
{
    struct trial t;
    char job[256], firmware[1024];

    if (!have(s)) {
        skipped_row("no %s in " SHARED_DIR "/firmware", s->file);
        skip();
    }
    snprintf(job, sizeof job, "%s/profiles/jobs/%s.yaml", SOURCE_DIR, s->job);
    firmware_path(SHARED_DIR, s, firmware);
    prepare(&t, load(job, firmware), personality, s->revision, s->flash_size);
    firmware_expect(t.want, SHARED_DIR, s);
    if (strcmp(personality, "good") != 0)
        t.bench.session.connect.reset = RESET_NONE;
    if (stub && !sim_bench_use_stub(&t.bench, STUB)) {
        sim_bench_done(&t.bench);
        free(t.want);
        job_free(t.job);
        skip();
    }
    finish(&t, s->file);
}

static void merged_image_without_stub(void **state)
{
    (void)state;
    flash_sample(&firmware_samples[4], "good", false);
}

static void merged_image_and_a_chip_that_restarts(void **state)
{
    (void)state;
    flash_sample(&firmware_samples[4], "resets-at-30", true);
}

static void archive_and_a_chip_that_restarts(void **state)
{
    (void)state;
    flash_sample(&firmware_samples[2], "resets-at-start", true);
}

#define ARCHIVE_TEST(n, name)                              \
    static void name(void **state)                         \
    {                                                      \
        (void)state;                                       \
        flash_sample(&firmware_samples[n], "good", false); \
    }

ARCHIVE_TEST(0, older_archive_without_stub_on_8_mb)
ARCHIVE_TEST(1, older_archive_without_stub_on_4_mb)
ARCHIVE_TEST(2, newer_archive_without_stub_on_8_mb)
ARCHIVE_TEST(3, newer_archive_without_stub_on_4_mb)

static uint8_t *noise(const struct made *m)
{
    uint8_t *bytes = malloc(m->size);
    uint32_t x = m->offset | 1;

    assert_non_null(bytes);
    for (uint32_t i = 0; i < m->size; i++) {
        x = x * 1664525u + 1013904223u;
        bytes[i] = i / 64 % 2 == 0 ? (uint8_t)(x >> 24) : (uint8_t)(i / 64);
    }
    return bytes;
}

static void put(uint8_t *flash, uint32_t offset, const uint8_t *bytes, uint32_t size)
{
    memset(flash + offset, 0xff, (size + SECTOR_SIZE - 1) / SECTOR_SIZE * SECTOR_SIZE);
    memcpy(flash + offset, bytes, size);
}

/* A partial job of data files that our own bytes fill; the board keeps its bootloader, its table and what it starts. */
static void flash_made(const struct made *made, size_t count, const char *personality)
{
    char text[2048] = "board: esp32\nchip: esp32\nbaud: 921600\npartial: yes\nfirmware:\n  images:\n";
    char path[SCRATCH_SIZE + 64];
    struct trial t;

    scratch_make(scratch, "rom-writes");
    for (size_t i = 0; i < count; i++) {
        uint8_t *bytes = noise(&made[i]);
        snprintf(path, sizeof path, "%s/%s", scratch, made[i].name);
        scratch_save(path, bytes, made[i].size);
        free(bytes);
        size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, "    - {file: %s, offset: 0x%x}\n", made[i].name,
                 (unsigned)made[i].offset);
    }
    snprintf(path, sizeof path, "%s/job.yaml", scratch);
    scratch_save_text(path, text);
    prepare(&t, load(path, NULL), personality, 1, 4 * MIB);
    for (size_t i = 0; i < count; i++) {
        uint8_t *bytes = noise(&made[i]);
        put(t.want, made[i].offset, bytes, made[i].size);
        free(bytes);
    }
    if (strcmp(personality, "good") != 0)
        t.bench.session.connect.reset = RESET_NONE;
    scratch_remove(scratch);
    finish(&t, made[0].name);
}

/* A spill from there would end in the identity sector. */
static void piece_next_to_the_identity(void **state)
{
    static const struct made one[] = {{"at-3f8000", 0x3f8000, 0x1000}};

    (void)state;
    flash_made(one, 1, "good");
}

/* Less than 32 KiB before the end, where the ROM says yes to a stream and writes nothing. */
static void piece_at_the_end_of_flash(void **state)
{
    static const struct made one[] = {{"at-3fe000", 0x3fe000, 0x1000}};

    (void)state;
    flash_made(one, 1, "good");
}

/* Around whole windows, each followed by a sector that is not the plan's; in the slot that the board does not start. */
static void pieces_around_whole_windows(void **state)
{
    static const struct made some[] = {
        {"window-less-4", 0x1b0000, 0x7ffc}, {"window", 0x1c0000, 0x8000},
        {"window-and-4", 0x1d0000, 0x8004},  {"two-windows", 0x1e0000, 0x10000},
        {"five-sectors", 0x200000, 0x5000},  {"many", 0x210000, 0x23004}};

    (void)state;
    flash_made(some, sizeof some / sizeof some[0], "good");
}

static void piece_and_a_chip_that_restarts(void **state)
{
    static const struct made some[] = {{"large", 0x210000, 0x23004}, {"small", 0x1c0000, 0x1000}};

    (void)state;
    flash_made(some, 2, "resets-at-30");
}

/* A merged image of our own, as the shipped profile takes it: bootloader at 0x1000, table, application. */
static void made_merged_image(void **state)
{
    static const struct partition rows[] = {
        {.type = 1, .subtype = 2, .offset = 0x9000, .size = 0x6000, .name = "nvs"},
        {.type = 0, .subtype = 0, .offset = 0x10000, .size = 0x180000, .name = "factory"}};
    static uint8_t merged[0x60000];
    char path[SCRATCH_SIZE + 64], job[256];
    size_t boot_size, app_size;
    struct trial t;

    (void)state;
    uint8_t *boot = image_make(&(struct image_wish){.payload = 0x5000, .seed = 1}, &boot_size);
    uint8_t *app = image_make(
        &(struct image_wish){.payload = 0x43210, .seed = 2, .version = "1.0", .project = "made"}, &app_size);
    assert_non_null(boot);
    assert_non_null(app);
    memset(merged, 0xff, sizeof merged);
    memcpy(merged, boot, boot_size);
    partition_table_make(rows, 2, merged + 0x7000);
    memcpy(merged + 0xf000, app, app_size);
    uint32_t size = (uint32_t)(0xf000 + app_size);
    scratch_make(scratch, "rom-writes");
    snprintf(path, sizeof path, "%s/merged.bin", scratch);
    scratch_save(path, merged, size);
    snprintf(job, sizeof job, "%s/profiles/jobs/esp32.yaml", SOURCE_DIR);
    prepare(&t, load(job, path), "good", 1, 4 * MIB);
    put(t.want, 0x1000, merged, size);
    scratch_remove(scratch);
    free(boot);
    free(app);
    finish(&t, "made merged image");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merged_image_without_stub),
        cmocka_unit_test(merged_image_and_a_chip_that_restarts),
        cmocka_unit_test(archive_and_a_chip_that_restarts),
        cmocka_unit_test(older_archive_without_stub_on_8_mb),
        cmocka_unit_test(older_archive_without_stub_on_4_mb),
        cmocka_unit_test(newer_archive_without_stub_on_8_mb),
        cmocka_unit_test(newer_archive_without_stub_on_4_mb),
        cmocka_unit_test(piece_next_to_the_identity),
        cmocka_unit_test(piece_at_the_end_of_flash),
        cmocka_unit_test(pieces_around_whole_windows),
        cmocka_unit_test(piece_and_a_chip_that_restarts),
        cmocka_unit_test(made_merged_image),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
