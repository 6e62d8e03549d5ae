/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as station.yaml, and every edit of what can be read. */
#include "tests/fuzz/check_station.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < CONFIG_BYTES_MAX)
        check_station(data, size);
    return 0;
}
