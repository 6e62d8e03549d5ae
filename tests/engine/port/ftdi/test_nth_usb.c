/* SPDX-License-Identifier: Apache-2.0 */
/* label: umockdev */
/*
 * The ftdi: driver once for every call of libusb and libftdi that may fail, with each error that the call can give: a port
 * is opened, talked through and closed; one that is held is refused; a plug is waited for. The end is as if nothing had
 * been, or a named failure that is not the board's; what was taken is given back; no byte is wrong unnoticed.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libusb.h>

#include "engine/port/ftdi/transport_ftdi.h"
#include "engine/port/ftdi/usb_watcher.h"
#include "engine/port/presence_line.h"
#include "engine/port/transport.h"
#include "tests/support/nth_call.h"
#include "tests/support/usb/mock_usb.h"
#include "tests/support/usb/usb_faults.h"

#define MS       INT64_C(1000)
#define FRAME    "\xc0identify\xc0"
#define LONG     700
#define PATIENCE (3000 * MS) /* only a watcher that is deaf waits as long */

#define USB(call, error)                    \
    {                                       \
#call, #error, LIBUSB_ERROR_##error \
    }
#define NONE(call)                    \
    {                                 \
#call, "NULL", USB_FAULT_NULL \
    }
#define FTDI(call, code)   \
    {                      \
#call, #code, code \
    }
#define DONE(way, status)                                   \
    {                                                       \
        "transfer " #way, #status, LIBUSB_TRANSFER_##status \
    }

static const struct nth_fault opening[] = {
    USB(libusb_init, NO_MEM),
    USB(libusb_init, OTHER),
    USB(libusb_get_device_list, NO_MEM),
    USB(libusb_get_device_list, IO),
    USB(libusb_get_port_numbers, OVERFLOW),
    USB(libusb_get_device_descriptor, IO),
    USB(libusb_get_active_config_descriptor, NOT_FOUND),
    USB(libusb_get_active_config_descriptor, NO_MEM),
    USB(libusb_get_active_config_descriptor, IO),
    USB(libusb_get_active_config_descriptor, NO_DEVICE),
    USB(libusb_get_config_descriptor, NOT_FOUND),
    USB(libusb_get_config_descriptor, NO_MEM),
    USB(libusb_open, NO_MEM),
    USB(libusb_open, ACCESS),
    USB(libusb_open, NO_DEVICE),
    USB(libusb_open, IO),
    USB(libusb_get_configuration, NO_DEVICE),
    USB(libusb_get_configuration, IO),
    USB(libusb_set_auto_detach_kernel_driver, NOT_SUPPORTED),
    USB(libusb_claim_interface, BUSY),
    USB(libusb_claim_interface, NO_DEVICE),
    USB(libusb_claim_interface, NOT_FOUND),
    USB(libusb_claim_interface, IO),
    USB(libusb_release_interface, NO_DEVICE),
    USB(libusb_release_interface, NOT_FOUND),
    USB(libusb_release_interface, IO),
    NONE(ftdi_new),
    FTDI(ftdi_usb_open_dev, -3),
    FTDI(ftdi_usb_open_dev, -4),
    FTDI(ftdi_usb_open_dev, -5),
    FTDI(ftdi_usb_open_dev, -6),
    FTDI(ftdi_usb_open_dev, -7),
    FTDI(ftdi_usb_open_dev, -8),
    FTDI(ftdi_usb_close, -1),
    FTDI(ftdi_usb_close, -3),
};

