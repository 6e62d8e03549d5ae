/* SPDX-License-Identifier: Apache-2.0 */
/* label: umockdev */
/* What is plugged in where: the list, the watcher, and `flashline slots` with its teaching, on a mocked bus. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/port/ftdi/transport_ftdi.h"
#include "engine/port/ftdi/usb_adapter.h"
#include "engine/port/ftdi/usb_list.h"
#include "engine/port/ftdi/usb_watcher.h"
#include "profiles/text/complaint.h"
#include "station/config/config.h"
#include "station/config/slot_ports.h"
#include "tests/support/scratch.h"
#include "tests/support/skipped.h"
#include "tests/support/usb/mock_usb.h"

struct fixture {
    struct mock_usb *usb;
    struct clock *clock;
    struct waker *cancel;
    struct transport_env env;
    char dir[SCRATCH_SIZE], config[SCRATCH_SIZE + 16];
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    f->usb = mock_usb_new();
    f->clock = clock_new_real();
    f->cancel = waker_new();
    f->env = (struct transport_env){f->clock, f->cancel};
    scratch_make(f->dir, "places");
    snprintf(f->config, sizeof f->config, "%s/station.yaml", f->dir);
    scratch_save_text(f->config, "# the fixture in hall 2\nstation: bench-7\n");
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    scratch_remove(f->dir);
    mock_usb_free(f->usb);
    waker_free(f->cancel);
    clock_free(f->clock);
    free(f);
    return 0;
}

static void the_list_is_in_the_order_of_places(void **state)
{
    struct fixture *f = *state;
    struct usb_serial list[8];

    mock_usb_plug(f->usb, "1-2", SIM_FT2232H);
    mock_usb_plug(f->usb, "1-1.3", SIM_FT230X);
    assert_int_equal(usb_list_read(list, 8), 3);
    assert_string_equal(list[0].name, "1-1.3:A");
    assert_int_equal(list[0].product_id, 0x6015);
    assert_string_equal(list[0].serial, "MOCK1-1.3");
    assert_true(list[0].is_ftdi);
    assert_string_equal(list[1].name, "1-2:A");
    assert_string_equal(list[2].name, "1-2:B");
    assert_int_equal(list[2].interfaces, 2);
    assert_true(list[2].permitted);
    assert_true(usb_list_has_usb());
    assert_int_equal(usb_list_read(list, 1), 3); /* says how many there are, fills what fits */
}

struct later {
    struct fixture *f;
    const char *path;
};

static void *plug_later(void *ctx)
{
    struct later *l = ctx;

    mock_usb_plug(l->f->usb, l->path, SIM_FT232R);
    return NULL;
}

static void waiting_ends_when_something_is_plugged_in_at_the_place(void **state)
{
    struct fixture *f = *state;
    struct later later = {f, "1-3"};
    pthread_t thread;

    assert_int_equal(ftdi_driver.wait_present(NULL, "1-3:A", clock_after(f->clock, 30000), &f->env),
                     -ETIMEDOUT);
    mock_usb_plug(f->usb, "1-2", SIM_FT232R);
    assert_int_equal(ftdi_driver.wait_present(NULL, "1-2:A", CLOCK_NEVER, &f->env), 0); /* it is there */
    assert_int_equal(pthread_create(&thread, NULL, plug_later, &later), 0);
    assert_int_equal(ftdi_driver.wait_present(NULL, "1-3:A", clock_after(f->clock, 30000000), &f->env), 0);
    pthread_join(thread, NULL);
    waker_raise(f->cancel);
    assert_int_equal(ftdi_driver.wait_present(NULL, "1-4:A", CLOCK_NEVER, &f->env), -ECANCELED);
}

static void waiting_for_removal_ends_with_the_plug(void **state)
{
    struct fixture *f = *state;
    struct usb_watcher *w;
    struct usb_place place;
    struct mock_device *d = mock_usb_plug(f->usb, "1-2", SIM_FT232R);

    assert_int_equal(usb_place_parse("1-2:A", &place), 0);
    assert_int_equal(usb_watcher_new(&w, &f->env), 0);
    assert_int_equal(usb_watcher_wait(w, &place, false, clock_after(f->clock, 30000)), -ETIMEDOUT);
    mock_usb_unplug(f->usb, d);
    assert_int_equal(usb_watcher_wait(w, &place, false, clock_after(f->clock, 30000000)), 0);
    usb_watcher_free(w);
}

