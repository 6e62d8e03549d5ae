/* SPDX-License-Identifier: Apache-2.0 */
/* What the plan erases and nothing writes must be blank, by the chip's own digest: PASS vouches for that too. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/attempt_private.h"

#define CHUNK 0x40000u /* one digest: progress is seen, and the time limit of each stays short */

/* The digest of `size` blank bytes; asked for again with the same size it costs nothing. */
struct blank {
    const uint8_t *bytes; /* CHUNK of them */
    uint32_t size;
    uint8_t md5[MD5_SIZE];
};

static const uint8_t *blank_md5(struct blank *b, uint32_t size)
{
    if (b->size != size)
        digest_md5(b->bytes, size, b->md5);
    b->size = size;
    return b->md5;
}

static bool touches(const struct piece *pieces, size_t count, uint32_t sector)
{
    for (size_t i = 0; i < count; i++) {
        if (pieces[i].offset < sector + SECTOR_SIZE && pieces[i].offset + pieces[i].size > sector)
            return true;
    }
    return false;
}

/* Written by the plan, parked until the end, or never erased: not blank, and verified in its own right. */
static bool holds_something(const struct plan *p, uint32_t sector)
{
    return sector == BOOT_SECTOR || (sector == CONFIG_SECTOR && !p->writes_config) ||
           touches(p->pieces, p->piece_count, sector) || touches(p->finals, p->final_count, sector);
}

/* The end of the blank run that begins at `at`; `at` itself where there is none. */
static uint32_t run_end(const struct plan *p, uint32_t at, uint32_t end)
{
    uint32_t next = at;

    while (next < end && next - at < CHUNK && !holds_something(p, next))
        next += SECTOR_SIZE;
    return next;
}

static int verify_span(struct attempt *a, struct blank *b, const struct span *s)
{
    uint32_t end = s->offset + s->size;

    for (uint32_t at = s->offset; at < end;) {
        uint32_t next = run_end(a->plan, at, end);
        if (next > at && attempt_md5(a, "erased flash", at, next - at, blank_md5(b, next - at)) < 0)
            return -1;
        next = next > at ? next : at + SECTOR_SIZE;
        attempt_progress(a, a->done + (next - at), a->total);
        at = next;
    }
    return 0;
}

static int verify_spans(struct attempt *a, struct blank *b)
{
    const struct plan *p = a->plan;
    const struct span whole = {0, a->chip.unit.flash_size};

    if (p->erase_all)
        return verify_span(a, b, &whole);
    for (size_t i = 0; i < p->erase_count; i++) {
        if (verify_span(a, b, &p->erases[i]) < 0)
            return -1;
    }
    return 0;
}

uint64_t attempt_blank_bytes(const struct attempt *a)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < a->plan->erase_count && !a->plan->erase_all; i++)
        sum += a->plan->erases[i].size;
    return a->plan->erase_all ? a->chip.unit.flash_size : sum;
}

int attempt_verify_blank(struct attempt *a)
{
    uint8_t *bytes = malloc(CHUNK);

    if (bytes == NULL)
        return failure_set(&a->failure, FAIL_NO_MEMORY, a->stage, ENOMEM, "verifying erased flash");
    memset(bytes, 0xFF, CHUNK);
    struct blank b = {.bytes = bytes};
    int rc = verify_spans(a, &b);
    free(bytes);
    return rc;
}

void attempt_blank_md5(uint32_t size, uint8_t md5[static MD5_SIZE])
{
    uint8_t blank[SECTOR_SIZE];

    memset(blank, 0xFF, sizeof blank);
    digest_md5(blank, size, md5);
}
