/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/run_review.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/desk/lot.h"
#include "db/read/address.h"
#include "db/read/evidence.h"
#include "db/read/record_query.h"
#include "db/read/run_numbers.h"
#include "db/read/yield.h"

#define SEARCH_DEPTH 5000 /* newest units that a search for a part of a MAC or serial looks through */

struct run_review {
    struct db *db;
    struct run_numbers *numbers;
    int64_t run;
    bool training;
};

static const char *text(struct record_cursor *c, enum record_view view, const char *field)
{
    return record_text(c, record_field_index(view, field));
}

static int64_t number(struct record_cursor *c, enum record_view view, const char *field)
{
    return record_int(c, record_field_index(view, field));
}

#define COPY(to, from) snprintf(to, sizeof to, "%s", from)

static enum stage stage_of(const char *name)
{
    int s = 0;

    while (s < STAGE_COUNT && strcmp(stage_name((enum stage)s), name) != 0)
        s++;
    return s < STAGE_COUNT ? (enum stage)s : STAGE_NONE;
}

static enum attempt_kind kind_of(const char *name)
{
    return strcmp(name, "TRAINING") == 0 ? ATTEMPT_TRAINING
           : strcmp(name, "REWORK") == 0 ? ATTEMPT_REWORK
                                         : ATTEMPT_PRODUCTION;
}

static void read_start(struct record_cursor *c, struct attempt_start *s)
{
    s->kind = kind_of(text(c, RECORD_ATTEMPTS, "kind"));
    s->slot = (int)number(c, RECORD_ATTEMPTS, "slot");
    COPY(s->port, text(c, RECORD_ATTEMPTS, "port"));
    COPY(s->adapter_serial, text(c, RECORD_ATTEMPTS, "adapter_serial"));
    COPY(s->job_name, text(c, RECORD_ATTEMPTS, "job"));
    COPY(s->firmware_version, text(c, RECORD_ATTEMPTS, "version"));
    COPY(s->firmware_source, text(c, RECORD_ATTEMPTS, "firmware"));
}

static void read_end(struct record_cursor *c, struct attempt_result *e)
{
    enum result result = result_parse(text(c, RECORD_ATTEMPTS, "result"));

    e->result = result < RESULT_COUNT ? result : RESULT_OPEN;
    e->failure.code = (enum failure_code)number(c, RECORD_ATTEMPTS, "code");
    e->failure.blame = failure_blame(e->failure.code);
    e->failure.stage = stage_of(text(c, RECORD_ATTEMPTS, "stage"));
    e->failure.sys = (int)number(c, RECORD_ATTEMPTS, "sys");
    COPY(e->failure.detail, text(c, RECORD_ATTEMPTS, "detail"));
    e->retries = (int)number(c, RECORD_ATTEMPTS, "retries");
    e->baud = (uint32_t)number(c, RECORD_ATTEMPTS, "baud");
    e->used_stub = number(c, RECORD_ATTEMPTS, "used_stub") != 0;
    COPY(e->stub_note, text(c, RECORD_ATTEMPTS, "stub_note"));
    e->bytes_written = (uint64_t)number(c, RECORD_ATTEMPTS, "bytes_written");
    e->bytes_wire = (uint64_t)number(c, RECORD_ATTEMPTS, "bytes_wire");
    e->duration_us = number(c, RECORD_ATTEMPTS, "seconds");
    e->line.overrun = (uint32_t)number(c, RECORD_ATTEMPTS, "overrun");
    e->line.parity = (uint32_t)number(c, RECORD_ATTEMPTS, "parity");
    e->line.framing = (uint32_t)number(c, RECORD_ATTEMPTS, "framing");
}

static void read_attempt(struct record_cursor *c, struct desk_attempt *out)
{
    memset(out, 0, sizeof *out);
    out->number = number(c, RECORD_ATTEMPTS, "attempt");
    out->opened_ms = number(c, RECORD_ATTEMPTS, "opened");
    out->closed_ms = number(c, RECORD_ATTEMPTS, "closed");
    read_start(c, &out->start);
    COPY(out->lot, text(c, RECORD_ATTEMPTS, "lot"));
    COPY(out->operator_id, text(c, RECORD_ATTEMPTS, "operator"));
    COPY(out->serial, text(c, RECORD_ATTEMPTS, "serial"));
    read_end(c, &out->end);
    out->has_unit = mac_parse(text(c, RECORD_ATTEMPTS, "mac"), &out->unit.mac) == 0;
    COPY(out->unit.chip, text(c, RECORD_ATTEMPTS, "chip"));
    out->unit.revision = (int)number(c, RECORD_ATTEMPTS, "revision");
    out->unit.flash_id = (uint32_t)number(c, RECORD_ATTEMPTS, "flash_id");
    out->unit.flash_size = (uint32_t)number(c, RECORD_ATTEMPTS, "flash_size");
    out->unit.crystal_mhz = (int)number(c, RECORD_ATTEMPTS, "crystal_mhz");
    out->unit.security = (uint32_t)number(c, RECORD_ATTEMPTS, "security");
}

