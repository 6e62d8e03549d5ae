/* SPDX-License-Identifier: Apache-2.0 */
/* options_common - what every verb is told the same way (station/cli/options.h parses it): which database, which configuration. */
#ifndef STATION_CONFIG_OPTIONS_COMMON_H
#define STATION_CONFIG_OPTIONS_COMMON_H

#include <stdbool.h>

struct options_common {
    const char *db, *config; /* NULL: not given */
    bool json;
};

#endif /* STATION_CONFIG_OPTIONS_COMMON_H */