static const struct nth_fault talking[] = {
    USB(libusb_control_transfer, IO),
    USB(libusb_control_transfer, TIMEOUT),
    USB(libusb_control_transfer, PIPE),
    USB(libusb_control_transfer, NO_DEVICE),
    USB(libusb_control_transfer, BUSY),
    USB(libusb_control_transfer, OVERFLOW),
    USB(libusb_control_transfer, NO_MEM),
    {"libusb_control_transfer", "short", USB_FAULT_SHORT},
    NONE(libusb_alloc_transfer),
    USB(libusb_submit_transfer, IO),
    USB(libusb_submit_transfer, NO_DEVICE),
    USB(libusb_submit_transfer, BUSY),
    USB(libusb_submit_transfer, NO_MEM),
    DONE(IN, ERROR),
    DONE(IN, TIMED_OUT),
    DONE(IN, CANCELLED),
    DONE(IN, STALL),
    DONE(IN, NO_DEVICE),
    DONE(IN, OVERFLOW),
    DONE(OUT, ERROR),
    DONE(OUT, CANCELLED),
    DONE(OUT, STALL),
    DONE(OUT, NO_DEVICE),
    {"transfer OUT", "short", USB_FAULT_SHORT},
    USB(libusb_cancel_transfer, NOT_FOUND),
    USB(libusb_cancel_transfer, IO),
    USB(libusb_handle_events_timeout_completed, IO),
    USB(libusb_handle_events_timeout_completed, NO_MEM),
    USB(libusb_handle_events_timeout_completed, INTERRUPTED),
    NONE(libusb_get_pollfds),
    FTDI(ftdi_set_line_property, -1),
    FTDI(ftdi_setflowctrl, -1),
    FTDI(ftdi_set_latency_timer, -2),
    FTDI(ftdi_set_event_char, -1),
    FTDI(ftdi_tcioflush, -1),
    FTDI(ftdi_tciflush, -1),
    FTDI(ftdi_set_baudrate, -1),
    FTDI(ftdi_set_baudrate, -2),
    FTDI(ftdi_setdtr_rts, -1),
    {"ppoll", "EINTR", EINTR},
    {"ppoll", "ENOMEM", ENOMEM},
};

static const struct nth_fault refused[] = {
    USB(libusb_open, NO_MEM),
    USB(libusb_open, ACCESS),
    USB(libusb_open, NO_DEVICE),
    USB(libusb_attach_kernel_driver, NOT_FOUND),
    USB(libusb_attach_kernel_driver, NO_DEVICE),
    USB(libusb_attach_kernel_driver, BUSY),
};

static const struct nth_fault watching[] = {
    USB(libusb_init, NO_MEM),
    USB(libusb_init, ACCESS),
    USB(libusb_init, OTHER),
    USB(libusb_hotplug_register_callback, NO_MEM),
    USB(libusb_hotplug_register_callback, NOT_SUPPORTED),
    NONE(libusb_get_pollfds),
    USB(libusb_handle_events_timeout_completed, IO),
    USB(libusb_handle_events_timeout_completed, NO_MEM),
    USB(libusb_handle_events_timeout_completed, INTERRUPTED),
    {"ppoll", "EINTR", EINTR},
    {"ppoll", "ENOMEM", ENOMEM},
    {"opendir", "EMFILE", EMFILE},
    {"fopen", "EMFILE", EMFILE},
    {"fopen", "ENOMEM", ENOMEM},
};

struct bench {
    struct mock_usb *usb;
    struct mock_device *device;
    struct clock *clock;
    struct waker *cancel;
    struct transport_env env;
    /* What came of it. */
    struct failure f;
    uint8_t sent[LONG], got[2 * LONG];
    size_t sent_len, got_len;
    struct line_counts line;
    bool silent; /* a read came to its deadline: its caller's "does not answer" */
    bool opens_only;
    int rc; /* of a wait for a plug */
    int64_t took_us;
};

static const struct transport_binding bindings[] = {{&ftdi_driver, NULL}, {NULL, NULL}};

static struct bench *bench_new(void)
{
    struct bench *b = calloc(1, sizeof *b);

    assert_non_null(b);
    b->usb = mock_usb_new();
    b->clock = clock_new_real();
    b->cancel = waker_new();
    b->env = (struct transport_env){b->clock, b->cancel};
    return b;
}

static void bench_free(struct bench *b)
{
    nth_fault_pretend(NULL);
    if (b->usb != NULL)
        mock_usb_free(b->usb);
    waker_free(b->cancel);
    clock_free(b->clock);
    free(b);
}

static void forget(struct bench *b)
{
    b->f = (struct failure){0};
    b->sent_len = b->got_len = 0;
    b->line = (struct line_counts){0};
    b->silent = false;
    b->rc = 0;
}

static void ready(void *ctx)
{
    struct bench *b = ctx;

    forget(b);
    mock_device_bind_driver(b->usb, b->device, 1, "ftdi_sio");
}

static bool went_well(struct bench *b, enum stage stage, int rc)
{
    if (rc >= 0)
        return true;
    transport_failure(&b->f, stage, rc, "ftdi:1-2:B");
    return false;
}

/* Sends so many bytes, which the far end echoes, and reads until they are back or nothing more comes. */
static bool exchange(struct bench *b, struct transport *t, const void *bytes, size_t len)
{
    memcpy(b->sent, bytes, len);
    b->sent_len = len;
    b->got_len = 0;
    if (!went_well(b, STAGE_WRITE, transport_write(t, bytes, len, clock_after(b->clock, 3000 * MS))))
        return false;
    while (b->got_len < len) {
        ssize_t n = transport_read(t, b->got + b->got_len, sizeof b->got - b->got_len,
                                   clock_after(b->clock, 100 * MS));
        if (!went_well(b, STAGE_CONNECT, (int)n))
            return false;
        b->silent = n == 0;
        if (b->silent)
            return false;
        b->got_len += (size_t)n;
    }
    return true;
}

