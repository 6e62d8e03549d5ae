/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which cuts are best is found over all sets of cuts: at runs of FF that end where a sector does, and at the flash's blocks. A
 * cut elsewhere makes the loader erase a block sector by sector, which takes longer than any cut can save.
 */
#include "bench/model/floor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/model/floor_loader.h"
#include "bench/model/floor_region.h"
#include "bench/model/floor_stream.h"
#include "sim/board/sim_physics.h"

#define SIZE_MAX_BYTES (16u << 20)
#define CUTS_MAX       700 /* runs of FF that are weighed; shorter ones are taken for left out at no cost */
#define MD5_FRAME      24

/* A place where one region may end and the next one begin: what lies between is FF. */
struct cut {
    uint32_t end, begin;
};

struct cuts {
    struct cut *at; /* the first has only a beginning, the last only an end */
    unsigned count;
    uint32_t short_bytes; /* FF of the runs that are too many to be weighed */
};

double floor_sum(const struct floor_time *t)
{
    double sum = 0;

    for (unsigned i = 0; i < FLOOR_CAUSES; i++)
        sum += t->us[i];
    return sum;
}

const char *floor_cause_name(enum floor_cause cause)
{
    static const char *const names[FLOOR_CAUSES] = {
        [FLOOR_LINE_OUT] = "line_out", [FLOOR_LINE_IN] = "line_in", [FLOOR_LOADER] = "loader",
        [FLOOR_ERASE] = "erase",       [FLOOR_PROGRAM] = "program", [FLOOR_INFLATE] = "inflate",
        [FLOOR_LOOK] = "look",         [FLOOR_DIGEST] = "digest",   [FLOOR_TURN] = "turn",
    };

    return names[cause];
}

static void add(struct floor_time *sum, const struct floor_time *t)
{
    for (unsigned i = 0; i < FLOOR_CAUSES; i++)
        sum->us[i] += t->us[i];
}

/* Where the FF that ends at `sector_end` begin, a whole number of words; sector_end itself: there are none. */
static uint32_t blank_from(const struct floor_case *c, uint32_t from, uint32_t sector_end)
{
    uint32_t at = sector_end;

    while (at > from && c->bytes[at - 1] == 0xff)
        at--;
    return (at + FLOOR_STEP - 1) & ~(uint32_t)(FLOOR_STEP - 1);
}

static uint32_t run_length(const struct cut *c)
{
    return c->begin - c->end;
}

/* A cut at a block's boundary is always weighed. */
static uint32_t weight(const struct cut *c)
{
    return run_length(c) == 0 ? UINT32_MAX : run_length(c);
}

static int longer_first(const void *a, const void *b)
{
    uint32_t x = weight(a), y = weight(b);

    return (x < y) - (x > y);
}

static int by_place(const void *a, const void *b)
{
    const struct cut *x = a, *y = b;

    return (x->begin > y->begin) - (x->begin < y->begin);
}

/* One candidate a sector: the run of FF that ends with it, joined to the run of whole sectors behind it. */
static void find_runs(const struct floor_case *c, uint32_t from, uint32_t to, struct cuts *out)
{
    for (uint32_t end = from + FLOOR_SECTOR; end < to; end += FLOOR_SECTOR) {
        uint32_t first = blank_from(c, end - FLOOR_SECTOR, end);
        struct cut *last = out->count > 0 ? &out->at[out->count - 1] : NULL;

        if (last != NULL && last->begin == end - FLOOR_SECTOR && first == end - FLOOR_SECTOR && first < end &&
            run_length(last) > 0)
            last->begin = end;
        else if (first < end)
            out->at[out->count++] = (struct cut){first, end};
        else if ((c->offset + end) % FLOOR_BLOCK == 0)
            out->at[out->count++] = (struct cut){end, end};
    }
}

/* Too many: the longest are kept. */
static void thin(struct cuts *cuts)
{
    if (cuts->count <= CUTS_MAX)
        return;
    qsort(cuts->at, cuts->count, sizeof *cuts->at, longer_first);
    for (unsigned i = CUTS_MAX; i < cuts->count; i++)
        cuts->short_bytes += run_length(&cuts->at[i]);
    cuts->count = CUTS_MAX;
    qsort(cuts->at, cuts->count, sizeof *cuts->at, by_place);
}

