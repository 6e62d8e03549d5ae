/* SPDX-License-Identifier: Apache-2.0 */
/* If this failed, what a record says of an error would depend on the language of whoever started the station. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/errno_text.h"
#include "tests/support/skipped.h"

/* The words are POSIX's, which glibc has as they stand there. */
static void it_is_english(void **state)
{
    (void)state;
    assert_string_equal(errno_text(ENOENT), "No such file or directory");
    assert_string_equal(errno_text(ENOSPC), "No space left on device");
    assert_true(strlen(errno_text(99999)) > 0);
    assert_true(strlen(errno_text(-1)) > 0);
}

static void it_is_english_in_a_german_locale(void **state)
{
    (void)state;
    setenv("LANGUAGE", "de", 1);
    setlocale(LC_ALL, "C.UTF-8");
    if (strcmp(strerror(ENOENT), "No such file or directory") == 0) {
        print_message("skipped: this system has no German for strerror() (package libc-l10n)\n");
        skip();
    }
    it_is_english(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_english),
        cmocka_unit_test(it_is_english_in_a_german_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