static void run_verb(struct fixture *f, const char *verb, const char *words, const char *expected)
{
    char command[512], out[4096] = "";

    snprintf(command, sizeof command, FLASHLINE_BIN " %s %s --config %s 2>&1", verb, words, f->config);
    FILE *p = popen(command, "r");
    assert_non_null(p);
    size_t n = fread(out, 1, sizeof out - 1, p);
    out[n] = '\0';
    pclose(p);
    if (strstr(out, expected) == NULL)
        fail_msg("%s %s said '%s', not '%s'", verb, words, out, expected);
}

static void run(struct fixture *f, const char *words, const char *expected)
{
    run_verb(f, "slots", words, expected);
}

static struct config *reload(struct fixture *f)
{
    struct complaint why = {0};
    struct config *c = config_load(f->config, &why);

    if (c == NULL)
        fail_msg("%s", why.text);
    return c;
}

/* No descriptor more than are open now. For this process and its threads, and for good: in a child. */
static bool limit_descriptors(void)
{
    int lowest = open("/dev/null", O_RDONLY | O_CLOEXEC);
    struct rlimit none = {.rlim_cur = (rlim_t)lowest, .rlim_max = (rlim_t)lowest};

    return lowest >= 0 && close(lowest) == 0 && setrlimit(RLIMIT_NOFILE, &none) == 0;
}

/* Asks in a child, for the mocked bus is served by a thread of this process and needs its descriptors. */
static bool is_there_without_descriptors(const struct usb_adapter *a, const struct usb_place *place)
{
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0)
        _exit(!limit_descriptors() ? 2 : usb_adapter_is_there(a->device, place) ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 2);
    return WEXITSTATUS(status) == 0;
}

/* Asked when transfers fail: a plug is blamed where it was pulled, not where the station could not look. */
static void no_descriptor_is_no_pulled_plug(void **state)
{
    struct fixture *f = *state;
    struct mock_device *d = mock_usb_plug(f->usb, "1-2", SIM_FT232R);
    struct usb_adapter a;
    struct usb_place place;
    libusb_context *usb;
    char detail[TRANSPORT_DETAIL_SIZE];

    assert_int_equal(usb_place_parse("1-2:A", &place), 0);
    assert_int_equal(libusb_init(&usb), 0);
    assert_int_equal(usb_adapter_find(&a, usb, &place, &f->env, detail), 0);
    assert_true(usb_adapter_is_there(a.device, &place));
    assert_true(is_there_without_descriptors(&a, &place));
    mock_usb_unplug(f->usb, d);
    assert_false(usb_adapter_is_there(a.device, &place));
    mock_usb_plug(f->usb, "1-2", SIM_FT232R); /* the same place, another device */
    assert_false(usb_adapter_is_there(a.device, &place));
    usb_adapter_release(&a);
    libusb_exit(usb);
}

