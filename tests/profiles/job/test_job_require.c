/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `require:` of a job: what cannot be asked of the job's chip, and what no board could have, is refused when the job is read, with
 * its line; what is asked holds a board of exactly that.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/failure.h"
#include "profiles/job/job.h"
#include "profiles/text/complaint.h"
#include "tests/support/scratch.h"

static char folder[SCRATCH_SIZE];

static int set_up(void **state)
{
    (void)state;
    scratch_enter(folder, "require");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_leave(folder);
    return 0;
}

static struct job *load(const char *text, struct complaint *c)
{
    scratch_save_text("j.yaml", text);
    return job_load_settings("j.yaml", c);
}

static void what_cannot_be_required_is_refused_by_line(void **state)
{
    static const struct {
        const char *text, *complaint;
    } rows[] = {
        {"board: esp32c3\nchip: esp32c3\nrequire:\n  jtag: enabled\n  vdd_sdio: 1.8V\n",
         "j.yaml:5: vdd_sdio: an ESP32-C3 has no eFuse for its flash's supply; remove it"},
        {"require: {vdd_sdio: pin}\nboard: esp32p4\nchip: esp32p4\n",
         "j.yaml:1: vdd_sdio: an ESP32-P4 has no eFuse for its flash's supply; remove it"},
        {"board: esp32\nchip: esp32\nrequire:\n  flash_encryption: on\n",
         "j.yaml:4: flash_encryption: 'on' would refuse every board: one that has it is never written (306); write "
         "'off' or remove it"},
        {"board: esp32\nchip: esp32\nrequire:\n  secure_boot: on\n",
         "j.yaml:4: secure_boot: 'on' would refuse every board: one that has it is never written (307); write "
         "'off' or remove it"},
        {"board: esp32\nchip: esp32\nrequire:\n  download: disabled\n",
         "j.yaml:4: download: 'disabled' would refuse every board: one that has it is never written (308); write "
         "'enabled' or remove it"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct complaint c = {0};

        assert_null(load(rows[i].text, &c));
        assert_string_equal(c.text, rows[i].complaint);
        assert_int_equal(c.code, FAIL_JOB);
    }
}

/* Names and words are a list, as all of a job's are: the complaint has the line and those there are. */
static void an_unknown_word_is_refused_by_line(void **state)
{
    static const struct {
        const char *text, *has;
    } rows[] = {
        {"board: esp32\nchip: esp32\nrequire:\n  vdd_spi: 1.8V\n", "j.yaml:4: vdd_spi"},
        {"board: esp32\nchip: esp32\nrequire:\n  vdd_sdio: 1.9V\n", "j.yaml:4: vdd_sdio"},
        {"board: esp32\nchip: esp32\nrequire:\n  custom_mac: yes\n", "j.yaml:4: custom_mac"},
        {"board: esp32\nchip: esp32\nrequire:\n  jtag: enabled\n  jtag: disabled\n", "j.yaml:5: jtag"},
        {"board: esp32\nchip: esp32\nrequire: vdd_sdio\n", "j.yaml:3: require"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct complaint c = {0};

        assert_null(load(rows[i].text, &c));
        if (strncmp(c.text, rows[i].has, strlen(rows[i].has)) != 0)
            fail_msg("%s", c.text);
    }
}

static void what_is_required_holds(void **state)
{
    const char *found[REQUIRE_COUNT] = {"1.8V", "off", "off", "enabled", "disabled", "absent"};
    struct complaint c = {0};
    struct failure f = {0};

    (void)state;
    struct job *job =
        load("board: esp32\nchip: esp32\nrequire:\n  vdd_sdio: 1.8V\n  flash_encryption: off\n"
             "  secure_boot: off\n  download: enabled\n  jtag: disabled\n  custom_mac: absent\n",
             &c);
    if (job == NULL)
        fail_msg("%s", c.text);
    assert_int_equal(job_require_holds(&job->require, found, &f), 0);
    for (int i = 0; i < REQUIRE_COUNT; i++) {
        const char *was = found[i];

        found[i] = "another";
        assert_int_equal(job_require_holds(&job->require, found, &f), -1);
        assert_int_equal(f.code, FAIL_REQUIRED_EFUSE);
        assert_int_equal(failure_result(&f), RESULT_FAIL);
        assert_non_null(strstr(f.detail, job_require_key((enum require)i)));
        found[i] = NULL;
        assert_int_equal(job_require_holds(&job->require, found, &f), -1);
        found[i] = was;
        f = (struct failure){0};
    }
    job_free(job);
}

static void what_is_not_asked_is_not_held(void **state)
{
    const char *const found[REQUIRE_COUNT] = {NULL};
    struct complaint c = {0};
    struct failure f = {0};
    struct job *job = load("board: esp32\nchip: esp32\n", &c);

    (void)state;
    if (job == NULL)
        fail_msg("%s", c.text);
    assert_int_equal(job_require_holds(&job->require, found, &f), 0);
    job_free(job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_required_is_refused_by_line),
        cmocka_unit_test(an_unknown_word_is_refused_by_line),
        cmocka_unit_test(what_is_required_holds),
        cmocka_unit_test(what_is_not_asked_is_not_held),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
