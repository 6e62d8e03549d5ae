/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_usb_idle [SECONDS]: what 32 ports cost that wait for boards, through the real ftdi: driver, libftdi and libusb, on a
 * mocked usbfs (run it under umockdev-wrapper). CPU time is taken thread by thread, so the mock's own stands apart; what
 * umockdev spends inside the workers to carry their system calls is measured by itself and told too. No test: the
 * figures belong to the machine.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "engine/port/ftdi/transport_ftdi.h"
#include "engine/slot/engine.h"
#include "tests/support/memory_recorder.h"
#include "tests/support/tiny_job.h"
#include "tests/support/usb/mock_usb.h"

#define PORTS       32
#define THREADS_MAX 128
#define WARM_UP_S   6 /* three looks of a slot: every port is open and waits */
#define ROUNDS      3000
#define CALLS_ROUND 4

struct mode {
    const char *name;
    enum reset_method reset;
    struct presence_line presence;
};

struct bench {
    struct mock_usb *usb;
    struct mock_device *devices[PORTS];
    struct sim_ftdi_echo *wires[PORTS];
    char uris[PORTS][24];
    int mock_threads[THREADS_MAX]; /* those there were before any worker */
    int mock_thread_count;
    double carry_s; /* of the caller, a system call through umockdev */
};

/* Seconds of CPU by whose they are, and what was done with them. */
struct tally {
    double workers, hotplug, mock, at;
    int worker_count;
    unsigned long calls, in_transfers;
};

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "bench: %s\n", what);
    exit(1);
}

