/* SPDX-License-Identifier: Apache-2.0 */
/* What can be wrong between the station and its adapters, from the machine down to each port. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "engine/port/ftdi/transport_ftdi.h"
#include "engine/port/transport.h"
#include "engine/port/tty_holder.h"
#include "station/cli/doctor.h"
#include "station/config/config.h"
#include "station/config/paths.h"
#include "station/config/slot_ports.h"

#define RULES  "60-flashline.rules"
#define ACCESS "flashline-access"

/* udev(7) tells the folders. */
static bool rules_are_installed(void)
{
    static const char *const folders[] = {"/etc", "/usr/lib", "/usr/local/lib", "/lib"};
    char path[64];

    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        snprintf(path, sizeof path, "%s/udev/rules.d/" RULES, folders[i]);
        if (access(path, R_OK) == 0)
            return true;
    }
    return false;
}

static bool is_in_path_of_root(const char *real)
{
    return strcmp(real, "/usr/sbin/" ACCESS) == 0 || strcmp(real, "/usr/local/sbin/" ACCESS) == 0;
}

/* The line that puts the rules in force and lets who runs it use ports and records; with its folder where sudo would not find it. */
static const char *rules_line(char *out, size_t size)
{
    char path[PATH_TEXT], real[PATH_TEXT];

    if (path_admin_command(ACCESS, path) != 0 || realpath(path, real) == NULL || is_in_path_of_root(real))
        snprintf(out, size, "'sudo " ACCESS "'");
    else
        snprintf(out, size, "'sudo %.160s'", real);
    return out;
}

static const char *remedy_for(const char *holder, enum failure_code code, char *out, size_t size)
{
    const char *cure = tty_holder_cure(holder);
    char line[200];

    rules_line(line, sizeof line);
    if (code == FAIL_PORT_PERMISSION)
        snprintf(out, size, "Run %s, then log in again.", line);
    else if (code == FAIL_PORT_BUSY && strncmp(holder, "ModemManager", 12) == 0)
        snprintf(out, size, "Run %s, replug it; or 'sudo systemctl mask --now %.12s'.", line, holder);
    else if (code == FAIL_PORT_BUSY && cure != NULL)
        snprintf(out, size, "%c%s.", toupper((unsigned char)cure[0]), cure + 1);
    else if (code == FAIL_PORT_BUSY && holder[0] != '\0')
        snprintf(out, size, "Close %s, then start this slot again.", holder);
    else
        snprintf(out, size, "%s", failure_remedy(code));
    return out;
}

/* Programs that take adapters by themselves, each with what keeps it off; one that has taken a port is found there too. */
static void look_takers(struct doctor_report *r, bool rules)
{
    int manager = tty_holder_running("ModemManager"), braille = tty_holder_running("brltty");
    char remedy[256];

    if (manager != 0 && rules)
        doctor_add(r, "rules", "", FAILURE_NONE, NULL,
                   "ModemManager (pid %d) runs; the udev rules keep it off these adapters", manager);
    else if (manager != 0)
        doctor_add(
            r, "rules", "", FAIL_PORT_BUSY, remedy_for("ModemManager", FAIL_PORT_BUSY, remedy, sizeof remedy),
            "ModemManager (pid %d) runs and will send commands to every adapter that is plugged in", manager);
    if (braille != 0)
        doctor_add(r, "rules", "", FAILURE_NONE, NULL,
                   "brltty (pid %d) runs and may take an adapter for a Braille display; if it does: %s",
                   braille, tty_holder_cure("brltty"));
}

static void look_rules(struct doctor_report *r)
{
    bool rules = rules_are_installed();
    char remedy[256];

    if (rules)
        doctor_add(r, "rules", "", FAILURE_NONE, NULL, "udev rules are installed");
    else
        doctor_add(r, "rules", "", FAIL_PORT_PERMISSION,
                   geteuid() == 0 ? NULL : remedy_for("", FAIL_PORT_PERMISSION, remedy, sizeof remedy),
                   "udev rules (%s) are not installed%s", RULES, geteuid() == 0 ? "; root needs none" : "");
    look_takers(r, rules);
}

/* What the fixture's switch says now: whoever wires it puts a board in and looks again. */
static void look_switch(struct doctor_report *r, struct transport *t, const struct config_slot *slot,
                        const struct clock *clock)
{
    const struct presence_line *line = &slot->presence;
    uint8_t empty = line->inverted ? line->input : 0;
    char subject[96];

    if (line->input == 0)
        return;
    snprintf(subject, sizeof subject, "slot %d", slot->number);
    int rc = transport_wait_modem(t, line->input, empty, clock_now_us(clock));
    if (rc >= 0)
        doctor_add(r, "presence", subject, FAILURE_NONE, NULL, "its switch (%s) says that %s",
                   presence_line_word(line),
                   (rc & line->input) == empty ? "it is empty" : "a board lies there");
    else
        doctor_add(r, "presence", subject, FAIL_PORT_IO, failure_remedy(FAIL_PORT_IO),
                   "its switch (%s) cannot be read: %s", presence_line_word(line), errno_text(-rc));
}

/* Opens the port as a run would; that alone asks the chip a dozen questions. */
static void look_port(struct doctor_report *r, const struct usb_serial *s, const struct config_slot *slot,
                      struct clock *clock)
{
    const struct transport_binding bindings[] = {{&ftdi_driver, NULL}, {NULL, NULL}};
    const struct transport_env env = {.clock = clock};
    struct transport *t = NULL;
    struct failure f = {0};
    char uri[SLOT_PORT_URI], remedy[256];

