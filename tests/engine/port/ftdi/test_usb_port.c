/* SPDX-License-Identifier: Apache-2.0 */
/* label: umockdev */
/* The ftdi: driver through real libftdi and libusb, on a mocked usbfs with virtual chips. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/port/ftdi/transport_ftdi.h"
#include "engine/port/ftdi/usb_port.h"
#include "engine/port/presence_line.h"
#include "tests/support/skipped.h"
#include "tests/support/usb/mock_usb.h"

#define MS    INT64_C(1000)
#define LIMIT (30000 * MS) /* only a failure waits as long */

struct fixture {
    struct mock_usb *usb;
    struct clock *clock;
    struct waker *cancel;
    struct transport_env env;
    char detail[TRANSPORT_DETAIL_SIZE];
    void *port;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    f->usb = mock_usb_new();
    f->clock = clock_new_real();
    f->cancel = waker_new();
    f->env = (struct transport_env){f->clock, f->cancel};
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    if (f->port != NULL)
        ftdi_driver.close(f->port);
    mock_usb_free(f->usb);
    waker_free(f->cancel);
    clock_free(f->clock);
    free(f);
    return 0;
}

static int open_port(struct fixture *f, const char *name)
{
    return ftdi_driver.open(&f->port, NULL, name, &f->env, f->detail);
}

static void must_open(struct fixture *f, const char *name)
{
    int r = open_port(f, name);

    if (r < 0)
        fail_msg("%s: %s (%s)", name, strerror(-r), f->detail);
}

static void close_port(struct fixture *f)
{
    ftdi_driver.close(f->port);
    f->port = NULL;
}

static int64_t soon(const struct fixture *f, int64_t us)
{
    return clock_after(f->clock, us);
}

static void read_exactly(struct fixture *f, uint8_t *buf, size_t len)
{
    size_t got = 0;
    int64_t deadline = soon(f, LIMIT);

    while (got < len) {
        ssize_t n = ftdi_driver.read(f->port, buf + got, len - got, deadline);
        assert_true(n > 0);
        got += (size_t)n;
    }
}

static void bytes_go_out_and_come_back(void **state)
{
    struct fixture *f = *state;
    uint8_t out[3000], in[3000];
    uint32_t actual = 0;

    mock_usb_plug(f->usb, "1-2", SIM_FT4232H);
    must_open(f, "1-2:B");
    assert_string_equal(ftdi_driver.serial(f->port), "MOCK1-2");
    assert_int_equal(ftdi_driver.set_baud(f->port, 921600, &actual), 0);
    assert_int_equal(actual, 923077);
    for (size_t i = 0; i < sizeof out; i++)
        out[i] = (uint8_t)(i * 7);
    assert_int_equal(ftdi_driver.write(f->port, out, sizeof out, soon(f, LIMIT)), 0);
    read_exactly(f, in, 5); /* what is left stays for the next read */
    read_exactly(f, in + 5, sizeof in - 5);
    assert_memory_equal(out, in, sizeof out);
    assert_int_equal(ftdi_driver.read(f->port, in, sizeof in, soon(f, 20 * MS)), 0);
}

static void every_kind_of_chip_opens_also_behind_a_hub(void **state)
{
    static const enum sim_ftdi_model models[] = {SIM_FT232R, SIM_FT230X, SIM_FT232H, SIM_FT2232H,
                                                 SIM_FT4232H};
    struct fixture *f = *state;
    uint8_t in[8];

    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        struct mock_device *d = mock_usb_plug(f->usb, "1-1.3", models[i]);
        must_open(f, "1-1.3");
        assert_int_equal(ftdi_driver.set_baud(f->port, 115200, NULL), 0);
        assert_int_equal(ftdi_driver.write(f->port, "\xc0hello\xc0", 7, soon(f, LIMIT)), 0);
        read_exactly(f, in, 7);
        assert_memory_equal(in, "\xc0hello\xc0", 7);
        close_port(f);
        mock_usb_unplug(f->usb, d);
    }
}

