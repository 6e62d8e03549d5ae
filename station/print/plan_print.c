/* SPDX-License-Identifier: Apache-2.0 */
#include "station/print/plan_print.h"

#include <stdio.h>

#include "engine/board/board_plan.h"
#include "engine/board/changed_part.h"
#include "profiles/job/job.h"
#include "station/print/json.h"
#include "station/print/table.h"

#define ROM_BLOCK  0x1000u
#define FRAME_COST 26u

/* Of a board that nobody asked: nothing is known to be there. */
static const struct survey unknown;

struct view {
    const struct plan *plan;
    const struct board_plan *board; /* NULL: none */
    const struct survey *survey;
};

/* Bytes; of all that the plan writes. */
struct totals {
    uint64_t firmware, compressed; /* all of it */
    uint64_t gaps;                 /* FF of the files, erased and not sent */
    uint64_t write, wire, plain;   /* of what goes to this board: in flash, on the line to a stub, to a ROM */
    uint64_t erase;                /* beside what is written */
    size_t regions;
};

static bool changes(const struct totals *t)
{
    return t->write + t->erase > 0;
}

static void add_piece(const struct view *v, const struct piece *p, bool must, struct totals *t)
{
    const struct survey *s = must ? &unknown : v->survey;
    bool breaks = v->board != NULL && v->board->breaks;
    uint64_t bytes = changed_bytes(s, p, breaks);

    t->firmware += p->size;
    t->compressed += p->zsize;
    t->regions += p->region_count;
    t->write += bytes;
    t->wire += changed_wire(s, p, breaks);
    t->plain += bytes + (bytes + ROM_BLOCK - 1) / ROM_BLOCK * FRAME_COST;
}

static const struct plan_part *part_at(const struct plan *p, uint32_t offset)
{
    for (size_t i = 0; i < p->part_count; i++)
        if (offset >= p->parts[i].offset && offset - p->parts[i].offset < p->parts[i].size)
            return &p->parts[i];
    return NULL;
}

static void add_span(const struct view *v, const struct span *s, struct totals *t)
{
    for (uint32_t at = s->offset; at < s->offset + s->size; at += SECTOR_SIZE) {
        t->gaps += part_at(v->plan, at) != NULL ? SECTOR_SIZE : 0;
        if (!plan_keeps(v->plan, at, SECTOR_SIZE) && !survey_is_same(v->survey, at, SECTOR_SIZE))
            t->erase += SECTOR_SIZE;
    }
}

/* A board that is changed at all loses its boot sector first and gets it back last. */
static struct totals total_up(const struct view *v)
{
    const struct plan *p = v->plan;
    struct totals t = {0};

    for (size_t i = 0; i < p->piece_count; i++)
        add_piece(v, &p->pieces[i], false, &t);
    for (size_t i = 0; i < p->final_count; i++)
        add_piece(v, &p->finals[i], false, &t);
    for (size_t i = 0; i < p->erase_count; i++)
        add_span(v, &p->erases[i], &t);
    if (p->boot != NULL)
        add_piece(v, p->boot, changes(&t) || p->erase_all, &t);
    return t;
}

/* "" where no board was asked. */
static const char *state_of(const struct view *v, uint32_t offset, uint32_t size)
{
    uint32_t at = offset;

    if (v->board == NULL)
        return "";
    if (survey_is_same(v->survey, offset, size))
        return "unchanged";
    while (at < offset + size && !survey_is_same(v->survey, at, SECTOR_SIZE))
        at += SECTOR_SIZE;
    return at < offset + size ? "in part" : survey_is_blank(v->survey, offset, size) ? "blank" : "changed";
}

static void put_row(struct table *t, const struct view *v, const char *step, const struct span *s,
                    const char *what)
{
    table_text(t, step);
    table_format(t, "0x%06x", s->offset);
    table_format(t, "0x%x", s->size);
    table_text(t, "");
    table_text(t, what);
    if (v->board != NULL)
        table_text(t, step[0] == 'k' ? "" : state_of(v, s->offset, s->size));
}

static void put_piece(struct table *t, const struct view *v, const char *step, const struct piece *p)
{
    for (size_t i = 0; i < p->region_count; i++) {
        const struct region *r = &p->regions[i];

        table_text(t, step);
        table_format(t, "0x%06x", p->offset + r->at);
        table_format(t, "0x%x", r->size);
        table_format(t, "%u", p->region_count > 1 ? r->zsize : p->zsize);
        table_text(t, p->name);
        if (v->board != NULL)
            table_text(t, state_of(v, p->offset + r->at, r->size));
    }
}

