/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames are thought of as a fluid: a byte of data costs its own time and its share of what a longest frame costs beside its
 * data. A real frame is never cheaper, and a host that puts its ends where they serve it best comes near it. While the loader
 * works on what one frame completed, one more frame may be under way, and no second one (the next is taken when the work is
 * done): so work hides line time up to that of a longest frame.
 */
#include "bench/model/floor_region.h"

#include <string.h>

#include "sim/board/sim_physics.h"

#define SLIP_ENDS   2
#define DATA_HEADER 24      /* of a DATA frame */
#define WINDOW      0x8000u /* bytes of output that a decompressor collects before it writes */
#define SECTORS     16      /* of a block */

double floor_frame_us(const struct floor_case *c, uint32_t bytes)
{
    return (double)(bytes + SLIP_ENDS) * SIM_BITS_PER_BYTE * 1e6 / c->baud;
}

static double lesser(double a, double b)
{
    return a < b ? a : b;
}

static double greater(double a, double b)
{
    return a > b ? a : b;
}

/* One command's bytes. */
static double chunk_us(uint32_t n)
{
    return n == 0
               ? 0
               : (SIM_PROGRAM_COMMAND_NS + SIM_PAGE_PROGRAM_FIRST_NS + (n - 1.0) * SIM_PAGE_PROGRAM_NEXT_NS) /
                     1e3;
}

/* As the loaders' common routine does: a command for every 32 bytes, from a multiple of 32 on. */
static double program_us(const struct floor_board *b, uint32_t at, uint32_t len)
{
    uint32_t head = (SIM_PROGRAM_CHUNK - at % SIM_PROGRAM_CHUNK) % SIM_PROGRAM_CHUNK;

    head = head < len ? head : len;
    len -= head;
    uint32_t whole = len / SIM_PROGRAM_CHUNK;
    return (chunk_us(head) + whole * chunk_us(SIM_PROGRAM_CHUNK) + chunk_us(len % SIM_PROGRAM_CHUNK)) *
           b->slow;
}

/* One step of erasing up to `to`, flash addresses: how far it goes, and its time. Part of a block that is all ours: its share. */
static uint32_t erase_step(const struct floor_board *b, uint32_t at, uint32_t to, double *us)
{
    uint32_t first = b->c->offset, end = (first + b->c->size + FLOOR_SECTOR - 1) & ~(FLOOR_SECTOR - 1);
    uint32_t block = at & ~(FLOOR_BLOCK - 1);

    if (block < first || end - block < FLOOR_BLOCK) {
        *us = SIM_ERASE_SECTOR_US * b->slow;
        return at + FLOOR_SECTOR;
    }
    uint32_t next = block + FLOOR_BLOCK < to ? block + FLOOR_BLOCK : to;
    uint32_t sectors = (next - at + FLOOR_SECTOR - 1) / FLOOR_SECTOR;
    double share = (double)SIM_ERASE_BLOCK_US * sectors / (double)SECTORS;
    *us = lesser(share, (double)SIM_ERASE_SECTOR_US * sectors) * b->slow;
    return next;
}

double floor_erase(const struct floor_board *b, uint32_t from, uint32_t to)
{
    double sum = 0, us;

    for (uint32_t at = b->c->offset + from; at < b->c->offset + to; sum += us)
        at = erase_step(b, at, b->c->offset + to, &us);
    return sum;
}

double floor_program(const struct floor_board *b, uint32_t from, uint32_t to)
{
    return program_us(b, b->c->offset + from, to - from);
}

/* A stub at work on one region. */
struct stub {
    const struct floor_board *b;
    struct floor_time *out;
    double now, flash_free;     /* microseconds from the region's beginning */
    double waited;              /* of the last write */
    double spare;               /* in which a part of an erase could have been done */
    uint32_t at, erased_to, to; /* flash addresses */
    unsigned erases;            /* begun since something was programmed */
    double sent, frame_most;    /* line time that has flowed, and a longest frame's */
};

static void spend(struct stub *s, enum floor_cause cause, double us)
{
    s->out->us[cause] += us;
    s->now += us;
}

static bool finds_blank(const struct stub *s)
{
    return s->b->loader->looks && s->b->c->state == FLOOR_BLANK;
}

static void wait_for_flash(struct stub *s)
{
    if (s->flash_free > s->now)
        spend(s, finds_blank(s) ? FLOOR_LOOK : FLOOR_ERASE, s->flash_free - s->now);
}

