/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes of the board's own: asked for once its flash is read and before it is changed, laid into whole sectors, written where the
 * board lacks them, before its boot sector goes back, and asked for by the chip's digest as the plan's pieces are.
 *
 * A field is a few bytes of a sector whose rest is the board's own. So what stands there is durable first, and what an attempt
 * that was cut off has torn is made whole from its record. A sector that shows this board's own data already is as good as the
 * one without: both become the same.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/attempt/attempt_private.h"
#include "engine/board/board_flash.h"
#include "engine/chip/esp_loader.h"

#define RUN_SECTORS 64u /* one digest, one range: its time limit stays short */

static bool is_identity(const struct attempt *a, uint32_t offset)
{
    return !a->plan->writes_identity && span_touches(&a->plan->identity, offset, SECTOR_SIZE);
}

bool attempt_unit_in_identity(const struct attempt *a)
{
    const struct span *s = &a->plan->identity;

    return !a->plan->writes_identity && s->size != 0 && plan_has_unit(a->plan, s->offset, s->size);
}

static struct unit_sector *find(const struct attempt *a, uint32_t offset)
{
    for (size_t i = 0; i < a->unit_count; i++)
        if (a->unit_sectors[i].offset == offset)
            return &a->unit_sectors[i];
    return NULL;
}

static uint32_t end_of(const struct unit_write *w)
{
    return w->offset + w->size;
}

void attempt_unit_patch(const struct attempt *a, uint32_t offset, const uint8_t own[static BACKUP_SIZE],
                        uint8_t out[static BACKUP_SIZE])
{
    memmove(out, own, BACKUP_SIZE);
    for (size_t i = 0; i < a->unit.count; i++) {
        const struct unit_write *w = &a->unit.writes[i];
        uint32_t from = w->offset > offset ? w->offset : offset;
        uint32_t to = end_of(w) < offset + SECTOR_SIZE ? end_of(w) : offset + SECTOR_SIZE;

        if (from < to)
            memcpy(out + (from - offset), w->data + (from - w->offset), to - from);
    }
}

bool attempt_is_half_of(const uint8_t data[static BACKUP_SIZE], const uint8_t whole[static BACKUP_SIZE])
{
    for (size_t i = 0; i < BACKUP_SIZE; i++) {
        if (data[i] != whole[i] && data[i] != 0xFF)
            return false;
    }
    return true;
}

static bool holds(const struct unit_place *p, const struct unit_write *w)
{
    if (p->image != (w->kind == UNIT_IMAGE))
        return false;
    return p->image ? w->offset == p->offset && w->size <= p->size
                    : w->offset >= p->offset && end_of(w) <= p->offset + p->size;
}

/* Whoever makes the data keeps to the plan's places; the rest of a board's flash is worth two locks. */
static int check_places(struct attempt *a)
{
    for (size_t i = 0; i < a->unit.count; i++) {
        const struct unit_write *w = &a->unit.writes[i];
        bool found = false;

        for (size_t n = 0; n < a->plan->unit_count; n++)
            found |= holds(&a->plan->unit[n], w);
        if (!found)
            return failure_set(&a->board.failure, FAIL_JOB, a->board.stage, 0,
                               "unit data '%s' (0x%x+0x%x) have no place in the job", w->name, w->offset,
                               w->size);
    }
    return 0;
}

/* Of every sector but those of a file that is shorter than its place. */
static bool is_blank(const struct attempt *a, uint32_t offset)
{
    for (size_t i = 0; i < a->unit.count; i++) {
        const struct unit_write *w = &a->unit.writes[i];

        if (w->offset < offset + SECTOR_SIZE && end_of(w) > offset)
            return false;
    }
    return true;
}

static bool is_image(const struct attempt *a, uint32_t offset)
{
    for (size_t i = 0; i < a->plan->unit_count; i++) {
        const struct span s = unit_place_sectors(&a->plan->unit[i]);

        if (a->plan->unit[i].image && span_touches(&s, offset, SECTOR_SIZE))
            return true;
    }
    return false;
}

/* By offset: neighbours in the flash are neighbours in the list, and so are their bytes. */
static void list_sectors(struct attempt *a)
{
    size_t used = 0;

    for (uint32_t at = 0; at < a->board.chip.unit.flash_size; at += SECTOR_SIZE) {
        struct unit_sector *s = &a->unit_sectors[a->unit_count];
        bool image;

        if (!plan_has_unit(a->plan, at, SECTOR_SIZE))
            continue;
        image = is_image(a, at);
        *s = (struct unit_sector){
            .offset = at, .patched = !image && (is_identity(a, at) || !plan_blanks_around_unit(a->plan, at))};
        if (!image || !is_blank(a, at))
            s->want = a->unit_bytes + SECTOR_SIZE * used++;
        a->unit_count++;
    }
}

