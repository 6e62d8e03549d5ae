/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unit_identity - the engineer's word on a unit's identity sector: a saved one goes back onto the board that is plugged in,
 * or what stands there is declared right (db/desk/identity.h).
 */
#ifndef STATION_CLI_UNIT_IDENTITY_H
#define STATION_CLI_UNIT_IDENTITY_H

#include "base/mac.h"
#include "station/cli/options.h"

struct identity_options {
    const struct options_common *common;
    struct mac mac;
    const char *reason, *operator_id, *from; /* `from`: how the hash of the saved sector begins */
    const char *port, *slot;
    int reset;     /* enum reset_method for a port named by URI; -1: classic */
    bool training; /* records of the training database */
    bool sim;      /* a virtual board instead of a real one; implies training */
    const char *sim_dump, *sim_personality;
};

/* Both: 0, or an exit code after one line on stderr (docs/exit-codes.md). */
int unit_identity_restore(const struct identity_options *u);
int unit_identity_accept(const struct identity_options *u);

#endif /* STATION_CLI_UNIT_IDENTITY_H */