/* How long the next erase takes, or the look at a sector that turns out to be blank, and how far it goes. */
static double next_us(const struct stub *s, uint32_t *to)
{
    double us;

    if (finds_blank(s)) {
        *to = s->erased_to + FLOOR_SECTOR;
        return FLOOR_SECTOR * SIM_READ_NS / 1e3;
    }
    *to = erase_step(s->b, s->erased_to, s->to, &us);
    return us;
}

static void erase_at(struct stub *s, double when)
{
    s->flash_free = when + next_us(s, &s->erased_to);
    s->erases++;
}

/*
 * Each frame has the stub begin one erase, if the flash is free, and so has what a frame holds behind the end of a window. A
 * host that cuts its frames for it has them follow each other while the stub waits for the line. The first it cannot prevent,
 * though it may run into what is to be written. Whether it pays to wait for one that is not done in time need not be found
 * out: the time that there is for it is spared later. That such frames have heads and answers too is left out.
 */
static void erase_meanwhile(struct stub *s, double until, uint32_t window_end)
{
    while (s->erased_to < s->to) {
        uint32_t to;
        double from = greater(s->flash_free, s->now), us = next_us(s, &to);
        bool needed = from < until && s->erased_to < window_end;
        if (s->erases > 0 && from + us > until && !needed) {
            s->spare += greater(until - from, 0);
            break;
        }
        erase_at(s, from);
    }
}

/* What the window needs and was not begun in time. */
static void erase_now(struct stub *s)
{
    wait_for_flash(s);
    erase_at(s, s->now);
    double spared = lesser(s->spare, s->flash_free - s->now);
    s->flash_free -= spared;
    s->spare -= spared;
}

/* What came out of the decompressor goes to flash. */
static void write_out(struct stub *s, uint32_t len)
{
    double began = s->now;

    erase_meanwhile(s, s->now, s->at + len);
    spend(s, FLOOR_INFLATE, len * s->b->loader->inflate_us);
    while (s->erased_to < s->to && s->erased_to < s->at + len)
        erase_now(s);
    wait_for_flash(s);
    s->waited = s->now - began;
    spend(s, FLOOR_PROGRAM, program_us(s->b, s->at, len));
    s->at += len;
    s->erases = 0;
}

/* What a longest frame of `data_us` costs beside its data, and each part of it. */
struct overhead {
    double out, in, loader, turn, sum;
};

static struct overhead overhead(const struct floor_board *b)
{
    double byte_us = SIM_BITS_PER_BYTE * 1e6 / b->c->baud;
    struct overhead o = {
        .out = floor_frame_us(b->c, DATA_HEADER),
        .in = floor_frame_us(b->c, b->loader->answer),
        .loader = b->loader->command_us + b->loader->idle_bytes * byte_us,
        .turn = b->c->turn_us,
    };

    o.sum = o.out + o.in + o.loader + o.turn;
    return o;
}

/* Line time of so many line bytes, with their share of what goes with each frame. */
static double flow_us(const struct floor_board *b, double line_bytes, double frame_bytes)
{
    double us = line_bytes * SIM_BITS_PER_BYTE * 1e6 / b->c->baud;

    return us + overhead(b).sum * line_bytes / frame_bytes;
}

/* The loader has nothing to do until so much has come. */
static void wait_for_line(struct stub *s, double need, double data_us_a_frame, uint32_t window_end)
{
    struct overhead o = overhead(s->b);
    double us = need - s->sent, frame = data_us_a_frame + o.sum;

    if (us <= 0)
        return;
    erase_meanwhile(s, s->now + us, window_end);
    spend(s, FLOOR_LINE_OUT, us * (data_us_a_frame + o.out) / frame);
    spend(s, FLOOR_LINE_IN, us * o.in / frame);
    spend(s, FLOOR_LOADER, us * o.loader / frame);
    spend(s, FLOOR_TURN, us * o.turn / frame);
    s->sent = need;
}

static void begin(struct stub *s)
{
    struct overhead o = overhead(s->b);

    spend(s, FLOOR_LOADER, s->b->loader->command_us);
    if (s->b->loader->looks)
        spend(s, FLOOR_LOOK, FLOOR_SECTOR * SIM_READ_NS / 1e3);
    if (finds_blank(s))
        s->erased_to += FLOOR_SECTOR;
    else
        erase_at(s, s->now);
    spend(s, FLOOR_LINE_IN, o.in);
    spend(s, FLOOR_TURN, o.turn);
    s->sent = o.in + o.turn; /* the last frame's answer is waited for by nobody */
}

