/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/probe_reply.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define PIECES  64
#define LONGEST 41 /* bytes of the longest answer but READ_FLASH's, for slow lines */
#define HEADER  8

/* What came, cut at the C0: frames, decoded, and text between them. */
struct piece {
    bool frame;
    struct probe_bytes bytes;
};

static const char *const field_names[PROBE_FIELDS] = {"val", "status34", "data", "row"};

void probe_masks_load(struct probe_masks *m, const char *path)
{
    char line[256], name[16];
    FILE *f = fopen(path, "r");

    assert(f != NULL);
    m->count = 0;
    while (fgets(line, sizeof line, f) != NULL) {
        int row, reply, field = 0;
        if (line[0] == '#' || line[0] == '\n')
            continue;
        bool whole = sscanf(line, "%d %d %15s", &row, &reply, name) == 3;
        while (whole && field < PROBE_FIELDS && strcmp(name, field_names[field]) != 0)
            field++;
        if (!whole || field == PROBE_FIELDS || m->count == PROBE_MASKS) {
            fprintf(stderr, "%s: what is this? %s", path, line);
            assert(false);
        }
        m->mask[m->count].row = row;
        m->mask[m->count].reply = reply;
        m->mask[m->count].field = (enum probe_field)field;
        m->mask[m->count++].used = false;
    }
    fclose(f);
}

int probe_masks_idle(const struct probe_masks *m)
{
    int idle = 0;

    for (size_t i = 0; i < m->count; i++) {
        if (m->mask[i].used)
            continue;
        fprintf(stderr, "mask %d %d %s hides nothing\n", m->mask[i].row, m->mask[i].reply,
                field_names[m->mask[i].field]);
        idle++;
    }
    return idle;
}

void probe_unhex(const char *text, struct probe_bytes *out)
{
    unsigned v;

    assert(strlen(text) / 2 <= sizeof out->at);
    for (out->len = 0; sscanf(text + 2 * out->len, "%2x", &v) == 1; out->len++)
        out->at[out->len] = (uint8_t)v;
    assert(text[2 * out->len] == '\0');
}

void probe_ask(struct board_host *h, const struct probe_bytes *send, int64_t patience,
               struct probe_bytes *got)
{
    host_drop(h);
    host_send(h, send->at, send->len);
    while (host_wait(h, patience + (int64_t)LONGEST * 10 * HOST_SECOND / sim_board_baud(h->board)))
        ;
    assert(h->raw_len <= sizeof got->at);
    memcpy(got->at, h->raw, h->raw_len);
    got->len = h->raw_len;
    host_drop(h);
}

static size_t cut(const struct probe_bytes *in, struct piece *out)
{
    size_t n = 0;

    for (size_t i = 0; i < in->len;) {
        assert(n < PIECES);
        struct piece *p = &out[n++];
        p->frame = in->at[i] == 0xc0;
        p->bytes.len = 0;
        i += p->frame;
        for (; i < in->len && in->at[i] != 0xc0; i++) {
            uint8_t byte = in->at[i];
            if (p->frame && byte == 0xdb && i + 1 < in->len)
                byte = in->at[++i] == 0xdc ? 0xc0 : 0xdb;
            p->bytes.at[p->bytes.len++] = byte;
        }
        i += p->frame && i < in->len;
    }
    return n;
}

/* Where a field of a reply lies. */
static void field_of(const struct piece *p, enum probe_field field, size_t status, size_t *from, size_t *len)
{
    size_t size = p->bytes.len;

    *from = field == PROBE_VAL ? 4 : field == PROBE_STATUS ? size - 2 : HEADER;
    *len = field == PROBE_VAL ? 4 : field == PROBE_STATUS ? 2 : size - HEADER - status;
    if (!p->frame || size < HEADER + status)
        *len = 0;
}

static void hide(struct probe_masks *m, int row, int reply, size_t status, struct piece *got,
                 const struct piece *want)
{
    for (size_t i = 0; i < m->count; i++) {
        size_t from, len, other_from, other_len;
        if (m->mask[i].row != row || m->mask[i].reply != reply || m->mask[i].field == PROBE_ROW)
            continue;
        field_of(got, m->mask[i].field, status, &from, &len);
        field_of(want, m->mask[i].field, status, &other_from, &other_len);
        if (len == 0 || len != other_len ||
            memcmp(got->bytes.at + from, want->bytes.at + other_from, len) == 0)
            continue;
        m->mask[i].used = true;
        memcpy(got->bytes.at + from, want->bytes.at + other_from, len);
    }
}

static bool same_pieces(struct probe_masks *m, int row, int reply, size_t status,
                        const struct probe_bytes *got, const struct probe_bytes *want)
{
    static struct piece ours[PIECES], theirs[PIECES];
    size_t n = cut(got, ours);

    if (n != cut(want, theirs))
        return false;
    for (size_t i = 0; i < n; i++) {
        hide(m, row, reply, status, &ours[i], &theirs[i]);
        if (ours[i].frame != theirs[i].frame || ours[i].bytes.len != theirs[i].bytes.len ||
            memcmp(ours[i].bytes.at, theirs[i].bytes.at, ours[i].bytes.len) != 0)
            return false;
    }
    return true;
}

bool probe_same(struct probe_masks *m, int row, int reply, size_t status, const struct probe_bytes *got,
                const struct probe_bytes *want)
{
    bool same = same_pieces(m, row, reply, status, got, want);

    for (size_t i = 0; i < m->count && !same; i++) {
        if (m->mask[i].row == row && m->mask[i].reply == reply && m->mask[i].field == PROBE_ROW)
            same = m->mask[i].used = true;
    }
    return same;
}

void probe_tell(const char *name, const struct probe_bytes *got, const struct probe_bytes *want)
{
    const struct probe_bytes *both[2] = {want, got};

    fprintf(stderr, "%s:\n", name);
    for (int k = 0; k < 2; k++) {
        fprintf(stderr, k == 0 ? "  real    " : "  virtual ");
        for (size_t i = 0; i < both[k]->len && i < 100; i++)
            fprintf(stderr, "%02x", both[k]->at[i]);
        fprintf(stderr, both[k]->len == 0 ? "silence\n" : "\n");
    }
}
