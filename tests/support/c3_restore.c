/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/c3_restore.h"

#include <assert.h>
#include <string.h>
#include <zlib.h>

#include "tests/support/python_random.h"

#define HEADER  8
#define HEAD    24 /* bytes of a data frame in front of its data */
#define STEP    0x400
#define NOISE   0x800
#define LETTERS 5000
#define FEW     100
#define GARBAGE 64
#define SMALL   3000
#define FIRST   40000 /* bytes of the session's plain image */
#define SECOND  50000 /* and of its compressed one */

/* All that is known to have been sent. */
static struct {
    bool made;
    uint8_t small[0xc00]; /* the image of the session without stub: the first of FIRST's bytes */
    uint8_t noise[NOISE], letters[LETTERS], few[FEW], memory[0x100], garbage[3][GARBAGE],
        image[FIRST + 0x4000];
    uint8_t stream[4][4096];
    size_t stream_len[4];
} known;

static void press(int i, const uint8_t *bytes, size_t len)
{
    uLongf size = sizeof known.stream[i];
    int rc = compress2(known.stream[i], &size, bytes, len, 9);

    assert(rc == Z_OK);
    (void)rc;
    known.stream_len[i] = size;
}

/* Between two that are known the recording's programme drew numbers for what is not. */
static void draw_away(struct python_random *r, unsigned numbers)
{
    while (numbers-- > 0)
        python_random_below(r, 0xffffffffu); /* one word each */
}

static void make(void)
{
    static uint8_t hello[SECOND];
    struct python_random r;

    if (known.made)
        return;
    known.made = true;
    python_random_seed(&r, 7);
    python_random_bytes(&r, 256, 0, known.noise, NOISE);
    python_random_bytes(&r, 8, 'a', known.letters, LETTERS);
    python_random_bytes(&r, 3, 'x', known.few, FEW);
    python_random_bytes(&r, 256, 0, known.memory, sizeof known.memory);
    python_random_seed(&r, 7);
    draw_away(&r, 16608);
    for (int i = 0; i < 3; i++)
        python_random_bytes(&r, 256, 0, known.garbage[i], GARBAGE);
    python_random_seed(&r, 3);
    python_random_bytes(&r, 256, 0, known.image, FIRST);
    memset(known.image + FIRST, 0xff, sizeof known.image - FIRST);
    memset(known.small, 0xff, sizeof known.small);
    memcpy(known.small, known.image, SMALL);
    for (size_t i = 0; i < sizeof hello; i++)
        hello[i] = (uint8_t) "hello esp32c3 "[i % 14];
    press(0, known.few, FEW);
    press(1, known.letters, LETTERS);
    press(2, hello, LETTERS);
    press(3, hello, SECOND);
}

const uint8_t *c3_letters(void)
{
    make();
    return known.letters;
}

static size_t decode(const struct c3_frame *seen, uint8_t *out)
{
    size_t n = 0;

    for (size_t i = 1; i < seen->len; i++)
        out[n++] = seen->at[i] != 0xdb || i + 1 == seen->len ? seen->at[i]
                   : seen->at[++i] == 0xdc                   ? 0xc0
                                                             : 0xdb;
    return n;
}

static bool encode(const uint8_t *plain, size_t len, struct c3_frame *out)
{
    out->len = 0;
    out->at[out->len++] = 0xc0;
    for (size_t i = 0; i < len; i++) {
        if (out->len + 3 > sizeof out->at)
            return false;
        if (plain[i] == 0xc0 || plain[i] == 0xdb)
            out->at[out->len++] = 0xdb;
        out->at[out->len++] = plain[i] == 0xc0 ? 0xdc : plain[i] == 0xdb ? 0xdd : plain[i];
    }
    out->at[out->len++] = 0xc0;
    return true;
}

/* A frame under search. */
struct search {
    const struct c3_frame *seen;
    size_t count, data_len;
    uint8_t head[HEAD];
    struct c3_frame best;
    bool found, summed; /* summed: its checksum is the logged one */
};

