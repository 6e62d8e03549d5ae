/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A chip that answers anything at all: the loader's commands run against a port that plays back the input, in virtual
 * time. Byte by byte: FE ends what a read gives, the rest is data. Every command must end, with 0 or an error.
 */
#include <errno.h>

#include "engine/chip/esp_loader.h"
#include "engine/port/transport.h"
#include "tests/fuzz/check_plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct tape {
    const uint8_t *data;
    size_t size, at;
    struct clock *clock;
};

static int tape_open(void **port, void *ctx, const char *name, const struct transport_env *env,
                     char detail[TRANSPORT_DETAIL_SIZE])
{
    (void)name;
    (void)detail;
    ((struct tape *)ctx)->clock = env->clock;
    *port = ctx;
    return 0;
}

static void tape_close(void *port)
{
    (void)port;
}

static ssize_t tape_read(void *port, void *buf, size_t len, int64_t deadline_us)
{
    struct tape *t = port;
    uint8_t *out = buf;
    size_t n = 0;

    while (n < len && t->at < t->size) {
        uint8_t b = t->data[t->at++];

        if (b == 0xFE)
            break;
        out[n++] = b;
    }
    if (n == 0)
        clock_wait_until(t->clock, deadline_us, NULL);
    else
        clock_wait_until(t->clock, clock_after(t->clock, 87 * (int64_t)n), NULL);
    return (ssize_t)n;
}

static int tape_write(void *port, const void *buf, size_t len, int64_t deadline_us)
{
    (void)port;
    (void)buf;
    (void)len;
    (void)deadline_us;
    return 0;
}

static int tape_baud(void *port, uint32_t baud, uint32_t *actual)
{
    (void)port;
    if (actual != NULL)
        *actual = baud;
    return 0;
}

static int tape_lines(void *port, bool dtr, bool rts)
{
    (void)port;
    (void)dtr;
    (void)rts;
    return 0;
}

static int tape_flush(void *port)
{
    (void)port;
    return 0;
}

static void run_commands(struct esp_loader *l, uint8_t which)
{
    uint8_t md5[16], flash[64];
    uint32_t value;

    (void)esp_loader_sync(l, 100000);
    if (which & 1)
        esp_loader_set_stub(l, true);
    (void)esp_loader_read_reg(l, 0x60000078, &value);
    (void)esp_loader_md5(l, 0x1000, 0x1000, md5);
    (void)esp_loader_read_flash(l, CONFIG_SECTOR, flash, sizeof flash);
    (void)esp_loader_mem_begin(l, 16, 0x40080000);
    (void)esp_loader_mem_run_stub(l, 0x40080000);
    (void)esp_loader_defl_begin(l, 0x10000, 0x1000, 100);
    (void)esp_loader_defl_block(l, 0, flash, sizeof flash, 0x1000);
    (void)esp_loader_erase(l, 0x1000, 0x1000);
    (void)esp_loader_resync(l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct transport_driver driver = {.scheme = "tape",
                                                   .open = tape_open,
                                                   .close = tape_close,
                                                   .read = tape_read,
                                                   .write = tape_write,
                                                   .set_baud = tape_baud,
                                                   .set_lines = tape_lines,
                                                   .flush_input = tape_flush};
    struct tape tape = {.data = data, .size = size, .at = 1};
    struct transport_binding bindings[] = {{&driver, &tape}, {NULL, NULL}};
    struct clock *clock = clock_new_virtual();
    struct transport_env env = {clock, NULL};
    struct transport *t = NULL;
    struct esp_loader *l = NULL;
    struct esp_reply reply;
    struct failure f;

    if (size > 0 && esp_reply_parse(data + 1, size - 1, &reply))
        must(reply.len <= size - 1, "a reply larger than its frame");
    if (size > 0 && clock != NULL && transport_open(&t, bindings, "tape:1", &env, &f) == 0) {
        l = esp_loader_new(t, clock);
        must(l != NULL, "memory");
        run_commands(l, data[0]);
        must(boot_log_failure(esp_loader_log(l), &f) == -1 && f.code != FAILURE_NONE,
             "a failure without a code");
    }
    esp_loader_free(l);
    transport_close(t);
    clock_free(clock);
    return 0;
}
