/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every real firmware, flashed on eight virtual boards, compared byte for byte with a flash image put together here from
 * the archive's members and the tables below, not by the programme's own parsers. What no member covers is as it was.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <zlib.h>

#include "sim/sim_tray.h"
#include "tests/support/scratch.h"

#define BOARDS 8
#define SEED   41
#define SECTOR 0x1000u

struct member {
    const char *name; /* NULL: the file itself */
    uint32_t offset;
};

struct range {
    uint32_t offset, size;
};

struct sample {
    const char *file, *job;
    int revision;
    uint32_t flash_size;
    struct range erased[2];     /* by the script, or the whole partition of an application */
    struct member members[4];   /* in flash */
    uint32_t otadata, app_size; /* where the boot record goes; 0: the table has no such partition */
};

/* Offsets as the archives' scripts and partition tables give them. */
static const struct sample samples[] = {
    {"WiPy-1.18.1.r1.tar.gz",
     "wipy",
     1,
     8u << 20,
     {{0x1000, 0x200000}},
     {{"bootloader.bin", 0x1000}, {"partitions.bin", 0x8000}, {"wipy.bin", 0x10000}},
     0x190000,
     0x180000},
    {"WiPy-1.18.1.r1.tar.gz",
     "wipy",
     0,
     4u << 20,
     {{0x1000, 0x200000}},
     {{"bootloader.bin", 0x1000}, {"partitions.bin", 0x8000}, {"wipy.bin", 0x10000}},
     0x190000,
     0x180000},
    {"WiPy-1.20.1.r1-0.7.0.tar.gz",
     "wipy",
     1,
     8u << 20,
     {{0x10000, 0x1EF000}},
     {{"bootloader.bin", 0x1000}, {"partitions_8MB.bin", 0x8000}, {"wipy.bin", 0x10000}},
     0x1FF000,
     0x1EF000},
    {"WiPy-1.20.1.r1-0.7.0.tar.gz",
     "wipy",
     0,
     4u << 20,
     {{0x10000, 0x1AE000}},
     {{"bootloader.bin", 0x1000}, {"partitions_4MB.bin", 0x8000}, {"wipy.bin", 0x10000}},
     0x1BE000,
     0x1AE000},
    {"micropython-tinypico-1.12.bin", "esp32", 1, 4u << 20, {{0}}, {{NULL, 0x1000}}, 0, 0},
};

static void firmware_path(const struct sample *s, char out[static 1024])
{
    snprintf(out, 1024, "%s/firmware/%s", SHARED_DIR, s->file);
}

static uint8_t *read_stream(FILE *f, size_t *size)
{
    size_t room = 16u << 20;
    uint8_t *bytes = malloc(room);

    assert_non_null(bytes);
    *size = fread(bytes, 1, room, f);
    return bytes;
}

static uint8_t *read_member(const struct sample *s, const char *name, size_t *size)
{
    char path[1024], command[2048];

    firmware_path(s, path);
    snprintf(command, sizeof command, "tar -xOzf '%s' %s", path, name != NULL ? name : "");
    FILE *f = name != NULL ? popen(command, "r") : fopen(path, "rb");
    assert_non_null(f);
    uint8_t *bytes = read_stream(f, size);
    assert_int_equal(name != NULL ? pclose(f) : fclose(f), 0);
    assert_true(*size > 0);
    return bytes;
}

static void put32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

/* Pycom's record "factory, ready", 40 bytes; its CRC runs over FF FF FF FF first. */
static void put_otadata(uint8_t *flash, const struct sample *s)
{
    uint8_t *p = flash + s->otadata;
    static const uint8_t ones[4] = {0xff, 0xff, 0xff, 0xff};

    memset(p, 0xff, SECTOR);
    memset(p, 0, 20);
    put32(p + 4, 1);
    put32(p + 12, s->app_size);
    put32(p + 36, (uint32_t)crc32(crc32(0, ones, 4), p, 36));
}

