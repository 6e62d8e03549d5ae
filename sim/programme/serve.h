/* SPDX-License-Identifier: Apache-2.0 */
/* serve - the two ways in which flashline-sim serves; each parses its options and is over at a signal. An enum exit_code. */
#ifndef SIM_PROGRAMME_SERVE_H
#define SIM_PROGRAMME_SERVE_H

#include <stdbool.h>

#define PROGRAMME "-sim" /* station/print/cmd_fail.h: flashline-sim */

/* Boards on pseudo terminals, or on TCP by RFC 2217 (docs/simulator.md). */
int serve_boards(int argc, char **argv);
/* Virtual FTDI chips for `usbip attach` (docs/usb.md). Ends by "quit" as well. */
int serve_usbip(int argc, char **argv);
/* True when --usbip is among the arguments. */
bool serve_usbip_wanted(int argc, char **argv);

#endif /* SIM_PROGRAMME_SERVE_H */