static void talk(struct bench *b, struct transport *t)
{
    uint8_t many[LONG];

    for (size_t i = 0; i < sizeof many; i++)
        many[i] = (uint8_t)(i * 7);
    many[sizeof many - 1] = 0xc0; /* the event character: the rest comes at once */
    if (!went_well(b, STAGE_CONNECT, transport_set_baud(t, 115200)) ||
        !went_well(b, STAGE_CONNECT, transport_set_lines(t, true, false)) ||
        !went_well(b, STAGE_CONNECT, transport_set_lines(t, false, false)) ||
        !went_well(b, STAGE_CONNECT, transport_flush_input(t)) || !exchange(b, t, FRAME, strlen(FRAME)) ||
        transport_check_baud(t, 3000000, STAGE_CONNECT, &b->f) != 0 ||
        !went_well(b, STAGE_CONNECT, transport_set_baud(t, 3000000)) || !exchange(b, t, many, sizeof many))
        return;
    /* No input has changed: the answer at the deadline, which is now. */
    went_well(b, STAGE_CONNECT, transport_wait_modem(t, MODEM_DSR, 0, clock_now_us(b->clock)));
}

static void run(void *ctx)
{
    struct bench *b = ctx;
    struct transport *t;
    struct attempt_result evidence = {0};

    if (transport_open(&t, bindings, "ftdi:1-2:B", &b->env, &b->f) != 0)
        return;
    if (b->opens_only)
        went_well(b, STAGE_CONNECT, transport_set_lines(t, false, false));
    else
        talk(b, t);
    transport_evidence(t, &evidence);
    b->line = evidence.line;
    transport_close(t);
}

static void must_be_named(const struct failure *f)
{
    if (f->code == FAILURE_NONE || f->detail[0] == '\0' || failure_title(f->code)[0] == '\0')
        nth_case_complain("no word of what failed");
    if (failure_blame(f->code) == BLAME_BOARD || failure_blame(f->code) == BLAME_OPERATOR)
        nth_case_complain("%d %s: whose?", (int)f->code, f->detail);
}

static void all_is_given_back(void)
{
    static const struct usb_held nothing;
    struct usb_held h = usb_faults_held();

    if (memcmp(&h, &nothing, sizeof h) != 0)
        nth_case_complain(
            "held still: contexts %d handles %d claims %d lists %d configs %d transfers %d pollfds %d"
            " callbacks %d ftdis %d",
            h.contexts, h.handles, h.claims, h.lists, h.configs, h.transfers, h.pollfds, h.callbacks,
            h.ftdis);
}

/* What came is what was sent, as far as it came; where it is not, the line's counts or a failure say so. */
static void no_byte_is_wrong_unnoticed(const struct bench *b)
{
    size_t len = b->got_len < b->sent_len ? b->got_len : b->sent_len;
    bool noticed = b->f.code != FAILURE_NONE || b->line.overrun != 0;

    if ((b->got_len > b->sent_len || memcmp(b->got, b->sent, len) != 0) && !noticed)
        nth_case_complain("%zu bytes came for %zu, and not the same ones", b->got_len, b->sent_len);
}

/* A release that is refused leaves it to the kernel, which does not attach a driver by itself. */
static bool may_lose_driver(void)
{
    const char *call = nth_fault_armed()->call;

    return strcmp(call, "libusb_release_interface") == 0 || strcmp(call, "libusb_attach_kernel_driver") == 0;
}

static void judge(void *ctx, bool met)
{
    struct bench *b = ctx;
    int urbs = mock_device_settle(b->device);

    all_is_given_back();
    no_byte_is_wrong_unnoticed(b);
    if (b->f.code != FAILURE_NONE)
        must_be_named(&b->f);
    if (b->f.code == FAILURE_NONE && !b->silent && !b->opens_only && b->got_len != LONG)
        nth_case_complain("%zu bytes came", b->got_len);
    if (!met && (b->f.code != FAILURE_NONE || b->silent))
        nth_case_complain("%d %s, and nothing failed below", (int)b->f.code, b->f.detail);
    if (urbs != 0 && strcmp(nth_fault_armed()->call, "libusb_cancel_transfer") != 0)
        nth_case_complain("%d transfers were under way when the device was closed", urbs);
    if (!may_lose_driver() && !mock_device_is_bound(b->device, 1))
        nth_case_complain("the kernel's driver was not given back");
}

