/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/usb/mock_device.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/usbdevice_fs.h>
#include <sys/ioctl.h>

int64_t mock_now_us(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/*
 * A usbfs file is writable for poll() while an URB can be reaped. umockdev cannot say so: to it every device file is a
 * plain one, always writable, and libusb would spin. So ours is a pipe with room for one byte: full is "nothing there".
 */
static void set_gate(struct mock_device *d, bool closed)
{
    char byte = 0;

    if (d->closed == closed || d->gate < 0)
        return;
    ssize_t n = closed ? write(d->gate, &byte, 1) : read(d->gate, &byte, 1);
    if (n == 1)
        d->closed = closed;
}

int64_t mock_device_update_gate(struct mock_device *d)
{
    bool ready = !d->connected;

    for (int i = 0; i < URBS_MAX && !ready; i++)
        ready = d->urbs[i].tag != 0 && d->urbs[i].cancelled;
    ready = ready || sim_ftdi_chip_is_ready(d->chip, mock_now_us());
    set_gate(d, !ready);
    return ready ? INT64_MAX : sim_ftdi_chip_next(d->chip);
}

static void forget_urb(struct mock_urb *u)
{
    g_clear_object(&u->buffer);
    g_clear_object(&u->urb);
    u->tag = 0;
    u->cancelled = 0;
}

void mock_device_forget_urbs(struct mock_device *d)
{
    for (int i = 0; i < URBS_MAX; i++)
        forget_urb(&d->urbs[i]);
}

/* The URB and its buffer live in the client: copies to us now, copies back when it is reaped. 0 or an errno. */
static int submit_urb(struct mock_device *d, UMockdevIoctlData *arg)
{
    struct mock_urb *u = NULL;
    struct sim_ftdi_urb s = {0};

    for (int i = 0; i < URBS_MAX && u == NULL; i++)
        if (d->urbs[i].tag == 0)
            u = &d->urbs[i];
    if (u == NULL)
        return ENOMEM;
    u->urb = umockdev_ioctl_data_resolve(arg, 0, sizeof(struct usbdevfs_urb), NULL);
    const struct usbdevfs_urb *urb = (const struct usbdevfs_urb *)(void *)u->urb->data;
    u->buffer = umockdev_ioctl_data_resolve(u->urb, G_STRUCT_OFFSET(struct usbdevfs_urb, buffer),
                                            (size_t)urb->buffer_length, NULL);
    s.tag = u->tag = ++d->last_tag;
    s.endpoint = urb->endpoint;
    s.data = u->buffer->data;
    s.len = (size_t)urb->buffer_length;
    if (urb->type == USBDEVFS_URB_TYPE_CONTROL) {
        memcpy(s.setup, u->buffer->data, 8);
        s.endpoint = 0;
        s.data += 8;
        s.len -= 8;
    }
    int r = sim_ftdi_chip_submit(d->chip, &s, mock_now_us());
    if (r < 0)
        forget_urb(u);
    return -r;
}

static void finish_urb(const struct mock_urb *u, const struct sim_ftdi_done *done)
{
    struct usbdevfs_urb urb;

    memcpy(&urb, u->urb->data, sizeof urb);
    urb.status = u->cancelled ? u->cancelled : done->status;
    urb.actual_length = u->cancelled ? 0 : (int)done->actual;
    if (!u->cancelled && done->data != NULL && done->actual > 0)
        umockdev_ioctl_data_update(u->buffer, urb.type == USBDEVFS_URB_TYPE_CONTROL ? 8 : 0,
                                   (guint8 *)(uintptr_t)done->data, (gint)done->actual);
    umockdev_ioctl_data_update(u->urb, 0, (guint8 *)&urb, sizeof urb);
}

static struct mock_urb *find_urb(struct mock_device *d, uint64_t tag)
{
    for (int i = 0; i < URBS_MAX; i++)
        if (d->urbs[i].tag == tag && tag != 0)
            return &d->urbs[i];
    return NULL;
}

static int reap_urb(struct mock_device *d, UMockdevIoctlData *arg)
{
    struct sim_ftdi_done done = {0};
    struct mock_urb *u = NULL;

    for (int i = 0; i < URBS_MAX && u == NULL; i++)
        if (d->urbs[i].tag != 0 && d->urbs[i].cancelled)
            u = &d->urbs[i];
    if (u == NULL && sim_ftdi_chip_take(d->chip, &done, mock_now_us()))
        u = find_urb(d, done.tag);
    if (u == NULL)
        return EAGAIN;
    finish_urb(u, &done);
    UMockdevIoctlData *answer = umockdev_ioctl_data_resolve(arg, 0, sizeof(gpointer), NULL);
    umockdev_ioctl_data_set_ptr(answer, 0, u->urb);
    g_object_unref(answer);
    forget_urb(u);
    return 0;
}

static int discard_urb(struct mock_device *d, const UMockdevIoctlData *arg)
{
    for (int i = 0; i < URBS_MAX; i++) {
        struct mock_urb *u = &d->urbs[i];
        if (u->tag == 0 || u->urb->client_addr != *(const gulong *)(const void *)arg->data || u->cancelled)
            continue;
        if (!sim_ftdi_chip_cancel(d->chip, u->tag))
            return EINVAL;
        u->cancelled = -ENOENT;
        return 0;
    }
    return EINVAL;
}

static int claim(struct mock_device *d, unsigned interface)
{
    if (interface >= (unsigned)sim_ftdi_chip_identity(d->chip)->interfaces)
        return EINVAL;
    if (d->held[interface] || d->claimed[interface] || d->bound[interface])
        return EBUSY;
    d->claimed[interface] = true;
    return 0;
}

static int detach_claim(struct mock_device *d, UMockdevIoctlData *arg)
{
    UMockdevIoctlData *data =
        umockdev_ioctl_data_resolve(arg, 0, sizeof(struct usbdevfs_disconnect_claim), NULL);
    unsigned interface = ((const struct usbdevfs_disconnect_claim *)(void *)data->data)->interface;

    g_object_unref(data);
    if (interface < SIM_FTDI_INTERFACES && d->bound[interface] && !d->held[interface]) {
        d->bound[interface] = false;
        d->detached[interface]++;
    }
    return claim(d, interface);
}

/* USBDEVFS_IOCTL carries connect and disconnect. */
static int driver_ioctl(struct mock_device *d, UMockdevIoctlData *arg)
{
    UMockdevIoctlData *data = umockdev_ioctl_data_resolve(arg, 0, sizeof(struct usbdevfs_ioctl), NULL);
    struct usbdevfs_ioctl command;

    memcpy(&command, data->data, sizeof command);
    g_object_unref(data);
    if (command.ifno < 0 || command.ifno >= SIM_FTDI_INTERFACES)
        return EINVAL;
    if (command.ioctl_code == (int)USBDEVFS_CONNECT) {
        d->attached[command.ifno]++;
        d->bound[command.ifno] = d->detached[command.ifno] > 0;
        return 0;
    }
    if (command.ioctl_code == (int)USBDEVFS_DISCONNECT && d->bound[command.ifno]) {
        d->bound[command.ifno] = false;
        d->detached[command.ifno]++;
        return 0;
    }
    return ENODATA;
}

static int do_ioctl(struct mock_device *d, gulong request, UMockdevIoctlData *arg)
{
    UMockdevIoctlData *data;
    unsigned interface;

    if (!d->connected && (request != USBDEVFS_REAPURBNDELAY || reap_urb(d, arg) != 0))
        return ENODEV;
    if (!d->connected)
        return 0;
    switch (request) {
    case USBDEVFS_GET_CAPABILITIES:
        data = umockdev_ioctl_data_resolve(arg, 0, sizeof(guint32), NULL);
        interface = USBDEVFS_CAP_BULK_CONTINUATION;
        umockdev_ioctl_data_update(data, 0, (guint8 *)&interface, sizeof interface);
        g_object_unref(data);
        return 0;
    case USBDEVFS_CLAIMINTERFACE:
    case USBDEVFS_RELEASEINTERFACE:
        data = umockdev_ioctl_data_resolve(arg, 0, sizeof(unsigned), NULL);
        memcpy(&interface, data->data, sizeof interface);
        g_object_unref(data);
        if (request == USBDEVFS_CLAIMINTERFACE)
            return claim(d, interface);
        d->claimed[interface % SIM_FTDI_INTERFACES] = false;
        return 0;
    case USBDEVFS_DISCONNECT_CLAIM:
        return detach_claim(d, arg);
    case USBDEVFS_IOCTL:
        return driver_ioctl(d, arg);
    case USBDEVFS_SUBMITURB:
        return submit_urb(d, arg);
    case USBDEVFS_REAPURBNDELAY:
        return reap_urb(d, arg);
    case USBDEVFS_DISCARDURB:
        return discard_urb(d, arg);
    case USBDEVFS_CLEAR_HALT:
    case USBDEVFS_RESET:
        return 0;
    default:
        return ENOTTY;
    }
}

gboolean mock_device_ioctl(UMockdevIoctlBase *handler, UMockdevIoctlClient *client, gpointer user)
{
    struct mock_device *d = user;

    (void)handler;
    pthread_mutex_lock(&d->lock);
    int error = do_ioctl(d, umockdev_ioctl_client_get_request(client), umockdev_ioctl_client_get_arg(client));
    bool waits = mock_device_update_gate(d) != INT64_MAX;
    d->calls++;
    pthread_mutex_unlock(&d->lock);
    if (waits)
        mock_usb_poke(d->usb);
    umockdev_ioctl_client_complete(client, error == 0 ? 0 : -1, error);
    return TRUE;
}

void mock_device_disconnect(struct mock_device *d)
{
    pthread_mutex_lock(&d->lock);
    d->connected = false;
    for (int i = 0; i < URBS_MAX; i++) {
        if (d->urbs[i].tag != 0) {
            sim_ftdi_chip_cancel(d->chip, d->urbs[i].tag);
            d->urbs[i].cancelled = -ESHUTDOWN;
        }
    }
    mock_device_update_gate(d);
    pthread_mutex_unlock(&d->lock);
}

void mock_device_hold(struct mock_device *d, int interface)
{
    d->held[interface] = true;
}

int mock_device_detached(const struct mock_device *d, int interface)
{
    return d->detached[interface];
}

int mock_device_attached(const struct mock_device *d, int interface)
{
    return d->attached[interface];
}

bool mock_device_is_bound(struct mock_device *d, int interface)
{
    pthread_mutex_lock(&d->lock);
    bool bound = d->bound[interface];
    pthread_mutex_unlock(&d->lock);
    return bound;
}

int mock_device_settle(struct mock_device *d)
{
    int left = 0;

    pthread_mutex_lock(&d->lock);
    for (int i = 0; i < URBS_MAX; i++) {
        left += d->urbs[i].tag != 0;
        if (d->urbs[i].tag != 0)
            sim_ftdi_chip_cancel(d->chip, d->urbs[i].tag);
    }
    mock_device_forget_urbs(d);
    for (int i = 0; i < SIM_FTDI_INTERFACES; i++)
        d->claimed[i] = false;
    mock_device_update_gate(d);
    pthread_mutex_unlock(&d->lock);
    return left;
}

struct sim_ftdi_chip *mock_device_lock(struct mock_device *d)
{
    pthread_mutex_lock(&d->lock);
    return d->chip;
}

void mock_device_unlock(struct mock_device *d)
{
    pthread_mutex_unlock(&d->lock);
    mock_usb_poke(d->usb);
}

const char *mock_device_node(const struct mock_device *d)
{
    return d->node;
}

unsigned long mock_device_calls(struct mock_device *d)
{
    pthread_mutex_lock(&d->lock);
    unsigned long calls = d->calls;
    pthread_mutex_unlock(&d->lock);
    return calls;
}
