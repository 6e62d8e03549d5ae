/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/umockdev/support/mock_usb.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/usbdevice_fs.h>
#include <sys/ioctl.h>
#include <umockdev.h>

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
    int detached[SIM_FTDI_INTERFACES], attached[SIM_FTDI_INTERFACES];
    struct mock_urb urbs[URBS_MAX];
    uint64_t last_tag;
    struct mock_device *next;
};

struct mock_usb {
    UMockdevTestbed *bed;
    int last_address;
    pthread_t timer;
    pthread_mutex_t lock; /* what follows; taken before a device's */
    pthread_cond_t poke;
    struct mock_device *devices;
    bool poked, ending;
};

static int64_t now_us(void)
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

/* With the device's lock held. When it is to be looked at again by itself. */
static int64_t update_gate(struct mock_device *d)
{
    bool ready = !d->connected;

    for (int i = 0; i < URBS_MAX && !ready; i++)
        ready = d->urbs[i].tag != 0 && d->urbs[i].cancelled;
    ready = ready || sim_ftdi_chip_is_ready(d->chip, now_us());
    set_gate(d, !ready);
    return ready ? INT64_MAX : sim_ftdi_chip_next(d->chip);
}

/* A chip has no thread: what comes by the passing of time is looked for here. */
static void *run_timer(void *ctx)
{
    struct mock_usb *m = ctx;

    pthread_mutex_lock(&m->lock);
    while (!m->ending) {
        int64_t next = INT64_MAX;
        m->poked = false;
        for (struct mock_device *d = m->devices; d != NULL; d = d->next) {
            pthread_mutex_lock(&d->lock);
            int64_t at = update_gate(d);
            pthread_mutex_unlock(&d->lock);
            next = at < next ? at : next;
        }
        struct timespec ts = {next / 1000000, next % 1000000 * 1000};
        int rc = 0;
        while (!m->poked && !m->ending && rc == 0)
            rc = next == INT64_MAX ? pthread_cond_wait(&m->poke, &m->lock)
                                   : pthread_cond_timedwait(&m->poke, &m->lock, &ts);
    }
    pthread_mutex_unlock(&m->lock);
    return NULL;
}

static void poke_timer(struct mock_usb *m)
{
    pthread_mutex_lock(&m->lock);
    m->poked = true;
    pthread_cond_signal(&m->poke);
    pthread_mutex_unlock(&m->lock);
}

static void start_timer(struct mock_usb *m)
{
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&m->poke, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&m->lock, NULL);
    assert_int_equal(pthread_create(&m->timer, NULL, run_timer, m), 0);
}

static void put_hub(struct mock_usb *m, const char *sys, int address, const char *ports)
{
    char text[1024];

    snprintf(
        text, sizeof text,
        "P: %s\nN: bus/usb/001/%03d\nE: DEVTYPE=usb_device\nE: DRIVER=usb\nE: SUBSYSTEM=usb\nE: BUSNUM=001\n"
        "E: DEVNUM=%03d\nE: DEVNAME=/dev/bus/usb/001/%03d\nE: MAJOR=189\nE: MINOR=%d\nA: busnum=1\nA: devnum=%d\n"
        "A: bConfigurationValue=1\nA: bNumInterfaces= 1\nA: speed=480\nA: maxchild=%s\n"
        "H: descriptors=12010002090001406b1d020000050301020109021900010100e0000904000001090000000705810304000c\n",
        sys, address, address, address, address - 1, address, ports);
    GError *error = NULL;
    if (!umockdev_testbed_add_from_string(m->bed, text, &error))
        fail_msg("umockdev: %s", error->message);
}

struct mock_usb *mock_usb_new(void)
{
    struct mock_usb *m = calloc(1, sizeof *m);

    const char *preload = getenv("LD_PRELOAD");

    if (preload == NULL || strstr(preload, "umockdev") == NULL)
        fail_msg("run this under umockdev-wrapper");
    assert_non_null(m);
    m->bed = umockdev_testbed_new();
    put_hub(m, "/devices/usb1", 1, "4");
    put_hub(m, "/devices/usb1/1-1", 2, "4");
    m->last_address = 2;
    start_timer(m);
    return m;
}

static void forget_urb(struct mock_urb *u)
{
    g_clear_object(&u->buffer);
    g_clear_object(&u->urb);
    u->tag = 0;
    u->cancelled = 0;
}

static void device_free(struct mock_device *d)
{
    for (int i = 0; i < URBS_MAX; i++)
        forget_urb(&d->urbs[i]);
    sim_ftdi_chip_free(d->chip);
    for (int i = 0; i < SIM_FTDI_INTERFACES; i++)
        sim_ftdi_echo_free(d->echoes[i]);
    g_clear_object(&d->handler);
    close(d->gate);
    pthread_mutex_destroy(&d->lock);
    free(d);
}

