/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a partition table; the MD5 row is put right first where the first byte is odd. */
#include "base/digest.h"
#include "profiles/firmware/partition.h"
#include "tests/fuzz/check_plan.h"
#include "tests/fuzz/fuzz_body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void mend(uint8_t *b, size_t size)
{
    for (size_t at = 0; at + 32 <= size; at += 32) {
        if (b[at] != 0xeb || b[at + 1] != 0xeb)
            continue;
        memset(b + at + 2, 0xff, 14);
        digest_md5(b, at, b + at + 16);
        return;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct partition_table t;
    const char *why = NULL;
    uint8_t *body = fuzz_body(data, size, mend, &size);

    if (body == NULL)
        return 0;
    if (partition_table_parse(body, size, &t, &why) != 0) {
        must(why != NULL, "a refusal without a reason");
    } else {
        must(t.count > 0 && t.count <= PARTITION_MAX, "a strange number of rows");
        for (size_t i = 0; i < t.count; i++)
            must(strlen(t.rows[i].name) <= 16 && t.rows[i].size > 0 &&
                     t.rows[i].offset + t.rows[i].size > t.rows[i].offset,
                 "a row that cannot be");
    }
    free(body);
    return 0;
}
