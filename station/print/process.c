/* SPDX-License-Identifier: Apache-2.0 */
#include "station/print/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "station/print/cmd_fail.h"

/*
 * Whoever starts us with one of 0, 1 and 2 closed would have the next file we open get that number, and what is meant
 * for a person written into it. /dev/null takes the place, for reading only: what is written there fails and is told
 * or counted as output that was lost, never as success.
 */
static void fill_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDONLY) != fd)
            _exit(EXIT_STATION); /* nobody could be told */
    }
}

void process_begin(void)
{
    fill_standard_descriptors(); /* before anything is opened */
    signal(SIGPIPE, SIG_IGN); /* a reader that went away is an error of a write, not the end of a station */
}

int process_end(const char *verb, int code)
{
    struct pollfd p = {.fd = STDOUT_FILENO};

    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    int why = errno;
    if (why == EPIPE || (poll(&p, 1, 0) == 1 && (p.revents & POLLERR) != 0) || code != EXIT_ALL_PASS)
        return code;
    fprintf(stderr, CMD_CALL ": the output could not be written%s%s; what it should have said is lost\n",
            CMD_CALL_OF(verb), why != 0 ? ": " : "", why != 0 ? errno_text(why) : "");
    return EXIT_STATION;
}