/* Plugs in when the programme asks for it, as a person would. */
static void teaching_makes_slots_in_the_order_of_plugging(void **state)
{
    static const struct {
        const char *path;
        enum sim_ftdi_model model;
    } plugs[] = {{"1-3", SIM_FT232R}, {"1-2", SIM_FT4232H}, {"1-1.2", SIM_FT230X}};
    static const char *const expected[] = {"ftdi:1-3:A", "ftdi:1-2:A", "ftdi:1-2:B",
                                           "ftdi:1-2:C", "ftdi:1-2:D", "ftdi:1-1.2:A"};
    struct fixture *f = *state;
    char command[256], line[256];
    size_t plugged = 0;

    snprintf(command, sizeof command, FLASHLINE_BIN " slots learn --count 6 --config %s 2>&1", f->config);
    FILE *p = popen(command, "r");
    assert_non_null(p);
    while (fgets(line, sizeof line, p) != NULL) {
        if (strncmp(line, "Plug in", 7) != 0)
            continue;
        assert_true(plugged < sizeof plugs / sizeof *plugs);
        mock_usb_plug(f->usb, plugs[plugged].path, plugs[plugged].model);
        plugged++;
    }
    assert_int_equal(pclose(p), 0);
    struct config *c = reload(f);
    assert_int_equal(c->slot_count, 6);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(c->slots[i].number, i + 1);
        assert_string_equal(c->slots[i].port, expected[i]);
    }
    assert_string_equal(c->station_id, "bench-7");
    config_free(c);
    FILE *kept = fopen(f->config, "r");
    assert_non_null(kept);
    assert_non_null(fgets(line, sizeof line, kept));
    assert_string_equal(line, "# the fixture in hall 2\n");
    fclose(kept);
}

static void slots_are_shown_named_and_forgotten(void **state)
{
    struct fixture *f = *state;
    struct mock_device *d = mock_usb_plug(f->usb, "1-2", SIM_FT2232H);

    run(f, "learn --present --reset classic", "slot 2 is ftdi:1-2:B");
    run(f, "", "ftdi:1-2:B  0403:6010");
    run(f, "learn --present", "ftdi:1-2:A is slot 1 already");
    run(f, "label 2 left", "");
    run(f, "label 1 left", "'left' names slot 2 already");
    run(f, "list", "left");
    run(f, "--json", "\"slot\":2,\"label\":\"left\"");
    run(f, "forget left", "");
    run(f, "forget 2", "there is no slot '2'");
    struct config *c = reload(f);
    assert_int_equal(c->slot_count, 1);
    assert_true(c->slots[0].has_reset && c->slots[0].reset == RESET_CLASSIC);
    config_free(c);
    mock_usb_unplug(f->usb, d);
    run(f, "", "not plugged in");
    run(f, "blink 1", "101");
}

static void switches_are_shown_and_looked_at(void **state)
{
    struct fixture *f = *state;
    struct mock_device *d = mock_usb_plug(f->usb, "1-2", SIM_FT2232H);

    run(f, "learn --present --presence not-ri", "slot 2 is ftdi:1-2:B");
    run(f, "", "not-ri  ftdi:1-2:B");
    sim_ftdi_chip_set_modem(mock_device_lock(d), 0, 0x40, clock_now_us(f->clock));
    mock_device_unlock(d);
    run_verb(f, "doctor", "", "its switch (not-ri) says that it is empty");
    run_verb(f, "doctor", "", "its switch (not-ri) says that a board lies there");
    mock_usb_unplug(f->usb, d);
    run(f, "", "not-ri  ftdi:1-2:B");
    run(f, "--json", "\"presence\":\"not-ri\",\"absent\":true");
}

static void a_run_without_slots_is_told_what_is_plugged_in(void **state)
{
    struct fixture *f = *state;
    struct config config = {.path = "station.yaml"};
    char said[400];

    slot_ports_propose(&config, said, sizeof said);
    assert_non_null(strstr(said, "no USB serial adapter is plugged in"));
    mock_usb_plug(f->usb, "1-2", SIM_FT2232H);
    slot_ports_propose(&config, said, sizeof said);
    assert_non_null(strstr(said, "2 USB serial interfaces are plugged in"));
    assert_non_null(strstr(said, "flashline slots learn --present"));
    assert_non_null(strstr(said, "--slots ftdi:1-2:A"));
}

