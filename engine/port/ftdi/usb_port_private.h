/* SPDX-License-Identifier: Apache-2.0 */
/* usb_port_private - the open port's inside, for the usb_port*.c files only. */
#ifndef ENGINE_PORT_FTDI_USB_PORT_PRIVATE_H
#define ENGINE_PORT_FTDI_USB_PORT_PRIVATE_H

#include <ftdi.h>
#include <libusb.h>
#include <poll.h>

#include "engine/port/ftdi/usb_adapter.h"
#include "engine/port/ftdi/usb_packet.h"
#include "engine/port/ftdi/usb_port.h"

#define IN_TRANSFERS 2
#define RX_SIZE      (64u * 1024u)
#define POLL_MAX     16
#define CONTROL_MS   1000 /* a request that a living chip has not answered by then never will be */
#define SILENCE_US   INT64_C(2000000)
#define TROUBLE_US   INT64_C(500000) /* errors this long without the device leaving are a real fault */

struct in_transfer {
    struct usb_port *port;
    struct libusb_transfer *transfer;
    bool pending;
    uint8_t buf[USB_IN_SIZE];
};

struct usb_port {
    struct usb_place place;
    struct transport_env env;
    struct ftdi_context *ftdi;
    char serial[64];
    struct usb_adapter adapter; /* its device is there while it is opened */

    struct in_transfer in[IN_TRANSFERS];
    bool running;        /* IN transfers are to be kept under way */
    uint8_t rx[RX_SIZE]; /* ring */
    size_t rx_head, rx_count;
    int error;             /* negative errno once the port is lost; it stays */
    int64_t trouble_since; /* first of the transfer errors in a row; 0: none */
    bool heard;            /* since the wait began */
    int64_t waited_us;     /* spent waiting since the chip was last heard */
    int set_latency_ms;    /* to be set outside callbacks; 0: nothing */

    struct libusb_transfer *out;
    uint8_t *out_bytes; /* what `out` sends; owned */
    bool out_pending;
    enum libusb_transfer_status out_status;
    int out_actual;

    struct usb_latency latency;
    struct usb_packet_status status;
    struct line_counts counts;
    struct pollfd fds[POLL_MAX]; /* [0] is the canceller's */
    int fd_count;
    bool fds_changed;
};

/* usb_port_transfer.c: the data path. */
int usb_port_start(struct usb_port *p);
/* Puts receiving transfers under way as far as there is room for their data. */
void usb_port_receive_more(struct usb_port *p);
/* Ends all transfers, or gives up after a second. */
void usb_port_stop(struct usb_port *p);
/* After the device was closed: then no URB lives. */
void usb_port_free_transfers(struct usb_port *p);
/* Handles events until one came or the deadline passed. 0, -ETIMEDOUT, or -ECANCELED unless `stubborn`. */
int usb_port_wait(struct usb_port *p, int64_t deadline_us, bool stubborn);
/* A request failed: the reason as a negative errno, found out by looking at the device. */
int usb_port_reason(struct usb_port *p);

#endif /* ENGINE_PORT_FTDI_USB_PORT_PRIVATE_H */
