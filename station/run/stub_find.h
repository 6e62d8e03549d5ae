/* SPDX-License-Identifier: Apache-2.0 */
/* stub_find - where the chip's helper program lies: --stub, $FLASHLINE_STUB_DIR, then stubs/ in the cache. */
#ifndef STATION_RUN_STUB_FIND_H
#define STATION_RUN_STUB_FIND_H

#include "station/config/paths.h"

/*
 * `option`: a file, a folder, or NULL. The file for `chip` ("esp32" -> esp32.json). 0: `out` is there. -ENOENT: `out`
 * is where it was looked for last, and where 'flashline stub install' puts it.
 */
int stub_find(const char *option, const char *chip, char out[static PATH_TEXT]);
/* The place of installed stubs: in $FLASHLINE_STUB_DIR or the cache. 0 or a negative errno. */
int stub_place(const char *chip, char out[static PATH_TEXT]);

#endif /* STATION_RUN_STUB_FIND_H */
