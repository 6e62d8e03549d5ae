/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attach - the screen of a run that another process does: drawn from what the station shows by its control socket, with the same
 * views as the station's own. It looks, and works when it has taken the work. One thread.
 */
#ifndef STATION_RUN_ATTACH_H
#define STATION_RUN_ATTACH_H

#include <stdbool.h>

struct attach_options {
    const char *verb;
    const char *database; /* beside which the station listens */
    bool json;            /* the station's lines as they come, no screen */
    bool work;            /* take the work at once, or do not begin */
    bool ascii, mono;
};

/* Until the station or who looks has enough. The verb's exit code, after one line on stderr where it is not EXIT_ALL_PASS. */
int attach_run(const struct attach_options *options);

#endif /* STATION_RUN_ATTACH_H */
