/* SPDX-License-Identifier: Apache-2.0 */
/* The record of boot selection, byte for byte, and its sum for either image and size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "profiles/firmware/otadata.h"

static void test_otadata_vectors(void **state)
{
    static const struct {
        enum otadata_image image;
        enum otadata_status status;
        uint32_t size, crc;
    } vectors[] = {{OTADATA_FACTORY, OTADATA_READY, 0x1AE000, 0xEF72F513},
                   {OTADATA_OTA_0, OTADATA_CHECK, 0x1AE000, 0x8BD8242C},
                   {OTADATA_FACTORY, OTADATA_READY, 0x1EF000, 0xB2A1E05F},
                   {OTADATA_OTA_0, OTADATA_CHECK, 0x1EF000, 0xD60B3160}};
    static const uint8_t first[40] = {0,    0,    0,    0,    1,    0,    0,    0,    0,    0,
                                      0,    0,    0,    0xE0, 0x1A, 0,    0,    0,    0,    0,
                                      0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                      0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x13, 0xF5, 0x72, 0xEF};
    uint8_t got[OTADATA_RECORD_SIZE];

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        otadata_make(vectors[i].image, vectors[i].status, vectors[i].size, got);
        for (int k = 0; k < 4; k++)
            assert_int_equal(got[36 + k], (uint8_t)(vectors[i].crc >> (8 * k)));
        if (i == 0)
            assert_memory_equal(got, first, sizeof first);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_otadata_vectors)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
