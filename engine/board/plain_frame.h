/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain_frame - how many plain bytes a stub is sent at a time. While it erases and programs what one frame brought, one more
 * frame may come, and no second one: so each is as long as the work of the one before takes, and the flash is never without
 * work. Pure; times are the data sheets' (sim_physics.h): a part that is slower waits for nothing longer than it must, one that is
 * faster is idle for a few milliseconds a block.
 */
#ifndef ENGINE_BOARD_PLAIN_FRAME_H
#define ENGINE_BOARD_PLAIN_FRAME_H

#include <stdint.h>

struct plain_frame {
    uint32_t baud;
    uint32_t at, end;   /* flash addresses: what is sent next, and the region's end */
    uint32_t erased_to; /* by the stub, a step ahead of what it programs */
    uint32_t erase_us;  /* what runs since BEGIN; 0 behind the first frame */
    uint32_t busy_us;   /* how long the next frame has to arrive */
};

/* A region that was just begun: the stub has answered, and erases the first of it. */
struct plain_frame plain_frame_begin(uint32_t baud, uint32_t offset, uint32_t size);
/* Bytes of the next frame, at most ESP_STUB_BLOCK; 0: all are sent. */
uint32_t plain_frame_next(struct plain_frame *f);

#endif /* ENGINE_BOARD_PLAIN_FRAME_H */
