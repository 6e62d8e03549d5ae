/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A region goes as a zlib stream where a stub takes it, as short plain parts through a ROM whose own inflate may write past
 * the end of what it is given (esp_target.h, `rom_inflates`). A block is never sent again on suspicion: both stubs would write it twice and say yes, and
 * the ROM would miss it. After a lost or bad reply the chip is reset (where that is not wired: resynchronised) and the
 * region or part starts again from its BEGIN; whether it is right then, the chip's MD5 says later.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/board/board_flash.h"

#include "engine/board/packed_frame.h"
#include "engine/board/plain_frame.h"
#include "engine/board/plain_part.h"
#include "engine/chip/esp_loader.h"
#include "engine/port/transport.h"
#include "profiles/plan/flash_plan.h"
#include "profiles/plan/region_stream.h"

#define RESTARTS_OF_A_STREAM 1
#define RESTARTS_A_PART      2
#define RESENDS_A_BLOCK      3
#define SMALL_PART           ESP_STUB_BLOCK /* little to send again on a line that damages bytes */
#define LARGE_PART           0x10000u /* what the flash erases fastest: the ROM's, until the line fails */
#define RESTARTS_AN_ERASE    2
#define IN_ONE               0x80000000u /* no part ends before the piece does */
/* Above these rates a plain byte comes sooner than it is programmed (3.8 us, sim_physics.h), and erased too (6.1). */
#define LINE_OF_PLAIN 2600000u
#define LINE_OF_DIRTY 1700000u

/* One command a piece: progress is seen, and the time limit of each stays short. */
#define CHUNK 0x40000u

static int read_lost(struct board *b, int rc, const struct backup *x)
{
    const char *own = x->offset == plan_identity_span().offset ? "identity" : "protected";

    return board_lost_while(b, rc, FAIL_BACKUP_READ, FAIL_BACKUP_READ, "reading the %s sector at 0x%x",
                            x->kind == BACKUP_IDENTITY ? own : "boot", x->offset);
}

static int read_sector(struct board *b, enum backup_kind kind, uint32_t offset, struct backup *out)
{
    memset(out, 0, sizeof *out);
    out->kind = kind;
    out->offset = offset;
    int rc = esp_loader_read_flash(b->session->loader, offset, out->data, sizeof out->data);
    if (rc < 0)
        return read_lost(b, rc, out);
    digest_sha256(out->data, sizeof out->data, out->sha256);
    return 0;
}

/* The line has no checksum of its own in this direction: the chip's digest says whether we read what is there. */
static int check_read(struct board *b, const struct backup *x)
{
    uint8_t ours[MD5_SIZE], chips[MD5_SIZE];
    int rc = esp_loader_md5(b->session->loader, x->offset, sizeof x->data, chips);

    if (rc < 0)
        return read_lost(b, rc, x);
    digest_md5(x->data, sizeof x->data, ours);
    if (memcmp(ours, chips, MD5_SIZE) != 0)
        return failure_set(&b->failure, FAIL_BACKUP_READ, STAGE_BACKUP, 0, "sector 0x%x was read wrong",
                           x->offset);
    return 0;
}

int flash_read_sector(struct board *b, enum backup_kind kind, uint32_t offset, struct backup *out)
{
    return read_sector(b, kind, offset, out) < 0 ? -1 : check_read(b, out);
}

static int erase_once(struct board *b, uint32_t offset, uint32_t size)
{
    b->touched = true;
    int rc = esp_loader_erase(b->session->loader, offset, size);

    b->refused_before &= rc != 0;
    return rc;
}

/* Erasing twice does no harm, so a lost or damaged exchange costs one reconnection and the same sectors again. */
static int erase_sectors(struct board *b, uint32_t offset, uint32_t size)
{
    for (int restarts = 0;; restarts++) {
        int rc = erase_once(b, offset, size);
        if (rc == 0)
            return 0;
        board_lost(b, rc, FAIL_WRITE_LOST, board_flash_refused(b, rc) ? FAIL_ERASE : FAIL_NOISE);
        if (restarts == RESTARTS_AN_ERASE || board_recover(b, "erasing", rc) < 0)
            return failure_while(&b->failure, "erasing 0x%x bytes at 0x%x", size, offset);
    }
}

