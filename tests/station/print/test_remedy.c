/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the operator is told names the pin that stands on his board, of this failure and of any other; else an operator
 * with a plain ESP32 looks for a G23 that his board does not have.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "profiles/job/job.h"
#include "station/print/remedy.h"
#include "station/screen/dashboard_face.h"

/* Names of one maker's carrier and of one chip: no sentence that is for every board may have them. */
static const char *const makers[] = {"G23", "P2", "GPIO"};

static void the_table_knows_no_board(void **state)
{
    (void)state;
    enum failure_code code;

    for (int i = 0; (code = failure_at(i)) != FAILURE_NONE; i++)
        for (size_t k = 0; k < sizeof makers / sizeof makers[0]; k++)
            if (code != FAIL_FLASH_READ_ERR &&
                strstr(failure_remedy(code), makers[k]) != NULL) /* GPIO12, a strap */
                fail_msg("%d: %s", (int)code, failure_remedy(code));
}

static void each_board_has_its_pin(void **state)
{
    (void)state;
    /* Pycom's pinout drawings, and the ESP32's data sheet ("Strapping Pins"). */
    static const struct {
        const char *board, *firmware_board, *pin;
    } rows[] = {
        {"WiPy", "WiPy", "G23 (P2, GPIO0)"},
        {"lopy4", "", "G23 (P2, GPIO0)"},
        {"FiPy", "", "G23 (P2, GPIO0)"},
        {"esp32", "GPy", "G23 (P2, GPIO0)"},
        {"esp32", "", "GPIO0"},
        {"TinyPICO", "TinyPICO", "GPIO0"},
        {"esp32", "esp32", "GPIO0"},
        {"", "", "GPIO0"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct job job = {0};

        snprintf(job.board, sizeof job.board, "%s", rows[i].board);
        snprintf(job.firmware_board, sizeof job.firmware_board, "%s", rows[i].firmware_board);
        assert_string_equal(job_boot_pin(&job), rows[i].pin);
    }
}

static void a_remedy_names_the_pin(void **state)
{
    (void)state;
    static const struct {
        enum failure_code code;
        const char *pin, *text;
    } rows[] = {
        {FAIL_WRONG_BOOT_MODE, "GPIO0", "Connect GPIO0 to GND, press reset, then try again."},
        {FAIL_WRONG_BOOT_MODE, "G23 (P2, GPIO0)",
         "Connect G23 (P2, GPIO0) to GND, press reset, then try again."},
        {FAIL_WRONG_BOOT_MODE, "", "Connect the boot pin to GND, press reset, then try again."},
        {FAIL_SESSION_USED, "GPIO0", "Press reset on the board with GPIO0 connected to GND, then try again."},
        {FAIL_PORT_LOST, "GPIO0", "Plug the adapter back into the same USB port and put the board on again."},
    };
    char plain[REMEDY_SIZE], words[REMEDY_SIZE];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_string_equal(remedy_plain(rows[i].code, rows[i].pin, plain), rows[i].text);
        assert_string_equal(remedy_words(rows[i].code, rows[i].pin, words), rows[i].text);
    }
}

static void the_screen_names_the_pin(void **state)
{
    (void)state;
    struct slot_status s = {.state = SLOT_ACT, .act = ACT_BOOT_JUMPER, .boot_pin = "GPIO0"};
    char out[FACE_TEXT];

    assert_string_equal(face_instruction(&s, out), "Connect GPIO0 to GND and press reset on the board.");
    assert_string_equal(face_instruction_short(&s, out), "GPIO0 to GND");
    snprintf(s.boot_pin, sizeof s.boot_pin, "G23 (P2, GPIO0)");
    assert_string_equal(face_instruction(&s, out),
                        "Connect G23 (P2, GPIO0) to GND and press reset on the board.");
    assert_string_equal(face_instruction_short(&s, out), "G23 to GND");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_knows_no_board),
        cmocka_unit_test(each_board_has_its_pin),
        cmocka_unit_test(a_remedy_names_the_pin),
        cmocka_unit_test(the_screen_names_the_pin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
