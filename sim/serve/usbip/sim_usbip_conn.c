/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/serve/usbip/sim_usbip_conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/serve/usbip/sim_usbip_wire.h"

#define CHOKE_AT (1u * 1024u * 1024u) /* replies waiting: stop listening until the client has read them */

struct buffer {
    uint8_t *bytes;
    size_t start, len, size; /* content is bytes[start .. start + len) */
};

enum conn_state { CONN_ASKING, CONN_IMPORTED, CONN_OVER };

struct usbip_conn {
    struct usbip_bus *bus;
    struct usbip_bus_port *port; /* imported */
    enum conn_state state;
    struct buffer in, out;
};

static void buffer_drop(struct buffer *b, size_t n)
{
    b->start += n;
    b->len -= n;
    if (b->len == 0)
        b->start = 0;
}

/* Room for n more bytes at the end, or NULL: over the limit or out of memory. */
static uint8_t *buffer_extend(struct buffer *b, size_t n)
{
    if (b->start > 0 && b->start + b->len + n > b->size) {
        memmove(b->bytes, b->bytes + b->start, b->len);
        b->start = 0;
    }
    if (b->len + n > b->size) {
        size_t size = b->size > 0 ? b->size : 4096;
        while (size < b->len + n)
            size *= 2;
        if (size > USBIP_BACKLOG_MAX)
            return NULL;
        uint8_t *bytes = realloc(b->bytes, size);
        if (bytes == NULL)
            return NULL;
        b->bytes = bytes;
        b->size = size;
    }
    uint8_t *at = b->bytes + b->start + b->len;
    b->len += n;
    return at;
}

struct usbip_conn *usbip_conn_new(struct usbip_bus *bus)
{
    struct usbip_conn *c = calloc(1, sizeof *c);

    if (c != NULL)
        c->bus = bus;
    return c;
}

void usbip_conn_free(struct usbip_conn *c, int64_t now_us)
{
    if (c == NULL)
        return;
    if (c->port != NULL) {
        sim_ftdi_chip_power_cycle(c->port->chip, now_us);
        c->port->user = NULL;
    }
    free(c->in.bytes);
    free(c->out.bytes);
    free(c);
}

static int answer_devlist(struct usbip_conn *c)
{
    uint32_t plugged = 0;
    uint8_t *p = buffer_extend(&c->out, USBIP_OP_SIZE + 4);

    if (p == NULL)
        return -ENOMEM;
    for (int i = 0; i < c->bus->count; i++)
        plugged += c->bus->ports[i].plugged;
    usbip_put_op(p, OP_REP_DEVLIST, 0);
    p[8] = p[9] = p[10] = 0;
    p[11] = (uint8_t)plugged;
    for (int i = 0; i < c->bus->count; i++) {
        if (!c->bus->ports[i].plugged)
            continue;
        const struct sim_ftdi_identity *identity = sim_ftdi_chip_identity(c->bus->ports[i].chip);
        size_t size = USBIP_DEVICE_SIZE + USBIP_INTERFACE_SIZE * (size_t)identity->interfaces;
        p = buffer_extend(&c->out, size);
        if (p == NULL)
            return -ENOMEM;
        usbip_put_device(p, identity, i + 1);
        for (int k = 0; k < identity->interfaces; k++)
            usbip_put_interface(p + USBIP_DEVICE_SIZE + USBIP_INTERFACE_SIZE * (size_t)k);
    }
    c->state = CONN_OVER;
    return 0;
}

static struct usbip_bus_port *find_port(struct usbip_bus *bus, const uint8_t wanted[USBIP_BUSID_SIZE])
{
    char busid[USBIP_BUSID_SIZE];

    if (memchr(wanted, 0, USBIP_BUSID_SIZE) == NULL)
        return NULL;
    for (int i = 0; i < bus->count; i++) {
        usbip_busid(busid, i + 1);
        if (strcmp(busid, (const char *)wanted) == 0)
            return &bus->ports[i];
    }
    return NULL;
}

static int answer_import(struct usbip_conn *c, const uint8_t *busid, int64_t now_us)
{
    struct usbip_bus_port *port = find_port(c->bus, busid);
    bool free_port = port != NULL && port->plugged && port->user == NULL;
    uint8_t *p = buffer_extend(&c->out, USBIP_OP_SIZE + (free_port ? USBIP_DEVICE_SIZE : 0));

    if (p == NULL)
        return -ENOMEM;
    usbip_put_op(p, OP_REP_IMPORT, free_port ? 0 : 1);
    if (!free_port) {
        c->state = CONN_OVER;
        return 0;
    }
    usbip_put_device(p + USBIP_OP_SIZE, sim_ftdi_chip_identity(port->chip), (int)(port - c->bus->ports) + 1);
    port->user = c;
    c->port = port;
    c->state = CONN_IMPORTED;
    sim_ftdi_chip_power_cycle(port->chip, now_us);
    return 0;
}

