/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/board/board_survey.h"

#include <string.h>

#include "engine/chip/esp_loader.h"

#define RANGE        (RANGE_REGIONS * ERASE_BLOCK)
#define SAMPLES      4u
#define SMALL_PIECE  0x4000u /* asked for at once: samples would cost as much */
#define SMALL_SPAN   0x4000u
#define NARROW_LEAST (8u * SECTOR_SIZE) /* of a smaller region a digest more costs what it may spare */
#define LINE_OF_FLASH \
    1000000u /* above this rate erasing and programming take longer than the line, at ratio 0.6 */

struct asker {
    struct board *b;
    const struct plan *plan;
    struct survey *out;
    int rc; /* -1: the board could not be reached again */
};

static void mark(uint8_t *bits, uint32_t offset, uint32_t size)
{
    for (uint32_t s = offset / SECTOR_SIZE; s * SECTOR_SIZE < offset + size && s < SURVEY_SECTORS; s++)
        bits[s / 8] |= (uint8_t)(1u << s % 8);
}

static bool all(const uint8_t *bits, uint32_t offset, uint32_t size)
{
    for (uint32_t s = offset / SECTOR_SIZE; s * SECTOR_SIZE < offset + size; s++)
        if (s >= SURVEY_SECTORS || !(bits[s / 8] >> s % 8 & 1))
            return false;
    return size > 0;
}

bool survey_is_same(const struct survey *s, uint32_t offset, uint32_t size)
{
    return all(s->same, offset, size);
}

bool survey_is_blank(const struct survey *s, uint32_t offset, uint32_t size)
{
    return all(s->blank, offset, size);
}

bool survey_is_dirty(const struct survey *s, uint32_t offset, uint32_t size)
{
    return all(s->dirty, offset, size);
}

bool survey_wants_blanks(const struct board *b)
{
    /* Only the second stub looks before it erases, and only where the flash is slower than the line does that pay. */
    return b->own_stub && b->resends_on_checksum && transport_baud(b->session->port) > LINE_OF_FLASH;
}

/*
 * The chip may have been reset over a lost answer, and its program have run: nothing that it said before counts then. Asked
 * for once: a digest that the line damaged is another one, and costs a piece that is written though it stood there.
 */
static bool ask(struct asker *k, uint32_t offset, uint32_t size, uint8_t md5[static MD5_SIZE])
{
    if (k->out->over)
        return false;
    k->out->questions++;
    int rc = esp_loader_md5(k->b->session->loader, offset, size, md5);
    if (rc == 0)
        return true;
    memset(k->out, 0, sizeof *k->out);
    k->out->over = true;
    board_lost(k->b, rc, FAIL_MD5_READ, FAIL_MD5_READ);
    k->rc = board_recover(k->b, "looking at the flash", rc);
    return false;
}

static bool holds(struct asker *k, uint32_t offset, uint32_t size, const uint8_t want[static MD5_SIZE])
{
    uint8_t got[MD5_SIZE];
    bool same = ask(k, offset, size, got) && memcmp(got, want, MD5_SIZE) == 0;

    if (same)
        mark(k->out->same, offset, size);
    return same;
}

/* The sectors [from, to) of a region, by a digest that is counted here. */
static bool holds_part(struct asker *k, const struct piece *p, uint32_t from, uint32_t to)
{
    uint32_t end = to < p->size ? to : p->size;
    uint8_t want[MD5_SIZE];

    digest_md5_padded(p->data + from, end - from, to - from, want);
    return holds(k, p->offset + from, to - from, want);
}

/* Halves, as long as one of the two is what it shall be. */
static void narrow(struct asker *k, const struct piece *p, const struct region *r)
{
    uint32_t from = r->at, to = r->at + whole_sectors(r->size);

    while (to - from > SECTOR_SIZE && !k->out->over) {
        uint32_t half = from + (to - from) / SECTOR_SIZE / 2 * SECTOR_SIZE;

        if (holds_part(k, p, from, half))
            from = half;
        else if (holds_part(k, p, half, to))
            to = half;
        else
            return;
    }
}