    slot_port_uri(s, uri);
    if (transport_open(&t, bindings, uri, &env, &f) == 0)
        doctor_add(r, "port", uri, FAILURE_NONE, NULL, "%s %s answers%s%s", s->product, s->serial,
                   s->binding.driver[0] != '\0' ? "; between runs it belongs to " : "", s->binding.driver);
    else
        doctor_add(r, "port", uri, f.code, remedy_for(s->binding.holder, f.code, remedy, sizeof remedy),
                   "%s: %s", failure_title(f.code), f.detail);
    if (t != NULL && slot != NULL)
        look_switch(r, t, slot, clock);
    transport_close(t);
}

/* A port that is named by its tty: who has it is looked up, it is not opened. `s`: what stands behind it, or NULL. */
static void look_tty(struct doctor_report *r, const char *subject, const char *path,
                     const struct usb_serial *s)
{
    char holder[TTY_HOLDER_SIZE], remedy[256];

    tty_holder(path, holder, sizeof holder);
    if (holder[0] != '\0')
        doctor_add(r, "port", subject, FAIL_PORT_BUSY,
                   remedy_for(holder, FAIL_PORT_BUSY, remedy, sizeof remedy), "%s: %s is held by %s",
                   failure_title(FAIL_PORT_BUSY), path, holder);
    else if (access(path, R_OK | W_OK) != 0)
        doctor_add(r, "port", subject, FAIL_PORT_PERMISSION,
                   remedy_for("", FAIL_PORT_PERMISSION, remedy, sizeof remedy), "%s: %s",
                   failure_title(FAIL_PORT_PERMISSION), path);
    else
        doctor_add(r, "port", subject, FAILURE_NONE, NULL, "%s is held by nobody%s%s", path,
                   s != NULL ? ": " : "", s != NULL ? s->product : "");
}

/* Another maker's adapter: its tty, or that a program has taken it away. */
static void look_other(struct doctor_report *r, const struct usb_serial *s)
{
    char remedy[256], uri[SLOT_PORT_URI];

    slot_port_uri(s, uri);
    if (usb_serial_has_port(s))
        look_tty(r, uri, s->binding.tty, s);
    else
        doctor_add(r, "port", s->name, FAIL_PORT_BUSY,
                   remedy_for(s->binding.holder, FAIL_PORT_BUSY, remedy, sizeof remedy),
                   "%s: %s was taken from its driver by %s", failure_title(FAIL_PORT_BUSY), s->product,
                   s->binding.holder[0] != '\0' ? s->binding.holder
                                                : "a program that cannot be seen from here");
}

static void look_slots(struct doctor_report *r, const struct config *config, const struct usb_serial *list,
                       int count)
{
    for (int i = 0; i < config->slot_count; i++) {
        const struct config_slot *slot = &config->slots[i];
        char subject[96];
        bool found = false;
        snprintf(subject, sizeof subject, "slot %d", slot->number);
        for (int k = 0; k < count && !found; k++)
            found = slot_port_find(config, &list[k]) == slot;
        if (found)
            continue;
        if (strncmp(slot->port, "ftdi:", 5) == 0)
            doctor_add(r, "slot", subject, FAIL_PORT_MISSING, failure_remedy(FAIL_PORT_MISSING),
                       "nothing is plugged in at its place %s", slot->port);
        else if (strncmp(slot->port, "tty:", 4) == 0 && access(slot->port + 4, F_OK) < 0)
            doctor_add(r, "slot", subject, FAIL_PORT_MISSING, failure_remedy(FAIL_PORT_MISSING),
                       "its port %s is not there", slot->port);
        else if (strncmp(slot->port, "tty:", 4) == 0)
            look_tty(r, subject, slot->port + 4, NULL);
    }
    if (config->slot_count == 0)
        doctor_add(r, "slot", "", FAIL_CONFIG,
                   "Run 'flashline slots learn' and plug the fixture's cables in one by one.",
                   "no slot is taught in %s", config->path);
}

void doctor_look_usb(struct doctor_report *r, const struct config *config)
{
    struct usb_serial *list = calloc(USB_LIST_MAX, sizeof *list);
    struct clock *clock = clock_new_real();
    int count = list != NULL ? usb_list_read(list, USB_LIST_MAX) : 0, ours = 0;

    if (list == NULL || clock == NULL) {
        r->lost = true;
        goto out;
    }
    if (!usb_list_has_usb()) {
        doctor_add(
            r, "usb", "", FAIL_PORT_MISSING,
            "Use a machine with USB; in a virtual machine, hand the adapters or their USB controller to it.",
            "this machine has no USB");
        look_slots(r, config, list, 0); /* it may have other serial ports */
        goto out;
    }
    doctor_add(r, "usb", "", FAILURE_NONE, NULL, "the machine has USB");
    look_rules(r);
    count = count < USB_LIST_MAX ? count : USB_LIST_MAX;
    for (int i = 0; i < count; i++)
        ours += list[i].is_ftdi;
    if (ours == 0)
        doctor_add(
            r, "adapter", "", FAIL_PORT_MISSING,
            "Plug the fixture in; if it is, try another cable, port or hub, and look whether 'lsusb' shows it.",
            "no FTDI adapter is plugged in");
    for (int i = 0; i < count; i++)
        if (list[i].is_ftdi)
            look_port(r, &list[i], slot_port_find(config, &list[i]), clock);
        else
            look_other(r, &list[i]);
    look_slots(r, config, list, count);
out:
    clock_free(clock);
    free(list);
}
