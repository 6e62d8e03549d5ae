/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/serve/usbip/sim_usbip_wire.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { SPEED_FULL = 2, SPEED_HIGH = 3 }; /* enum usb_device_speed of the kernel */

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

static void put16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

int usbip_parse_op(const uint8_t op[static USBIP_OP_SIZE])
{
    int version = op[0] << 8 | op[1], code = op[2] << 8 | op[3];

    if (version != USBIP_VERSION || (code != OP_REQ_DEVLIST && code != OP_REQ_IMPORT))
        return -EPROTO;
    return code;
}

static int parse_submit(const uint8_t *h, struct usbip_command *out)
{
    uint32_t packets = get32(h + 32);

    out->length = get32(h + 24);
    memcpy(out->setup, h + 40, 8);
    if (out->length > USBIP_TRANSFER_MAX || (packets != 0 && packets != UINT32_MAX))
        return -EPROTO;
    if (out->endpoint == 0 && out->length > 0 && ((out->setup[0] & 0x80) != 0) != out->in)
        return -EPROTO;
    return 0;
}

int usbip_parse_command(const uint8_t h[static USBIP_HEADER_SIZE], struct usbip_command *out)
{
    uint32_t direction = get32(h + 12), endpoint = get32(h + 16);

    *out = (struct usbip_command){.code = get32(h), .seqnum = get32(h + 4)};
    if (out->code == CMD_UNLINK) {
        out->unlink_seqnum = get32(h + 20);
        return 0;
    }
    if (out->code != CMD_SUBMIT || direction > 1 || endpoint > 15)
        return -EPROTO;
    out->in = direction == 1;
    out->endpoint = (uint8_t)endpoint;
    return parse_submit(h, out);
}

void usbip_put_op(uint8_t out[static USBIP_OP_SIZE], uint16_t code, uint32_t status)
{
    put16(out, USBIP_VERSION);
    put16(out + 2, code);
    put32(out + 4, status);
}

void usbip_busid(char out[static USBIP_BUSID_SIZE], int number)
{
    memset(out, 0, USBIP_BUSID_SIZE);
    snprintf(out, USBIP_BUSID_SIZE, "1-%d", number);
}

void usbip_put_device(uint8_t out[static USBIP_DEVICE_SIZE], const struct sim_ftdi_identity *identity,
                      int number)
{
    char busid[USBIP_BUSID_SIZE];

    usbip_busid(busid, number);
    memset(out, 0, USBIP_DEVICE_SIZE);
    snprintf((char *)out, 256, "/sys/devices/flashline/usb1/%s", busid);
    memcpy(out + 256, busid, USBIP_BUSID_SIZE);
    put32(out + 288, 1);                    /* bus */
    put32(out + 292, (uint32_t)number + 1); /* device; 1 would be the root hub */
    put32(out + 296, identity->high_speed ? SPEED_HIGH : SPEED_FULL);
    put16(out + 300, identity->vendor_id);
    put16(out + 302, identity->product_id);
    put16(out + 304, identity->release);
    out[309] = 1; /* configuration in use */
    out[310] = 1; /* configurations */
    out[311] = (uint8_t)identity->interfaces;
}

void usbip_put_interface(uint8_t out[static USBIP_INTERFACE_SIZE])
{
    static const uint8_t vendor_specific[USBIP_INTERFACE_SIZE] = {0xff, 0xff, 0xff, 0};

    memcpy(out, vendor_specific, USBIP_INTERFACE_SIZE);
}

void usbip_put_submit_reply(uint8_t out[static USBIP_HEADER_SIZE], uint32_t seqnum, int status,
                            uint32_t actual)
{
    memset(out, 0, USBIP_HEADER_SIZE);
    put32(out, RET_SUBMIT);
    put32(out + 4, seqnum);
    put32(out + 20, (uint32_t)status);
    put32(out + 24, actual);
}

void usbip_put_unlink_reply(uint8_t out[static USBIP_HEADER_SIZE], uint32_t seqnum, int status)
{
    memset(out, 0, USBIP_HEADER_SIZE);
    put32(out, RET_UNLINK);
    put32(out + 4, seqnum);
    put32(out + 20, (uint32_t)status);
}
