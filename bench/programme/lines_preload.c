/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lines_preload - modem lines for pseudo terminals, which have none: loaded into a client (LD_PRELOAD), it takes that client's
 * ioctls for DTR and RTS and tells them to `flashline-sim --lines`, whose socket FLASHLINE_SIM_LINES names. Station and
 * other people's programmes reset their virtual boards with it as they do real ones. Nothing that ships knows of it.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define TERMINALS 4096

/* Of each pseudo terminal by its number, as its client set them. A port belongs to one thread. */
static int bits_of[TERMINALS];

/* The number of the terminal that `fd` is, or -1. */
static int terminal(int fd, char path[static 64])
{
    char link[48];
    int number = -1;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, 63);
    if (n <= 0)
        return -1;
    path[n] = '\0';
    return sscanf(path, "/dev/pts/%d", &number) == 1 && number >= 0 && number < TERMINALS ? number : -1;
}

static void tell(const char *path, int bits)
{
    const char *name = getenv("FLASHLINE_SIM_LINES");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    char text[80];

    if (name == NULL || strlen(name) >= sizeof to.sun_path)
        return;
    memcpy(to.sun_path, name, strlen(name) + 1);
    int len = snprintf(text, sizeof text, "%s %d %d", path, (bits & TIOCM_DTR) != 0, (bits & TIOCM_RTS) != 0);
    int s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0)
        return;
    if (sendto(s, text, (size_t)len, 0, (struct sockaddr *)&to, sizeof to) < 0)
        perror("lines_preload");
    close(s);
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list list;
    char path[64];
    int number;

    va_start(list, request);
    int *argument = va_arg(list, int *);
    va_end(list);
    bool ours = request == TIOCMGET || request == TIOCMSET || request == TIOCMBIS || request == TIOCMBIC;
    if (!ours || (number = terminal(fd, path)) < 0)
        return (int)syscall(SYS_ioctl, fd, request, argument);
    int *bits = &bits_of[number];
    if (request == TIOCMGET) {
        *argument = *bits;
        return 0;
    }
    *bits = request == TIOCMSET ? *argument : request == TIOCMBIS ? *bits | *argument : *bits & ~*argument;
    tell(path, *bits);
    return 0;
}