static void put_erases(struct table *t, const struct view *v)
{
    const struct plan *p = v->plan;
    const struct span boot = {p->boot_sector, SECTOR_SIZE};

    if (plan_writes(p))
        put_row(t, v, "erase", &boot, "boot sector, first, if anything is changed");
    for (size_t i = 0; i < p->erase_count; i++) {
        const struct plan_part *part = part_at(p, p->erases[i].offset);
        char what[100];

        snprintf(what, sizeof what, "FF in %s: not sent", part != NULL ? part->name : "");
        put_row(t, v, "erase", &p->erases[i], part != NULL ? what : "");
    }
}

static void print_table(const struct view *v)
{
    static const char *const titles[] = {"STEP", ">OFFSET", ">SIZE", ">COMPRESSED", "WHAT", "BOARD", NULL};
    static const char *const short_titles[] = {"STEP", ">OFFSET", ">SIZE", ">COMPRESSED", "WHAT", NULL};
    const struct plan *p = v->plan;
    struct table *t = table_new(v->board != NULL ? titles : short_titles);

    if (t == NULL)
        return;
    put_erases(t, v);
    for (size_t i = 0; i < p->piece_count; i++)
        put_piece(t, v, "write", &p->pieces[i]);
    for (size_t i = 0; i < p->final_count; i++)
        put_piece(t, v, "finish", &p->finals[i]);
    if (p->boot != NULL)
        put_piece(t, v, "last", p->boot);
    for (size_t i = 0; i < p->protect_count; i++)
        put_row(t, v, "keep", &p->protect[i], "by the job's word");
    for (size_t i = 0; i < p->unit_count; i++)
        put_row(t, v, "unit", &(struct span){p->unit[i].offset, p->unit[i].size}, p->unit[i].name);
    table_print(t, stdout);
    table_free(t);
}

static uint64_t kib(uint64_t bytes)
{
    return (bytes + 1023) / 1024;
}

static double seconds(uint64_t wire, uint32_t baud)
{
    return (double)wire * 10 / baud;
}

static void print_totals(const struct view *v, const struct totals *t, uint32_t baud)
{
    printf("%llu KiB in %zu regions, %llu KiB compressed (%.1f %%)", (unsigned long long)kib(t->firmware),
           t->regions, (unsigned long long)kib(t->compressed),
           t->firmware > 0 ? 100.0 * (double)t->compressed / (double)t->firmware : 0.0);
    if (t->gaps > 0)
        printf("; %llu KiB of FF are not sent", (unsigned long long)kib(t->gaps));
    printf("\n");
    if (v->board == NULL) {
        printf("on the line: %llu bytes with a stub, %.1f s at %u baud; %llu without, %.1f s\n",
               (unsigned long long)t->wire, seconds(t->wire, baud), baud, (unsigned long long)t->plain,
               seconds(t->plain, baud));
        return;
    }
    uint64_t wire = v->board->by_stub ? t->wire : t->plain;
    if (!changes(t) && !v->plan->erase_all)
        printf("this board holds all of it: nothing would be erased or written, all of it verified\n");
    else
        printf(
            "this board: %llu KiB would be written, %llu KiB are unchanged; up to %llu bytes on the line, %.1f s at "
            "%u baud\n",
            (unsigned long long)kib(t->write), (unsigned long long)kib(t->firmware - t->write),
            (unsigned long long)wire, seconds(wire, baud), baud);
}

static void print_view(const struct view *v, uint32_t baud)
{
    const struct plan *p = v->plan;
    struct totals t = total_up(v);

    if (p->flash_size != 0)
        printf("\nboards with %u MB: %s\n", p->flash_size >> 20, p->name);
    else
        printf("\nboards with at least 0x%x bytes: %s\n", p->needs_size, p->name);
    print_table(v);
    if (p->erase_all)
        printf("the whole flash is erased but for what is kept, where it is not blank\n");
    print_totals(v, &t, baud);
}

static void print_board(const struct board_plan *b)
{
    char mac[MAC_TEXT_SIZE];

    mac_text(&b->unit.mac, mac);
    printf("board     %s, %s, flash %u MB; asked through the %s at %u baud, %d digests\n", mac, b->unit.chip,
           b->unit.flash_size >> 20, b->by_stub ? "stub" : "ROM loader", b->baud, b->survey.questions);
}

void plan_print(const struct job *job, const struct board_plan *board)
{
    printf("job       %s, %s %s\n", job->name, job->firmware_source, job->firmware_version);
    if (board != NULL) {
        const struct view v = {board->plan, board, &board->survey};

        print_board(board);
        print_view(&v, board->baud);
    }
    for (size_t i = 0; i < job->plan_count && board == NULL; i++) {
        const struct view v = {&job->plans[i], NULL, &unknown};

        print_view(&v, job->baud);
    }
}

