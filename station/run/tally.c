/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/tally.h"

#include <stdlib.h>
#include <string.h>

#include "engine/slot/slot_event.h"
#include "station/print/table.h"

#define LINES_MAX 256 /* of the table; the database has every board */

struct line {
    int slot;
    bool started; /* an attempt of it stands in the records */
    bool has_mac;
    struct mac mac;
    char chip[32];
    char serial[64]; /* "" : none */
    enum result result;
    int retries;
    enum failure_code code;
    int64_t duration_us;
};

struct tally {
    bool bounded, drained, aborted;
    int counts[RESULT_COUNT], retried, boards;
    int kept[RESULT_COUNT], not_started; /* who was kept from starting, by what was said of it */
    struct line lines[LINES_MAX];        /* line n is lines[n % LINES_MAX] */
    int line_count;
};

struct tally *tally_new(bool bounded)
{
    struct tally *t = calloc(1, sizeof *t);

    if (t != NULL)
        t->bounded = bounded;
    return t;
}

void tally_free(struct tally *t)
{
    free(t);
}

void tally_event(struct tally *t, const struct slot_event *event, const char *serial)
{
    const struct slot_status *s = &event->status;

    if (event->kind != EVENT_RESULT || s->result == RESULT_OPEN || s->result >= RESULT_COUNT)
        return;
    if (s->state == SLOT_ACT && s->act == ACT_UNLOCK)
        return; /* kept from starting: asked again when the operator says so */
    bool started = s->attempt != 0;
    t->counts[s->result] += started;
    t->boards += started;
    t->kept[s->result] += !started;
    t->not_started += !started;
    t->retried += started && s->result == RESULT_PASS && s->retries > 0;
    struct line *l = &t->lines[t->line_count++ % LINES_MAX];
    *l = (struct line){.slot = s->slot,
                       .started = started,
                       .has_mac = s->has_unit,
                       .mac = s->unit.mac,
                       .result = s->result,
                       .retries = s->retries,
                       .code = s->failure.code,
                       .duration_us = event->t_ms * 1000};
    snprintf(l->chip, sizeof l->chip, "%s", s->has_unit ? s->unit.chip : "");
    snprintf(l->serial, sizeof l->serial, "%s", serial);
}

void tally_drained(struct tally *t)
{
    t->drained = true;
}

void tally_aborted(struct tally *t)
{
    t->aborted = true;
}

bool tally_was_drained(const struct tally *t)
{
    return t->drained;
}

int tally_count(const struct tally *t, enum result r)
{
    return t->counts[r];
}

int tally_boards(const struct tally *t)
{
    return t->boards;
}

int tally_retried(const struct tally *t)
{
    return t->retried;
}

int tally_not_started(const struct tally *t)
{
    return t->not_started;
}

static int by_slot(const void *a, const void *b)
{
    const struct line *x = a, *y = b;

    return x->slot - y->slot;
}

static void add_line(struct table *table, const struct line *l, bool with_serial, const char *version)
{
    char mac[MAC_TEXT_SIZE] = "-";

    if (l->has_mac)
        mac_text(&l->mac, mac);
    table_format(table, "%d", l->slot);
    table_text(table, mac);
    table_text(table, l->chip[0] != '\0' ? l->chip : "-");
    if (with_serial)
        table_text(table, l->serial[0] != '\0' ? l->serial : "-");
    table_text(table, version);
    table_format(table, "%s%s", l->started ? result_name(l->result) : "not started",
                 l->result == RESULT_PASS && l->retries > 0 ? " (retry)" : "");
    table_format(table, "%.1f", (double)l->duration_us / 1e6);
    if (l->code == FAILURE_NONE)
        table_text(table, "");
    else
        table_format(table, "%d %s", (int)l->code, failure_title(l->code));
}

static bool has_serials(const struct tally *t, int count)
{
    bool found = false;

    for (int i = 0; i < count; i++)
        found = found || t->lines[i].serial[0] != '\0';
    return found;
}

static void print_lines(const struct tally *t, const char *version, FILE *out)
{
    static const char *const titles[] = {">slot",  "MAC",      "chip", "serial", "version",
                                         "result", ">seconds", "code", NULL};
    static const char *const without[] = {">slot",  "MAC",      "chip", "version",
                                          "result", ">seconds", "code", NULL};
    int count = t->line_count < LINES_MAX ? t->line_count : LINES_MAX;
    bool with_serial = has_serials(t, count);
    struct table *table = table_new(with_serial ? titles : without);
    struct line *sorted = calloc((size_t)count + 1, sizeof *sorted);

    if (table == NULL || sorted == NULL)
        fputs("(no memory left for the table of boards; the database has them)\n", out);
    for (int i = 0; sorted != NULL && i < count; i++)
        sorted[i] = t->lines[(t->line_count - count + i) % LINES_MAX];
    if (table != NULL && sorted != NULL) {
        qsort(sorted, (size_t)count, sizeof *sorted, by_slot);
        for (int i = 0; i < count; i++)
            add_line(table, &sorted[i], with_serial, version);
        table_print(table, out);
    }
    if (t->line_count > count)
        fprintf(out, "(the last %d of %d lines)\n", count, t->line_count);
    free(sorted);
    table_free(table);
}

void tally_print(const struct tally *t, const char *version, FILE *out)
{
    if (t->line_count > 0)
        print_lines(t, version, out);
    fprintf(out, "%d board%s: %d PASS", t->boards, t->boards == 1 ? "" : "s", t->counts[RESULT_PASS]);
    if (t->retried > 0)
        fprintf(out, " (%d after a retry)", t->retried);
    for (int r = RESULT_FAIL; r < RESULT_COUNT; r++) {
        if (t->counts[r] > 0)
            fprintf(out, ", %d %s", t->counts[r], result_name((enum result)r));
    }
    if (t->not_started > 0)
        fprintf(out, "; %d not started", t->not_started);
    fputs(t->aborted ? "; aborted\n" : t->drained ? "; drained\n" : "\n", out);
    fflush(out);
}

/* Boards that ended so, and those that were kept from starting by it. */
static bool any(const struct tally *t, enum result r)
{
    return t->counts[r] + t->kept[r] > 0;
}

enum exit_code tally_exit_code(const struct tally *t)
{
    bool cut = t->drained && (t->bounded || t->line_count == 0);

    if (t->aborted || cut || any(t, RESULT_ABORTED) || any(t, RESULT_INTERRUPTED))
        return EXIT_INTERRUPTED;
    if (any(t, RESULT_ERROR))
        return EXIT_STATION;
    if (any(t, RESULT_FAIL) || any(t, RESULT_HOLD))
        return EXIT_SOME_FAIL;
    /* A run that had boards to flash and ended without one has not done its work. */
    return t->boards > 0 ? EXIT_ALL_PASS : EXIT_STATION;
}
