/* SPDX-License-Identifier: Apache-2.0 */
/* Apart from sim_pty.c because the kernel's struct termios2 and the C library's struct termios exclude each other. */
#include "sim/serve/pty/sim_pty_rate.h"

#include <asm/termbits.h>
#include <sys/ioctl.h>

uint32_t sim_pty_rate(int fd)
{
    struct termios2 t;

    return ioctl(fd, TCGETS2, &t) == 0 ? t.c_ospeed : 0;
}
