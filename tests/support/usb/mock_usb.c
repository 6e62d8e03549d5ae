/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/usb/mock_usb.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/usb/mock_device.h"

struct mock_usb {
    UMockdevTestbed *bed;
    int last_address;
    pthread_t timer;
    pthread_mutex_t lock; /* what follows; taken before a device's */
    pthread_cond_t poke;
    struct mock_device *devices;
    bool poked, ending;
};

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
            int64_t at = mock_device_update_gate(d);
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

void mock_usb_poke(struct mock_usb *m)
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

static void device_free(struct mock_device *d)
{
    mock_device_forget_urbs(d);
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
    mock_usb_poke(m);
    pthread_join(m->timer, NULL);
    g_clear_object(&m->bed);
    while (m->devices != NULL) {
        struct mock_device *d = m->devices;
        m->devices = d->next;
        device_free(d);
    }
    free(m);
}

/* "12010002..." of what the chip itself answers to GET_DESCRIPTOR. */
static void descriptors_hex(struct mock_device *d, char *out, size_t size)
{
    size_t n = 0;

    for (uint8_t type = 1; type <= 2; type++) {
        struct sim_ftdi_done done;
        const struct sim_ftdi_urb urb = {.tag = 1, .setup = {0x80, 6, 0, type, 0, 0, 255, 0}, .len = 255};
        assert_int_equal(sim_ftdi_chip_submit(d->chip, &urb, mock_now_us()), 0);
        assert_true(sim_ftdi_chip_take(d->chip, &done, mock_now_us()));
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
    g_signal_connect(d->handler, "handle-ioctl", G_CALLBACK(mock_device_ioctl), d);
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
    d->chip = sim_ftdi_chip_new(&config, mock_now_us());
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
    mock_usb_poke(m);
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
    mock_device_disconnect(d);
    umockdev_testbed_uevent(m->bed, d->path, "remove");
    for (int i = 0; i < SIM_FTDI_INTERFACES && d->interface_paths[i][0] != '\0'; i++)
        umockdev_testbed_remove_device(m->bed, d->interface_paths[i]);
    umockdev_testbed_remove_device(m->bed, d->path);
}

void mock_device_bind_driver(struct mock_usb *m, struct mock_device *d, int interface, const char *driver)
{
    char target[96];

    snprintf(target, sizeof target, "../../../../bus/usb/drivers/%s", driver);
    if (!d->linked[interface])
        umockdev_testbed_set_attribute_link(m->bed, d->interface_paths[interface], "driver", target);
    d->linked[interface] = true;
    d->bound[interface] = strcmp(driver, "usbfs") != 0;
}

void mock_device_sold_as(struct mock_usb *m, struct mock_device *d, uint16_t vendor, uint16_t product)
{
    char text[8];

    snprintf(text, sizeof text, "%04x", vendor);
    umockdev_testbed_set_attribute(m->bed, d->path, "idVendor", text);
    snprintf(text, sizeof text, "%04x", product);
    umockdev_testbed_set_attribute(m->bed, d->path, "idProduct", text);
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
