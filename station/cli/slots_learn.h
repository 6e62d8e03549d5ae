/* SPDX-License-Identifier: Apache-2.0 */
/* slots_learn - teaches a fixture: cables are plugged in one after another, each new place becomes the next slot. */
#ifndef STATION_CLI_SLOTS_LEARN_H
#define STATION_CLI_SLOTS_LEARN_H

#include "station/config/config.h"

struct slots_learn {
    int first;    /* number of the next slot taught; 0: after the highest */
    int count;    /* slots to teach before it ends; 0: until Enter or end of input */
    bool present; /* what is plugged in already is taught first, in the order of places, and that is all */
    bool json;
    bool unsaved;            /* only `config` learns them: the caller writes them to its file */
    enum reset_method reset; /* used when has_reset */
    bool has_reset;
    struct presence_line presence; /* the fixture's switches; input 0: none */
};

/* Saves after every plug, unless `unsaved`. An enum exit_code. */
int slots_learn_run(struct config *config, const struct slots_learn *wishes);

#endif /* STATION_CLI_SLOTS_LEARN_H */
