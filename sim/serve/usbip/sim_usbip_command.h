/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_usbip_command - the server's run-time commands: pull a chip's plug, silence it, press a board's button, ask for
 * statistics. One line in, text out. See docs/usb.md for the list.
 */
#ifndef SIM_SERVE_USBIP_SIM_USBIP_COMMAND_H
#define SIM_SERVE_USBIP_SIM_USBIP_COMMAND_H

#include <stdio.h>

#include "sim/serve/usbip/sim_usbip_bench.h"

enum usbip_command_result { COMMAND_DONE, COMMAND_UNPLUGGED, COMMAND_QUIT };

/*
 * Does `line` and writes the answer to `out`, ending with "ok" or "error: ...". COMMAND_UNPLUGGED: *port is the bus port
 * whose plug was pulled; the caller closes its connection.
 */
enum usbip_command_result usbip_command_run(struct usbip_bench *bench, const char *line, int64_t now_us,
                                            FILE *out, int *port);

#endif /* SIM_SERVE_USBIP_SIM_USBIP_COMMAND_H */
