/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usb_faults - stands between the programme (and libftdi) and libusb, and between the programme and libftdi: any call
 * may be made to fail (tests/support/nth_fault.h), and what is taken is counted against what is given back.
 *
 * Linked into a test programme it takes the place of the functions it defines, for the libraries too; each goes on to the
 * real one. Beside the functions' own names there are two calls that are completions: "transfer IN" and "transfer OUT",
 * whose row's value is a libusb_transfer_status, or USB_FAULT_SHORT. One thread.
 */
#ifndef TESTS_UMOCKDEV_SUPPORT_USB_FAULTS_H
#define TESTS_UMOCKDEV_SUPPORT_USB_FAULTS_H

#include <stddef.h>

#define USB_FAULT_SHORT 1000 /* half of it, and no error */
#define USB_FAULT_NULL  1001 /* of what answers a pointer */

struct usb_held {
    int contexts, handles, claims, lists, configs, transfers, pollfds, callbacks, ftdis;
};

/* What is taken and not given back. Claims end with their handle; a device's references are LeakSanitizer's to see. */
struct usb_held usb_faults_held(void);
/* Once, after the next list of descriptors was handed out: what happens just before a wait. NULL: nothing. */
void usb_faults_at_wait(void (*hook)(void *ctx), void *ctx);

#endif /* TESTS_UMOCKDEV_SUPPORT_USB_FAULTS_H */
