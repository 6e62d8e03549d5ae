/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usb_port - one serial interface of an FTDI chip, held open: libftdi for opening, configuring and lines, our own
 * asynchronous libusb transfers for data.
 *
 * A port has a libusb context of its own, whose events only its worker handles; two receiving transfers are always under
 * way. Waits end by event (libusb's descriptors or env->cancel), never by slices. The kernel's ftdi_sio is detached while
 * the port is held and given back by usb_port_close(). Returns as in engine/port/transport_driver.h; besides, reading and
 * writing answer -EHOSTDOWN when the chip has sent nothing, not even its status packets, for two seconds.
 */
#ifndef ENGINE_PORT_FTDI_USB_PORT_H
#define ENGINE_PORT_FTDI_USB_PORT_H

#include "engine/port/ftdi/usb_latency.h"
#include "engine/port/ftdi/usb_place.h"
#include "engine/port/transport_driver.h"

struct usb_port;

int usb_port_open(struct usb_port **out, const struct usb_place *place, const struct transport_env *env,
                  char detail[TRANSPORT_DETAIL_SIZE]);
void usb_port_close(struct usb_port *p);

ssize_t usb_port_read(struct usb_port *p, void *buf, size_t len, int64_t deadline_us);
int usb_port_write(struct usb_port *p, const void *buf, size_t len, int64_t deadline_us);
int usb_port_set_baud(struct usb_port *p, uint32_t baud, uint32_t *actual);
int usb_port_check_baud(const struct usb_port *p, uint32_t baud, char detail[TRANSPORT_DETAIL_SIZE]);
int usb_port_set_lines(struct usb_port *p, bool dtr, bool rts);
int usb_port_flush_input(struct usb_port *p);
void usb_port_line_counts(const struct usb_port *p, struct line_counts *out);
const char *usb_port_serial(const struct usb_port *p);
enum usb_latency_mode usb_port_latency_mode(const struct usb_port *p);
/* Every packet brings the inputs and one comes when they change, so this costs what an idle port costs. */
int usb_port_wait_modem(struct usb_port *p, uint8_t mask, uint8_t was, int64_t deadline_us);

#endif /* ENGINE_PORT_FTDI_USB_PORT_H */
