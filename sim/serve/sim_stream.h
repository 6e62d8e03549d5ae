/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_stream - what the real-time servers (pty, RFC 2217) share: time, and the bytes that wait to be written to a
 * descriptor. Bounded: what a client does not read in time is lost, as on a wire. One thread.
 */
#ifndef SIM_SERVE_SIM_STREAM_H
#define SIM_SERVE_SIM_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/board/sim_board.h"

#define SIM_STREAM_BUFFER 16384
#define SIM_STREAM_AHEAD  20000 /* microseconds of line time a client may be ahead of the line */

struct sim_stream {
    uint8_t out[SIM_STREAM_BUFFER];
    size_t len;
    bool broken; /* the descriptor failed */
};

/* Appends; what does not fit is dropped and false returned. */
bool sim_stream_put(struct sim_stream *s, const void *bytes, size_t len);
size_t sim_stream_room(const struct sim_stream *s);
/* Writes what the descriptor takes without waiting. */
void sim_stream_flush(struct sim_stream *s, int fd);
/* True when the host may send more: the line is not too far behind. */
bool sim_stream_may_read(const struct sim_board *b, int64_t now_us);
/* When this board next needs a call, given what its client may do; SIM_NEVER: not before something is readable. */
int64_t sim_stream_due(const struct sim_board *b, int64_t now_us);
/* Milliseconds for poll(), rounded up so that nobody wakes too early and spins; -1: no limit. */
int sim_stream_timeout_ms(int64_t due_us, int64_t now_us);

#endif /* SIM_SERVE_SIM_STREAM_H */