/* Sectors of the plan's places; *filled: those that may hold something. */
static size_t count_sectors(const struct attempt *a, size_t *filled)
{
    size_t count = 0;

    for (size_t i = 0; i < a->plan->unit_count; i++)
        count += unit_place_sectors(&a->plan->unit[i]).size / SECTOR_SIZE;
    *filled = 2 * a->plan->unit_count;
    for (size_t i = 0; i < a->unit.count; i++)
        *filled += whole_sectors(a->unit.writes[i].size) / SECTOR_SIZE;
    return count;
}

static uint8_t *bytes_of(struct attempt *a, const struct unit_sector *s)
{
    return a->unit_bytes + (s->want - a->unit_bytes);
}

static int lay_out(struct attempt *a)
{
    size_t filled, count = count_sectors(a, &filled);

    a->unit_sectors = calloc(count, sizeof *a->unit_sectors);
    a->unit_bytes = malloc(filled * SECTOR_SIZE);
    if (a->unit_sectors == NULL || a->unit_bytes == NULL)
        return failure_set(&a->board.failure, FAIL_NO_MEMORY, a->board.stage, ENOMEM, "unit data");
    memset(a->unit_bytes, 0xFF, filled * SECTOR_SIZE);
    list_sectors(a);
    for (size_t i = 0; i < a->unit_count; i++)
        if (a->unit_sectors[i].want != NULL)
            attempt_unit_patch(a, a->unit_sectors[i].offset, a->unit_sectors[i].want,
                               bytes_of(a, &a->unit_sectors[i]));
    return 0;
}

int attempt_compose_unit(struct attempt *a)
{
    const struct attempt_config *c = a->config;
    struct attempt_result *r = a->board.result;

    if (a->plan->unit_count == 0 || a->has_unit)
        return 0;
    if (c->compose(c->compose_ctx, a->record, &a->board.chip.unit, a->plan, &a->unit, &a->board.failure) <
        0) {
        a->board.failure.stage = a->board.stage;
        return -1;
    }
    r->has_unit_data = true;
    memcpy(r->unit_data_sha256, a->unit.sha256, SHA256_SIZE);
    if (check_places(a) < 0 || lay_out(a) < 0)
        return -1;
    a->has_unit = true;
    return 0;
}

/*
 * What an attempt that was cut off has left half erased or half written is that attempt's backup again. What differs otherwise
 * was changed since, by whatever ran or was written there: then the board's own is what it has.
 */
static int mend(struct attempt *a, struct backup *b)
{
    const struct recorder *r = a->config->recorder;
    struct saved_sector saved = {0};
    uint8_t now[BACKUP_SIZE], was[BACKUP_SIZE];

    if (r->saved(r->ctx, a->record, b->offset, &saved, &a->board.failure) < 0)
        return failure_while(&a->board.failure, "asking the records about sector 0x%x", b->offset);
    if (!saved.found || saved.in_doubt)
        return 0;
    attempt_unit_patch(a, b->offset, b->data, now);
    attempt_unit_patch(a, b->offset, saved.data, was);
    if (memcmp(now, was, BACKUP_SIZE) == 0 || !attempt_is_half_of(now, was))
        return 0;
    board_note(&a->board, "an earlier attempt left sector 0x%x torn: what it held is taken from its record",
               b->offset);
    memcpy(b->data, saved.data, BACKUP_SIZE);
    digest_sha256(b->data, BACKUP_SIZE, b->sha256);
    return 0;
}

int attempt_back_up_unit(struct attempt *a)
{
    struct backup b;

    /* Of a retry the first backup counts: a later one may show what this attempt did. */
    for (size_t i = 0; i < a->unit_count && !a->has_unit_backup; i++) {
        struct unit_sector *s = &a->unit_sectors[i];

        if (!s->patched || is_identity(a, s->offset))
            continue;
        if (flash_read_sector(&a->board, BACKUP_IDENTITY, s->offset, &b) < 0 || mend(a, &b) < 0 ||
            attempt_store_backup(a, &b) < 0)
            return -1;
        attempt_unit_patch(a, s->offset, b.data, bytes_of(a, s));
    }
    a->has_unit_backup = true;
    return 0;
}

void attempt_unit_take_identity(struct attempt *a, const uint8_t due[static BACKUP_SIZE])
{
    struct unit_sector *s = find(a, a->plan->identity.offset);

    if (s != NULL)
        memcpy(bytes_of(a, s), due, BACKUP_SIZE);
}

/* A stretch of neighbours, all blank or none. */
struct run {
    size_t first, count;
    uint32_t offset, size;
};

static bool belongs(const struct attempt *a, const struct run *r, size_t i)
{
    const struct unit_sector *first = &a->unit_sectors[r->first], *s = &a->unit_sectors[i];

    return r->count < RUN_SECTORS && s->offset == r->offset + r->size &&
           (s->want == NULL) == (first->want == NULL) && s->is_same == first->is_same &&
           is_identity(a, s->offset) == is_identity(a, first->offset);
}

static struct run run_from(const struct attempt *a, size_t first)
{
    struct run r = {first, 0, a->unit_sectors[first].offset, 0};