static double seconds_of(clockid_t clock)
{
    struct timespec t = {0};

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* CLOCK_THREAD_CPUTIME_ID of another thread of this process: how the C library's pthread_getcpuclockid() makes it. */
static double thread_seconds(int tid)
{
    return seconds_of((clockid_t)(~(unsigned)tid << 3 | 6));
}

static int list_threads(int out[static THREADS_MAX])
{
    DIR *dir = opendir("/proc/self/task");
    int count = 0;

    must(dir != NULL, "/proc is not there");
    for (struct dirent *e; (e = readdir(dir)) != NULL && count < THREADS_MAX;)
        if (e->d_name[0] != '.')
            out[count++] = atoi(e->d_name);
    closedir(dir);
    return count;
}

static bool is_hotplug(int tid)
{
    char path[64], name[32] = "";

    snprintf(path, sizeof path, "/proc/self/task/%d/comm", tid);
    FILE *f = fopen(path, "re");
    if (f != NULL) {
        if (fgets(name, sizeof name, f) == NULL)
            name[0] = '\0';
        fclose(f);
    }
    return strncmp(name, "libusb", 6) == 0;
}

static bool is_mock(const struct bench *b, int tid)
{
    for (int i = 0; i < b->mock_thread_count; i++)
        if (b->mock_threads[i] == tid)
            return true;
    return false;
}

static struct tally take_tally(const struct bench *b)
{
    struct tally t = {.at = seconds_of(CLOCK_MONOTONIC)};
    struct sim_ftdi_stats stats;
    int tids[THREADS_MAX], count = list_threads(tids);

    for (int i = 0; i < count; i++) {
        double s = thread_seconds(tids[i]);
        if (tids[i] == getpid())
            continue; /* this thread: it only measures */
        if (is_mock(b, tids[i])) {
            t.mock += s;
        } else if (is_hotplug(tids[i])) {
            t.hotplug += s;
        } else {
            t.workers += s;
            t.worker_count++;
        }
    }
    for (int i = 0; i < PORTS; i++) {
        sim_ftdi_chip_stats(mock_device_lock(b->devices[i]), 0, &stats);
        mock_device_unlock(b->devices[i]);
        t.in_transfers += stats.in_transfers;
        t.calls += mock_device_calls(b->devices[i]);
    }
    return t;
}

/* Chips with one interface each: a mocked file cannot tell one open port's URBs from another's. */
static void plug_all(struct bench *b)
{
    char path[16];

    b->usb = mock_usb_new();
    for (int i = 0; i < PORTS; i++) {
        snprintf(path, sizeof path, "1-%d", i + 2);
        snprintf(b->uris[i], sizeof b->uris[i], "ftdi:%s:A", path);
        b->devices[i] = mock_usb_plug(b->usb, path, SIM_FT232R);
        b->wires[i] = sim_ftdi_echo_new();
        must(b->wires[i] != NULL, "out of memory");
        sim_ftdi_chip_set_line(mock_device_lock(b->devices[i]), 0, sim_ftdi_line_open(b->wires[i]),
                               (int64_t)(seconds_of(CLOCK_MONOTONIC) * 1e6));
        mock_device_unlock(b->devices[i]);
    }
}

/* What a worker does for each packet, again and again: gives an URB of the driver's size, takes one back, finds no other. */
static void measure_carrying(struct bench *b)
{
    static uint8_t buf[4096];
    struct mock_device *d = mock_usb_plug(b->usb, "1-40", SIM_FT232R);
    int fd = open(mock_device_node(d), O_RDWR | O_CLOEXEC);
    struct usbdevfs_urb urb = {
        .type = USBDEVFS_URB_TYPE_BULK, .endpoint = 0x81, .buffer = buf, .buffer_length = sizeof buf};
    void *back;

    must(fd >= 0, "the spare device does not open");
    double before = seconds_of(CLOCK_THREAD_CPUTIME_ID);
    for (int i = 0; i < ROUNDS; i++) {
        must(ioctl(fd, USBDEVFS_SUBMITURB, &urb) == 0, "an URB is refused");
        ioctl(fd, USBDEVFS_DISCARDURB,
              &urb); /* refused where the packet is just there: reaped all the same */
        must(ioctl(fd, USBDEVFS_REAPURBNDELAY, &back) == 0, "an URB does not come back");
        must(ioctl(fd, USBDEVFS_REAPURBNDELAY, &back) < 0 && errno == EAGAIN, "an URB comes back twice");
    }
    b->carry_s = (seconds_of(CLOCK_THREAD_CPUTIME_ID) - before) / ROUNDS / CALLS_ROUND;
    close(fd);
    mock_usb_unplug(b->usb, d);
}

static void report(const struct bench *b, const struct mode *mode, const struct tally *from,
                   const struct tally *to)
{
    double s = to->at - from->at, calls = (double)(to->calls - from->calls) / s;
    double workers = (to->workers - from->workers) / s, carrying = calls * b->carry_s;

    printf("usb idle, %-13s %2d workers, %.2f IN transfers a second and port\n", mode->name, to->worker_count,
           (double)(to->in_transfers - from->in_transfers) / s / PORTS);
    printf(
        "  workers %31.4f s CPU a second; of these about %.4f umockdev's, who carries %.0f calls a second\n",
        workers, carrying, calls);
    printf("  libusb's hotplug thread %15.4f\n", (to->hotplug - from->hotplug) / s);
    printf("  mock (chips, clock, umockdev) %9.4f\n", (to->mock - from->mock) / s);
}

static void run_mode(struct bench *b, const struct mode *mode, unsigned seconds)
{
    static struct tiny_job tiny;
    static struct memory_recorder recorder;
    const struct transport_binding bindings[] = {{&ftdi_driver, NULL}, {NULL, NULL}};
    struct engine_slot slots[PORTS];
    struct failure f = {0};

    tiny_job_make(&tiny, 0x4000, 3);
    memory_recorder_init(&recorder);
    for (int i = 0; i < PORTS; i++)
        slots[i] = (struct engine_slot){.number = i + 1,
                                        .uri = b->uris[i],
                                        .reset = mode->reset,
                                        .has_reset = true,
                                        .presence = mode->presence};
    const struct engine_config config = {.job = &tiny.job,
                                         .stub_note = "",
                                         .recorder = &recorder.recorder,
                                         .bindings = bindings,
                                         .slots = slots,
                                         .slot_count = PORTS,
                                         .kind = ATTEMPT_TRAINING};
    struct engine *e = engine_new(&config, &f);
    must(e != NULL && engine_start(e, &f) == 0, f.detail);
    sleep(WARM_UP_S);
    struct tally from = take_tally(b);
    sleep(seconds);
    struct tally to = take_tally(b);
    engine_drain(e);
    engine_join(e);
    engine_free(e);
    must(recorder.opened == 0, "a slot found a board where there is none");
    must(to.worker_count == PORTS && from.worker_count == PORTS, "not every port has its worker");
    report(b, mode, &from, &to);
    memory_recorder_done(&recorder);
    tiny_job_done(&tiny);
}

int main(int argc, char **argv)
{
    static const struct mode modes[] = {
        {"reset by hand", RESET_NONE, {0, false}},
        {"reset wired", RESET_CLASSIC, {0, false}},
        {"switch on DSR", RESET_CLASSIC, {MODEM_DSR, false}},
    };
    static struct bench b;
    unsigned seconds = argc > 1 ? (unsigned)atoi(argv[1]) : 20;

    must(seconds > 0, "bench_usb_idle [SECONDS]");
    plug_all(&b);
    measure_carrying(&b);
    b.mock_thread_count = list_threads(b.mock_threads);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        run_mode(&b, &modes[i], seconds);
    mock_usb_free(b.usb);
    for (int i = 0; i < PORTS; i++)
        sim_ftdi_echo_free(b.wires[i]);
    return 0;
}
