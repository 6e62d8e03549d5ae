/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an application image. Checksum and hash are put right first where the first byte is odd. */
#include "base/digest.h"
#include "profiles/firmware/esp_image.h"
#include "profiles/firmware/firmware_version.h"
#include "tests/fuzz/check_plan.h"
#include "tests/fuzz/fuzz_body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* For the shape the generator makes, one segment: enough to let the fuzzer past the sums. */
static void mend(uint8_t *b, size_t size)
{
    uint32_t len;
    size_t end;
    uint8_t sum = 0xEF;

    if (size < 0x40)
        return;
    b[0] = 0xE9;
    b[1] = 1;
    len = b[0x1c] | (uint32_t)b[0x1d] << 8;
    if (len > size - 0x40)
        len = (uint32_t)(size - 0x40) / 2;
    b[0x1c] = (uint8_t)len;
    b[0x1d] = (uint8_t)(len >> 8);
    b[0x1e] = b[0x1f] = 0;
    for (uint32_t i = 0; i < len; i++)
        sum ^= b[0x20 + i];
    end = ((0x20 + len) / 16 + 1) * 16;
    if (end > size)
        return;
    b[end - 1] = sum;
    if (end + 32 <= size)
        digest_sha256(b, end, b + end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct firmware_version v;
    struct esp_image image;
    const char *why = NULL;
    uint8_t *body = fuzz_body(data, size, mend, &size);

    if (body == NULL)
        return 0;
    if (esp_image_parse(body, size, &image, &why) != 0) {
        must(why != NULL, "a refusal without a reason");
    } else {
        must(image.size <= size && image.size % 16 == 0, "an image larger than its bytes");
        must(strlen(image.version) <= 32 && strlen(image.project) <= 32, "a text without an end");
    }
    firmware_version_find(body, size, &v);
    must(v.origin != NULL && strlen(v.version) < sizeof v.version && strlen(v.board) < sizeof v.board,
         "a version without an end");
    free(body);
    return 0;
}
