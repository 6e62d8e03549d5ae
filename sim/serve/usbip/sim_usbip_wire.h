/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_usbip_wire - the bytes of USB/IP 1.1.1, as the Linux kernel's documentation (usb/usbip_protocol) lays them out.
 *
 * Pure: bytes to struct and back, all numbers big-endian on the wire. Nothing is believed: see usbip_parse_command().
 */
#ifndef SIM_SERVE_USBIP_SIM_USBIP_WIRE_H
#define SIM_SERVE_USBIP_SIM_USBIP_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/serve/ftdi/sim_ftdi_chip.h"

#define USBIP_VERSION        0x0111
#define USBIP_HEADER_SIZE    48u /* of every command and reply once a device is imported */
#define USBIP_OP_SIZE        8u  /* of every request before that */
#define USBIP_BUSID_SIZE     32u
#define USBIP_DEVICE_SIZE    312u
#define USBIP_INTERFACE_SIZE 4u
#define USBIP_TRANSFER_MAX   (256u * 1024u)

enum usbip_op {
    OP_REQ_IMPORT = 0x8003,
    OP_REP_IMPORT = 0x0003,
    OP_REQ_DEVLIST = 0x8005,
    OP_REP_DEVLIST = 0x0005
};
enum usbip_command_code { CMD_SUBMIT = 1, CMD_UNLINK = 2, RET_SUBMIT = 3, RET_UNLINK = 4 };

struct usbip_command {
    uint32_t code; /* CMD_SUBMIT or CMD_UNLINK */
    uint32_t seqnum;
    bool in;
    uint8_t endpoint; /* 0..15 */
    uint32_t length;  /* SUBMIT: of the transfer; OUT: so many bytes follow the header */
    uint8_t setup[8];
    uint32_t unlink_seqnum; /* UNLINK */
};

/* The operation's code, or -EPROTO for another version or an unknown one. */
int usbip_parse_op(const uint8_t op[static USBIP_OP_SIZE]);
/* 0, or -EPROTO: unknown command, endpoint over 15, a length over USBIP_TRANSFER_MAX, isochronous packets, a setup packet
 * whose direction contradicts the header's. */
int usbip_parse_command(const uint8_t header[static USBIP_HEADER_SIZE], struct usbip_command *out);

void usbip_put_op(uint8_t out[static USBIP_OP_SIZE], uint16_t code, uint32_t status);
void usbip_put_device(uint8_t out[static USBIP_DEVICE_SIZE], const struct sim_ftdi_identity *identity,
                      int number);
void usbip_put_interface(uint8_t out[static USBIP_INTERFACE_SIZE]);
void usbip_put_submit_reply(uint8_t out[static USBIP_HEADER_SIZE], uint32_t seqnum, int status,
                            uint32_t actual);
void usbip_put_unlink_reply(uint8_t out[static USBIP_HEADER_SIZE], uint32_t seqnum, int status);
/* "1-3" for number 3, with NUL. */
void usbip_busid(char out[static USBIP_BUSID_SIZE], int number);

#endif /* SIM_SERVE_USBIP_SIM_USBIP_WIRE_H */
