/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/board/packed_frame.h"

#include "engine/board/stub_pace.h"
#include "engine/chip/esp_loader.h"
#include "profiles/plan/flash_plan.h"
#include "profiles/plan/region_stream.h"

/* Behind the end of a window, so that some is left when it is written: more than a decompressor holds in its bit buffer. */
#define SPILL 64u
/* A shorter frame's head, answer and turn are too much; and the first stub refuses more than a checksum behind the last byte. */
#define LEAST_FRAME 2048u
#define SLACK_US    500u /* behind the end of an erase: a frame that comes sooner has nothing begun */
#define LEAST_WORK_US \
    275000u /* a block is erased and a window written: a longest frame that takes longer hides it as it is */

bool packed_frame_pays(uint32_t baud)
{
    return pace_line_us(baud, ESP_STUB_BLOCK) < LEAST_WORK_US;
}

struct packed_frame packed_frame_begin(uint32_t baud, const struct region_stream *s)
{
    struct packed_frame f = {.stream = s, .baud = baud, .erased_to = s->offset};

    f.end = (s->offset + s->size + SECTOR_SIZE - 1) / SECTOR_SIZE * SECTOR_SIZE;
    f.flash_us = pace_erase(&f.erased_to, f.end);
    return f;
}

static bool all_erased(const struct packed_frame *f)
{
    return f->erased_to >= f->end;
}

/* Where the stream has completed the window, and a little more; the last one's end is the stream's. */
static uint32_t window_end(const struct packed_frame *f)
{
    uint32_t end = region_stream_window(f->stream, f->window) + SPILL;

    return end < f->stream->zsize ? end : f->stream->zsize;
}

/* As many as arrive until the flash is free, or the stub; all that go in one frame where nothing is left to be erased. */
static uint32_t wanted(const struct packed_frame *f)
{
    uint32_t us = f->busy_us > f->flash_us ? f->busy_us : f->flash_us + SLACK_US;
    uint32_t bytes = all_erased(f) ? ESP_STUB_BLOCK : pace_bytes(f->baud, us);
    uint32_t to_end = window_end(f) - f->at;

    bytes = bytes > LEAST_FRAME ? bytes : LEAST_FRAME;
    return !all_erased(f) && to_end < bytes + LEAST_FRAME && to_end <= ESP_STUB_BLOCK ? to_end : bytes;
}

/* No frame is too short, the last one neither. */
static uint32_t fitting(const struct packed_frame *f)
{
    uint32_t left = f->stream->zsize - f->at, bytes = left > 0 ? wanted(f) : 0;

    if (left <= bytes || (left < bytes + LEAST_FRAME && left <= ESP_STUB_BLOCK))
        return left;
    return left < bytes + LEAST_FRAME ? left - LEAST_FRAME : bytes;
}

static void erase_next(struct packed_frame *f, uint32_t now_us)
{
    if (!all_erased(f) && f->flash_us <= now_us)
        f->flash_us = now_us + pace_erase(&f->erased_to, f->end);
}

/* A window is erased for what is not yet, and written. */
static void write_window(struct packed_frame *f)
{
    uint32_t from = f->window * STREAM_WINDOW, left = f->stream->size - from;
    uint32_t size = left < STREAM_WINDOW ? left : STREAM_WINDOW;

    while (!all_erased(f) && f->erased_to < f->stream->offset + from + size)
        f->flash_us += pace_erase(&f->erased_to, f->end);
    f->busy_us = (f->flash_us > f->busy_us ? f->flash_us : f->busy_us) + pace_program_us(size);
    f->window++;
}

static void work(struct packed_frame *f)
{
    erase_next(f, 0);
    while (f->window * STREAM_WINDOW < f->stream->size &&
           region_stream_window(f->stream, f->window) <= f->at) {
        bool spills = region_stream_window(f->stream, f->window) < f->at;
        write_window(f);
        if (spills)
            erase_next(f, f->busy_us);
    }
}

uint32_t packed_frame_next(struct packed_frame *f)
{
    uint32_t bytes = fitting(f), line = pace_line_us(f->baud, bytes);
    uint32_t taken = line > f->busy_us ? line : f->busy_us;

    f->flash_us = f->flash_us > taken ? f->flash_us - taken : 0;
    f->busy_us = 0;
    f->at += bytes;
    work(f);
    return bytes;
}