static void consider(struct search *s, const uint8_t *data)
{
    static uint8_t plain[C3_FRAME_MAX];
    static struct c3_frame frame;
    uint8_t sum = 0xef;

    if (HEAD + s->data_len > sizeof plain)
        return;
    memcpy(plain, s->head, HEAD);
    memcpy(plain + HEAD, data, s->data_len);
    if (!encode(plain, HEAD + s->data_len, &frame) || (s->count != 0 && frame.len != s->count) ||
        memcmp(frame.at, s->seen->at, s->seen->len) != 0)
        return;
    for (size_t i = 0; i < s->data_len; i++)
        sum ^= data[i];
    bool summed = sum == s->head[4];
    if (s->found && (s->summed || !summed))
        return;
    s->best = frame;
    s->found = true;
    s->summed = summed;
}

static void windows(struct search *s, const uint8_t *bytes, size_t size, size_t step)
{
    for (size_t at = 0; at + s->data_len <= size; at += step)
        consider(s, bytes + at);
}

/* A stream as it is, in pieces, cut, gone on with zeros, or with a damaged first or last byte. */
static void streams(struct search *s)
{
    static uint8_t copy[0x5000];

    for (size_t i = 0; i < sizeof known.stream_len / sizeof known.stream_len[0]; i++) {
        size_t len = known.stream_len[i];
        memset(copy, 0, sizeof copy);
        memcpy(copy, known.stream[i], len);
        if (s->data_len <= sizeof copy)
            consider(s, copy);
        copy[0] = 0;
        consider(s, copy);
        copy[0] = known.stream[i][0];
        copy[len - 1] ^= 1;
        consider(s, copy);
        for (size_t at = STEP; at + s->data_len <= len; at += STEP)
            consider(s, known.stream[i] + at);
    }
}

static bool restore_data(const struct c3_frame *seen, size_t count, const uint8_t *plain,
                         struct c3_frame *out)
{
    static struct search s;

    s = (struct search){.seen = seen, .count = count, .data_len = (plain[2] | (size_t)plain[3] << 8) - 16};
    memcpy(s.head, plain, HEAD);
    windows(&s, known.noise, NOISE, STEP);
    windows(&s, known.memory, sizeof known.memory, STEP);
    for (int i = 0; i < 3; i++)
        windows(&s, known.garbage[i], GARBAGE, STEP);
    windows(&s, known.small, sizeof known.small, STEP);
    windows(&s, known.image, sizeof known.image, STEP);
    streams(&s);
    if (s.found)
        *out = s.best;
    return s.found;
}

/* It goes on as it ends. */
static bool restore_tail(const struct c3_frame *seen, size_t count, uint8_t *plain, size_t n,
                         struct c3_frame *out)
{
    size_t len = HEADER + (plain[2] | (size_t)plain[3] << 8);

    if (n < HEADER + 4 || plain[n - 1] != plain[n - 2] || plain[n - 1] != plain[n - 3] ||
        len > C3_FRAME_MAX - 2)
        return false;
    memset(plain + n, plain[n - 1], len > n ? len - n : 0);
    if (!encode(plain, len, out))
        return false;
    if (count == 2 * out->len && count <= sizeof out->at) { /* the same once more */
        memcpy(out->at + out->len, out->at, out->len);
        out->len = count;
    }
    return (count == 0 || out->len == count) && memcmp(out->at, seen->at, seen->len) == 0;
}

bool c3_restore(struct c3_frame *seen, size_t count)
{
    static uint8_t plain[C3_FRAME_MAX];
    static struct c3_frame out;
    size_t n = decode(seen, plain);

    make();
    bool data = n >= HEAD && (plain[1] == 0x03 || plain[1] == 0x07 || plain[1] == 0x11);
    if (n < HEADER ||
        !(restore_tail(seen, count, plain, n, &out) || (data && restore_data(seen, count, plain, &out))))
        return false;
    *seen = out;
    return true;
}
