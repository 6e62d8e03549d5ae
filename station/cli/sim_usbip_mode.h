/* SPDX-License-Identifier: Apache-2.0 */
/* sim_usbip_mode - `flashline sim serve --usbip PORT ...`: virtual FTDI chips for `usbip attach` (docs/usb.md). */
#ifndef STATION_CLI_SIM_USBIP_MODE_H
#define STATION_CLI_SIM_USBIP_MODE_H

/* argv[0] is "sim serve"; the rest are this mode's options. Serves until a signal or "quit". An enum exit_code. */
int sim_usbip_mode(int argc, char **argv);
/* True when --usbip is among the arguments. */
int sim_usbip_mode_wanted(int argc, char **argv);

#endif /* STATION_CLI_SIM_USBIP_MODE_H */