/* A program of that name, until `hold` is closed. */
static pid_t begin_program(const char *name, int *hold)
{
    int pipes[2], told[2];
    char byte;

    assert_int_equal(pipe2(pipes, O_CLOEXEC) | pipe2(told, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(pipes[1]);
        prctl(PR_SET_NAME, name);
        _exit(write(told[1], "", 1) < 0 || read(pipes[0], &byte, 1) < 0);
    }
    assert_int_equal(read(told[0], &byte, 1), 1);
    close(pipes[0]);
    close(told[0]);
    close(told[1]);
    *hold = pipes[1];
    return pid;
}

/* What somebody sees of the first adapter who may not look into other users' programs. */
static void trouble_for_nobody(char out[static SLOT_PORT_TROUBLE])
{
    struct usb_serial list[2];
    int told[2];

    memset(out, 0, SLOT_PORT_TROUBLE);
    assert_int_equal(pipe2(told, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        if (seteuid(65534) < 0 || usb_list_read(list, 2) != 1)
            _exit(1);
        slot_port_trouble(&list[0], out, SLOT_PORT_TROUBLE);
        _exit(write(told[1], out, SLOT_PORT_TROUBLE) < 0);
    }
    close(told[1]);
    assert_int_equal(read(told[0], out, SLOT_PORT_TROUBLE), SLOT_PORT_TROUBLE);
    close(told[0]);
    waitpid(pid, NULL, 0);
}

/* brltty takes adapters that some Braille display has too: theirs is then no tty, and no file of root's can be looked at. */
static void an_adapter_that_a_braille_driver_took_is_listed_and_blamed(void **state)
{
    struct fixture *f = *state;
    struct mock_device *d = mock_usb_plug(f->usb, "1-2", SIM_FT232R);
    struct usb_serial list[2];
    char said[SLOT_PORT_TROUBLE], uri[SLOT_PORT_URI], words[400];
    int hold;

    mock_device_sold_as(f->usb, d, 0x10c4, 0xea60); /* CP210x */
    assert_int_equal(usb_list_read(list, 2), 0);    /* no tty: it cannot be told from a printer */
    mock_device_bind_driver(f->usb, d, 0, "usbfs");
    assert_int_equal(usb_list_read(list, 2), 1);
    assert_false(usb_serial_has_port(&list[0]));
    slot_port_uri(&list[0], uri);
    assert_string_equal(uri, "");
    run(f, "", "1-2:A  10c4:ea60");
    run(f, "", "held by a program that cannot be seen from here");
    run_verb(f, "doctor", "", "was taken from its driver by");
    snprintf(words, sizeof words,
             "archive demo %s/x.tar.gz >/dev/null; " FLASHLINE_BIN " flash %s/x.tar.gz --yes", f->dir,
             f->dir);
    run_verb(f, "", words, "1-2:A: held by a program");
    mock_device_sold_as(f->usb, d, 0x0951, 0x1666); /* a stick of memory that a program drives */
    assert_int_equal(usb_list_read(list, 2), 0);
    mock_device_sold_as(f->usb, d, 0x1a86, 0x7523); /* CH340 */
    if (geteuid() != 0) {
        skipped_row("only root can look as somebody else");
        return;
    }
    mock_device_forbid(f->usb, d);
    trouble_for_nobody(said);
    assert_null(strstr(said, "brltty"));
    pid_t pid = begin_program("brltty", &hold);
    trouble_for_nobody(said);
    assert_int_equal(strncmp(said, "brltty (pid ", 12), 0);
    assert_non_null(strstr(said, "systemctl mask --now brltty"));
    run_verb(f, "doctor", "", "brltty (pid ");
    close(hold);
    waitpid(pid, NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_list_is_in_the_order_of_places, setup, teardown),
        cmocka_unit_test_setup_teardown(waiting_ends_when_something_is_plugged_in_at_the_place, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(waiting_for_removal_ends_with_the_plug, setup, teardown),
        cmocka_unit_test_setup_teardown(no_descriptor_is_no_pulled_plug, setup, teardown),
        cmocka_unit_test_setup_teardown(teaching_makes_slots_in_the_order_of_plugging, setup, teardown),
        cmocka_unit_test_setup_teardown(a_run_without_slots_is_told_what_is_plugged_in, setup, teardown),
        cmocka_unit_test_setup_teardown(switches_are_shown_and_looked_at, setup, teardown),
        cmocka_unit_test_setup_teardown(slots_are_shown_named_and_forgotten, setup, teardown),
        cmocka_unit_test_setup_teardown(an_adapter_that_a_braille_driver_took_is_listed_and_blamed, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
