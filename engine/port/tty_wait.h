/* SPDX-License-Identifier: Apache-2.0 */
/* tty_wait - waits for a device file to appear, by the kernel's file events. */
#ifndef ENGINE_PORT_TTY_WAIT_H
#define ENGINE_PORT_TTY_WAIT_H

#include "engine/port/transport_driver.h"

/* 0 as soon as `path` exists (at once when it does), -ETIMEDOUT, -ECANCELED, or another negative errno. */
int tty_wait(const char *path, int64_t deadline_us, const struct transport_env *env);

#endif /* ENGINE_PORT_TTY_WAIT_H */