/* What is written at all: without FF in front, in whole sectors, and behind. False: nothing. */
static bool trim(const struct floor_case *c, uint32_t *from, uint32_t *to)
{
    *from = 0;
    *to = blank_from(c, 0, c->size);
    *to = *to < c->size ? *to : c->size;
    while (*from < *to &&
           blank_from(c, *from, *from + FLOOR_SECTOR < *to ? *from + FLOOR_SECTOR : *to) == *from)
        *from += FLOOR_SECTOR;
    return *from < *to;
}

static int find_cuts(const struct floor_case *c, uint32_t from, uint32_t to, struct cuts *out)
{
    *out = (struct cuts){.at = malloc(((to - from) / FLOOR_SECTOR + 2) * sizeof *out->at)};
    if (out->at == NULL)
        return -ENOMEM;
    find_runs(c, from, to, out);
    thin(out);
    memmove(out->at + 1, out->at, out->count * sizeof *out->at);
    out->at[0] = (struct cut){from, from};
    out->count++;
    out->at[out->count++] = (struct cut){to, to};
    return 0;
}

/* What lies between two regions must be blank. A stub may be erasing the last of it while the next frames come. */
static double gap_us(const struct floor_board *b, uint32_t from, uint32_t to)
{
    uint32_t first = (from + FLOOR_SECTOR - 1) & ~(FLOOR_SECTOR - 1);

    if (b->c->state == FLOOR_BLANK || first >= to)
        return 0;
    double us = floor_erase(b, first, to);
    double hidden = b->loader->is_rom ? 0 : SIM_ERASE_BLOCK_US * b->slow;
    return us > hidden ? us - hidden : 0;
}

/* The best way to each cut: what it takes, and from which cut its last region comes. */
struct way {
    double us;
    unsigned from;
};

static void find_ways(const struct floor_board *b, const struct cuts *cuts, struct way *ways)
{
    ways[0] = (struct way){0, 0};
    for (unsigned to = 1; to < cuts->count; to++) {
        ways[to].us = -1;
        for (unsigned from = 0; from < to; from++) {
            struct floor_time t;
            double us = ways[from].us + gap_us(b, cuts->at[from].end, cuts->at[from].begin) +
                        floor_region(b, cuts->at[from].begin, cuts->at[to].end, &t);
            if (ways[to].us < 0 || us < ways[to].us)
                ways[to] = (struct way){us, from};
        }
    }
}

/* Back from the last cut to the first, adding up. */
static void follow(const struct floor_board *b, const struct cuts *cuts, const struct way *ways,
                   struct floor_result *out)
{
    for (unsigned to = cuts->count - 1; to > 0; to = ways[to].from) {
        const struct cut *from = &cuts->at[ways[to].from];
        struct floor_time t;

        floor_region(b, from->begin, cuts->at[to].end, &t);
        add(&out->write, &t);
        out->write.us[FLOOR_ERASE] += gap_us(b, from->end, from->begin);
        out->skipped_bytes += run_length(from);
        out->regions++;
    }
}

/*
 * A flash does one thing at a time: whatever hides what, it erases all that is not blank and programs what no cut leaves out.
 * For each gap alone gap_us() is kinder, as it cannot know what else is hidden under the same line time.
 */
static double flash_us(const struct floor_board *b, const struct cuts *cuts)
{
    double us = b->c->state == FLOOR_BLANK ? 0 : floor_erase(b, 0, b->c->size);

    for (unsigned i = 1; i < cuts->count; i++)
        us += floor_program(b, cuts->at[i - 1].begin, cuts->at[i].end);
    return us;
}

static void hold_against_flash(const struct floor_board *b, const struct cuts *cuts, struct floor_result *out)
{
    double missing = flash_us(b, cuts) - floor_sum(&out->write);

    if (missing > 0)
        out->write.us[FLOOR_ERASE] += missing;
}