/* Oldest first, as the records give them. */
static int read_attempts(struct run_review *r, struct record_filter *filter, struct desk_attempt *out,
                         int max)
{
    struct failure f = {0};
    int count = 0, got = 0;

    filter->training = r->training;
    filter->newest = max;
    struct record_cursor *c = record_query(r->db, RECORD_ATTEMPTS, filter, &f);
    if (c == NULL)
        return -EIO;
    while (count < max && (got = record_next(c, &f)) == 1)
        read_attempt(c, &out[count++]);
    record_cursor_free(c);
    return got < 0 ? -EIO : count;
}

static int slot_attempts(struct run_review *r, int slot, struct desk_attempt *out, int max)
{
    struct failure f = {0};
    struct record_filter filter = RECORD_FILTER_ALL;

    filter.slot = slot;
    int count = read_attempts(r, &filter, out, max);
    for (int i = 0; i < count / 2; i++) {
        struct desk_attempt swap = out[i];
        out[i] = out[count - 1 - i];
        out[count - 1 - i] = swap;
    }
    if (count > 0 && evidence_read(r->db, out[0].number, &out[0].end, &f) != 0)
        return -EIO;
    return count;
}

static int unit_story(struct run_review *r, const struct mac *mac, struct desk_attempt *out, int max)
{
    struct record_filter filter = RECORD_FILTER_ALL;

    filter.has_mac = true;
    filter.mac = *mac;
    return read_attempts(r, &filter, out, max);
}

static void read_unit(struct record_cursor *c, struct desk_unit *out)
{
    enum result last = result_parse(text(c, RECORD_UNITS, "result"));

    memset(out, 0, sizeof *out);
    if (mac_parse(text(c, RECORD_UNITS, "mac"), &out->mac) != 0)
        memset(&out->mac, 0, sizeof out->mac);
    COPY(out->serial, text(c, RECORD_UNITS, "serial"));
    COPY(out->chip, text(c, RECORD_UNITS, "chip"));
    out->last = last < RESULT_COUNT ? last : RESULT_OPEN;
    out->tries = (int)number(c, RECORD_UNITS, "tries");
    out->last_ms = number(c, RECORD_UNITS, "opened");
}

static bool is_wanted(struct record_cursor *c, const char *search)
{
    return search[0] == '\0' || strcasestr(text(c, RECORD_UNITS, "mac"), search) != NULL ||
           strcasestr(text(c, RECORD_UNITS, "custom_mac"), search) != NULL ||
           strcasestr(text(c, RECORD_UNITS, "eui64"), search) != NULL ||
           strcasestr(text(c, RECORD_UNITS, "serial"), search) != NULL;
}

static int units(struct run_review *r, const char *search, struct desk_unit *out, int max)
{
    struct failure f = {0};
    struct record_filter filter = RECORD_FILTER_ALL;
    struct address_unit whose[2];
    int count = 0, got = 0;

    filter.training = r->training;
    filter.has_mac = address_find(r->db, search, whose, 2, &f) == 1;
    if (filter.has_mac)
        filter.mac = whose[0].mac;
    filter.newest = search[0] == '\0' ? max : SEARCH_DEPTH;
    struct record_cursor *c = record_query(r->db, RECORD_UNITS, &filter, &f);
    if (c == NULL)
        return -EIO;
    while (count < max && (got = record_next(c, &f)) == 1) { /* the newest come first */
        if (filter.has_mac || is_wanted(c, search))
            read_unit(c, &out[count++]);
    }
    record_cursor_free(c);
    return got < 0 ? -EIO : count;
}

