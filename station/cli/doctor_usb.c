/* SPDX-License-Identifier: Apache-2.0 */
/* What can be wrong between the station and its adapters, from the machine down to each port. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/port/ftdi/transport_ftdi.h"
#include "engine/port/transport.h"
#include "station/cli/doctor.h"
#include "station/config/config.h"
#include "station/config/slot_ports.h"

#define RULES "60-flashline.rules"

static bool rules_are_installed(void)
{
    return access("/etc/udev/rules.d/" RULES, R_OK) == 0 ||
           access("/usr/lib/udev/rules.d/" RULES, R_OK) == 0 || access("/lib/udev/rules.d/" RULES, R_OK) == 0;
}

static bool runs(const char *name)
{
    DIR *d = opendir("/proc");
    char path[64], comm[64];
    bool found = false;

    if (d == NULL)
        return false;
    for (struct dirent *e; !found && (e = readdir(d)) != NULL;) {
        if (e->d_name[0] < '1' || e->d_name[0] > '9')
            continue;
        snprintf(path, sizeof path, "/proc/%.20s/comm", e->d_name);
        FILE *f = fopen(path, "re");
        if (f == NULL)
            continue;
        if (fgets(comm, sizeof comm, f) != NULL) {
            comm[strcspn(comm, "\n")] = '\0';
            found = strcmp(comm, name) == 0;
        }
        fclose(f);
    }
    closedir(d);
    return found;
}

static void look_rules(struct doctor_report *r)
{
    bool rules = rules_are_installed();

    if (rules)
        doctor_add(r, "rules", "", FAILURE_NONE, NULL, "udev rules are installed");
    else
        doctor_add(r, "rules", "", FAIL_PORT_PERMISSION,
                   geteuid() == 0 ? NULL : "Run 'sudo script/bootstrap udev', then log in again.",
                   "udev rules (%s) are not installed%s", RULES, geteuid() == 0 ? "; root needs none" : "");
    if (!rules && runs("ModemManager"))
        doctor_add(r, "rules", "", FAIL_PORT_BUSY, "Run 'sudo script/bootstrap udev', or stop ModemManager.",
                   "ModemManager runs and will send commands to every adapter that is plugged in");
}

static const char *remedy_for(const struct usb_serial *s, const struct failure *f, char *out, size_t size)
{
    if (f->code == FAIL_PORT_BUSY && s->binding.holder[0] != '\0')
        snprintf(out, size, "Close %s, then start this slot again.", s->binding.holder);
    else
        snprintf(out, size, "%s", failure_remedy(f->code));
    return out;
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
                   "its switch (%s) cannot be read: %s", presence_line_word(line), strerror(-rc));
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
        doctor_add(r, "port", uri, f.code, remedy_for(s, &f, remedy, sizeof remedy), "%s: %s",
                   failure_title(f.code), f.detail);
    if (t != NULL && slot != NULL)
        look_switch(r, t, slot, clock);
    transport_close(t);
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
    look_slots(r, config, list, count);
out:
    clock_free(clock);
    free(list);
}
