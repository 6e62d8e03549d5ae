/* SPDX-License-Identifier: Apache-2.0 */
/* sim_pty_rate - the rate that a terminal is set to, also one without a name of its own (BOTHER). */
#ifndef SIM_SERVE_PTY_SIM_PTY_RATE_H
#define SIM_SERVE_PTY_SIM_PTY_RATE_H

#include <stdint.h>

uint32_t sim_pty_rate(int fd); /* 0: not known */

#endif /* SIM_SERVE_PTY_SIM_PTY_RATE_H */