static void ask_region(struct asker *k, const struct piece *p, const struct region *r)
{
    uint32_t offset = p->offset + r->at, size = whole_sectors(r->size);
    uint8_t got[MD5_SIZE];

    if (!ask(k, offset, size, got))
        return;
    if (memcmp(got, r->md5, MD5_SIZE) == 0)
        mark(k->out->same, offset, size);
    bool blank = digest_md5_is_blank(size, got);
    mark(blank ? k->out->blank : k->out->dirty, offset, blank ? size : SECTOR_SIZE);
}

static void ask_ranges(struct asker *k, const struct piece *p)
{
    for (size_t i = 0, end; i < p->region_count; i = end) {
        const struct region *last;

        end = i + RANGE_REGIONS < p->region_count ? i + RANGE_REGIONS : p->region_count;
        last = &p->regions[end - 1];
        uint32_t from = p->regions[i].at, to = last->at + whole_sectors(last->size);
        if (end - i > 1 && holds(k, p->offset + from, to - from, p->ranges[i / RANGE_REGIONS]))
            continue;
        for (size_t n = i; n < end; n++)
            ask_region(k, p, &p->regions[n]);
    }
}

static bool region_is_same(const struct asker *k, const struct piece *p, size_t i)
{
    return survey_is_same(k->out, p->offset + p->regions[i].at, p->regions[i].size);
}

/* Code that moved differs all the way from there: only a block that stands alone is worth more questions. */
static void narrow_where_alone(struct asker *k, const struct piece *p)
{
    for (size_t i = 0; i < p->region_count; i++) {
        bool alone = (i == 0 || region_is_same(k, p, i - 1)) &&
                     (i + 1 == p->region_count || region_is_same(k, p, i + 1));

        if (p->regions[i].size >= NARROW_LEAST && alone && !region_is_same(k, p, i) &&
            !survey_is_blank(k->out, p->offset + p->regions[i].at, p->regions[i].size))
            narrow(k, p, &p->regions[i]);
    }
}

struct samples {
    size_t same, blank, count;
    bool last_blank;
};

/* The first sectors of some regions, from the first to the last, until one is as it shall be. */
static struct samples sample(struct asker *k, const struct piece *p)
{
    struct samples s = {.count = p->region_count < SAMPLES ? p->region_count : SAMPLES};

    for (size_t i = 0; i < s.count && s.same == 0; i++) {
        const struct region *r = &p->regions[s.count > 1 ? i * (p->region_count - 1) / (s.count - 1) : 0];
        uint32_t size = r->size < SECTOR_SIZE ? r->size : SECTOR_SIZE;
        uint8_t want[MD5_SIZE], got[MD5_SIZE];

        if (!ask(k, p->offset + r->at, SECTOR_SIZE, got))
            break;
        digest_md5_padded(p->data + r->at, size, SECTOR_SIZE, want);
        s.last_blank = digest_md5_is_blank(SECTOR_SIZE, got);
        s.same += memcmp(got, want, MD5_SIZE) == 0;
        s.blank += s.last_blank;
        mark(k->out->dirty, p->offset + r->at, s.last_blank ? 0 : SECTOR_SIZE);
    }
    return s;
}

/*
 * From the last region back to the first that is not blank: what a shorter firmware has left. What is blank in front the stub
 * finds by itself.
 */
static void look_at_end(struct asker *k, const struct piece *p)
{
    for (size_t i = p->region_count; i-- > 0;) {
        const struct region *r = &p->regions[i];

        ask_region(k, p, r);
        if (!survey_is_blank(k->out, p->offset + r->at, r->size))
            return;
    }
}

static void look_at_piece(struct asker *k, const struct piece *p)
{
    struct samples s = {.same = 1};

    if (p->size > SMALL_PIECE)
        s = sample(k, p);
    if (s.same > 0) {
        ask_ranges(k, p);
        narrow_where_alone(k, p);
    } else if (s.last_blank && s.blank < s.count && survey_wants_blanks(k->b)) {
        look_at_end(k, p);
    }
}

