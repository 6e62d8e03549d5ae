/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/board/plain_frame.h"

#include "engine/chip/esp_loader.h"
#include "profiles/plan/flash_plan.h"

#define PROGRAM_CHUNK    32u     /* bytes that the ROM's routine programs at once ... */
#define PROGRAM_CHUNK_NS 122500u /* ... and what they take, with the command around them */
#define SECTOR_US        45000u
#define BLOCK_US         150000u
#define LEAST_FRAME      512u /* of a shorter one head and answer are too much */
/* Around the bytes of a frame: its head and ends, its answer, and the turn of chip and host. */
#define FRAME_BYTES 38u
#define TURN_US     60u
#define ESCAPED     1008u /* bytes of line for 1000 of a firmware */

static uint32_t work_us(uint32_t bytes)
{
    return (uint32_t)((uint64_t)bytes * PROGRAM_CHUNK_NS / PROGRAM_CHUNK / 1000);
}

static uint32_t line_us(const struct plain_frame *f, uint32_t bytes)
{
    return (uint32_t)((uint64_t)bytes * ESCAPED * 10000 / f->baud) + FRAME_BYTES * 10000000u / f->baud +
           TURN_US;
}

/* One step, as stubs erase: a block where all of it is the region's, else a sector. Its microseconds. */
static uint32_t erase_step(struct plain_frame *f)
{
    uint32_t end = (f->end + SECTOR_SIZE - 1) / SECTOR_SIZE * SECTOR_SIZE;
    bool whole = f->erased_to % ERASE_BLOCK == 0 && end - f->erased_to >= ERASE_BLOCK;

    f->erased_to += whole ? ERASE_BLOCK : SECTOR_SIZE;
    return whole ? BLOCK_US : SECTOR_US;
}

struct plain_frame plain_frame_begin(uint32_t baud, uint32_t offset, uint32_t size)
{
    struct plain_frame f = {.baud = baud, .at = offset, .end = offset + size, .erased_to = offset};

    f.erase_us = f.busy_us = erase_step(&f);
    return f;
}

/* As many as arrive in `busy_us`, up to where a programming command ends. */
static uint32_t fitting(const struct plain_frame *f)
{
    uint32_t none = line_us(f, 0), us = f->busy_us > none ? f->busy_us - none : 0;
    uint64_t bytes = (uint64_t)us * f->baud / ESCAPED / 10000;

    bytes = bytes > LEAST_FRAME ? bytes : LEAST_FRAME;
    bytes = bytes < ESP_STUB_BLOCK ? bytes : ESP_STUB_BLOCK;
    bytes -= (f->at + bytes) % PROGRAM_CHUNK;
    return bytes < f->end - f->at ? (uint32_t)bytes : f->end - f->at;
}

uint32_t plain_frame_next(struct plain_frame *f)
{
    uint32_t bytes = fitting(f), line = line_us(f, bytes);

    f->busy_us = work_us(bytes) + (f->erase_us > line ? f->erase_us - line : 0);
    f->erase_us = 0;
    f->at += bytes;
    while (f->erased_to < f->at)
        f->busy_us += erase_step(f);
    return bytes;
}
