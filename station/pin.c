/* SPDX-License-Identifier: Apache-2.0 */
#include "station/pin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* One line, byte by byte, so that nothing behind it is swallowed or kept in a buffer. */
static int read_line(int fd, char out[static PIN_TEXT])
{
    size_t n = 0;
    char c;
    ssize_t got;

    while ((got = read(fd, &c, 1)) == 1 && c != '\n') {
        if (n < PIN_MAX)
            out[n] = c;
        n++;
    }
    if (got < 0)
        return -errno;
    if (n > 0 && n <= PIN_MAX && out[n - 1] == '\r')
        n--;
    out[n <= PIN_MAX ? n : 0] = '\0';
    return n == 0 || n > PIN_MAX ? -EINVAL : 0;
}

static int read_file(const char *file, char out[static PIN_TEXT])
{
    if (strcmp(file, "-") == 0)
        return read_line(STDIN_FILENO, out);
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int error = read_line(fd, out);
    close(fd);
    return error;
}

static int ask(const char *prompt, char out[static PIN_TEXT])
{
    struct termios shown, hidden;
    int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (fd < 0)
        return -ENOTTY;
    if (tcgetattr(fd, &shown) != 0) {
        close(fd);
        return -ENOTTY;
    }
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(fd, TCSAFLUSH, &hidden);
    dprintf(fd, "%s: ", prompt);
    int error = read_line(fd, out);
    tcsetattr(fd, TCSAFLUSH, &shown);
    dprintf(fd, "\n");
    close(fd);
    return error;
}

int pin_read(const char *file, const char *prompt, char out[static PIN_TEXT])
{
    int error = file != NULL ? read_file(file, out) : ask(prompt, out);

    if (error != 0)
        explicit_bzero(out, PIN_TEXT);
    return error;
}