void mock_usb_free(struct mock_usb *m)
{
    pthread_mutex_lock(&m->lock);
    m->ending = true;
    pthread_mutex_unlock(&m->lock);
    poke_timer(m);
    pthread_join(m->timer, NULL);
    g_clear_object(&m->bed);
    while (m->devices != NULL) {
        struct mock_device *d = m->devices;
        m->devices = d->next;
        device_free(d);
    }
    free(m);
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
    int r = sim_ftdi_chip_submit(d->chip, &s, now_us());
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
    if (u == NULL && sim_ftdi_chip_take(d->chip, &done, now_us()))
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

static gboolean handle_ioctl(UMockdevIoctlBase *handler, UMockdevIoctlClient *client, gpointer user)
{
    struct mock_device *d = user;

    (void)handler;
    pthread_mutex_lock(&d->lock);
    int error = do_ioctl(d, umockdev_ioctl_client_get_request(client), umockdev_ioctl_client_get_arg(client));
    bool waits = update_gate(d) != INT64_MAX;
    d->calls++;
    pthread_mutex_unlock(&d->lock);
    if (waits)
        poke_timer(d->usb);
    umockdev_ioctl_client_complete(client, error == 0 ? 0 : -1, error);
    return TRUE;
}

/* "12010002..." of what the chip itself answers to GET_DESCRIPTOR. */
static void descriptors_hex(struct mock_device *d, char *out, size_t size)
{
    size_t n = 0;

    for (uint8_t type = 1; type <= 2; type++) {
        struct sim_ftdi_done done;
        const struct sim_ftdi_urb urb = {.tag = 1, .setup = {0x80, 6, 0, type, 0, 0, 255, 0}, .len = 255};
        assert_int_equal(sim_ftdi_chip_submit(d->chip, &urb, now_us()), 0);
        assert_true(sim_ftdi_chip_take(d->chip, &done, now_us()));
        for (size_t i = 0; i < done.actual && n + 3 < size; i++)
            n += (size_t)snprintf(out + n, size - n, "%02x", done.data[i]);
    }
}

static void add_interfaces(struct mock_usb *m, struct mock_device *d, const char *name)
{
    for (int i = 0; i < sim_ftdi_chip_identity(d->chip)->interfaces; i++) {
        char text[512];
        snprintf(d->interface_paths[i], sizeof d->interface_paths[i], "%s/%s:1.%d", d->path, name, i);
        snprintf(text, sizeof text,
                 "P: %s\nE: DEVTYPE=usb_interface\nE: SUBSYSTEM=usb\nA: bInterfaceNumber=%02d\n",
                 d->interface_paths[i] + strlen("/sys"), i);
        assert_true(umockdev_testbed_add_from_string(m->bed, text, NULL));
    }
}

static void make_gate(struct mock_usb *m, struct mock_device *d)
{
    char *root = umockdev_testbed_get_root_dir(m->bed), path[256];

    snprintf(path, sizeof path, "%s%s", root, d->node);
    g_free(root);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0666), 0);
    d->gate = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    assert_true(d->gate >= 0);
    assert_true(fcntl(d->gate, F_SETPIPE_SZ, 4096) == 4096); /* one page: one byte fills it */
}

static void add_device(struct mock_usb *m, struct mock_device *d, const char *name, int address)
{
    const struct sim_ftdi_identity *id = sim_ftdi_chip_identity(d->chip);
    char hex[600], text[2048];
    GError *error = NULL;

    descriptors_hex(d, hex, sizeof hex);
    snprintf(d->node, sizeof d->node, "/dev/bus/usb/001/%03d", address);
    snprintf(
        text, sizeof text,
        "P: %s\nN: bus/usb/001/%03d\nE: DEVTYPE=usb_device\nE: DRIVER=usb\nE: SUBSYSTEM=usb\nE: BUSNUM=001\n"
        "E: DEVNUM=%03d\nE: DEVNAME=/dev/bus/usb/001/%03d\nE: MAJOR=189\nE: MINOR=%d\nE: PRODUCT=%x/%x/%x\n"
        "A: busnum=1\nA: devnum=%d\nA: bConfigurationValue=1\nA: bNumInterfaces= %d\nA: speed=%s\n"
        "A: bcdDevice=%04x\nA: idVendor=%04x\nA: idProduct=%04x\nA: serial=%s\nA: product=%s\nH: descriptors=%s\n",
        d->path + strlen("/sys"), address, address, address, address - 1, id->vendor_id, id->product_id,
        id->release, address, id->interfaces, id->high_speed ? "480" : "12", id->release, id->vendor_id,
        id->product_id, sim_ftdi_chip_serial(d->chip), id->product, hex);
    if (!umockdev_testbed_add_from_string(m->bed, text, &error))
        fail_msg("umockdev: %s", error->message);
    d->handler = umockdev_ioctl_base_new();
    g_signal_connect(d->handler, "handle-ioctl", G_CALLBACK(handle_ioctl), d);
    if (!umockdev_testbed_attach_ioctl(m->bed, d->node, d->handler, &error))
        fail_msg("umockdev: %s", error->message);
    make_gate(m, d);
    add_interfaces(m, d, name);
}

