/* SPDX-License-Identifier: Apache-2.0 */
/* label: umockdev */
/* `flashline setup` by hand, on a mocked bus: cables plugged in become slots, and nothing is written before its last question. */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "profiles/text/complaint.h"
#include "station/config/config.h"
#include "tests/support/scratch.h"
#include "tests/support/usb/mock_usb.h"

#define WAIT_MS 60000 /* a bound for what hangs */

static const char before[] = "# the fixture in hall 2\nstation: bench-7\n";

/* A person at a terminal. */
struct typist {
    pid_t pid;
    int fd;
    char seen[16384];
    size_t count, at; /* read, and looked through */
};

static void start(struct typist *t, const char *config)
{
    char database[SCRATCH_SIZE + 32];

    snprintf(database, sizeof database, "%.*s/f.db", (int)(strrchr(config, '/') - config), config);
    t->pid = forkpty(&t->fd, NULL, NULL, NULL);
    assert_true(t->pid >= 0);
    if (t->pid == 0) {
        setenv("TERM", "dumb", 1);
        execl(FLASHLINE_BIN, "flashline", "setup", "--config", config, "--database", database, (char *)NULL);
        _exit(127);
    }
}

/* Until `text` has been said, behind what was waited for before. */
static void see(struct typist *t, const char *text)
{
    const char *found;

    while ((found = strstr(t->seen + t->at, text)) == NULL) {
        struct pollfd p = {.fd = t->fd, .events = POLLIN};
        ssize_t n =
            poll(&p, 1, WAIT_MS) == 1 ? read(t->fd, t->seen + t->count, sizeof t->seen - 1 - t->count) : 0;
        if (n <= 0)
            fail_msg("no '%s' behind: %s", text, t->seen + t->at);
        t->count += (size_t)n;
        t->seen[t->count] = '\0';
    }
    t->at = (size_t)(found - t->seen) + strlen(text);
}

static void type(struct typist *t, const char *wait, const char *keys)
{
    see(t, wait);
    assert_int_equal(write(t->fd, keys, strlen(keys)), strlen(keys));
}

static int end(struct typist *t)
{
    int status;

    while (read(t->fd, t->seen, sizeof t->seen - 1) > 0)
        ;
    close(t->fd);
    assert_int_equal(waitpid(t->pid, &status, 0), t->pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void assert_untouched(const char *path)
{
    char text[256] = "";

    scratch_read_text(path, text, sizeof text);
    assert_string_equal(text, before);
}

static void cables_become_slots_in_the_order_of_plugging(void **state)
{
    static const char *const expected[] = {"ftdi:1-3:A", "ftdi:1-2:A", "ftdi:1-2:B", "ftdi:1-1.2:A"};
    char dir[SCRATCH_SIZE], path[SCRATCH_SIZE + 16], text[1024] = "";
    struct mock_usb *usb = mock_usb_new();
    struct complaint why = {0};
    struct typist t = {0};

    (void)state;
    scratch_make(dir, "setup");
    snprintf(path, sizeof path, "%s/station.yaml", dir);
    scratch_save_text(path, before);
    start(&t, path);
    type(&t, "Name of the station [bench-7]", "\n");
    type(&t, "Slots: ", ""); /* the explanation */
    type(&t, "Slots: ", "plug\n");
    see(&t, "Plug in the cable of slot 1 now");
    mock_usb_plug(usb, "1-3", SIM_FT232R);
    see(&t, "Plug in the cable of slot 2 now");
    mock_usb_plug(usb, "1-2", SIM_FT2232H);
    see(&t, "slot 3 is ftdi:1-2:B");
    see(&t, "Plug in the cable of slot 4 now");
    mock_usb_plug(usb, "1-1.2", SIM_FT230X);
    type(&t, "Plug in the cable of slot 5 now", "\n");
    type(&t, "Engineer", "\n");
    type(&t, "Folder", "\n");
    see(&t, "Change it so?");
    assert_untouched(path);
    type(&t, "[Y/n/b]", "\n");
    type(&t, "Practise", "n\n");
    assert_int_equal(end(&t), 0);
    struct config *c = config_load(path, &why);
    assert_non_null(c);
    assert_int_equal(c->slot_count, 4);
    for (int i = 0; i < 4; i++)
        assert_string_equal(c->slots[i].port, expected[i]);
    config_free(c);
    scratch_read_text(path, text, sizeof text);
    assert_memory_equal(text, before, strlen(before));
    scratch_remove(dir);
    mock_usb_free(usb);
}

static void who_says_no_leaves_everything_as_it_was(void **state)
{
    char dir[SCRATCH_SIZE], path[SCRATCH_SIZE + 16];
    struct mock_usb *usb = mock_usb_new();
    struct typist t = {0};

    (void)state;
    mock_usb_plug(usb, "1-2", SIM_FT232R);
    scratch_make(dir, "setup");
    snprintf(path, sizeof path, "%s/station.yaml", dir);
    scratch_save_text(path, before);
    start(&t, path);
    type(&t, "Name of the station", "other\n");
    type(&t, "Slots: ", "");
    type(&t, "Slots: ", "present\n");
    see(&t, "slot 1 is ftdi:1-2:A");
    type(&t, "Engineer", "\n");
    type(&t, "Folder", "\n");
    type(&t, "Change it so?", "n\n");
    assert_int_equal(end(&t), 5);
    assert_untouched(path);
    scratch_remove(dir);
    mock_usb_free(usb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cables_become_slots_in_the_order_of_plugging),
        cmocka_unit_test(who_says_no_leaves_everything_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
