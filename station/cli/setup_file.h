/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setup_file - station.yaml as `flashline setup` writes it: a new one with a comment at each key, in one that is there what was
 * answered and no other byte; one edit (station/config/config_edit.h), written once.
 */
#ifndef STATION_CLI_SETUP_FILE_H
#define STATION_CLI_SETUP_FILE_H

#include <stdbool.h>

#include "station/config/config.h"
#include "station/config/config_edit.h"

struct setup_file {
    const char *path;
    const char *station, *database, *backup; /* "" or NULL: stays as it is, of a new file: is left out */
    const struct config_slot *slots;         /* that are new */
    int slot_count;
};

/*
 * The edit, to be saved once leave was given (config_edit_save()); *same: the file says all of that already. NULL: *c. Caller:
 * config_edit_free().
 */
struct config_edit *setup_file_prepare(const struct setup_file *file, bool *same, struct complaint *c);

/* "1=1-2.3,2=ftdi:1-2.4:B,3=tty:/dev/ttyUSB0" into `slots`, which holds CONFIG_SLOTS_MAX. How many, or -1 with what is wrong. */
#define SETUP_FAULT 384
int setup_file_slots(const char *text, struct config_slot *slots, char fault[static SETUP_FAULT]);

#endif /* STATION_CLI_SETUP_FILE_H */
