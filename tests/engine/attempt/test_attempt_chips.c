/* SPDX-License-Identifier: Apache-2.0 */
/* label: scenario */
/*
 * Every chip flashed and refused on virtual boards, which have their facts from elsewhere than the engine: by its ROM and by its
 * helper program, and each in a slot whose job is for another. What is refused leaves as it came, to the byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/chip/esp_target.h"
#include "profiles/text/complaint.h"
#include "sim/board/sim_chip.h"
#include "tests/support/chip_firmware.h"
#include "tests/support/scratch.h"
#include "tests/support/sim_bench.h"

static char folder[SCRATCH_SIZE];

static int set_up(void **state)
{
    (void)state;
    scratch_enter(folder, "chips");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_leave(folder);
    return 0;
}

struct bench {
    struct sim_bench sim;
    struct job *job;
    uint8_t image[CHIP_FIRMWARE_SIZE];
    uint8_t *before; /* the board's flash as it came */
    uint32_t size;
};

/* A board "esp32c3@0.4" and a job for that chip, both by the facts that virtual boards have. */
static void begin(struct bench *b, const char *board, const char *personality, const char *job_chip,
                  uint16_t min_revision)
{
    char words[64];
    const struct sim_tray_config c = {
        .count = 1, .chips = board, .revision = 1, .seed = 5, .personalities = words};
    const struct sim_chip *chip = sim_chip_find(job_chip);
    struct complaint complaint = {0};

    memset(b, 0, sizeof *b);
    snprintf(words, sizeof words, "1=%s", personality);
    sim_bench_init_tray(&b->sim, &c);
    chip_firmware_make(b->image, chip->id, chip->boot_at, min_revision);
    scratch_save("m.bin", b->image, sizeof b->image);
    b->job = job_from_firmware("m.bin", &complaint);
    if (b->job == NULL)
        fail_msg("%s", complaint.text);
    b->sim.config.job = b->job;
    const uint8_t *flash = sim_board_flash(sim_tray_board(b->sim.tray, BENCH_BOARD), &b->size);
    b->before = malloc(b->size);
    assert_non_null(b->before);
    memcpy(b->before, flash, b->size);
}

static void end(struct bench *b)
{
    sim_bench_done(&b->sim);
    job_free(b->job);
    free(b->before);
}

static void passes(struct bench *b, const char *what)
{
    sim_bench_run(&b->sim);
    const uint8_t *flash = sim_bench_flash(&b->sim);

    if (b->sim.result.result != RESULT_PASS)
        fail_msg("%s: %s", what, b->sim.result.failure.detail);
    assert_memory_equal(flash, b->image, sizeof b->image);
    assert_memory_equal(flash + sizeof b->image, b->before + sizeof b->image, b->size - sizeof b->image);
}

static void is_refused(struct bench *b, enum failure_code code, const char *what)
{
    sim_bench_run(&b->sim);
    if (b->sim.result.failure.code != code)
        fail_msg("%s: %d, %s", what, b->sim.result.failure.code, b->sim.result.failure.detail);
    assert_int_equal(b->sim.result.result, RESULT_FAIL);
    assert_memory_equal(sim_bench_flash(&b->sim), b->before, b->size);
}

static void each_passes_by_its_rom(void **state)
{
    const struct sim_chip *chip;

    (void)state;
    for (size_t i = 0; (chip = sim_chip_at(i)) != NULL; i++) {
        static struct bench b;

        begin(&b, chip->name, "good", chip->name, 0);
        passes(&b, chip->name);
        assert_false(b.sim.result.used_stub);
        end(&b);
    }
}

static void passes_with(const char *board, const char *chip, const char *file)
{
    static struct bench b;

    begin(&b, board, "good", chip, 0);
    if (sim_bench_use_stub(&b.sim, file)) {
        passes(&b, board);
        assert_true(b.sim.result.used_stub);
    }
    end(&b);
}

static void passes_without_any(const char *chip)
{
    static struct bench b;

    begin(&b, chip, "good", chip, 0);
    passes(&b, chip);
    assert_string_equal(b.sim.result.stub_note, "there is no stub for this chip");
    end(&b);
}

