/* SPDX-License-Identifier: Apache-2.0 */
/* config_print - a Pycom board's config block and its changes, for people and as JSON; secrets only where they are asked for. */
#ifndef STATION_PRINT_CONFIG_PRINT_H
#define STATION_PRINT_CONFIG_PRINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mac.h"
#include "profiles/pycom/config_block.h"

/* `mac` NULL: not of a board but of a file. */
struct config_print {
    const struct mac *mac;
    const char *sha256; /* of the sector, in hex */
    const uint8_t *sector;
    bool reveal;
};

int config_print(const struct config_print *p); /* an exit code */
void config_print_json(const struct config_print *p);

/* Which bytes are others than before, each run of them in a line; of secrets only where. */
void config_print_changes(uint32_t offset, const uint8_t *before, const uint8_t *after);
struct json_t; /* jansson's */
/* The same as an array: "field", "offset" (in flash), "size". NULL: no memory. */
struct json_t *config_json_changes(uint32_t offset, const uint8_t *before, const uint8_t *after);

#endif /* STATION_PRINT_CONFIG_PRINT_H */
