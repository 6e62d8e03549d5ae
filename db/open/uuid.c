/* SPDX-License-Identifier: Apache-2.0 */
#include "db/open/db_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

void uuid_new(int64_t wall_ms, char out[static UUID_TEXT_SIZE])
{
    uint8_t b[16];

    /* 16 bytes from getrandom() are never short and never fail once the kernel is seeded. */
    if (getrandom(b, sizeof b, 0) != (ssize_t)sizeof b)
        abort();
    for (int i = 0; i < 6; i++)
        b[i] = (uint8_t)((uint64_t)wall_ms >> (40 - 8 * i));
    b[6] = (uint8_t)(0x70 | (b[6] & 0x0f));
    b[8] = (uint8_t)(0x80 | (b[8] & 0x3f));
    snprintf(out, UUID_TEXT_SIZE, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
             b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
             b[15]);
}
