/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/bent_port.h"

#include <assert.h>
#include <string.h>

static int bent_open(void **port, void *ctx, const char *name, const struct transport_env *env,
                     char detail[TRANSPORT_DETAIL_SIZE])
{
    struct bent_port *p = ctx;
    int rc = sim_driver.open(&p->inner, p->tray, name, env, detail);

    *port = p;
    p->opened += rc == 0;
    return rc;
}

static void bent_close(void *port)
{
    sim_driver.close(((struct bent_port *)port)->inner);
}

static ssize_t bent_read(void *port, void *buf, size_t len, int64_t deadline_us)
{
    struct bent_port *p = port;
    ssize_t n;

    if (p->gone < 0)
        return p->gone;
    do {
        n = sim_driver.read(p->inner, buf, len, deadline_us);
    } while (n > 0 && p->deaf);
    return n;
}

static int bent_write(void *port, const void *buf, size_t len, int64_t deadline_us)
{
    struct bent_port *p = port;

    assert(len <= sizeof p->bytes);
    memcpy(p->bytes, buf, len);
    p->deaf = false;
    /* c0 00 op: a lone delimiter, or the stub's count of bytes read, is no request. */
    if (len > 8 && p->bytes[0] == 0xC0 && p->bytes[1] == 0) {
        p->requests[p->bytes[2]]++;
        if (p->on_request != NULL)
            p->on_request(p->ctx, p->bytes[2], p->bytes, len);
    }
    if (p->gone < 0)
        return p->gone;
    return sim_driver.write(p->inner, p->bytes, len, deadline_us);
}

static int bent_set_baud(void *port, uint32_t baud, uint32_t *actual)
{
    return sim_driver.set_baud(((struct bent_port *)port)->inner, baud, actual);
}

static int bent_set_lines(void *port, bool dtr, bool rts)
{
    struct bent_port *p = port;

    p->deaf = false;
    p->dtr = dtr;
    p->rts = rts;
    return sim_driver.set_lines(p->inner, dtr, rts);
}

static int bent_flush_input(void *port)
{
    return sim_driver.flush_input(((struct bent_port *)port)->inner);
}

const struct transport_driver bent_driver = {
    .scheme = "bent",
    .open = bent_open,
    .close = bent_close,
    .read = bent_read,
    .write = bent_write,
    .set_baud = bent_set_baud,
    .set_lines = bent_set_lines,
    .flush_input = bent_flush_input,
};