static void lines_are_set_together_in_one_request(void **state)
{
    static const uint16_t expected[] = {0x0300, 0x0303, 0x0302, 0x0301, 0x0300};
    struct fixture *f = *state;
    struct mock_device *d = mock_usb_plug(f->usb, "1-2", SIM_FT2232H);
    struct sim_ftdi_modem_event e;

    must_open(f, "1-2:B");
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(ftdi_driver.set_lines(f->port, expected[i] & 1, expected[i] & 2), 0);
    waker_raise(f->cancel);
    assert_int_equal(ftdi_driver.set_lines(f->port, false, true),
                     0); /* a chip can be left in reset after a cancel */
    struct sim_ftdi_chip *chip = mock_device_lock(d);
    for (int i = 0; i < 5; i++) {
        assert_true(sim_ftdi_chip_modem_event(chip, i, &e));
        assert_int_equal(e.value, expected[i]);
        assert_int_equal(e.interface, 1);
    }
    assert_true(sim_ftdi_chip_modem_event(chip, 5, &e));
    assert_false(sim_ftdi_chip_modem_event(chip, 6, &e)); /* opening and closing do not move them */
    mock_device_unlock(d);
}

static void a_rate_the_chip_cannot_make_is_refused(void **state)
{
    struct fixture *f = *state;

    mock_usb_plug(f->usb, "1-2", SIM_FT232R);
    must_open(f, "1-2");
    assert_int_equal(ftdi_driver.set_baud(f->port, 2500000, NULL), -ERANGE);
    assert_int_equal(ftdi_driver.check_baud(f->port, 2500000, f->detail), -ERANGE);
    assert_string_equal(f->detail, "this adapter makes 2000000 and 3000000 baud, not 2500000");
    assert_int_equal(ftdi_driver.check_baud(f->port, 4000000, f->detail), -ERANGE);
    assert_string_equal(f->detail, "this adapter makes 3000000 baud at most, not 4000000");
    assert_int_equal(ftdi_driver.set_baud(f->port, 2000000, NULL), 0);
}

static void what_cannot_be_opened_says_why(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(open_port(f, "1-2:B"), -ENODEV);
    assert_string_equal(f->detail, "nothing is plugged in at USB port 1-2:B");
    assert_int_equal(open_port(f, "usb1"), -EINVAL);
    assert_int_equal(open_port(f, "1-1:A"), -EINVAL); /* the hub */
    assert_non_null(strstr(f->detail, "not an FTDI chip"));
    struct mock_device *d = mock_usb_plug(f->usb, "1-2", SIM_FT232R);
    assert_int_equal(open_port(f, "1-2:B"), -ENXIO);
    assert_string_equal(f->detail, "the adapter at 1-2:B has 1 interface: there is no B");
    mock_device_hold(d, 0);
    assert_int_equal(open_port(f, "1-2:A"), -EBUSY);
    mock_device_bind_driver(f->usb, d, 0, "usbfs");
    assert_int_equal(open_port(f, "1-2:A"), -EBUSY);
    assert_non_null(strstr(f->detail, "held by"));
}

static void no_permission_is_told_from_no_device(void **state)
{
    struct fixture *f = *state;
    int status;

    if (geteuid() != 0) {
        skipped_row("only root can take permissions away");
        skip();
    }
    struct mock_device *d = mock_usb_plug(f->usb, "1-2", SIM_FT232R);
    mock_device_forbid(f->usb, d);
    pid_t pid = fork();
    if (pid == 0) {
        if (setresuid(65534, 65534, 65534) < 0)
            _exit(99);
        _exit(-open_port(f, "1-2"));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), EACCES);
}

static void the_kernel_driver_is_taken_off_and_given_back(void **state)
{
    struct fixture *f = *state;
    struct mock_device *d = mock_usb_plug(f->usb, "1-2", SIM_FT4232H);

    mock_device_bind_driver(f->usb, d, 2, "ftdi_sio");
    must_open(f, "1-2:C");
    assert_int_equal(mock_device_detached(d, 2), 1);
    assert_int_equal(mock_device_attached(d, 2), 0);
    close_port(f);
    assert_int_equal(mock_device_attached(d, 2), 1);
}

/* libftdi takes the driver off before it asks the chip anything, and forgets it when that fails. */
static void the_kernel_driver_is_given_back_after_a_failed_open(void **state)
{
    struct fixture *f = *state;
    struct mock_device *d = mock_usb_plug(f->usb, "1-2", SIM_FT4232H);

    mock_device_bind_driver(f->usb, d, 2, "ftdi_sio");
    sim_ftdi_chip_set_silent(mock_device_lock(d), true);
    mock_device_unlock(d);
    assert_int_equal(open_port(f, "1-2:C"), -EHOSTDOWN);
    assert_int_equal(mock_device_detached(d, 2), 1);
    assert_int_equal(mock_device_attached(d, 2), 1);
}

