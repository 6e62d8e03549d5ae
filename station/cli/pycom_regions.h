/* SPDX-License-Identifier: Apache-2.0 */
/* pycom_regions - `flashline pycom regions`: the LoRa regions and countries, or what one word of a person's leads to. */
#ifndef STATION_CLI_PYCOM_REGIONS_H
#define STATION_CLI_PYCOM_REGIONS_H

#include <stdbool.h>

/* `word` NULL: all of them. `board` NULL: not said. An exit code. */
int pycom_regions(const char *word, const char *board, bool json);

#endif /* STATION_CLI_PYCOM_REGIONS_H */
