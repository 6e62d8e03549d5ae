/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/serve/sim_stream.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

size_t sim_stream_room(const struct sim_stream *s)
{
    return sizeof s->out - s->len;
}

bool sim_stream_put(struct sim_stream *s, const void *bytes, size_t len)
{
    size_t n = len < sim_stream_room(s) ? len : sim_stream_room(s);

    memcpy(s->out + s->len, bytes, n);
    s->len += n;
    return n == len;
}

void sim_stream_flush(struct sim_stream *s, int fd)
{
    while (s->len > 0 && !s->broken) {
        ssize_t n = write(fd, s->out, s->len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        if (n < 0) {
            s->broken = true;
            return;
        }
        memmove(s->out, s->out + n, s->len - (size_t)n);
        s->len -= (size_t)n;
    }
}

bool sim_stream_may_read(const struct sim_board *b, int64_t now_us)
{
    return sim_board_sent_at(b) - now_us <= SIM_STREAM_AHEAD;
}

int64_t sim_stream_due(const struct sim_board *b, int64_t now_us)
{
    int64_t due = sim_board_next(b), free_at = sim_board_sent_at(b) - SIM_STREAM_AHEAD;

    if (!sim_stream_may_read(b, now_us) && free_at < due)
        due = free_at;
    return due;
}

int sim_stream_timeout_ms(int64_t due_us, int64_t now_us)
{
    if (due_us == SIM_NEVER)
        return -1;
    int64_t ms = due_us > now_us ? (due_us - now_us + 999) / 1000 : 0;

    return ms > 3600000 ? 3600000 : (int)ms;
}