/* Which one it is stands in test_stub.sh's list. */
static void each_passes_by_its_helper_program(void **state)
{
    const struct sim_chip *chip;

    (void)state;
    for (size_t i = 0; (chip = sim_chip_at(i)) != NULL; i++) {
        const char *name = esp_target_stub(esp_target_by_name(chip->name), chip->revision);
        char file[32];

        snprintf(file, sizeof file, "%s.json", name != NULL ? name : "");
        if (name != NULL)
            passes_with(chip->name, chip->name, file);
        else
            passes_without_any(chip->name);
    }
    passes_with("esp32p4@1.3", "esp32p4", "esp32p4-rev1.json");
    passes_with("esp32p4@3.0", "esp32p4", "esp32p4.json");
    passes_with("esp32p4@3.1", "esp32p4", "esp32p4.json");
}

/* The first revision of the C2, and a P4 whose list has only the other one: none is loaded, and the ROM does it. */
static void no_helper_program_of_another_revision_is_loaded(void **state)
{
    static const struct {
        const char *board, *stub, *chip;
    } rows[] = {{"esp32c2@0.0", "esp32c2.json", "esp32c2"}, {"esp32p4@1.0", "esp32p4.json", "esp32p4"}};
    static struct bench b;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin(&b, rows[i].board, "good", rows[i].chip, 0);
        if (sim_bench_use_stub(&b.sim, rows[i].stub)) {
            passes(&b, rows[i].board);
            assert_false(b.sim.result.used_stub);
            assert_string_not_equal(b.sim.result.stub_note, "");
        }
        end(&b);
    }
}

static size_t chip_count(void)
{
    size_t n = 1; /* 0 is the ESP32 */

    while (sim_chip_at(n) != NULL)
        n++;
    return n;
}

/* Each chip in the slot of the next two: told by its own name, before anything is erased. */
static void a_wrong_chip_is_refused_untouched(void **state)
{
    static struct bench b;

    (void)state;
    for (size_t i = 0; sim_chip_at(i) != NULL; i++) {
        for (size_t k = 1; k < 3; k++) {
            const char *chip = sim_chip_at(i)->name, *other = sim_chip_at((i + k) % chip_count())->name;

            begin(&b, chip, "good", other, 0);
            is_refused(&b, FAIL_WRONG_CHIP, chip);
            assert_non_null(strstr(b.sim.result.failure.detail, chip));
            assert_non_null(strstr(b.sim.result.failure.detail, other));
            end(&b);
        }
    }
}

static void a_revision_below_the_images_is_refused_untouched(void **state)
{
    static struct bench b;

    (void)state;
    begin(&b, "esp32c6@0.1", "good", "esp32c6", 2);
    is_refused(&b, FAIL_WRONG_REVISION, "v0.1");
    end(&b);
    begin(&b, "esp32c6@0.2", "good", "esp32c6", 2);
    passes(&b, "v0.2");
    end(&b);
}

static void what_its_fuses_forbid_is_refused_untouched(void **state)
{
    static const struct {
        const char *personality;
        enum failure_code code;
    } rows[] = {{"secure-download", FAIL_SECURE_DOWNLOAD}, {"encrypted", FAIL_FLASH_ENCRYPTED}};
    static struct bench b;

    (void)state;
    for (size_t i = 1; sim_chip_at(i) != NULL; i++) {
        const char *chip = sim_chip_at(i)->name;

        for (size_t k = 0; k < 2; k++) {
            begin(&b, chip, rows[k].personality, chip, 0);
            is_refused(&b, rows[k].code, chip);
            end(&b);
        }
    }
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(each_passes_by_its_rom),
        CASE(each_passes_by_its_helper_program),
        CASE(no_helper_program_of_another_revision_is_loaded),
        CASE(a_wrong_chip_is_refused_untouched),
        CASE(a_revision_below_the_images_is_refused_untouched),
        CASE(what_its_fuses_forbid_is_refused_untouched),
    };
    return cmocka_run_group_tests_name("attempt_chips", tests, NULL, NULL);
}