/* Bytes used of the input; 0: more are needed; negative: close. */
static int take_op(struct usbip_conn *c, const uint8_t *p, size_t len, int64_t now_us)
{
    int code, r;

    if (len < USBIP_OP_SIZE)
        return 0;
    code = usbip_parse_op(p);
    if (code < 0)
        return code;
    if (code == OP_REQ_DEVLIST) {
        r = answer_devlist(c);
        return r < 0 ? r : (int)USBIP_OP_SIZE;
    }
    if (len < USBIP_OP_SIZE + USBIP_BUSID_SIZE)
        return 0;
    r = answer_import(c, p + USBIP_OP_SIZE, now_us);
    return r < 0 ? r : (int)(USBIP_OP_SIZE + USBIP_BUSID_SIZE);
}

static int reply_submit(struct usbip_conn *c, uint32_t seqnum, int status, uint32_t actual,
                        const uint8_t *data)
{
    uint8_t *p = buffer_extend(&c->out, USBIP_HEADER_SIZE + (data != NULL ? actual : 0));

    if (p == NULL)
        return -ENOMEM;
    usbip_put_submit_reply(p, seqnum, status, actual);
    if (data != NULL)
        memcpy(p + USBIP_HEADER_SIZE, data, actual);
    return 0;
}

static int do_submit(struct usbip_conn *c, const struct usbip_command *cmd, const uint8_t *data,
                     int64_t now_us)
{
    struct sim_ftdi_urb urb = {
        .tag = cmd->seqnum,
        .endpoint = (uint8_t)(cmd->endpoint | (cmd->in && cmd->endpoint > 0 ? 0x80 : 0)),
        .data = data,
        .len = cmd->length,
    };

    memcpy(urb.setup, cmd->setup, sizeof urb.setup);
    int r = sim_ftdi_chip_submit(c->port->chip, &urb, now_us);
    /* A URB the chip has no place for is the host's error, not the connection's. */
    return r < 0 ? reply_submit(c, cmd->seqnum, r == -EINVAL ? SIM_URB_STALL : -ENOMEM, 0, NULL) : 0;
}

static int do_unlink(struct usbip_conn *c, const struct usbip_command *cmd)
{
    bool found = sim_ftdi_chip_cancel(c->port->chip, cmd->unlink_seqnum);
    uint8_t *p = buffer_extend(&c->out, USBIP_HEADER_SIZE);

    if (p == NULL)
        return -ENOMEM;
    usbip_put_unlink_reply(p, cmd->seqnum, found ? SIM_URB_CANCELED : 0);
    return 0;
}

static int take_command(struct usbip_conn *c, const uint8_t *p, size_t len, int64_t now_us)
{
    struct usbip_command cmd;
    int r;

    if (len < USBIP_HEADER_SIZE)
        return 0;
    r = usbip_parse_command(p, &cmd);
    if (r < 0)
        return r;
    size_t data = cmd.code == CMD_SUBMIT && !cmd.in ? cmd.length : 0;
    if (len < USBIP_HEADER_SIZE + data)
        return 0;
    if (cmd.code == CMD_UNLINK) {
        /* Completions that are already due go first, or the client would get an answer to a URB it has forgotten. */
        r = usbip_conn_collect(c, now_us);
        if (r == 0)
            r = do_unlink(c, &cmd);
    } else {
        r = do_submit(c, &cmd, p + USBIP_HEADER_SIZE, now_us);
    }
    return r < 0 ? r : (int)(USBIP_HEADER_SIZE + data);
}

int usbip_conn_feed(struct usbip_conn *c, const uint8_t *bytes, size_t len, int64_t now_us)
{
    int used = 0;

    if (len > 0) {
        uint8_t *p = buffer_extend(&c->in, len);
        if (p == NULL)
            return -ENOMEM;
        memcpy(p, bytes, len);
    }
    do {
        if (c->in.len == 0 || c->state == CONN_OVER)
            break;
        const uint8_t *p = c->in.bytes + c->in.start;
        used = c->state == CONN_ASKING ? take_op(c, p, c->in.len, now_us)
                                       : take_command(c, p, c->in.len, now_us);
        if (used > 0)
            buffer_drop(&c->in, (size_t)used);
    } while (used > 0);
    return used < 0 ? used : 0;
}

int usbip_conn_collect(struct usbip_conn *c, int64_t now_us)
{
    struct sim_ftdi_done done;

    if (c->state != CONN_IMPORTED)
        return 0;
    while (sim_ftdi_chip_take(c->port->chip, &done, now_us)) {
        int r = reply_submit(c, (uint32_t)done.tag, done.status, (uint32_t)done.actual, done.data);
        if (r < 0)
            return r;
    }
    return 0;
}

const uint8_t *usbip_conn_output(const struct usbip_conn *c, size_t *len)
{
    *len = c->out.len;
    return c->out.len > 0 ? c->out.bytes + c->out.start : NULL;
}

void usbip_conn_sent(struct usbip_conn *c, size_t len)
{
    buffer_drop(&c->out, len);
}

bool usbip_conn_is_choked(const struct usbip_conn *c)
{
    return c->out.len >= CHOKE_AT;
}

bool usbip_conn_is_over(const struct usbip_conn *c)
{
    return c->state == CONN_OVER && c->out.len == 0;
}

int64_t usbip_conn_next(const struct usbip_conn *c)
{
    return c->state == CONN_IMPORTED ? sim_ftdi_chip_next(c->port->chip) : INT64_MAX;
}