int flash_erase(struct board *b, uint32_t begin, uint32_t end)
{
    for (uint32_t at = begin; at < end;) {
        uint32_t next = (at / CHUNK + 1) * CHUNK;
        if (next > end)
            next = end;
        if (erase_sectors(b, at, next - at) < 0)
            return -1;
        board_progress(b, b->done + (next - at), b->total);
        at = next;
    }
    return 0;
}

/* The newer stub says by itself that it did not take a damaged block: only then may the same one go again. */
static bool block_was_refused(const struct board *b, int rc)
{
    return rc == -EREMOTEIO && b->own_stub && b->resends_on_checksum &&
           esp_loader_block_refused(b->session->loader);
}

struct out_block {
    const uint8_t *bytes;
    uint32_t len, seq;
    bool is_plain;
    uint32_t work; /* else: bytes that the loader writes before it answers */
};

static int send_once(struct board *b, const struct out_block *o)
{
    struct esp_loader *l = b->session->loader;

    return o->is_plain ? esp_loader_flash_block(l, o->seq, o->bytes, o->len)
                       : esp_loader_defl_block(l, o->seq, o->bytes, o->len, o->work);
}

static int send_block(struct board *b, const struct out_block *o)
{
    int rc = 0;

    for (int i = 0; i <= RESENDS_A_BLOCK; i++) {
        rc = send_once(b, o);
        if (!block_was_refused(b, rc))
            break;
    }
    return rc;
}

static bool goes_in_packed_frames(const struct board *b, const struct region_stream *s)
{
    return esp_loader_is_stub(b->session->loader) && region_stream_has_windows(s) &&
           packed_frame_pays(transport_baud(b->session->port));
}

static int send_blocks(struct board *b, const struct region_stream *s, bool dirty)
{
    const struct esp_loader *l = b->session->loader;
    bool paced = dirty && goes_in_packed_frames(b, s);
    struct packed_frame frame = packed_frame_begin(transport_baud(b->session->port), s);
    uint32_t step = esp_loader_stream_block(l), before = 0, sum = 0;
    uint64_t base = b->done;
    uint8_t room[ESP_STUB_BLOCK];
    int rc = 0;

    for (uint32_t at = 0, seq = 0; at < s->zsize && rc == 0; at += step, seq++) {
        step = paced ? packed_frame_next(&frame) : step;
        struct stream_block block = region_stream_block(s, at, step, room);
        /* A stub answers when it has written the block before, a ROM when it has written this one. */
        rc = send_block(b, &(struct out_block){block.bytes, block.len, seq, false,
                                               esp_loader_is_stub(l) ? before : block.becomes});
        before = block.becomes;
        sum = sum + before < s->size ? sum + before : s->size;
        if (rc == 0)
            board_progress(b, base + sum, b->total);
    }
    if (rc == 0)
        rc = esp_loader_write_barrier(b->session->loader, true, before);
    if (rc == 0)
        board_progress(b, base + s->size, b->total);
    else
        b->done = base;
    return rc;
}

static int send_stream(struct board *b, const struct region_stream *s, bool dirty)
{
    int rc = esp_loader_defl_begin(b->session->loader, s->offset, s->size, s->zsize);

    return rc == 0 ? send_blocks(b, s, dirty) : rc;
}

/* The ROM is given whole blocks: FF fill up the last one, inside a sector that its BEGIN has erased. */
static int send_last_of_rom(struct esp_loader *l, uint32_t seq, const uint8_t *data, uint32_t len)
{
    uint8_t block[ESP_ROM_BLOCK];

    memset(block, 0xFF, sizeof block);
    memcpy(block, data, len);
    return esp_loader_flash_block(l, seq, block, sizeof block);
}

