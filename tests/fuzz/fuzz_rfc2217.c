/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes from a network client: what comes out must not depend on how TCP cut them (the first byte chooses another
 * cutting), answers stay bounded, and escaped payload arrives as it was.
 */
#include "sim/serve/rfc2217/sim_telnet.h"
#include "tests/fuzz/check_plan.h"

#define OUT_MAX (64 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All calls, one after the other, as text that can be compared. */
struct trace {
    uint8_t bytes[OUT_MAX];
    size_t len, data, answers;
};

static void put(struct trace *t, const void *bytes, size_t len)
{
    must(len <= sizeof t->bytes - t->len, "more comes out than can be explained");
    memcpy(t->bytes + t->len, bytes, len);
    t->len += len;
}

static void on_data(void *ctx, const uint8_t *bytes, size_t len)
{
    struct trace *t = ctx;

    /* Byte by byte, because data may be handed over in pieces of any size. */
    for (size_t i = 0; i < len; i++) {
        const uint8_t one[2] = {'d', bytes[i]};

        put(t, one, sizeof one);
    }
    t->data += len;
}

static void on_baud(void *ctx, uint32_t baud)
{
    must(baud > 0, "a rate of nothing");
    put(ctx, "b", 1);
    put(ctx, &baud, sizeof baud);
}

static void on_lines(void *ctx, bool dtr, bool rts)
{
    const uint8_t out[3] = {'l', dtr, rts};

    put(ctx, out, sizeof out);
}

static void on_purge(void *ctx, bool from_board, bool to_board)
{
    const uint8_t out[3] = {'p', from_board, to_board};

    put(ctx, out, sizeof out);
}

static void on_answer(void *ctx, const uint8_t *bytes, size_t len)
{
    put(ctx, "a", 1);
    put(ctx, bytes, len);
    ((struct trace *)ctx)->answers += len;
}

static struct trace *run(const uint8_t *data, size_t size, size_t piece)
{
    struct trace *t = calloc(1, sizeof *t);
    struct sim_telnet telnet;
    const struct sim_telnet_calls calls = {t, on_data, on_baud, on_lines, on_purge, on_answer};

    must(t != NULL, "memory");
    sim_telnet_init(&telnet);
    for (size_t at = 0; at < size; at += piece)
        sim_telnet_feed(&telnet, data + at, piece < size - at ? piece : size - at, &calls);
    must(t->data <= size && t->answers <= 16 * size, "more comes out than can be explained");
    return t;
}

static void there_and_back(const uint8_t *payload, size_t len)
{
    uint8_t *wire = malloc(2 * len + 1);
    struct trace *t;
    size_t n;

    must(wire != NULL, "memory");
    n = sim_telnet_escape(payload, len, wire);
    must(n >= len && n <= 2 * len, "an escape of a strange length");
    t = run(wire, n, n + 1);
    must(t->data == len && t->len == 2 * len, "payload lost on its way");
    for (size_t i = 0; i < len; i++)
        must(t->bytes[2 * i + 1] == payload[i], "payload changed on its way");
    free(t);
    free(wire);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct trace *whole, *cut;

    if (size == 0 || size > 2000)
        return 0;
    whole = run(data + 1, size - 1, size);
    cut = run(data + 1, size - 1, 1 + data[0] % 16);
    must(whole->len == cut->len && memcmp(whole->bytes, cut->bytes, cut->len) == 0,
         "the cutting changed the meaning");
    free(whole);
    free(cut);
    there_and_back(data + 1, size - 1);
    return 0;
}
