/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes as base64 and back: the vectors of RFC 4648, section 10; and what is none is refused, not guessed. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64.h"

static const struct {
    const char *bytes, *text;
} vectors[] = {{"", ""},
               {"f", "Zg=="},
               {"fo", "Zm8="},
               {"foo", "Zm9v"},
               {"foob", "Zm9vYg=="},
               {"fooba", "Zm9vYmE="},
               {"foobar", "Zm9vYmFy"}};

static void vectors_of_the_standard(void **state)
{
    char text[BASE64_TEXT_SIZE(6)];
    uint8_t back[6];

    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        size_t size = strlen(vectors[i].bytes);
        base64_text((const uint8_t *)vectors[i].bytes, size, text);
        assert_string_equal(text, vectors[i].text);
        assert_int_equal(base64_bytes(text, strlen(text), back, sizeof back), size);
        assert_memory_equal(back, vectors[i].bytes, size);
    }
    assert_int_equal(base64_bytes(" Zm9v\r\nYmFy\n", 12, back, sizeof back), 6);
    assert_memory_equal(back, "foobar", 6);
}

static void what_is_none_is_refused(void **state)
{
    static const char *const bad[] = {
        "Zm9", "Zg=", "Z===", "=Zg=", "Zg=v", "Zg==Zg==", "Zm9v!mFy", "Zm9v-_Fy"};
    uint8_t back[8];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(base64_bytes(bad[i], strlen(bad[i]), back, sizeof back), -EINVAL);
    assert_int_equal(base64_bytes("Zm9v\0mFy", 8, back, sizeof back), -EINVAL);
    assert_int_equal(base64_bytes("Zm9vYmFy", 8, back, 5), -EMSGSIZE);
    assert_int_equal(base64_bytes("Zm9vYmFy", 8, back, 6), 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(vectors_of_the_standard),
                                       cmocka_unit_test(what_is_none_is_refused)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