/* Between a line that is slower than all that the flash has to do, and one that outruns it: each frame as long as pays. */
static bool is_paced(const struct board *b)
{
    return esp_loader_is_stub(b->session->loader) && transport_baud(b->session->port) >= LINE_OF_DIRTY;
}

static int send_plain(struct board *b, const struct piece *p)
{
    struct esp_loader *l = b->session->loader;
    uint32_t block = esp_loader_block(l, p->size), len;
    struct plain_frame frame = plain_frame_begin(transport_baud(b->session->port), p->offset, p->size);
    bool paced = is_paced(b);
    uint64_t base = b->done;
    int rc = esp_loader_flash_begin(l, p->offset, p->size);

    for (uint32_t at = 0, seq = 0; at < p->size && rc == 0; at += len, seq++) {
        len = p->size - at < block ? p->size - at : block;
        if (paced)
            len = plain_frame_next(&frame);
        if (len < block && !esp_loader_is_stub(l))
            rc = send_last_of_rom(l, seq, p->data + at, len);
        else
            rc = send_block(b, &(struct out_block){p->data + at, len, seq, .is_plain = true});
        if (rc == 0 && b->total > 0)
            board_progress(b, base + at + len, b->total);
    }
    if (rc == 0)
        rc = esp_loader_write_barrier(l, false, p->size);
    if (rc != 0)
        b->done = base;
    return rc;
}

static void name_loss(struct board *b, int rc)
{
    board_lost(b, rc, FAIL_WRITE_LOST, board_flash_refused(b, rc) ? FAIL_WRITE : FAIL_NOISE);
}

static int write_failed(struct board *b, const struct piece *p)
{
    return failure_while(&b->failure, "writing %s at 0x%x", p->name, p->offset);
}

/*
 * The first stub puts what a stream that broke off has left in its output buffer in front of the next stream, and says
 * yes to all of it; loaded anew it has forgotten it. Of a stub found running nobody knows what it has gone through.
 */
static bool takes_streams(const struct board *b)
{
    if (!esp_loader_is_stub(b->session->loader))
        return esp_loader_takes_streams(b->session->loader);
    return b->own_stub && (!b->stale_stream || b->resends_on_checksum);
}

/* 0: written, -1: failed, 1: better in parts, for the line does not bear streams or the loader does not. */
static int run_stream(struct board *b, const struct piece *p, const struct region_stream *s, bool dirty)
{
    for (int tries = 0; tries <= RESTARTS_OF_A_STREAM && takes_streams(b); tries++) {
        int rc = send_stream(b, s, dirty);
        b->refused_before &= rc != 0;
        b->stale_stream |= rc != 0;
        if (rc == 0)
            return 0;
        name_loss(b, rc);
        if (board_recover(b, p->name, rc) < 0)
            return write_failed(b, p);
    }
    return 1;
}

/* 0: written, -1: failed, 1: once more, in smaller parts. */
static int run_part(struct board *b, const struct piece *part)
{
    for (int restarts = 0;; restarts++) {
        int rc = send_plain(b, part);
        b->refused_before &= rc != 0;
        if (rc == 0)
            return 0;
        name_loss(b, rc);
        if (restarts == RESTARTS_A_PART || board_recover(b, part->name, rc) < 0)
            return write_failed(b, part);
        if (part->size > SMALL_PART)
            return 1;
    }
}

/* 1: the chip's digest is the wanted one; 0: it is not; or a loader's errno. */
static int same_md5(struct board *b, uint32_t offset, uint32_t size, const uint8_t want[static MD5_SIZE],
                    uint8_t got[static MD5_SIZE])
{
    int rc = esp_loader_md5(b->session->loader, offset, size, got);

    return rc < 0 ? rc : memcmp(got, want, MD5_SIZE) == 0;
}