    for (size_t i = first; i < a->unit_count && (i == first || belongs(a, &r, i)); i++) {
        r.count++;
        r.size += SECTOR_SIZE;
    }
    return r;
}

static void digest_of(const struct attempt *a, const struct run *r, uint8_t md5[static MD5_SIZE])
{
    const uint8_t *want = a->unit_sectors[r->first].want;

    digest_md5_padded(want, want != NULL ? r->size : 0, r->size, md5);
}

static const char *name_of(const struct attempt *a, const struct run *r)
{
    for (size_t i = 0; i < a->plan->unit_count; i++) {
        const struct span s = unit_place_sectors(&a->plan->unit[i]);

        if (span_touches(&s, r->offset, r->size))
            return a->plan->unit[i].name;
    }
    return "unit data";
}

void attempt_forget_unit(struct attempt *a)
{
    for (size_t i = 0; i < a->unit_count; i++)
        a->unit_sectors[i].is_same = false;
}

/* The line failed: nothing that was said before counts. */
static int lose_survey(struct attempt *a, int rc)
{
    attempt_forget_unit(a);
    memset(&a->survey, 0, sizeof a->survey);
    board_lost(&a->board, rc, FAIL_MD5_READ, FAIL_MD5_READ);
    return board_recover(&a->board, "looking at the unit data", rc);
}

/* 1: the board holds it; 0: not so; or a loader's errno. Asked for once, as all that only spares work. */
static int board_holds(struct attempt *a, const struct run *r)
{
    uint8_t want[MD5_SIZE], got[MD5_SIZE];

    digest_of(a, r, want);
    int rc = esp_loader_md5(a->board.session->loader, r->offset, r->size, got);
    if (rc < 0)
        return rc;
    bool same = memcmp(want, got, MD5_SIZE) == 0;
    for (size_t i = 0; i < r->count; i++)
        a->unit_sectors[r->first + i].is_same = same;
    return same;
}

/* All of a run, and where that differs its sectors. */
static int survey_run(struct attempt *a, const struct run *r)
{
    int rc = board_holds(a, r);

    if (rc != 0 || r->count == 1)
        return rc;
    for (size_t i = 0; rc >= 0 && i < r->count; i++)
        rc = board_holds(a,
                         &(struct run){r->first + i, 1, r->offset + (uint32_t)i * SECTOR_SIZE, SECTOR_SIZE});
    return rc;
}

int attempt_survey_unit(struct attempt *a)
{
    attempt_forget_unit(a);
    for (size_t i = 0; i < a->unit_count;) {
        struct run r = run_from(a, i);
        int rc = survey_run(a, &r);

        if (rc < 0)
            return lose_survey(a, rc);
        i += r.count;
    }
    return 0;
}

bool attempt_unit_is_same(const struct attempt *a)
{
    return attempt_unit_bytes(a, true) == 0;
}

uint64_t attempt_unit_bytes(const struct attempt *a, bool lacking)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < a->unit_count; i++)
        sum += lacking && a->unit_sectors[i].is_same ? 0 : SECTOR_SIZE;
    return sum;
}

static int write_run(struct attempt *a, const struct run *r)
{
    const struct unit_sector *first = &a->unit_sectors[r->first];
    struct piece p = {.offset = r->offset, .size = r->size, .data = first->want};

    if (is_identity(a, r->offset))
        a->identity_is_due = true;
    if (first->want == NULL)
        return flash_erase(&a->board, r->offset, r->offset + r->size);
    memcpy(p.name, "unit data", sizeof "unit data");
    return flash_write_plain(&a->board, &p, 0, r->size);
}

int attempt_write_unit(struct attempt *a)
{
    for (size_t i = 0; i < a->unit_count;) {
        struct run r = run_from(a, i);

        i += r.count;
        if (a->unit_sectors[r.first].is_same) {
            a->board.result->bytes_unchanged += r.size;
            continue;
        }
        if (write_run(a, &r) < 0)
            return -1;
        a->board.result->bytes_written += r.size;
    }
    return 0;
}

int attempt_check_unit(struct attempt *a, bool all)
{
    for (size_t i = 0; i < a->unit_count;) {
        struct run r = run_from(a, i);
        uint8_t want[MD5_SIZE];

        i += r.count;
        if (!all && is_identity(a, r.offset))
            continue;
        digest_of(a, &r, want);
        if (flash_check(&a->board, name_of(a, &r), r.offset, r.size, want) < 0)
            return -1;
        board_progress(&a->board, a->board.done + r.size, a->board.total);
    }
    return 0;
}

void attempt_wipe_unit(struct attempt *a)
{
    size_t filled;

    if (a->unit_bytes != NULL) {
        count_sectors(a, &filled);
        explicit_bzero(a->unit_bytes, filled * SECTOR_SIZE);
    }
    free(a->unit_bytes);
    free(a->unit_sectors);
    unit_data_wipe(&a->unit);
}
