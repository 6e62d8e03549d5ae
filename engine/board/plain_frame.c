/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/board/plain_frame.h"

#include "engine/board/stub_pace.h"
#include "profiles/plan/flash_plan.h"

#define LEAST_FRAME 512u /* of a shorter one head and answer are too much */
static uint32_t region_end(const struct plain_frame *f)
{
    return (f->end + SECTOR_SIZE - 1) / SECTOR_SIZE * SECTOR_SIZE;
}

struct plain_frame plain_frame_begin(uint32_t baud, uint32_t offset, uint32_t size)
{
    struct plain_frame f = {.baud = baud, .at = offset, .end = offset + size, .erased_to = offset};

    f.erase_us = f.busy_us = pace_erase(&f.erased_to, region_end(&f));
    return f;
}

/* As many as arrive in `busy_us`, up to where a programming command ends. */
static uint32_t fitting(const struct plain_frame *f)
{
    uint32_t bytes = pace_bytes(f->baud, f->busy_us);

    bytes = bytes > LEAST_FRAME ? bytes : LEAST_FRAME;
    bytes -= (f->at + bytes) % PACE_CHUNK;
    return bytes < f->end - f->at ? bytes : f->end - f->at;
}

uint32_t plain_frame_next(struct plain_frame *f)
{
    uint32_t bytes = fitting(f), line = pace_line_us(f->baud, bytes);

    f->busy_us = pace_program_us(bytes) + (f->erase_us > line ? f->erase_us - line : 0);
    f->erase_us = 0;
    f->at += bytes;
    while (f->erased_to < f->at)
        f->busy_us += pace_erase(&f->erased_to, region_end(f));
    return bytes;
}