static void drive(struct bench *b, const char *name, const struct nth_fault *faults, size_t count)
{
    const struct nth_case c = {.name = name,
                               .ready = ready,
                               .run = run,
                               .judge = judge,
                               .ctx = b,
                               .faults = faults,
                               .fault_count = count};

    nth_case_drive(&c);
}

/* Another program has the interface: every open is refused, and takes the kernel's driver off and gives it back. */
static void ready_held(void *ctx)
{
    struct bench *b = ctx;

    ready(b);
    mock_device_hold(b->device, 1);
}

static void judge_held(void *ctx, bool met)
{
    struct bench *b = ctx;

    (void)met;
    mock_device_settle(b->device);
    all_is_given_back();
    must_be_named(&b->f);
}

static void plug_in(void *ctx)
{
    struct bench *b = ctx;

    b->device = mock_usb_plug(b->usb, "1-3", SIM_FT232R);
}

static void ready_watch(void *ctx)
{
    struct bench *b = ctx;

    forget(b);
    b->usb = mock_usb_new(); /* whose descriptors are as many as were plugged in ever */
    b->device = NULL;
    usb_faults_at_wait(plug_in, b);
}

/* The plug comes between the look and the sleep; where a watcher sleeps through it, only the deadline ends it. */
static void run_watch(void *ctx)
{
    struct bench *b = ctx;
    int64_t start = clock_now_us(b->clock);

    b->rc = transport_wait_present(bindings, "ftdi:1-3:A", start + PATIENCE, &b->env);
    b->took_us = clock_now_us(b->clock) - start;
    went_well(b, STAGE_OPEN, b->rc);
}

static void judge_watch(void *ctx, bool met)
{
    struct bench *b = ctx;

    all_is_given_back();
    if (b->rc < 0)
        must_be_named(&b->f);
    if (b->rc < 0 && !met)
        nth_case_complain("%s, and nothing failed below", b->f.detail);
    if (b->took_us >= PATIENCE)
        nth_case_complain("the plug was not seen: %s",
                          b->rc == 0 ? "only at the deadline" : strerror(-b->rc));
    if (b->device == NULL && b->rc == 0)
        nth_case_complain("seen, and nothing is there");
    mock_usb_free(b->usb);
    b->usb = NULL;
}

static void a_held_port_is_refused(void **state)
{
    (void)state;
    struct bench *b = bench_new();
    struct nth_case c = {
        .name = "held", .ready = ready_held, .run = run, .judge = judge_held, .ctx = b, .faults = refused};

    c.fault_count = sizeof refused / sizeof *refused;
    b->opens_only = true;
    b->device = mock_usb_plug(b->usb, "1-2", SIM_FT4232H);
    nth_case_drive(&c);
    bench_free(b);
}

/* With hotplug events. */
static void a_plug_is_waited_for(void **state)
{
    (void)state;

    struct bench *b = bench_new();
    struct nth_case c = {.name = "watch",
                         .ready = ready_watch,
                         .run = run_watch,
                         .judge = judge_watch,
                         .ctx = b,
                         .faults = watching};

    c.fault_count = sizeof watching / sizeof *watching;
    c.keeps = true; /* a mocked bus */
    mock_usb_free(b->usb);
    b->usb = NULL;
    nth_fault_pretend("/run/udev/control");
    nth_case_drive(&c);
    bench_free(b);
}

static void a_port_is_opened(void **state)
{
    (void)state;
    struct bench *b = bench_new();

    b->opens_only = true;
    b->device = mock_usb_plug(b->usb, "1-2", SIM_FT4232H);
    drive(b, "open", opening, sizeof opening / sizeof *opening);
    bench_free(b);
}

static void a_port_is_talked_through(void **state)
{
    (void)state;
    struct bench *b = bench_new();

    b->device = mock_usb_plug(b->usb, "1-2", SIM_FT4232H);
    drive(b, "talk", talking, sizeof talking / sizeof *talking);
    bench_free(b);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_port_is_opened, nth_case_say_where),
        cmocka_unit_test_teardown(a_held_port_is_refused, nth_case_say_where),
        cmocka_unit_test_teardown(a_plug_is_waited_for, nth_case_say_where),
        cmocka_unit_test_teardown(a_port_is_talked_through, nth_case_say_where),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