/* Of the newest PASS attempts among those chosen, oldest first. */
static int read_cycles(struct run_review *r, const struct record_filter *chosen, struct desk_lot *out)
{
    struct failure f = {0};
    struct record_filter filter = *chosen;
    int got = 0;

    filter.result = RESULT_PASS;
    filter.newest = DESK_CYCLES_MAX;
    struct record_cursor *c = record_query(r->db, RECORD_ATTEMPTS, &filter, &f);
    while (c != NULL && out->cycle_count < DESK_CYCLES_MAX && (got = record_next(c, &f)) == 1)
        out->cycle_ms[out->cycle_count++] = number(c, RECORD_ATTEMPTS, "seconds") / 1000;
    record_cursor_free(c);
    return c == NULL || got < 0 ? -EIO : 0;
}

static int lot(struct run_review *r, const char *name, struct desk_lot *out)
{
    struct failure f = {0};
    struct lot_status status = {0};
    struct record_filter filter = RECORD_FILTER_ALL;
    struct yield_report *y = calloc(1, sizeof *y);

    memset(out, 0, sizeof *out);
    out->boards_per_hour = -1;
    COPY(out->lot, name);
    filter.lot = name[0] != '\0' ? name : NULL;
    filter.run = name[0] != '\0' ? 0 : r->run;
    filter.training = r->training;
    int error = y == NULL ? -ENOMEM : yield_compute(r->db, &filter, y, &f) != 0 ? -EIO : 0;
    if (error == 0 && name[0] != '\0' && lot_status(r->db, name, r->training, &status, &f) == 0)
        out->planned = (long)status.planned;
    if (error == 0) {
        out->first_tries = (long)y->n.first_tries;
        out->first_passes = (long)y->n.first_passes;
        out->units_tried = (long)y->n.units_tried;
        out->good = (long)y->n.good;
        out->median_ms = y->median_us / 1000;
        out->p95_ms = y->p95_us / 1000;
        out->boards_per_hour = y->boards_per_hour;
        for (; out->pareto_count < y->code_count && out->pareto_count < DESK_PARETO_MAX;
             out->pareto_count++) {
            out->pareto[out->pareto_count].code = (enum failure_code)y->codes[out->pareto_count].code;
            out->pareto[out->pareto_count].count = (long)y->codes[out->pareto_count].count;
        }
        error = read_cycles(r, &filter, out);
    }
    free(y);
    return error;
}

void run_review_run(struct run_review *r, struct desk_run *out)
{
    struct failure f = {0};
    const struct numbers *n = run_numbers_look(r->numbers, &f);

    *out = (struct desk_run){.boards_per_hour = -1};
    if (n == NULL)
        return;
    *out = (struct desk_run){.known = true,
                             .passed = (long)n->by_result[RESULT_PASS],
                             .not_passed = (long)(n->attempts - n->by_result[RESULT_PASS]),
                             .first_tries = (long)n->first_tries,
                             .first_passes = (long)n->first_passes,
                             .units_tried = (long)n->units_tried,
                             .good = (long)n->good,
                             .boards_per_hour = numbers_per_hour(n)};
}

void run_review_free(struct run_review *r)
{
    if (r == NULL)
        return;
    run_numbers_free(r->numbers);
    db_close(r->db);
    free(r);
}

struct run_review *run_review_new(const char *database, bool training, int64_t run, struct failure *f)
{
    const struct db_options options = {.path = database, .mode = DB_REVIEW};
    struct run_review *r = calloc(1, sizeof *r);

    if (r == NULL) {
        failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, ENOMEM, "no memory to read the records");
        return NULL;
    }
    r->training = training;
    r->run = run;
    r->db = db_open(&options, f);
    r->numbers = r->db != NULL ? run_numbers_new(r->db, run, f) : NULL;
    if (r->numbers != NULL)
        return r;
    run_review_free(r);
    return NULL;
}

int run_review_ask(struct run_review *r, const struct desk_query *q, union desk_answer out)
{
    const char *text = q->text != NULL ? q->text : "";

    switch (q->topic) {
    case DESK_LOT_FIGURES:
        return lot(r, text, out.lot);
    case DESK_SLOT_ATTEMPTS:
        return slot_attempts(r, q->slot, out.attempts, q->max);
    case DESK_UNITS:
        return units(r, text, out.units, q->max);
    case DESK_UNIT_STORY:
        return unit_story(r, &q->mac, out.attempts, q->max);
    default:
        return -ENOSYS;
    }
}
