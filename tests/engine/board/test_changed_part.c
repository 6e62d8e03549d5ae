/* SPDX-License-Identifier: Apache-2.0 */
/* What of a piece is sent, by what is known of the board: each row was worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/board/changed_part.h"
#include "tests/support/tiny_job.h"

#define REGIONS 6
#define APP     (REGIONS * ERASE_BLOCK)
#define PARTS   3

/* Sectors of the application, from its beginning; count 0: none. */
struct sectors {
    uint32_t first, count;
};

struct row {
    const char *name;
    bool breaks;
    struct sectors same[3], blank;
    struct {
        uint32_t sector, sectors; /* sectors 0: no more */
        bool stream;
    } parts[PARTS];
};

static const struct row rows[] = {
    {"nothing is known", false, {{0}}, {0}, {{0, 96, true}}},
    {"all is there", false, {{0, 96}}, {0}, {{0}}},
    {"the beginning is there", false, {{0, 32}}, {0}, {{32, 64, true}}},
    {"a block in the middle is there", false, {{32, 16}}, {0}, {{0, 32, true}, {48, 48, true}}},
    {"one sector is another", false, {{0, 50}, {51, 45}}, {0}, {{50, 1, false}}},
    {"four sectors are", false, {{0, 50}, {54, 42}}, {0}, {{50, 4, false}}},
    {"five are: their block", false, {{0, 50}, {55, 41}}, {0}, {{48, 16, true}}},
    {"two sectors across two blocks", false, {{0, 47}, {49, 47}}, {0}, {{47, 1, false}, {48, 1, false}}},
    {"blank behind, and the line is slower", false, {{0}}, {48, 48}, {{0, 96, true}}},
    {"blank behind, and the flash is slower", true, {{0}}, {48, 48}, {{0, 48, true}, {48, 48, true}}},
    {"blank before: the stub finds that alone", true, {{0}}, {0, 48}, {{0, 96, true}}},
    {"one blank block pays nothing", true, {{0}}, {80, 16}, {{0, 96, true}}},
};

static void mark(uint8_t *bits, const struct sectors *s)
{
    for (uint32_t i = 0; i < s->count; i++) {
        uint32_t sector = TINY_APP_OFFSET / SECTOR_SIZE + s->first + i;
        bits[sector / 8] |= (uint8_t)(1u << sector % 8);
    }
}

static void expect_row(const struct row *r, const struct piece *app)
{
    struct survey s = {.questions = 0};
    uint64_t bytes = 0;
    size_t n = 0;

    for (size_t i = 0; i < 3; i++)
        mark(s.same, &r->same[i]);
    mark(s.blank, &r->blank);
    for (struct changed_part c = changed_part_first(&s, app, r->breaks); c.size > 0;
         c = changed_part_next(&c), n++) {
        if (n == PARTS || c.at != r->parts[n].sector * SECTOR_SIZE ||
            c.size != r->parts[n].sectors * SECTOR_SIZE || (c.count > 0) != r->parts[n].stream)
            fail_msg("%s: part %zu is 0x%x+0x%x", r->name, n, (unsigned)c.at, (unsigned)c.size);
        if (c.count > 0)
            assert_int_equal(app->regions[c.first].at, c.at);
        bytes += c.size;
    }
    if (n < PARTS && r->parts[n].sectors > 0)
        fail_msg("%s: %zu parts", r->name, n);
    assert_int_equal(changed_bytes(&s, app, r->breaks), bytes);
}

static void what_changed_is_sent(void **state)
{
    struct tiny_job tiny;

    (void)state;
    tiny_job_make(&tiny, APP, 7);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_row(&rows[i], &tiny.pieces[2]);
    tiny_job_done(&tiny);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_changed_is_sent),
    };
    return cmocka_run_group_tests_name("changed part", tests, NULL, NULL);
}
