/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cb_file - a config block in a file, as Pycom's own updater keeps it: the sector as base64 in one line, in a file that is
 * called by the board's WiFi MAC ("240AC4123456.cb"). Read as well: the bytes themselves, as its `copy` leaves them. It holds
 * keys: it is made for its owner alone.
 */
#ifndef STATION_CLI_CB_FILE_H
#define STATION_CLI_CB_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mac.h"
#include "profiles/pycom/config_block.h"
#include "profiles/text/complaint.h"
#include "station/config/options_common.h"

#define CB_NAME_SIZE 16 /* "240AC4123456.cb" */

struct cb_file {
    uint8_t sector[CONFIG_BLOCK_SECTOR]; /* what the file does not reach is FF */
    bool has_mac;                        /* of the board it was made of, by its name */
    struct mac mac;
};

void cb_file_name(const struct mac *mac, char out[static CB_NAME_SIZE]);
/* 0, or -1 with *c. */
int cb_file_read(const char *path, struct cb_file *out, struct complaint *c);
/* Whole or not at all, never over a file that is there. 0, or an exit code after one line on stderr. */
int cb_file_write(const char *verb, const struct options_common *common, const char *path,
                  const uint8_t sector[static CONFIG_BLOCK_SECTOR]);

#endif /* STATION_CLI_CB_FILE_H */
