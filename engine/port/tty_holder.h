/* SPDX-License-Identifier: Apache-2.0 */
/* tty_holder - which other process has a device file open, as far as /proc lets us see. */
#ifndef ENGINE_PORT_TTY_HOLDER_H
#define ENGINE_PORT_TTY_HOLDER_H

#include <stddef.h>

/* "minicom (pid 812)" into `out`; "" when nobody else is seen holding `path`. */
void tty_holder(const char *path, char *out, size_t size);

#endif /* ENGINE_PORT_TTY_HOLDER_H */