static struct stub stub_of(const struct floor_board *b, uint32_t from, uint32_t to, struct floor_time *out)
{
    uint32_t base = b->c->offset;

    return (struct stub){.b = b, .out = out, .at = base + from, .erased_to = base + from, .to = base + to};
}

static double stub_packed(const struct floor_board *b, uint32_t from, uint32_t to, struct floor_time *out)
{
    const struct floor_stream *z = b->stream;
    double most = flow_us(b, z->packed_max, z->packed_max), frame_data = most - overhead(b).sum;
    struct stub s = stub_of(b, from, to, out);

    begin(&s);
    for (uint32_t at = from; at < to; at += WINDOW) {
        uint32_t next = to - at < WINDOW ? to : at + WINDOW;
        double need = flow_us(b, floor_stream_span(z->packed, from, next), z->packed_max);
        wait_for_line(&s, need, frame_data, b->c->offset + next);
        double began = s.now;
        write_out(&s, next - at);
        /* The frame that completes a window may hold more, and come while an erase is waited for; one more comes then. */
        s.sent += lesser(s.waited, most) + lesser(s.now - began - s.waited, most);
        s.sent = lesser(s.sent, need + 2 * most);
    }
    return s.now;
}

/* Frames may be as short as the host likes, so the work begins at once and is as fine as it likes: only the sums count. */
static double stub_plain(const struct floor_board *b, uint32_t from, uint32_t to, struct floor_time *out)
{
    const struct floor_stream *z = b->stream;
    struct overhead o = overhead(b);
    double line = flow_us(b, floor_stream_span(z->plain, from, to), z->plain_max) - o.in - o.turn;
    struct stub s = stub_of(b, from, to, out);

    begin(&s);
    double began = s.now;
    while (s.erased_to < s.to) { /* of an erase that runs since BEGIN the line may hide what it can */
        wait_for_flash(&s);
        erase_at(&s, s.now);
    }
    wait_for_flash(&s);
    spend(&s, FLOOR_PROGRAM, program_us(b, s.at, to - from));
    s.sent = s.now - began;
    wait_for_line(&s, line, flow_us(b, z->plain_max, z->plain_max) - o.sum, 0);
    return s.now;
}

/* One thing after the other: a BEGIN that erases, then each frame received, worked on and answered. */
static double rom(const struct floor_board *b, uint32_t from, uint32_t to, bool packed,
                  struct floor_time *out)
{
    const struct floor_stream *z = b->stream;
    struct overhead o = overhead(b);
    double bytes = floor_stream_span(packed ? z->packed : z->plain, from, to);
    uint32_t blocks = (to - from + b->loader->block - 1) / b->loader->block;
    double frames = packed ? greater(bytes / z->packed_max, 1) : blocks;

    out->us[FLOOR_LINE_OUT] = floor_frame_us(b->c, b->loader->begin) + frames * o.out +
                              bytes * SIM_BITS_PER_BYTE * 1e6 / b->c->baud;
    out->us[FLOOR_LINE_IN] = (frames + 1) * o.in;
    out->us[FLOOR_LOADER] = (frames + 1) * o.loader;
    out->us[FLOOR_TURN] = (frames + 1) * o.turn;
    out->us[FLOOR_ERASE] = floor_erase(b, from, to);
    out->us[FLOOR_PROGRAM] = program_us(b, b->c->offset + from, to - from);
    out->us[FLOOR_INFLATE] = packed ? (to - from) * b->loader->inflate_us : 0;
    return floor_sum(out);
}

double floor_region(const struct floor_board *b, uint32_t from, uint32_t to, struct floor_time *out)
{
    struct floor_time plain = {0}, packed = {0};
    bool is_rom = b->loader->is_rom;
    double a = is_rom ? rom(b, from, to, false, &plain) : stub_plain(b, from, to, &plain);

    *out = plain;
    if (is_rom && !b->c->rom_inflates)
        return a;
    double z = is_rom ? rom(b, from, to, true, &packed) : stub_packed(b, from, to, &packed);
    if (z < a)
        *out = packed;
    return lesser(a, z);
}
