/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes from the wire into the decoder; and any payload there and back. The first byte is the buffer's size. */
#include "engine/chip/slip.h"
#include "tests/fuzz/check_plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void there_and_back(const uint8_t *payload, size_t len)
{
    uint8_t *wire = malloc(SLIP_ENCODED_MAX(len)), *back = malloc(len + 1);
    struct slip_decoder d;
    struct slip_writer w;
    size_t n, frames = 0;

    must(wire != NULL && back != NULL, "memory");
    slip_begin(&w, wire, SLIP_ENCODED_MAX(len));
    slip_put(&w, payload, len);
    n = slip_finish(&w);
    must(n >= len + 2 && n <= SLIP_ENCODED_MAX(len), "a frame of a strange length");
    slip_decoder_init(&d, back, len + 1);
    for (size_t i = 0; i < n; i++) {
        enum slip_event e = slip_feed(&d, wire[i]);

        must(e != SLIP_BAD, "our own frame refused");
        if (e == SLIP_FRAME) {
            frames++;
            must(d.len == len && memcmp(back, payload, len) == 0, "payload changed on its way");
        }
    }
    must(frames == (len > 0), "a frame lost or doubled");
    free(wire);
    free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slip_decoder d;
    uint8_t *buf;

    if (size == 0 || (buf = malloc(data[0] + 1u)) == NULL)
        return 0;
    slip_decoder_init(&d, buf, data[0]);
    for (size_t i = 1; i < size; i++)
        if (slip_feed(&d, data[i]) == SLIP_FRAME)
            must(d.len > 0 && d.len <= data[0], "a frame larger than its buffer");
    free(buf);
    if (size < 5000)
        there_and_back(data + 1, size - 1);
    return 0;
}
