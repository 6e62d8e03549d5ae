/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/probe_restore.h"

#include <assert.h>
#include <string.h>
#include <zlib.h>

#include "tests/support/python_random.h"

#define HEADER     24 /* bytes of a data frame in front of its data */
#define NOISE_SIZE 0x1000
#define STREAM_OF  0xc00
#define STEP       0x100

static size_t encode(const uint8_t *plain, size_t len, struct probe_bytes *out)
{
    out->len = 0;
    out->at[out->len++] = 0xc0;
    for (size_t i = 0; i < len; i++) {
        bool special = plain[i] == 0xc0 || plain[i] == 0xdb;
        if (out->len + 3 > sizeof out->at)
            return 0;
        if (special)
            out->at[out->len++] = 0xdb;
        out->at[out->len++] = plain[i] == 0xc0 ? 0xdc : plain[i] == 0xdb ? 0xdd : plain[i];
    }
    out->at[out->len++] = 0xc0;
    return out->len;
}

/* What the two spoilt frames had done to them; where exactly is not logged, and the loaders do not care. */
static void spoil(const char *label, struct probe_bytes *frame, size_t count)
{
    if (strncmp(label, "trunc", 5) == 0 && count < frame->len) {
        frame->len = count;
    } else if (strncmp(label, "lost", 4) == 0) {
        size_t at = frame->len / 2;
        memmove(frame->at + at, frame->at + at + 1, frame->len - at - 1);
        frame->len--;
    } else if (strncmp(label, "badesc", 6) == 0) {
        for (size_t i = HEADER; i + 1 < frame->len; i++) {
            if (frame->at[i] == 0xdb) {
                frame->at[i + 1] = 1;
                return;
            }
        }
    }
}

static bool fits(const char *label, const uint8_t *head, const uint8_t *data, size_t len,
                 struct probe_bytes *seen, size_t count)
{
    static uint8_t plain[PROBE_REPLY_MAX];
    static struct probe_bytes frame;

    if (len > sizeof plain - HEADER)
        return false;
    memcpy(plain, head, HEADER);
    memcpy(plain + HEADER, data, len);
    if (encode(plain, HEADER + len, &frame) == 0)
        return false;
    spoil(label, &frame, count);
    if (frame.len != count || memcmp(frame.at, seen->at, seen->len) != 0)
        return false;
    *seen = frame;
    return true;
}

static bool among(const char *label, const uint8_t *head, const uint8_t *data, size_t size, size_t len,
                  struct probe_bytes *seen, size_t count)
{
    for (size_t from = 0; from + len <= size; from += STEP)
        if (fits(label, head, data + from, len, seen, count))
            return true;
    return false;
}

static bool decode_head(const struct probe_bytes *seen, uint8_t head[HEADER])
{
    size_t n = 0;

    for (size_t i = 1; i < seen->len && n < HEADER; i++) {
        uint8_t byte = seen->at[i];
        if (byte == 0xdb && i + 1 < seen->len)
            byte = seen->at[++i] == 0xdc ? 0xc0 : 0xdb;
        head[n++] = byte;
    }
    return n == HEADER && seen->at[0] == 0xc0;
}

/* "garbage": bytes that count up. */
static bool counts_up(struct probe_bytes *seen, size_t count)
{
    for (size_t i = 1; i < seen->len; i++)
        if (seen->at[i] != (uint8_t)(seen->at[0] + i))
            return false;
    for (; seen->len < count && seen->len < sizeof seen->at; seen->len++)
        seen->at[seen->len] = (uint8_t)(seen->at[0] + seen->len);
    return true;
}

bool probe_restore(const char *label, struct probe_bytes *seen, size_t count)
{
    static uint8_t noise[NOISE_SIZE], stream[NOISE_SIZE], spoilt[NOISE_SIZE], sevens[NOISE_SIZE],
        zeros[0x2000];
    uint8_t head[HEADER];
    uLongf stream_len = sizeof stream;

    if (!decode_head(seen, head))
        return seen->len > 1 && seen->at[0] != 0xc0 && counts_up(seen, count);
    if (noise[0] == noise[1]) {
        struct python_random r;
        python_random_seed(&r, 5);
        python_random_bytes(&r, 256, 0, noise, sizeof noise);
        for (size_t i = 0; i < sizeof sevens; i++)
            sevens[i] = (uint8_t)(7 * i + 1);
    }
    int rc = compress2(stream, &stream_len, noise, STREAM_OF, 9);
    assert(rc == Z_OK);
    (void)rc;
    memcpy(spoilt, stream, stream_len);
    spoilt[0] = spoilt[1] = 0xff; /* "corrupt zlib header" */
    size_t len = (size_t)(head[2] | head[3] << 8) - 16u;
    return among(label, head, noise, sizeof noise, len, seen, count) ||
           among(label, head, stream, stream_len, len, seen, count) ||
           fits(label, head, spoilt, len, seen, count) ||
           among(label, head, sevens, sizeof sevens, len, seen, count) ||
           (len <= sizeof zeros && fits(label, head, zeros, len, seen, count));
}
