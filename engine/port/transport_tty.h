/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transport_tty - serial ports the kernel drives: "tty:/dev/ttyUSB0", or a pty (which has no modem lines).
 * The port is taken exclusively. Any baud rate the driver can make is set, not only the classic ones.
 */
#ifndef ENGINE_PORT_TRANSPORT_TTY_H
#define ENGINE_PORT_TRANSPORT_TTY_H

#include "engine/port/transport_driver.h"

extern const struct transport_driver tty_driver; /* no ctx */

#endif /* ENGINE_PORT_TRANSPORT_TTY_H */