static void add_state(json_t *o, const struct view *v, uint32_t offset, uint32_t size)
{
    if (v->board != NULL)
        json_put_text(o, "board", state_of(v, offset, size));
}

static void add_regions(json_t *list, const struct view *v, const char *step, const struct piece *p)
{
    for (size_t i = 0; i < p->region_count; i++) {
        const struct region *r = &p->regions[i];
        json_t *o = json_object();

        json_put_text(o, "step", step);
        json_put_int(o, "offset", p->offset + r->at);
        json_put_int(o, "size", r->size);
        json_put_int(o, "compressed", p->region_count > 1 ? r->zsize : p->zsize);
        json_put_text(o, "member", p->name);
        json_put_hex(o, "md5", r->md5, MD5_SIZE);
        add_state(o, v, p->offset + r->at, r->size);
        json_array_append_new(list, o);
    }
}

static void add_erases(json_t *list, const struct view *v)
{
    for (size_t i = 0; i < v->plan->erase_count; i++) {
        const struct span *s = &v->plan->erases[i];
        const struct plan_part *part = part_at(v->plan, s->offset);
        json_t *o = json_object();

        json_put_text(o, "step", "erase");
        json_put_int(o, "offset", s->offset);
        json_put_int(o, "size", s->size);
        json_put_text(o, "member", part != NULL ? part->name : NULL);
        add_state(o, v, s->offset, s->size);
        json_array_append_new(list, o);
    }
}

/* Where a board's own data go; what they are is made for each board when it is there. */
static void add_units(json_t *list, const struct view *v)
{
    for (size_t i = 0; i < v->plan->unit_count; i++) {
        const struct unit_place *p = &v->plan->unit[i];
        json_t *o = json_object();

        json_put_text(o, "step", "unit");
        json_put_int(o, "offset", p->offset);
        json_put_int(o, "size", p->size);
        json_put_text(o, "member", p->name);
        json_array_append_new(list, o);
    }
}

static void put_totals(json_t *o, const struct view *v)
{
    struct totals t = total_up(v);

    json_put_int(o, "firmware_bytes", (int64_t)t.firmware);
    json_put_int(o, "compressed_bytes", (int64_t)t.compressed);
    json_put_int(o, "blank_bytes", (int64_t)t.gaps);
    json_put_int(o, "write_bytes", (int64_t)t.write);
    json_put_int(o, "unchanged_bytes", (int64_t)(t.firmware - t.write));
    json_put_int(o, "erase_bytes", (int64_t)t.erase);
    json_put_int(o, "wire_bytes", (int64_t)t.wire);
    json_put_int(o, "wire_bytes_plain", (int64_t)t.plain);
}

static void put_board(json_t *o, const struct board_plan *b)
{
    json_put_mac(o, "mac", &b->unit.mac);
    json_put_text(o, "chip", b->unit.chip);
    json_put_int(o, "board_flash_size", b->unit.flash_size);
    json_put_bool(o, "stub", b->by_stub);
    json_put_int(o, "board_baud", b->baud);
    json_put_int(o, "digests", b->survey.questions);
}

static void write_line(const struct job *job, const struct view *v)
{
    json_t *o = json_line_new("job_plan"), *regions = json_array();
    const struct plan *p = v->plan;

    json_put_text(o, "job", job->name);
    json_put_text(o, "name", p->name);
    json_put_int(o, "flash_size", p->flash_size);
    json_put_bool(o, "erase_all", p->erase_all);
    if (v->board != NULL)
        put_board(o, v->board);
    add_erases(regions, v);
    for (size_t i = 0; i < p->piece_count; i++)
        add_regions(regions, v, "write", &p->pieces[i]);
    for (size_t i = 0; i < p->final_count; i++)
        add_regions(regions, v, "finish", &p->finals[i]);
    if (p->boot != NULL)
        add_regions(regions, v, "last", p->boot);
    add_units(regions, v);
    if (o != NULL)
        json_object_set_new(o, "regions", regions);
    put_totals(o, v);
    json_line_write(stdout, o);
}

void plan_print_json(const struct job *job, const struct board_plan *board)
{
    if (board != NULL) {
        const struct view v = {board->plan, board, &board->survey};

        write_line(job, &v);
    }
    for (size_t i = 0; i < job->plan_count && board == NULL; i++) {
        const struct view v = {&job->plans[i], NULL, &unknown};

        write_line(job, &v);
    }
}