/* 1: the chip's digest says that it is blank; 0: it is not; -1: the board was lost over the question. */
static int ask_blank(struct board *b, uint32_t offset, uint32_t size)
{
    uint8_t want[MD5_SIZE], got[MD5_SIZE];

    digest_md5_padded(NULL, 0, size, want);
    int rc = same_md5(b, offset, size, want, got);
    if (rc >= 0)
        return rc;
    board_lost(b, rc, FAIL_MD5_READ, FAIL_MD5_READ);
    return board_recover(b, "looking at the flash", rc) < 0 ? -1 : 0;
}

/* Of what is not sent. What is not blank in its first sector is not asked for as a whole. */
static int make_blank(struct board *b, const struct piece *part)
{
    uint32_t size = whole_sectors(part->size);
    int rc = ask_blank(b, part->offset, SECTOR_SIZE);

    if (rc == 1 && size > SECTOR_SIZE)
        rc = ask_blank(b, part->offset, size);
    if (rc == 0)
        rc = flash_erase(b, part->offset, part->offset + size);
    return rc < 0 ? -1 : 0;
}

/*
 * In parts that end at multiples of `step` in flash. On a line that damages bytes a long one hardly ever gets through: short
 * ones lose little each.
 */
static int run_parts(struct board *b, const struct piece *p, uint32_t step)
{
    uint64_t base = b->done;

    for (uint32_t at = 0; at < p->size;) {
        struct plain_part next = plain_part_next(p, at, step);
        struct piece part = {.offset = p->offset + at, .size = next.size, .data = p->data + at};
        snprintf(part.name, sizeof part.name, "%.40s +0x%x", p->name, at);
        int rc = next.blank ? make_blank(b, &part) : run_part(b, &part);
        if (rc < 0)
            return -1;
        if (rc == 1) {
            step = SMALL_PART;
            continue;
        }
        at += part.size;
        board_progress(b, base + at, b->total);
    }
    return 0;
}

/* So that the ROM erases whole blocks at once. */
static uint32_t plain_step(const struct board *b)
{
    return esp_loader_is_stub(b->session->loader) ? SMALL_PART : LARGE_PART;
}

static struct piece part_of(const struct piece *p, uint32_t at, uint32_t size)
{
    struct piece part = {.offset = p->offset + at, .size = size, .data = p->data + at};

    snprintf(part.name, sizeof part.name, "%s", p->name);
    return part;
}

/*
 * A line that brings bytes faster than the flash takes them gains nothing by a stream: plain bytes then, and nothing is left to
 * inflate. Of flash that must be erased as well that is so at a lower rate already; and there a stream has the flash idle
 * once in six or seven frames, of which each completes less than the 32 KiB that a stub waits for.
 */
static bool line_outruns_flash(const struct board *b, bool dirty)
{
    return esp_loader_is_stub(b->session->loader) &&
           transport_baud(b->session->port) >= (dirty ? LINE_OF_DIRTY : LINE_OF_PLAIN);
}

int flash_write(struct board *b, const struct piece *piece, size_t first, size_t count, bool dirty)
{
    struct region_stream s = region_stream_of(piece, first, count);
    struct piece part = part_of(piece, s.offset - piece->offset, s.size);

    b->touched = true;
    if (line_outruns_flash(b, dirty))
        return run_parts(b, &part, IN_ONE);
    int rc = run_stream(b, &part, &s, dirty);
    return rc == 1 ? run_parts(b, &part, plain_step(b)) : rc;
}

int flash_write_plain(struct board *b, const struct piece *piece, uint32_t at, uint32_t size)
{
    struct piece part = part_of(piece, at, size);

    b->touched = true;
    return run_parts(b, &part, plain_step(b));
}

int flash_write_sector(struct board *b, const char *name, uint32_t offset,
                       const uint8_t data[static BACKUP_SIZE])
{
    struct piece p = {.offset = offset, .size = BACKUP_SIZE, .data = data};

    b->touched = true;
    snprintf(p.name, sizeof p.name, "%s", name);
    return run_part(b, &p);
}

/* Worth knowing for a small piece: the flash took nothing at all. */
static bool is_blank(uint32_t size, const uint8_t md5[static MD5_SIZE])
{
    return size <= SECTOR_SIZE && digest_md5_is_blank(size, md5);
}

