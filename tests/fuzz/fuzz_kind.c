/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a file of any kind: it has a name and an advice, and a refusal of it is one line. */
#include "profiles/firmware/file_kind.h"
#include "profiles/firmware/file_refusal.h"
#include "tests/fuzz/check_plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct place at = {"file", 0, NULL};
    struct complaint c = {0};
    uint8_t *exact = malloc(size > 0 ? size : 1);
    enum file_kind kind;

    if (exact == NULL)
        return 0;
    memcpy(exact, data, size);
    kind = file_kind_of(exact, size);
    must(file_kind_name(kind)[0] != '\0' && file_kind_advice(kind)[0] != '\0', "a kind without words");
    must((size == 0) == (kind == FILE_KIND_EMPTY), "empty or not");
    must(file_kind_mark_size(exact, size) <= size, "a mark longer than its file");
    must(file_refuse(exact, size, FAIL_FIRMWARE, "what was asked for", &at, &c) == -1,
         "a refusal that is none");
    check_complaint(&c);
    free(exact);
    return 0;
}
