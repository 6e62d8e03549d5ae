/* SPDX-License-Identifier: Apache-2.0 */
/* control_wire - the two lines of JSON between a station and who asks it, and the socket's place. For control*.c. */
#ifndef STATION_WORK_CONTROL_WIRE_H
#define STATION_WORK_CONTROL_WIRE_H

#include <jansson.h>
#include <sys/un.h>

#include "station/work/control.h"

/* A malloc()ed line with its newline, or NULL. */
char *control_pack_call(const struct work_call *call);
char *control_pack_answer(int rc, const struct work_receipt *receipt, const struct failure *f);
/* *call comes in by DOOR_SOCKET and borrows from the object returned; json_decref() it afterwards. NULL: not understood. */
json_t *control_unpack_call(const char *line, struct work_call *call);
/* The same for a serial. */
char *control_pack_serial(const struct control_serial *s);
json_t *control_unpack_serial(const char *line, struct control_serial *s);
/* The same for who works there. */
char *control_pack_duty(const struct control_duty *d);
json_t *control_unpack_duty(const char *line, struct control_duty *d);
char *control_pack_duty_now(const struct control_duty_now *now, const struct work_receipt *receipt);
/* False: the answer says nothing of it. */
bool control_unpack_duty_now(const char *line, struct control_duty_now *now);
/* As control_request() returns, with -1 and FAIL_WORK for an answer that is none. */
int control_unpack_answer(const char *line, struct work_receipt *receipt, struct failure *f);

/*
 * The address of DATABASE.sock, however long the path: through /proc/self/fd and the folder's descriptor, which the
 * caller closes after bind() or connect(). `real` (PATH_TEXT bytes) gets the name itself. The descriptor, or -errno.
 */
int control_address(const char *db_path, struct sockaddr_un *out, char *real);
/* One line, at most `size` bytes with its NUL, within five seconds. 0 or -errno. */
int control_read_line(int fd, char *line, size_t size);
int control_write(int fd, const char *line);

#endif /* STATION_WORK_CONTROL_WIRE_H */
