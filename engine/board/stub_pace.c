/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/board/stub_pace.h"

#include <stdbool.h>

#include "engine/chip/esp_loader.h"
#include "profiles/plan/flash_plan.h"

#define PROGRAM_CHUNK_NS 122500u /* what PACE_CHUNK bytes take, with the command around them */
#define SECTOR_US        45000u
#define BLOCK_US         150000u
/* Around the bytes of a frame: its head and ends, its answer, and the turn of chip and host. */
#define FRAME_BYTES 38u
#define TURN_US     60u
#define ESCAPED     1008u /* bytes of line for 1000 of a firmware */

uint32_t pace_program_us(uint32_t bytes)
{
    return (uint32_t)((uint64_t)bytes * PROGRAM_CHUNK_NS / PACE_CHUNK / 1000);
}

uint32_t pace_line_us(uint32_t baud, uint32_t bytes)
{
    return (uint32_t)((uint64_t)bytes * ESCAPED * 10000 / baud) + FRAME_BYTES * 10000000u / baud + TURN_US;
}

uint32_t pace_bytes(uint32_t baud, uint32_t us)
{
    uint32_t none = pace_line_us(baud, 0);
    uint64_t bytes = us > none ? (uint64_t)(us - none) * baud / ESCAPED / 10000 : 0;

    return bytes < ESP_STUB_BLOCK ? (uint32_t)bytes : ESP_STUB_BLOCK;
}

uint32_t pace_erase(uint32_t *at, uint32_t end)
{
    bool whole = *at % ERASE_BLOCK == 0 && end - *at >= ERASE_BLOCK;

    *at += whole ? ERASE_BLOCK : SECTOR_SIZE;
    return whole ? BLOCK_US : SECTOR_US;
}
