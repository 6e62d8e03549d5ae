/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_scan - what a code is at this station: by `scan:` of station.yaml where it says so, else by what the records know. The one
 * answer for the screen and for whoever scans through the control socket.
 */
#ifndef STATION_RUN_RUN_SCAN_H
#define STATION_RUN_RUN_SCAN_H

#include "db/desk/scan_rule.h"

struct run;

/*
 * A code that no field waited for. Without rules: a badge if it is somebody's, a lot if there is one of that code, never a web
 * address, else a serial. False: refused, out->why says it by name, nothing is to be done.
 */
bool run_scan_decide(const struct run *run, const char *code, struct scan_code *out);
/* For a field that waits for `kind`. A slot's label is no serial number. */
bool run_scan_field(const struct run *run, enum scan_kind kind, const char *code, struct scan_code *out);
/* `code` as a log may have it: of somebody's badge, which opens something, that it is one. Valid as long as `code`. */
const char *run_scan_told(const struct run *run, const char *code);
/* That of serial numbers, for whoever knows the run as a `void *` alone (serials_file.h). */
bool run_scan_serial(void *run, const char *code, struct scan_code *out);

#endif /* STATION_RUN_RUN_SCAN_H */