static struct mock_device *plug(struct mock_usb *m, const char *path, enum sim_ftdi_model model, bool plain)
{
    struct mock_device *d = calloc(1, sizeof *d);
    char serial[17];
    struct sim_ftdi_config config = {.model = model, .serial = serial, .ignores_event_char = plain};

    assert_non_null(d);
    snprintf(serial, sizeof serial, "MOCK%.8s", path);
    pthread_mutex_init(&d->lock, NULL);
    for (int i = 0; i < SIM_FTDI_INTERFACES; i++) {
        d->echoes[i] = sim_ftdi_echo_new();
        assert_non_null(d->echoes[i]);
        config.lines[i] = sim_ftdi_line_echo(d->echoes[i]);
    }
    d->chip = sim_ftdi_chip_new(&config, now_us());
    assert_non_null(d->chip);
    d->connected = true;
    snprintf(d->path, sizeof d->path, "/sys/devices/usb1/%s%s", strncmp(path, "1-1.", 4) == 0 ? "1-1/" : "",
             path);
    d->usb = m;
    d->gate = -1;
    add_device(m, d, path, ++m->last_address);
    pthread_mutex_lock(&m->lock);
    d->next = m->devices;
    m->devices = d;
    pthread_mutex_unlock(&m->lock);
    poke_timer(m);
    return d;
}

struct mock_device *mock_usb_plug(struct mock_usb *m, const char *path, enum sim_ftdi_model model)
{
    return plug(m, path, model, false);
}

struct mock_device *mock_usb_plug_plain(struct mock_usb *m, const char *path, enum sim_ftdi_model model)
{
    return plug(m, path, model, true);
}

void mock_usb_unplug(struct mock_usb *m, struct mock_device *d)
{
    pthread_mutex_lock(&d->lock);
    d->connected = false;
    for (int i = 0; i < URBS_MAX; i++) {
        if (d->urbs[i].tag != 0) {
            sim_ftdi_chip_cancel(d->chip, d->urbs[i].tag);
            d->urbs[i].cancelled = -ESHUTDOWN;
        }
    }
    update_gate(d);
    pthread_mutex_unlock(&d->lock);
    umockdev_testbed_uevent(m->bed, d->path, "remove");
    for (int i = 0; i < SIM_FTDI_INTERFACES && d->interface_paths[i][0] != '\0'; i++)
        umockdev_testbed_remove_device(m->bed, d->interface_paths[i]);
    umockdev_testbed_remove_device(m->bed, d->path);
}

void mock_device_hold(struct mock_device *d, int interface)
{
    d->held[interface] = true;
}

void mock_device_bind_driver(struct mock_usb *m, struct mock_device *d, int interface, const char *driver)
{
    char target[96];

    snprintf(target, sizeof target, "../../../../bus/usb/drivers/%s", driver);
    umockdev_testbed_set_attribute_link(m->bed, d->interface_paths[interface], "driver", target);
    d->bound[interface] = strcmp(driver, "usbfs") != 0;
}

void mock_device_forbid(struct mock_usb *m, struct mock_device *d)
{
    char *root = umockdev_testbed_get_root_dir(m->bed), path[256], command[300];

    /* The bed is its maker's alone; other users shall find everything but this device file. */
    snprintf(command, sizeof command, "chmod -R a+rwX '%s'", root);
    assert_int_equal(system(command), 0);
    snprintf(path, sizeof path, "%s%s", root, d->node);
    assert_int_equal(chmod(path, 0600), 0);
    g_free(root);
}

int mock_device_detached(const struct mock_device *d, int interface)
{
    return d->detached[interface];
}

int mock_device_attached(const struct mock_device *d, int interface)
{
    return d->attached[interface];
}

struct sim_ftdi_chip *mock_device_lock(struct mock_device *d)
{
    pthread_mutex_lock(&d->lock);
    return d->chip;
}

void mock_device_unlock(struct mock_device *d)
{
    pthread_mutex_unlock(&d->lock);
    poke_timer(d->usb);
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
