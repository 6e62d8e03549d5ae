/* SPDX-License-Identifier: Apache-2.0 */
/* setup_place - where a station's files go: which station.yaml, and whether a database or a folder can be where somebody says. */
#ifndef STATION_CLI_SETUP_PLACE_H
#define STATION_CLI_SETUP_PLACE_H

#include <stdbool.h>

#include "station/cli/setup_file.h"
#include "station/config/config.h"

#define SETUP_SYSTEM_CONFIG "/etc/flashline/station.yaml"

/*
 * The station as it is: of `option`, else of the file there is; else the defaults, with `path` where a new file goes and `found`
 * false. NULL: said on stderr, *code set. Caller: config_free().
 */
struct config *setup_place_config(const char *option, int *code);
/*
 * Is the station that a new file makes this account's alone, although the system has a folder for all who work here? Then why, and
 * what lets the account in, in `note`. `option`: the file that was named, which is as it was meant.
 */
#define SETUP_NOTE 700
bool setup_place_private(const struct config *config, const char *option, char note[static SETUP_NOTE]);
/* The station's database as it is; of a new one, where the system has a folder for all who work here, there, else the user's own. */
int setup_place_proposed(const struct config *config, char out[static PATH_TEXT]);

/* May it be there? True, with the whole path in `out` (PATH_TEXT); else why not, in words. Nothing is made. */
bool setup_place_database(const char *text, char *out, char fault[static SETUP_FAULT]);
bool setup_place_folder(const char *text, char *out, char fault[static SETUP_FAULT]);
/* The folder that holds it, by its name alone; a name without a folder stays as it is. */
void setup_place_parent(const char *path, char out[static PATH_TEXT]);
/* Would one broken disk take both? */
bool setup_place_same_disk(const char *a, const char *b);

#endif /* STATION_CLI_SETUP_PLACE_H */
