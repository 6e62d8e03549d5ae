/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/station_text.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_MOST 6

struct hand {
    char *out;
    size_t used;
    uint64_t state;
    bool has_name; /* the station's name was given an anchor */
    bool flow;     /* the whole file in braces */
    bool lines;    /* a list in brackets goes over several lines */
    int indent;    /* of the root */
    int anchors;   /* so that each has a name of its own */
};

/* splitmix64 */
static uint64_t draw(struct hand *h)
{
    uint64_t z = (h->state += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static unsigned pick(struct hand *h, unsigned of)
{
    return (unsigned)(draw(h) % of);
}

static bool chance(struct hand *h, unsigned percent)
{
    return pick(h, 100) < percent;
}

static void put(struct hand *h, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct hand *h, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int n = vsnprintf(h->out + h->used, STATION_TEXT_SIZE / 2 - h->used, format, args);
    va_end(args);
    if (n > 0)
        h->used += (size_t)n;
    if (h->used >= STATION_TEXT_SIZE / 2)
        abort(); /* the station is too large for the page */
}

static const char *const comments[] = {"# links: the one by the window",
                                       "#",
                                       "# - number: 99",
                                       "# 'quoted\" & *all",
                                       "# fünf µm — ok",
                                       "# slots: []",
                                       "# }], ... ---"};

/* What may stand between two lines. */
static void between(struct hand *h, int indent)
{
    if (chance(h, 12))
        put(h, "\n");
    if (chance(h, 12)) { /* not further in: there it would be more of a text that stands before it */
        put(h, "%*s", chance(h, 50) ? indent : (int)pick(h, (unsigned)indent + 1), "");
        put(h, "%s\n", comments[pick(h, 7)]);
    }
}

static void end_line(struct hand *h)
{
    if (chance(h, 15))
        put(h, "%*s", 1 + (int)pick(h, 3), "");
    if (chance(h, 15))
        put(h, " %s", comments[pick(h, 7)]);
    put(h, "\n");
}

static void key(struct hand *h, const char *name)
{
    switch (pick(h, 7)) {
    case 3:
        put(h, "\"%s\":", name);
        break;
    case 4:
        put(h, "'%s':", name);
        break;
    case 5:
        put(h, "%s :", name);
        break;
    case 6:
        put(h, "!!str %s:", name);
        break;
    default:
        put(h, "%s:", name);
    }
}

/* A text on one line. */
static void word(struct hand *h, const char *text)
{
    static const char *const before[] = {"", "'", "\"", "!!str "};
    unsigned form = pick(h, 5);

    if (form == 4)
        put(h, "&k%d ", h->anchors++);
    else
        put(h, "%s", before[form]);
    put(h, "%s%s", text, form == 1 ? "'" : form == 2 ? "\"" : "");
}

/* Over as many lines as it likes, in a block. `indent` is the key's. */
static void long_word(struct hand *h, const char *first, const char *second, int indent)
{
    switch (pick(h, 5)) {
    case 0:
        put(h, " |-\n%*s%s %s", indent + 2, "", first, second);
        break;
    case 1:
        put(h, " >-\n%*s%s\n%*s%s", indent + 1, "", first, indent + 1, "", second);
        break;
    case 2:
        put(h, " \"%s\n%*s  %s\"", first, indent, "", second);
        break;
    case 3:
        put(h, "\n%*s%s\n%*s%s", indent + 4, "", first, indent + 4, "", second);
        break;
    default:
        put(h, " '%s %s'", first, second);
    }
    put(h, "\n");
}

static void label_in_block(struct hand *h, int number, int indent)
{
    char text[32];

    snprintf(text, sizeof text, "%s-%d", chance(h, 20) ? "hinten é" : "rear", number);
    key(h, "label");
    switch (pick(h, 8)) {
    case 0:
        long_word(h, "rear", text, indent);
        return;
    case 1:
        if (h->has_name && number == 1) {
            put(h, " *name");
            break;
        }
        put(h, " &l%d %s", number, text);
        break;
    case 2: /* no value yet */
        break;
    case 3:
        put(h, " ''");
        break;
    case 4: /* on the next line */
        put(h, "\n%*s", indent + 2, "");
        word(h, text);
        break;
    default:
        put(h, "%*s", 1 + (int)pick(h, 3), "");
        word(h, text);
    }
    end_line(h);
}

static void port_text(char out[static 64], int number, unsigned kind)
{
    if (kind % 2 == 0)
        snprintf(out, 64, "ftdi:1-%d.2:%c", number, 'A' + number % 4);
    else
        snprintf(out, 64, "tty:/dev/serial/by-path/usb-%d", number);
}

static void one_key_in_block(struct hand *h, unsigned which, int number, int indent)
{
    char port[64];

    switch (which) {
    case 0:
        key(h, "number");
        put(h, " %d", number);
        end_line(h);
        break;
    case 1:
        port_text(port, number, pick(h, 2));
        key(h, "port");
        put(h, " ");
        word(h, port);
        end_line(h);
        break;
    case 2:
        label_in_block(h, number, indent);
        break;
    case 3:
        key(h, "reset");
        put(h, " none");
        end_line(h);
        break;
    default:
        key(h, "presence");
        put(h, " not-dsr");
        end_line(h);
    }
}

/* Keys 0 and 1 always, the others as it likes, in any order. */
static int choose_keys(struct hand *h, unsigned out[static 5])
{
    unsigned all[5] = {0, 1, 2, 3, 4};
    int count = 0;

    for (unsigned i = 4; i > 0; i--) {
        unsigned j = pick(h, i + 1), swap = all[i];
        all[i] = all[j];
        all[j] = swap;
    }
    for (int i = 0; i < 5; i++)
        if (all[i] < 2 || chance(h, 40))
            out[count++] = all[i];
    return count;
}

static void slot_in_braces(struct hand *h, int number)
{
    unsigned keys[5];
    char port[64], label[32];
    int count = choose_keys(h, keys);

    put(h, chance(h, 50) ? "{" : "{ ");
    for (int i = 0; i < count; i++) {
        if (i > 0)
            put(h, chance(h, 80) ? ", " : " , ");
        port_text(port, number, pick(h, 2));
        snprintf(label, sizeof label, "rear %d", number);
        if (keys[i] == 0)
            put(h, "number: %d", number);
        else if (keys[i] == 1)
            put(h, "port: \"%s\"", port);
        else if (keys[i] == 2)
            put(h, chance(h, 50) ? "label: %s" : "\"label\":'%s'", label);
        else
            put(h, "%s", keys[i] == 3 ? "reset: tight" : "presence: cts");
    }
    put(h, chance(h, 80) ? "}" : chance(h, 50) ? ", }" : " }");
}

static void slots_in_brackets(struct hand *h, int count)
{
    put(h, " [");
    for (int i = 1; i <= count; i++) {
        if (h->lines)
            put(h, "%s\n%*s", chance(h, 20) ? "  # one more" : "", h->indent + 4, "");
        slot_in_braces(h, i);
        if (i < count)
            put(h, chance(h, 85) ? ", " : ",");
    }
    if (chance(h, 20))
        put(h, ",");
    if (h->lines)
        put(h, "%s\n%*s", chance(h, 20) ? " # the last" : "", h->indent + 2, "");
    put(h, "]");
}

static void slots_in_block(struct hand *h, int count)
{
    int indent = h->indent + (chance(h, 70) ? 2 : chance(h, 50) ? 0 : 6), gap = 1 + (int)(pick(h, 4) == 0);

    if (chance(h, 10))
        put(h, chance(h, 50) ? " &all" : " !!seq");
    end_line(h);
    for (int i = 1; i <= count; i++) {
        unsigned keys[5];
        int n = choose_keys(h, keys), inner = indent + 1 + gap;
        between(h, indent);
        put(h, "%*s-", indent, "");
        if (chance(h, 15)) {
            put(h, " ");
            slot_in_braces(h, i);
            end_line(h);
            continue;
        }
        if (chance(h, 12)) { /* the map below its dash */
            if (chance(h, 30))
                put(h, " &slot%d", i);
            put(h, "%s\n%*s", chance(h, 50) ? " # - this one" : "", inner, "");
        } else {
            put(h, "%*s", gap, "");
        }
        for (int k = 0; k < n; k++) {
            if (k > 0) {
                between(h, inner);
                put(h, "%*s", inner, "");
            }
            one_key_in_block(h, keys[k], i, inner);
        }
    }
}

static void slots(struct hand *h)
{
    int count = 1 + (int)pick(h, SLOTS_MOST);

    put(h, "%*s", h->indent, "");
    key(h, "slots");
    if (chance(h, 70)) {
        slots_in_block(h, count);
        return;
    }
    h->lines = chance(h, 50);
    slots_in_brackets(h, count);
    end_line(h);
}

static void other_section(struct hand *h, unsigned which)
{
    int in = h->indent;

    put(h, "%*s", in, "");
    switch (which) {
    case 0:
        key(h, "station");
        h->has_name = chance(h, 40);
        put(h, h->has_name ? " &name line-7" : " line-7");
        end_line(h);
        break;
    case 1:
        key(h, "bell_command");
        long_word(h, "aplay", "/usr/share/done.wav", in);
        break;
    case 2:
        key(h, "layout");
        put(h, chance(h, 50) ? " {rows: 2, columns: 3}" : "\n%*srows: 2\n%*scolumns: 3", in + 2, "", in + 2,
            "");
        end_line(h);
        break;
    default:
        key(h, "policy");
        put(h, "\n%*slot_required: yes # or no", in + 2, "");
        put(h, "\n%*sstop_slot_failures: 4\n%*sbackup_dir: \"/mnt/b#1\"", in + 2, "", in + 2, "");
        end_line(h);
    }
}

static void sections(struct hand *h)
{
    unsigned at = pick(h, 5);

    for (unsigned i = 0; i < 5; i++) {
        between(h, h->indent);
        if (i == at)
            slots(h);
        else if (chance(h, 50))
            other_section(h, i < at ? i : i - 1);
    }
}

static void whole_in_braces(struct hand *h)
{
    put(h, "{station: 'line-7',%s", chance(h, 50) ? "\n  " : " ");
    h->lines = chance(h, 50);
    put(h, "slots:");
    slots_in_brackets(h, 1 + (int)pick(h, SLOTS_MOST));
    put(h, chance(h, 50) ? ", policy: {lot_required: yes}}\n" : "\n}\n");
}

/* The breaks as this editor writes them; without the last one where it leaves that out. */
static size_t copy_out(struct hand *h, char *out, bool crlf, bool ends)
{
    size_t to = 0, size = h->used;

    while (!ends && size > 0 && h->out[size - 1] == '\n')
        size--;
    for (size_t i = 0; i < size; i++) {
        if (crlf && h->out[i] == '\n')
            out[to++] = '\r';
        out[to++] = h->out[i];
    }
    out[to] = '\0';
    return to;
}

size_t station_text_make(uint64_t seed, char out[static STATION_TEXT_SIZE])
{
    char page[STATION_TEXT_SIZE / 2];
    struct hand h = {.out = page, .state = seed};
    bool crlf = chance(&h, 25), ends = chance(&h, 80);

    if (chance(&h, 15))
        put(&h, "\xef\xbb\xbf");
    bool explicit_start = chance(&h, 25);
    if (explicit_start) {
        put(&h, "%s---", chance(&h, 30) ? "%YAML 1.1\n" : "");
        put(&h, "%s\n", chance(&h, 30) ? " # the station" : "");
    }
    h.indent = explicit_start && chance(&h, 20) ? 2 : 0;
    if (chance(&h, 10))
        whole_in_braces(&h);
    else
        sections(&h);
    if (chance(&h, 15))
        put(&h, "...\n");
    return copy_out(&h, out, crlf, ends);
}
