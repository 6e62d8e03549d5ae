/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packed_frame - how many bytes of a zlib stream a stub is sent at a time, where the flash has to be erased. With each frame, and
 * again with what a frame holds behind the end of a window, a stub begins one erase if the flash is free, and it writes when a
 * window of 32 KiB is full. So frames end behind the windows, and between them when an erase does: erases follow each other
 * while the line is waited for. Pure; times are the data sheets', as plain_frame.h has them.
 */
#ifndef ENGINE_BOARD_PACKED_FRAME_H
#define ENGINE_BOARD_PACKED_FRAME_H

#include <stdbool.h>
#include <stdint.h>

struct region_stream;

struct packed_frame {
    const struct region_stream *stream; /* borrowed */
    uint32_t baud;
    uint32_t at;             /* of the stream: what is sent next */
    uint32_t window;         /* of the stream's windows: the first that is not complete */
    uint32_t erased_to, end; /* flash addresses */
    uint32_t busy_us;        /* from the stub's last answer: until it takes the next frame, ... */
    uint32_t flash_us;       /* ... and until the flash is free */
};

/* On a slower line longest frames hide all that the flash has to do, and shorter ones would cost more than they win. */
bool packed_frame_pays(uint32_t baud);
/* A stream whose BEGIN was just answered. */
struct packed_frame packed_frame_begin(uint32_t baud, const struct region_stream *s);
/* Bytes of the next frame, at most ESP_STUB_BLOCK; 0: all are sent. */
uint32_t packed_frame_next(struct packed_frame *f);

#endif /* ENGINE_BOARD_PACKED_FRAME_H */
