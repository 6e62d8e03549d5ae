/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slip - the frames of the ESP serial protocol: C0 payload C0, with C0 -> DB DC and DB -> DB DD inside. Pure functions.
 *
 * The decoder takes whatever stands between two C0 as one frame, and an empty one as nothing. So neither a stray
 * delimiter nor boot text before the first frame can make it take payload for gap and gap for payload.
 */
#ifndef ENGINE_CHIP_SLIP_H
#define ENGINE_CHIP_SLIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SLIP_END 0xC0

/* Bytes that `len` bytes of payload can become, both delimiters included. */
#define SLIP_ENCODED_MAX(len) (2 * (len) + 2)

/* A frame under construction in a caller's buffer. */
struct slip_writer {
    uint8_t *out;
    size_t size, len;
    bool full; /* something did not fit: the frame is not usable */
};

void slip_begin(struct slip_writer *w, uint8_t *out, size_t size);
void slip_put(struct slip_writer *w, const void *bytes, size_t len);
size_t slip_finish(struct slip_writer *w); /* length of the frame, 0 when it did not fit */

enum slip_event {
    SLIP_MORE,  /* nothing whole yet */
    SLIP_FRAME, /* decoder->buf holds decoder->len bytes, until the next slip_feed() */
    SLIP_BAD    /* a frame ended that had a wrong escape or did not fit: dropped */
};

struct slip_decoder {
    uint8_t *buf;
    size_t size, len;
    bool escape, bad, ended;
};

/* `buf` is borrowed for the life of the decoder. */
void slip_decoder_init(struct slip_decoder *d, uint8_t *buf, size_t size);
void slip_decoder_reset(struct slip_decoder *d); /* forgets a frame half received */
enum slip_event slip_feed(struct slip_decoder *d, uint8_t byte);

#endif /* ENGINE_CHIP_SLIP_H */