static void an_unplugged_chip_is_lost_and_comes_back_at_its_place(void **state)
{
    struct fixture *f = *state;
    uint8_t byte;
    struct mock_device *d = mock_usb_plug(f->usb, "1-3", SIM_FT4232H);

    must_open(f, "1-3:A");
    int64_t start = clock_now_us(f->clock);
    mock_usb_unplug(f->usb, d);
    assert_int_equal(ftdi_driver.read(f->port, &byte, 1, soon(f, LIMIT)), -ENODEV);
    assert_true(clock_now_us(f->clock) - start < LIMIT / 2);
    assert_int_equal(ftdi_driver.write(f->port, "x", 1, soon(f, LIMIT)), -ENODEV);
    assert_int_equal(ftdi_driver.set_lines(f->port, true, true), -ENODEV);
    assert_int_equal(ftdi_driver.set_baud(f->port, 115200, NULL), -ENODEV);
    assert_int_equal(ftdi_driver.flush_input(f->port), -ENODEV);
    close_port(f);
    assert_int_equal(open_port(f, "1-3:A"), -ENODEV);
    mock_usb_plug(f->usb, "1-3", SIM_FT4232H);
    must_open(f, "1-3:A");
    assert_int_equal(ftdi_driver.set_baud(f->port, 115200, NULL), 0);
    assert_int_equal(ftdi_driver.write(f->port, "xy\xc0", 3, soon(f, LIMIT)), 0);
    assert_int_equal(ftdi_driver.read(f->port, &byte, 1, soon(f, LIMIT)), 1);
}

static void *raise_waker(void *ctx)
{
    struct timespec ts = {0, 50 * 1000000};

    nanosleep(&ts, NULL); /* so that the reader is most likely waiting; either order must work */
    waker_raise(ctx);
    return NULL;
}

static void a_cancel_ends_a_wait(void **state)
{
    struct fixture *f = *state;
    pthread_t thread;
    uint8_t byte, many[60000] = {0};

    mock_usb_plug(f->usb, "1-2", SIM_FT232R);
    must_open(f, "1-2");
    assert_int_equal(ftdi_driver.set_baud(f->port, 9600, NULL), 0);
    assert_int_equal(pthread_create(&thread, NULL, raise_waker, f->cancel), 0);
    assert_int_equal(ftdi_driver.read(f->port, &byte, 1, CLOCK_NEVER), -ECANCELED);
    pthread_join(thread, NULL);
    assert_int_equal(ftdi_driver.write(f->port, many, sizeof many, CLOCK_NEVER), -ECANCELED);
    waker_clear(f->cancel);
    assert_int_equal(ftdi_driver.write(f->port, many, sizeof many, soon(f, 30 * MS)), -ETIMEDOUT);
}

static void line_errors_are_counted(void **state)
{
    struct fixture *f = *state;
    struct line_counts counts = {0};
    uint8_t byte;
    struct mock_device *d = mock_usb_plug(f->usb, "1-2", SIM_FT2232H);

    must_open(f, "1-2:A");
    sim_ftdi_chip_line_error(mock_device_lock(d), 0, 0x02 | 0x08);
    mock_device_unlock(d);
    /* They come with the next status packet, which an idle chip sends four times a second. */
    for (int64_t limit = soon(f, LIMIT); counts.framing == 0 && clock_now_us(f->clock) < limit;) {
        assert_int_equal(ftdi_driver.read(f->port, &byte, 1, soon(f, 300 * MS)), 0);
        ftdi_driver.line_counts(f->port, &counts);
    }
    assert_int_equal(counts.overrun, 1);
    assert_int_equal(counts.parity, 0);
    assert_int_equal(counts.framing, 1);
}

struct hand {
    struct mock_device *device;
    uint8_t inputs;
};

static void *close_switch(void *ctx)
{
    struct hand *h = ctx;
    struct timespec ts = {0, 50 * 1000000};

    nanosleep(&ts, NULL); /* so that the port is most likely waiting; either order must work */
    sim_ftdi_chip_set_modem(mock_device_lock(h->device), 1, h->inputs, 0);
    mock_device_unlock(h->device);
    return NULL;
}