/* As if runs too short to be weighed were not there: neither sent nor programmed. */
static void forgive(const struct floor_board *b, uint32_t bytes, struct floor_result *out)
{
    double each =
        (SIM_PROGRAM_COMMAND_NS + SIM_PAGE_PROGRAM_FIRST_NS + SIM_PROGRAM_CHUNK * SIM_PAGE_PROGRAM_NEXT_NS) /
        1e3 / SIM_PROGRAM_CHUNK * b->slow;
    double line = bytes * (double)SIM_BITS_PER_BYTE * 1e6 / b->c->baud,
           *sent = &out->write.us[FLOOR_LINE_OUT];

    out->write.us[FLOOR_PROGRAM] -= each * bytes;
    if (b->loader->is_rom)
        *sent = *sent > line ? *sent - line : 0;
    if (out->write.us[FLOOR_PROGRAM] < 0)
        out->write.us[FLOOR_PROGRAM] = 0;
}

static int find_write(const struct floor_board *b, struct floor_result *out)
{
    uint32_t from, to;
    struct cuts cuts;

    if (b->c->state == FLOOR_UNCHANGED)
        return 0;
    if (!trim(b->c, &from, &to)) {
        out->skipped_bytes = b->c->size;
        out->write.us[FLOOR_ERASE] = b->c->state == FLOOR_BLANK ? 0 : floor_erase(b, 0, b->c->size);
        return 0;
    }
    int rc = find_cuts(b->c, from, to, &cuts);
    if (rc != 0)
        return rc;
    struct way *ways = calloc(cuts.count, sizeof *ways);
    if (ways != NULL) {
        find_ways(b, &cuts, ways);
        follow(b, &cuts, ways, out);
        out->skipped_bytes += from + (b->c->size - to);
        out->write.us[FLOOR_ERASE] += gap_us(b, 0, from) + gap_us(b, to, b->c->size);
        hold_against_flash(b, &cuts, out);
        forgive(b, cuts.short_bytes, out);
        if (b->loader->is_rom)
            out->write.us[FLOOR_TURN] -= b->c->turn_us; /* before the first BEGIN nothing was answered */
        else
            out->write.us[FLOOR_LINE_OUT] += floor_frame_us(b->c, b->loader->begin);
    }
    free(ways);
    free(cuts.at);
    return ways != NULL ? 0 : -ENOMEM;
}

/* One command for all of it. A stub takes it while it still writes; whoever asks anew must send it first. */
static void find_digest(const struct floor_board *b, struct floor_result *out)
{
    bool waits = b->loader->is_rom || floor_sum(&out->write) == 0;
    double *us = out->digest.us;

    us[FLOOR_LINE_OUT] = waits ? floor_frame_us(b->c, MD5_FRAME) : 0;
    us[FLOOR_TURN] = b->loader->is_rom && floor_sum(&out->write) > 0 ? b->c->turn_us : 0;
    us[FLOOR_LOADER] = b->loader->command_us;
    us[FLOOR_DIGEST] = b->c->size * b->loader->digest_us;
    us[FLOOR_LINE_IN] = floor_frame_us(b->c, b->loader->digest);
}

int floor_find(const struct floor_case *c, struct floor_result *out)
{
    const struct floor_loader *loader = floor_loader_find(c->loader);
    struct floor_stream stream;

    memset(out, 0, sizeof *out);
    if (loader == NULL || c->baud == 0 || c->size == 0 || c->offset % FLOOR_SECTOR != 0 ||
        c->offset > SIZE_MAX_BYTES || c->size > SIZE_MAX_BYTES - c->offset || c->turn_us < 0)
        return -EINVAL;
    const struct floor_board b = {c, loader, &stream, c->slow_part ? SIM_SLOW_FACTOR : 1};
    int rc = floor_stream_make(&stream, c->bytes, c->size, loader->block);
    if (rc == 0) {
        out->stream_bytes = stream.packed_bytes;
        rc = find_write(&b, out);
        floor_stream_free(&stream);
    }
    if (rc == 0)
        find_digest(&b, out);
    return rc;
}
