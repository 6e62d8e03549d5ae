/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mock_device - one virtual chip as usbfs shows it: its ioctls, answered in umockdev's thread, and whether poll() finds
 * something to reap. For mock_usb alone.
 */
#ifndef TESTS_UMOCKDEV_SUPPORT_MOCK_DEVICE_H
#define TESTS_UMOCKDEV_SUPPORT_MOCK_DEVICE_H

#include <pthread.h>
#include <umockdev.h>

#include "tests/support/usb/mock_usb.h"

#define URBS_MAX 64

struct mock_urb {
    uint64_t tag; /* 0: free */
    UMockdevIoctlData *urb, *buffer;
    int cancelled; /* the status it comes back with, if it was */
};

struct mock_device {
    struct mock_usb *usb;
    pthread_mutex_t lock;
    bool connected;
    int gate;    /* our end of the device file */
    bool closed; /* nothing is to be reaped: poll() waits */
    unsigned long calls;
    struct sim_ftdi_chip *chip;
    struct sim_ftdi_echo *echoes[SIM_FTDI_INTERFACES];
    UMockdevIoctlBase *handler;
    char path[64], node[32];
    char interface_paths[SIM_FTDI_INTERFACES][96];
    bool held[SIM_FTDI_INTERFACES], claimed[SIM_FTDI_INTERFACES], bound[SIM_FTDI_INTERFACES];
    bool linked[SIM_FTDI_INTERFACES]; /* sysfs tells of a driver; the first that was told of stays */
    int detached[SIM_FTDI_INTERFACES], attached[SIM_FTDI_INTERFACES];
    struct mock_urb urbs[URBS_MAX];
    uint64_t last_tag;
    struct mock_device *next;
};

int64_t mock_now_us(void); /* the chips live in real time */
/* The device's "handle-ioctl"; `user` is the device. */
gboolean mock_device_ioctl(UMockdevIoctlBase *handler, UMockdevIoctlClient *client, gpointer user);
/* With the device's lock held. When it is to be looked at again by itself. */
int64_t mock_device_update_gate(struct mock_device *d);
/* Its plug is pulled: what is under way comes back as the kernel lets it. */
void mock_device_disconnect(struct mock_device *d);
void mock_device_forget_urbs(struct mock_device *d); /* frees them */
/* The bus: the passing of time may have something for this device. In mock_usb.c. */
void mock_usb_poke(struct mock_usb *m);

#endif /* TESTS_UMOCKDEV_SUPPORT_MOCK_DEVICE_H */
