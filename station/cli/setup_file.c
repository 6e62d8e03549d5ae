/* SPDX-License-Identifier: Apache-2.0 */
#include "station/cli/setup_file.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profiles/text/complaint.h"
#include "station/cli/options.h"
#include "station/config/config_edit.h"
#include "station/config/port_name.h"

/* The values in quotes are put by config_edit_put(), which quotes what needs it. */
static const char head[] =
    "# This station, as `flashline setup` wrote it. Change it here, or call setup again: it keeps every line that it\n"
    "# does not ask about. All that may stand here: man flashline.yaml. Is it well? flashline doctor\n"
    "\n"
    "# The name on the screen and in the records.\n"
    "station: \"station\"\n"
    "\n"
    "# Where the records are kept.\n"
    "database: \"flashline.db\"\n"
    "\n"
    "# The rules of work. A line without its # is in force; the values are those that hold without it.\n"
    "policy:\n"
    "  # lot_required: no          yes: a board starts on a lot alone\n"
    "  # operator_required: no     yes: a board starts for an operator who has badged in\n"
    "  # serial_required: no       yes: each board waits until its serial number is scanned\n"
    "  # stop_slot_failures: 3     so many failures one after another stop a slot\n"
    "  # No board starts with less room on the disk of the database, in MB.\n"
    "  disk_floor_mb: 64\n";
static const char with_backup[] =
    "  # A verified copy of the database goes there every night. Best: another disk.\n"
    "  backup_dir: \"backup\"\n";
static const char without_backup[] =
    "  # A verified copy of the database every night, best on another disk:\n"
    "  # backup_dir: /mnt/second/flashline\n";
static const char foot[] =
    "\n"
    "# Which place is which slot of the fixture. `flashline slots learn` teaches more, `flashline slots label 1 left` names one.\n";

static int begin(struct config_edit *e, const struct setup_file *file, struct complaint *c)
{
    bool has_backup = file->backup != NULL && file->backup[0] != '\0';
    char text[sizeof head + sizeof with_backup + sizeof without_backup + sizeof foot];

    snprintf(text, sizeof text, "%s%s%s", head, has_backup ? with_backup : without_backup, foot);
    return config_edit_begin(e, text, c);
}

static int put(struct config_edit *e, enum config_text which, const char *value, struct complaint *c)
{
    return value == NULL || value[0] == '\0' ? 0 : config_edit_put(e, which, value, c);
}

struct config_edit *setup_file_prepare(const struct setup_file *file, bool *same, struct complaint *c)
{
    struct config_edit *e = config_edit_open(file->path, c);
    size_t size, before;

    if (e == NULL)
        return NULL;
    const char *found = config_edit_result(e, &before);
    int rc = before == 0 ? begin(e, file, c) : 0;
    if (rc == 0)
        rc = put(e, CONFIG_STATION, file->station, c);
    if (rc == 0)
        rc = put(e, CONFIG_DATABASE, file->database, c);
    if (rc == 0)
        rc = put(e, CONFIG_BACKUP_DIR, file->backup, c);
    for (int i = 0; i < file->slot_count && rc == 0; i++)
        rc = config_edit_add(e, &file->slots[i], c);
    *same = config_edit_result(e, &size) == found;
    if (rc == 0)
        return e;
    config_edit_free(e);
    return NULL;
}

/* "1-2.3" and "1-2.3:B" are places of FTDI adapters; everything else is a port as station.yaml has it. */
static void port_of(const char *text, size_t len, char *out, size_t size)
{
    bool is_place = len > 0 && isdigit((unsigned char)text[0]);
    bool has_interface = memchr(text, ':', len) != NULL;

    snprintf(out, size, "%s%.*s%s", is_place ? "ftdi:" : "", (int)len, text,
             is_place && !has_interface ? ":A" : "");
}

static bool is_taken(const struct config_slot *slots, int count, const struct config_slot *slot, char *fault)
{
    for (int i = 0; i < count; i++) {
        if (slots[i].number == slot->number)
            snprintf(fault, SETUP_FAULT, "slot %d is there twice", slot->number);
        else if (strcmp(slots[i].port, slot->port) == 0)
            snprintf(fault, SETUP_FAULT, "%s is slot %d and slot %d", slot->port, slots[i].number,
                     slot->number);
        else
            continue;
        return true;
    }
    return false;
}

static bool read_slot(const char *text, size_t len, struct config_slot *slot, char *fault)
{
    const char *equals = memchr(text, '=', len);
    char number[8] = "", port[sizeof slot->port + 16], why[PORT_NAME_FAULT];
    long value = 0;

    if (equals != NULL)
        snprintf(number, sizeof number, "%.*s", (int)(equals - text), text);
    if (equals == NULL || options_long(number, &value) != 0 || value < 1 || value > CONFIG_SLOTS_MAX ||
        (size_t)(equals - text) >= sizeof number) {
        snprintf(fault, SETUP_FAULT, "'%.*s' is not NUMBER=PORT, as 1=1-2.3 or 2=tty:/dev/ttyUSB0 (1 to %d)",
                 (int)(len < 80 ? len : 80), text, CONFIG_SLOTS_MAX);
        return false;
    }
    port_of(equals + 1, len - (size_t)(equals + 1 - text), port, sizeof port);
    bool fits = strlen(port) < sizeof slot->port;
    if (!fits || port_name_read(port, why) != PORT_NAME_GOOD) {
        snprintf(fault, SETUP_FAULT, "slot %ld: '%.96s' %s", value, port,
                 fits ? why : "is too long for a port");
        return false;
    }
    *slot = (struct config_slot){.number = (int)value};
    snprintf(slot->port, sizeof slot->port, "%.95s", port);
    return true;
}

int setup_file_slots(const char *text, struct config_slot *slots, char fault[static SETUP_FAULT])
{
    int count = 0;

    for (;;) {
        size_t len = strcspn(text, ",");
        if (count == CONFIG_SLOTS_MAX) {
            snprintf(fault, SETUP_FAULT, "a station has at most %d slots", CONFIG_SLOTS_MAX);
            return -1;
        }
        if (!read_slot(text, len, &slots[count], fault) || is_taken(slots, count, &slots[count], fault))
            return -1;
        count++;
        if (text[len] == '\0')
            return count;
        text += len + 1;
    }
}
