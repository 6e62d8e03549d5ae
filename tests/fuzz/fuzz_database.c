/* SPDX-License-Identifier: Apache-2.0 */
/* Any change to a sound database, through every verb that reads one. */
#include "tests/fuzz/hostile.h"

#define SCRIPT_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* One for the process: making it takes longer than a hundred tries. */
    static struct hostile *hostile;

    if (hostile == NULL)
        hostile = hostile_new();
    if (size <= SCRIPT_MAX)
        hostile_try(hostile, data, size);
    return 0;
}