static void a_modem_input_is_awaited_and_costs_no_transfers(void **state)
{
    struct fixture *f = *state;
    struct hand hand = {mock_usb_plug(f->usb, "1-2", SIM_FT4232H), MODEM_DSR};
    struct sim_ftdi_stats stats;
    pthread_t thread;

    must_open(f, "1-2:B");
    assert_int_equal(ftdi_driver.wait_modem(f->port, MODEM_DSR, MODEM_DSR, CLOCK_NEVER) & 0xf0, 0);
    assert_int_equal(pthread_create(&thread, NULL, close_switch, &hand), 0);
    assert_int_equal(ftdi_driver.wait_modem(f->port, MODEM_DSR, 0, soon(f, LIMIT)), MODEM_DSR);
    pthread_join(thread, NULL);
    /* It stays: the answer at the deadline, after the four status packets a second of an idle port. */
    sim_ftdi_chip_stats(mock_device_lock(hand.device), 1, &stats);
    mock_device_unlock(hand.device);
    uint64_t before = stats.in_transfers;
    assert_int_equal(ftdi_driver.wait_modem(f->port, MODEM_DSR, MODEM_DSR, soon(f, 1000 * MS)), MODEM_DSR);
    sim_ftdi_chip_stats(mock_device_lock(hand.device), 1, &stats);
    mock_device_unlock(hand.device);
    assert_in_range(stats.in_transfers - before, 1, 5);
    sim_ftdi_chip_set_silent(mock_device_lock(hand.device), true);
    mock_device_unlock(hand.device);
    assert_int_equal(ftdi_driver.wait_modem(f->port, MODEM_DSR, MODEM_DSR, CLOCK_NEVER), -EHOSTDOWN);
    waker_raise(f->cancel);
    assert_int_equal(ftdi_driver.wait_modem(f->port, MODEM_DSR, MODEM_DSR, CLOCK_NEVER), -ECANCELED);
}

static void a_stalled_chip_and_a_silent_one_are_told_apart(void **state)
{
    struct fixture *f = *state;
    uint8_t byte;
    struct mock_device *d = mock_usb_plug(f->usb, "1-2", SIM_FT2232H);

    must_open(f, "1-2:A");
    sim_ftdi_chip_set_stalled(mock_device_lock(d), 0, true);
    mock_device_unlock(d);
    assert_int_equal(ftdi_driver.read(f->port, &byte, 1, soon(f, LIMIT)), -EPIPE);
    close_port(f);
    must_open(f, "1-2:B");
    sim_ftdi_chip_set_silent(mock_device_lock(d), true);
    mock_device_unlock(d);
    ssize_t n = 0;
    for (int i = 0; i < 40 && n == 0; i++) /* no single wait is long, as in the loader */
        n = ftdi_driver.read(f->port, &byte, 1, soon(f, 100 * MS));
    assert_int_equal(n, -EHOSTDOWN);
}

static void flushing_forgets_what_came(void **state)
{
    struct fixture *f = *state;
    uint8_t in[16];

    mock_usb_plug(f->usb, "1-2", SIM_FT2232H);
    must_open(f, "1-2:A");
    assert_int_equal(ftdi_driver.set_baud(f->port, 3000000, NULL), 0);
    assert_int_equal(ftdi_driver.write(f->port, "old\xc0", 4, soon(f, LIMIT)), 0);
    read_exactly(f, in, 1);
    assert_int_equal(ftdi_driver.flush_input(f->port), 0);
    assert_int_equal(ftdi_driver.write(f->port, "new\xc0", 4, soon(f, LIMIT)), 0);
    read_exactly(f, in, 4);
    assert_memory_equal(in, "new\xc0", 4);
}

/* Replies of a few milliseconds, as a loader's to SYNC. */
static void exchange_frames(struct fixture *f, int count)
{
    uint8_t in[16];

    assert_int_equal(ftdi_driver.set_baud(f->port, 115200, NULL), 0);
    for (int i = 0; i < count; i++) {
        assert_int_equal(ftdi_driver.write(f->port, "\xc0ping\xc0", 6, soon(f, LIMIT)), 0);
        read_exactly(f, in, 6);
    }
}