static void expect_flash(uint8_t *flash, const struct sample *s)
{
    for (int i = 0; i < 2; i++)
        memset(flash + s->erased[i].offset, 0xff, s->erased[i].size);
    for (int i = 0; i < 4 && s->members[i].offset != 0; i++) {
        size_t size;
        uint8_t *bytes = read_member(s, s->members[i].name, &size);
        uint8_t *at = flash + s->members[i].offset;
        memset(at, 0xff, (size + SECTOR - 1) / SECTOR * SECTOR);
        memcpy(at, bytes, size);
        free(bytes);
    }
    if (s->otadata != 0)
        put_otadata(flash, s);
}

static void run_tray(const struct sample *s, const char *dir)
{
    char path[1024], command[4096];

    firmware_path(s, path);
    snprintf(
        command, sizeof command,
        "cd '%s' && env -u FLASHLINE_CONFIG XDG_CONFIG_HOME='%s' XDG_STATE_HOME='%s' %s run --job %s --firmware '%s' "
        "--sim %d --sim-time virtual --sim-seed %d --sim-revision %d --sim-flash-size %u --sim-dump '%s' --headless "
        ">'%s/out' 2>&1 || { tail -n 30 '%s/out'; exit 1; }",
        dir, dir, dir, FLASHLINE_BIN, s->job, path, BOARDS, SEED, s->revision,
        (unsigned)(s->flash_size >> 20), dir, dir, dir);
    int status = system(command);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void compare(const uint8_t *got, const uint8_t *want, uint32_t size, int slot)
{
    for (uint32_t i = 0; i < size; i++) {
        if (got[i] != want[i])
            fail_msg("slot %d: byte 0x%06x is %02x, not %02x", slot, (unsigned)i, got[i], want[i]);
    }
}

static void check_board(struct sim_tray *tray, const struct sample *s, const char *dir, int slot)
{
    char path[256];
    uint32_t size;
    size_t got_size;
    const uint8_t *before = sim_board_flash(sim_tray_board(tray, slot), &size);
    uint8_t *want = malloc(size);

    assert_non_null(want);
    assert_int_equal(size, s->flash_size);
    memcpy(want, before, size);
    expect_flash(want, s);
    assert_memory_equal(want + 0x3ff000, before + 0x3ff000,
                        SECTOR); /* the tables above never touch the identity */
    snprintf(path, sizeof path, "%s/slot-%d.bin", dir, slot);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    uint8_t *got = read_stream(f, &got_size);
    fclose(f);
    assert_int_equal(got_size, size);
    compare(got, want, size, slot);
    free(got);
    free(want);
}

static void check_sample(const struct sample *s)
{
    char dir[SCRATCH_SIZE], why[128];
    const struct sim_tray_config config = {
        .count = BOARDS, .flash_size = s->flash_size, .revision = s->revision, .seed = SEED};
    struct sim_tray *tray = sim_tray_new(&config, why);

    assert_non_null(tray);
    scratch_make(dir, "whole");
    run_tray(s, dir);
    for (int slot = 1; slot <= BOARDS; slot++)
        check_board(tray, s, dir, slot);
    sim_tray_free(tray);
    scratch_remove(dir);
}

#define SAMPLE_TEST(n, name)       \
    static void name(void **state) \
    {                              \
        (void)state;               \
        check_sample(&samples[n]); \
    }

SAMPLE_TEST(0, wipy_1_18_on_8_mb_boards)
SAMPLE_TEST(1, wipy_1_18_on_4_mb_boards)
SAMPLE_TEST(2, wipy_1_20_on_8_mb_boards)
SAMPLE_TEST(3, wipy_1_20_on_4_mb_boards)
SAMPLE_TEST(4, one_merged_image)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wipy_1_18_on_8_mb_boards), cmocka_unit_test(wipy_1_18_on_4_mb_boards),
        cmocka_unit_test(wipy_1_20_on_8_mb_boards), cmocka_unit_test(wipy_1_20_on_4_mb_boards),
        cmocka_unit_test(one_merged_image),
    };

    if (access(SHARED_DIR "/firmware/WiPy-1.18.1.r1.tar.gz", R_OK) != 0) {
        puts("skipped: no real firmware in " SHARED_DIR "/firmware");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