static bool is_blank(struct asker *k, uint32_t at, uint32_t end)
{
    uint8_t want[MD5_SIZE];

    digest_md5_padded(NULL, 0, end - at, want);
    return holds(k, at, end - at, want);
}

/* Tells nothing of the rest, and is not noted: a block is erased at once, not sector by sector around one that is blank. */
static bool begins_blank(struct asker *k, uint32_t at)
{
    uint8_t got[MD5_SIZE];

    return ask(k, at, SECTOR_SIZE, got) && digest_md5_is_blank(SECTOR_SIZE, got);
}

/* Up to a whole erase block. Where its sectors are erased one by one, each that is blank is left out. */
static void look_at_block(struct asker *k, uint32_t at, uint32_t end)
{
    bool small = end - at <= SMALL_SPAN, first = !small && begins_blank(k, at);

    if ((small || first) && is_blank(k, at, end))
        return;
    if (end - at == ERASE_BLOCK || end - at == SECTOR_SIZE)
        return;
    if (first)
        mark(k->out->same, at, SECTOR_SIZE);
    for (at += small ? 0 : SECTOR_SIZE; at < end; at += SECTOR_SIZE)
        is_blank(k, at, at + SECTOR_SIZE);
}

/* [at, end) shall be blank; within one RANGE. What is not so in its first sector is not asked for as a whole. */
static void look_at_span(struct asker *k, uint32_t at, uint32_t end)
{
    if (end - at > ERASE_BLOCK && begins_blank(k, at) && is_blank(k, at, end))
        return;
    for (uint32_t next; at < end && !k->out->over; at = next) {
        next = (at / ERASE_BLOCK + 1) * ERASE_BLOCK;
        next = next < end ? next : end;
        look_at_block(k, at, next);
    }
}

static bool covers(const struct piece *pieces, size_t count, uint32_t sector)
{
    for (size_t i = 0; i < count; i++)
        if (span_touches(&(struct span){pieces[i].offset, pieces[i].size}, sector, SECTOR_SIZE))
            return true;
    return false;
}

static bool is_written(const struct plan *p, uint32_t sector)
{
    return (sector == p->boot_sector && plan_writes(p)) || covers(p->pieces, p->piece_count, sector) ||
           covers(p->finals, p->final_count, sector);
}

static bool shall_be_blank(const struct plan *p, uint32_t sector)
{
    return !plan_keeps(p, sector, SECTOR_SIZE) && !is_written(p, sector);
}

static void look_at_erase(struct asker *k, const struct span *s)
{
    uint32_t end = s->offset + s->size;

    for (uint32_t at = s->offset, next; at < end && !k->out->over; at = next) {
        bool blank = shall_be_blank(k->plan, at);

        next = at + SECTOR_SIZE;
        while (next < end && next % RANGE != 0 && shall_be_blank(k->plan, next) == blank)
            next += SECTOR_SIZE;
        if (blank)
            look_at_span(k, at, next);
    }
}

int survey_board(struct board *b, const struct plan *plan, const uint8_t *boot_md5, struct survey *out)
{
    const struct span whole = {0, b->chip.unit.flash_size};
    struct asker k = {.b = b, .plan = plan, .out = out};

    memset(out, 0, sizeof *out);
    if (boot_md5 != NULL)
        holds(&k, plan->boot_sector, SECTOR_SIZE, boot_md5);
    for (size_t i = 0; i < plan->piece_count; i++)
        look_at_piece(&k, &plan->pieces[i]);
    for (size_t i = 0; i < plan->final_count; i++)
        look_at_piece(&k, &plan->finals[i]);
    for (size_t i = 0; i < plan->erase_count && !plan->erase_all; i++)
        look_at_erase(&k, &plan->erases[i]);
    if (plan->erase_all)
        look_at_erase(&k, &whole);
    return k.rc;
}