static void the_event_character_is_measured(void **state)
{
    struct fixture *f = *state;
    struct sim_ftdi_stats stats;
    struct mock_device *good = mock_usb_plug(f->usb, "1-2", SIM_FT4232H);
    struct mock_device *plain = mock_usb_plug_plain(f->usb, "1-3", SIM_FT4232H);

    must_open(f, "1-2:A");
    exchange_frames(f, 10);
    assert_int_equal(usb_port_latency_mode(f->port), USB_LATENCY_EVENT);
    sim_ftdi_chip_stats(mock_device_lock(good), 0, &stats);
    mock_device_unlock(good);
    assert_int_equal(stats.latency_ms, 255);
    assert_true(stats.event_char_on && stats.event_char == 0xc0);
    close_port(f);
    must_open(f, "1-3:A");
    exchange_frames(f, 6);
    assert_int_equal(usb_port_latency_mode(f->port), USB_LATENCY_TIMER);
    sim_ftdi_chip_stats(mock_device_lock(plain), 0, &stats);
    mock_device_unlock(plain);
    assert_int_equal(stats.latency_ms, 1);
    close_port(f);
    sim_ftdi_chip_stats(mock_device_lock(plain), 0, &stats);
    mock_device_unlock(plain);
    assert_int_equal(stats.latency_ms, 16); /* as the kernel's driver expects it */
    assert_false(stats.event_char_on);
}

static void take_stats(struct mock_device *d, struct sim_ftdi_stats *out)
{
    sim_ftdi_chip_stats(mock_device_lock(d), 0, out);
    mock_device_unlock(d);
}

/*
 * A stub's block goes out in one request of the driver's, which libusb cuts into what a usbfs takes at a time (16 KiB); its
 * answer, a frame of 12 bytes, comes in one. Between them a port is as quiet as an idle one.
 */
static void a_block_costs_a_handful_of_transfers(void **state)
{
    enum { BLOCK = 0x4000 + 130, BLOCKS = 8, ANSWERS = 20 }; /* with header and what SLIP escapes of it */
    struct fixture *f = *state;
    struct mock_device *d = mock_usb_plug(f->usb, "1-2", SIM_FT4232H);
    struct sim_ftdi_stats before, after;
    static uint8_t block[BLOCK], in[BLOCK];

    must_open(f, "1-2:A");
    exchange_frames(f, 10); /* until the event character is known to work */
    take_stats(d, &before);
    exchange_frames(f, ANSWERS);
    take_stats(d, &after);
    assert_int_equal(after.out_transfers - before.out_transfers, ANSWERS);
    assert_in_range(after.in_transfers - before.in_transfers, ANSWERS, ANSWERS + 4);
    assert_int_equal(ftdi_driver.set_baud(f->port, 3000000, NULL), 0);
    take_stats(d, &before);
    for (int i = 0; i < BLOCKS; i++) {
        assert_int_equal(ftdi_driver.write(f->port, block, sizeof block, soon(f, LIMIT)), 0);
        read_exactly(f, in, sizeof in); /* the wires echo it, which a board does not */
    }
    take_stats(d, &after);
    print_message("%d blocks of %d bytes: %d OUT; %d answers: one OUT and one IN each\n", BLOCKS, BLOCK,
                  (int)(after.out_transfers - before.out_transfers), ANSWERS);
    assert_in_range(after.out_transfers - before.out_transfers, BLOCKS, 2 * BLOCKS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bytes_go_out_and_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(every_kind_of_chip_opens_also_behind_a_hub, setup, teardown),
        cmocka_unit_test_setup_teardown(lines_are_set_together_in_one_request, setup, teardown),
        cmocka_unit_test_setup_teardown(a_rate_the_chip_cannot_make_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_opened_says_why, setup, teardown),
        cmocka_unit_test_setup_teardown(no_permission_is_told_from_no_device, setup, teardown),
        cmocka_unit_test_setup_teardown(the_kernel_driver_is_taken_off_and_given_back, setup, teardown),
        cmocka_unit_test_setup_teardown(the_kernel_driver_is_given_back_after_a_failed_open, setup, teardown),
        cmocka_unit_test_setup_teardown(an_unplugged_chip_is_lost_and_comes_back_at_its_place, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_cancel_ends_a_wait, setup, teardown),
        cmocka_unit_test_setup_teardown(line_errors_are_counted, setup, teardown),
        cmocka_unit_test_setup_teardown(a_modem_input_is_awaited_and_costs_no_transfers, setup, teardown),
        cmocka_unit_test_setup_teardown(a_stalled_chip_and_a_silent_one_are_told_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(flushing_forgets_what_came, setup, teardown),
        cmocka_unit_test_setup_teardown(the_event_character_is_measured, setup, teardown),
        cmocka_unit_test_setup_teardown(a_block_costs_a_handful_of_transfers, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