/* The reply has no checksum: a bit turned on the way is not to be blamed on the flash, so it is asked again. */
static int ask_md5(struct board *b, uint32_t offset, uint32_t size, const uint8_t want[static MD5_SIZE],
                   uint8_t got[static MD5_SIZE])
{
    int rc = same_md5(b, offset, size, want, got);

    return rc == 0 ? same_md5(b, offset, size, want, got) : rc;
}

int flash_check(struct board *b, const char *name, uint32_t offset, uint32_t size,
                const uint8_t want[static MD5_SIZE])
{
    struct mismatch m = {.seen = true, .offset = offset};
    char ours[2 * MD5_SIZE + 1], chips[2 * MD5_SIZE + 1];
    int rc = ask_md5(b, offset, size, want, m.md5);

    /* A question changes nothing: a chip that was lost over it is reached again and asked once more. */
    if (rc < 0) {
        board_lost(b, rc, FAIL_MD5_READ, FAIL_MD5_READ);
        if (board_recover(b, name, rc) < 0)
            return failure_while(&b->failure, "asking for the digest of %s at 0x%x", name, offset);
        rc = ask_md5(b, offset, size, want, m.md5);
    }
    if (rc < 0)
        return board_lost_while(b, rc, FAIL_MD5_READ, FAIL_MD5_READ,
                                "asking for the digest of %s at 0x%x once more", name, offset);
    if (rc == 1)
        return 0;
    b->mismatch = m;
    digest_hex(want, MD5_SIZE, ours);
    digest_hex(m.md5, MD5_SIZE, chips);
    return failure_set(&b->failure, FAIL_MD5_MISMATCH, b->stage, 0, "%s at 0x%x: chip says %s, want %s%s",
                       name, offset, chips, ours, is_blank(size, m.md5) ? " (the flash is blank there)" : "");
}

/*
 * The board's flash is to blame for a difference that came without a line error, and that writing all of it once more
 * leaves as it was; everything else may have come over the line, also what could not be written once more.
 */
int flash_judge(struct board *b, const struct mismatch *before)
{
    const struct mismatch *now = &b->mismatch;
    char detail[FAILURE_DETAIL_SIZE];

    if (b->failure.code != FAIL_MD5_MISMATCH)
        return -1;
    snprintf(detail, sizeof detail, "%s", b->failure.detail);
    if (b->restarts > 0)
        return failure_set(&b->failure, FAIL_MD5_UNPROVEN, b->stage, 0, "after %d start%s over: %s",
                           b->restarts, b->restarts == 1 ? "" : "s", detail);
    if (b->line_failed && !before->seen)
        return failure_set(&b->failure, FAIL_MD5_UNPROVEN, b->stage, 0,
                           "the line failed in the try before: %s", detail);
    if (!before->seen && b->tries >= b->job->retries)
        return failure_set(&b->failure, FAIL_MD5_UNPROVEN, b->stage, 0, "not written again (retries: %d): %s",
                           b->job->retries, detail);
    if (before->seen && before->offset != now->offset)
        return failure_set(&b->failure, FAIL_MD5_UNPROVEN, b->stage, 0, "it moved from 0x%x: %s",
                           before->offset, detail);
    if (before->seen && memcmp(before->md5, now->md5, MD5_SIZE) != 0)
        return failure_set(&b->failure, FAIL_MD5_UNPROVEN, b->stage, 0,
                           "written again it differs otherwise: %s", detail);
    return -1;
}

int flash_put_back(struct board *b, const char *name, uint32_t offset, const uint8_t data[static BACKUP_SIZE])
{
    struct mismatch before = b->mismatch;
    uint8_t want[MD5_SIZE];

    digest_md5(data, BACKUP_SIZE, want);
    if (flash_write_sector(b, name, offset, data) < 0)
        return -1;
    if (flash_check(b, name, offset, BACKUP_SIZE, want) < 0)
        return flash_judge(b, &before);
    return 0;
}
