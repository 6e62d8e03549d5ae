/* SPDX-License-Identifier: Apache-2.0 */
/* control_client - one that talks to the station over its socket: a line from it, a line to it, never waited for. For control.c. */
#ifndef STATION_WORK_CONTROL_CLIENT_H
#define STATION_WORK_CONTROL_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "station/work/control.h"

struct control_client {
    int fd;           /* non-blocking, owned; -1: nobody sits here, the rest means nothing */
    int64_t until_ms; /* by control_now_ms() */
    char line[CONTROL_LINE_MAX];
    size_t length;
    char *answer; /* NULL: it has not asked yet */
    size_t said;
};

int64_t control_now_ms(void);

void control_client_open(struct control_client *client, int fd, int64_t until_ms);
/* Its descriptor is somebody else's from now on. */
void control_client_release(struct control_client *client);
void control_client_close(struct control_client *client); /* what it sent is wiped: a PIN may be in it */
/* 0: `line` is whole, NUL ended; -EAGAIN: not yet; other -errno: it is gone, or the line is too long. */
int control_client_read(struct control_client *client);
/* Sends `text` (malloc()ed, taken) or, for NULL, more of it. 0: all is out; -EAGAIN: not yet; other -errno: it is gone. */
int control_client_say(struct control_client *client, char *text);

#endif /* STATION_WORK_CONTROL_CLIENT_H */
