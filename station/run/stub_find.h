/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stub_find - where the chip's helper program lies: --stub; else $FLASHLINE_STUB_DIR alone where it is set; else stubs/ in this
 * account's cache, then in the station's folder, where it serves all accounts (docs/places.md).
 */
#ifndef STATION_RUN_STUB_FIND_H
#define STATION_RUN_STUB_FIND_H

#include <stdbool.h>

#include "station/config/paths.h"

/*
 * `option`: a file, a folder, or NULL. The file for `chip` ("esp32" -> esp32.json). 0: `out` is there. -ENOENT: it is nowhere, and
 * `out` is where 'flashline stub install' puts it.
 */
int stub_find(const char *option, const char *chip, char out[static PATH_TEXT]);
/* Where stubs are installed: the station's folder where this account may write to it, else its own. 0 or a negative errno. */
int stub_place(const char *chip, char out[static PATH_TEXT]);
/* Is `path` in the station's folder, for all accounts? */
bool stub_is_shared(const char *path);

#endif /* STATION_RUN_STUB_FIND_H */
