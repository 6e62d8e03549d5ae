/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/usb/usb_faults.h"

#include <dlfcn.h>
#include <ftdi.h>
#include <libusb.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/nth_fault.h"

static struct usb_held held;

static struct {
    void (*call)(void *ctx);
    void *ctx;
} hook;

struct usb_held usb_faults_held(void)
{
    return held;
}

void usb_faults_at_wait(void (*call)(void *ctx), void *ctx)
{
    hook.call = call;
    hook.ctx = ctx;
}

/* `real`: the function that this one stands before. */
#define REAL(name)                          \
    static __typeof__(&name) real;          \
    if (real == NULL) {                     \
        void *at = dlsym(RTLD_NEXT, #name); \
        memcpy(&real, &at, sizeof real);    \
    }

/* A function that answers a number, and may fail before it does anything. */
#define FAILS_BEFORE(type, name, params, args, taken)     \
    type LIBUSB_CALL name params                          \
    {                                                     \
        const struct nth_fault *f = nth_fault_due(#name); \
        REAL(name)                                        \
        if (f != NULL)                                    \
            return f->value;                              \
        type r = real args;                               \
        if (r >= 0) {                                     \
            taken;                                        \
        }                                                 \
        return r;                                         \
    }

/* The same, but what it does is done all the same: of giving things back, which cannot be tried again. */
#define FAILS_AFTER(type, name, params, args)             \
    type LIBUSB_CALL name params                          \
    {                                                     \
        const struct nth_fault *f = nth_fault_due(#name); \
        REAL(name)                                        \
        type r = real args;                               \
        return f != NULL ? (type)f->value : r;            \
    }

/* A function that gives back. */
#define GIVES(name, params, args, given) \
    void LIBUSB_CALL name params         \
    {                                    \
        REAL(name)                       \
        given;                           \
        real args;                       \
    }

FAILS_BEFORE(int, libusb_init, (libusb_context * *out), (out), held.contexts++)
GIVES(libusb_exit, (libusb_context * usb), (usb), held.contexts--)
FAILS_BEFORE(ssize_t, libusb_get_device_list, (libusb_context * usb, libusb_device ***out), (usb, out),
             held.lists++)
GIVES(libusb_free_device_list, (libusb_device * *list, int unref), (list, unref), held.lists--)
FAILS_BEFORE(int, libusb_get_device_descriptor, (libusb_device * dev, struct libusb_device_descriptor *out),
             (dev, out), )
FAILS_BEFORE(int, libusb_get_active_config_descriptor,
             (libusb_device * dev, struct libusb_config_descriptor **out), (dev, out), held.configs++)
FAILS_BEFORE(int, libusb_get_config_descriptor,
             (libusb_device * dev, uint8_t i, struct libusb_config_descriptor **out), (dev, i, out),
             held.configs++)
GIVES(libusb_free_config_descriptor, (struct libusb_config_descriptor * c), (c), held.configs--)
FAILS_BEFORE(int, libusb_get_port_numbers, (libusb_device * dev, uint8_t *out, int room), (dev, out, room), )
FAILS_BEFORE(int, libusb_open, (libusb_device * dev, libusb_device_handle **out), (dev, out), held.handles++)
GIVES(libusb_close, (libusb_device_handle * h), (h), (held.handles--, held.claims = 0))
FAILS_BEFORE(int, libusb_get_configuration, (libusb_device_handle * h, int *out), (h, out), )
FAILS_BEFORE(int, libusb_claim_interface, (libusb_device_handle * h, int i), (h, i), held.claims++)
FAILS_BEFORE(int, libusb_release_interface, (libusb_device_handle * h, int i), (h, i), held.claims--)
FAILS_BEFORE(int, libusb_set_auto_detach_kernel_driver, (libusb_device_handle * h, int on), (h, on), )
FAILS_BEFORE(int, libusb_attach_kernel_driver, (libusb_device_handle * h, int i), (h, i), )
FAILS_BEFORE(int, libusb_handle_events_timeout_completed,
             (libusb_context * usb, struct timeval *limit, int *done), (usb, limit, done), )
FAILS_BEFORE(int, libusb_get_next_timeout, (libusb_context * usb, struct timeval *out), (usb, out), )
FAILS_BEFORE(int, libusb_hotplug_register_callback,
             (libusb_context * usb, int events, int flags, int vendor, int product, int class,
              libusb_hotplug_callback_fn call, void *ctx, libusb_hotplug_callback_handle *out),
             (usb, events, flags, vendor, product, class, call, ctx, out), held.callbacks++)
GIVES(libusb_hotplug_deregister_callback, (libusb_context * usb, libusb_hotplug_callback_handle h), (usb, h),
      held.callbacks--)
FAILS_BEFORE(int, libusb_cancel_transfer, (struct libusb_transfer * t), (t), )
GIVES(libusb_free_pollfds, (const struct libusb_pollfd **list), (list), held.pollfds -= list != NULL)
GIVES(ftdi_free, (struct ftdi_context * f), (f), held.ftdis--)

const struct libusb_pollfd **LIBUSB_CALL libusb_get_pollfds(libusb_context *usb)
{
    const struct nth_fault *f = nth_fault_due("libusb_get_pollfds");
    REAL(libusb_get_pollfds)
    const struct libusb_pollfd **list = f != NULL ? NULL : real(usb);

    held.pollfds += list != NULL;
    if (hook.call != NULL) {
        void (*call)(void *) = hook.call;
        hook.call = NULL;
        call(hook.ctx);
    }
    return list;
}

/* Short: fewer bytes than were asked for. */
int LIBUSB_CALL libusb_control_transfer(libusb_device_handle *h, uint8_t type, uint8_t request,
                                        uint16_t value, uint16_t index, unsigned char *data, uint16_t len,
                                        unsigned ms)
{
    const struct nth_fault *f = nth_fault_due("libusb_control_transfer");
    REAL(libusb_control_transfer)

    if (f != NULL)
        return f->value == USB_FAULT_SHORT ? 0 : f->value;
    return real(h, type, request, value, index, data, len, ms);
}

/* What a transfer's completion is to look like, and whose it really is. */
struct shim {
    libusb_transfer_cb_fn callback;
    void *user_data;
    const struct nth_fault *fault;
};

struct libusb_transfer *LIBUSB_CALL libusb_alloc_transfer(int packets)
{
    const struct nth_fault *f = nth_fault_due("libusb_alloc_transfer");
    REAL(libusb_alloc_transfer)
    struct libusb_transfer *t = f != NULL ? NULL : real(packets);

    held.transfers += t != NULL;
    return t;
}

GIVES(libusb_free_transfer, (struct libusb_transfer * t), (t), held.transfers -= t != NULL)

static void LIBUSB_CALL complete(struct libusb_transfer *t)
{
    struct shim *s = t->user_data;

    t->callback = s->callback;
    t->user_data = s->user_data;
    if (s->fault->value == USB_FAULT_SHORT) {
        t->actual_length /= 2;
    } else {
        t->status = (enum libusb_transfer_status)s->fault->value;
        t->actual_length = 0;
    }
    free(s);
    t->callback(t);
}

static void put_shim(struct libusb_transfer *t, const struct nth_fault *f)
{
    struct shim *s = malloc(sizeof *s);

    if (s == NULL)
        abort();
    *s = (struct shim){t->callback, t->user_data, f};
    t->callback = complete;
    t->user_data = s;
}

static void take_shim(struct libusb_transfer *t)
{
    struct shim *s = t->user_data;

    t->callback = s->callback;
    t->user_data = s->user_data;
    free(s);
}

int LIBUSB_CALL libusb_submit_transfer(struct libusb_transfer *t)
{
    const struct nth_fault *f = nth_fault_due("libusb_submit_transfer");
    REAL(libusb_submit_transfer)

    if (f != NULL)
        return f->value;
    f = t->type != LIBUSB_TRANSFER_TYPE_BULK
            ? NULL
            : nth_fault_due(t->endpoint & 0x80 ? "transfer IN" : "transfer OUT");
    if (f == NULL)
        return real(t);
    put_shim(t, f);
    int r = real(t);
    if (r < 0)
        take_shim(t);
    return r;
}

FAILS_BEFORE(int, ftdi_usb_open_dev, (struct ftdi_context * ftdi, libusb_device *dev), (ftdi, dev), )
FAILS_BEFORE(int, ftdi_set_line_property,
             (struct ftdi_context * ftdi, enum ftdi_bits_type bits, enum ftdi_stopbits_type stops,
              enum ftdi_parity_type parity),
             (ftdi, bits, stops, parity), )
FAILS_BEFORE(int, ftdi_setflowctrl, (struct ftdi_context * ftdi, int flow), (ftdi, flow), )
FAILS_BEFORE(int, ftdi_set_latency_timer, (struct ftdi_context * ftdi, unsigned char ms), (ftdi, ms), )
FAILS_BEFORE(int, ftdi_set_event_char, (struct ftdi_context * ftdi, unsigned char c, unsigned char on),
             (ftdi, c, on), )
FAILS_BEFORE(int, ftdi_tcioflush, (struct ftdi_context * ftdi), (ftdi), )
FAILS_BEFORE(int, ftdi_tciflush, (struct ftdi_context * ftdi), (ftdi), )
FAILS_BEFORE(int, ftdi_set_baudrate, (struct ftdi_context * ftdi, int baud), (ftdi, baud), )
FAILS_BEFORE(int, ftdi_setdtr_rts, (struct ftdi_context * ftdi, int dtr, int rts), (ftdi, dtr, rts), )
FAILS_AFTER(int, ftdi_usb_close, (struct ftdi_context * ftdi), (ftdi))

struct ftdi_context *ftdi_new(void)
{
    const struct nth_fault *f = nth_fault_due("ftdi_new");
    REAL(ftdi_new)
    struct ftdi_context *ftdi = f != NULL ? NULL : real();

    held.ftdis += ftdi != NULL;
    return ftdi;
}
