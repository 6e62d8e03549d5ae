/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every probe of the real mask ROM's own code in ../shared/vectors/rom-probes-2.json, row by row on a fresh virtual board:
 * the frames that were sent then, the bytes that came back then. What may differ is listed in rom-probes-2.masks; a mask
 * that is not needed is a failure too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <jansson.h>

#include "tests/support/board_host.h"

#define PROBES    SHARED_DIR "/vectors/rom-probes-2.json"
#define MASKS     SOURCE_DIR "/tests/vectors/rom-probes-2.masks"
#define ROWS      167
#define MASKS_MAX 64
#define REPLY_MAX 4096
#define PIECES    40
#define LONGEST   41 /* bytes of the longest answer but READ_FLASH's, for slow lines */

/*
 * The recording waited about as long for an answer, by a clock that neither line nor flash slows down: erasing and writing
 * a quarter of a megabyte was answered, the digest of 8 MiB was not.
 */
#define PATIENCE (3 * HOST_SECOND)

enum field { FIELD_VAL, FIELD_STATUS34, FIELD_DATA, FIELDS };

static const char *const field_names[FIELDS] = {"val", "status34", "data"};

struct mask {
    int row, reply;
    enum field field;
    bool used;
};

struct bytes {
    uint8_t at[REPLY_MAX];
    size_t len;
};

/* What came, cut at the C0: frames, decoded, and text between them. */
struct piece {
    bool frame;
    struct bytes bytes;
};

static struct mask masks[MASKS_MAX];
static size_t mask_count;

static void read_masks(void)
{
    char line[256], name[16];
    FILE *f = fopen(MASKS, "r");

    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL) {
        struct mask m = {0};
        if (line[0] == '#' || line[0] == '\n')
            continue;
        assert_int_equal(sscanf(line, "%d %d %15s", &m.row, &m.reply, name), 3);
        while (m.field < FIELDS && strcmp(name, field_names[m.field]) != 0)
            m.field++;
        assert_true(m.field < FIELDS && mask_count < MASKS_MAX);
        masks[mask_count++] = m;
    }
    fclose(f);
}

static void unhex(const char *text, struct bytes *out)
{
    unsigned v;

    assert_true(strlen(text) / 2 <= sizeof out->at);
    for (out->len = 0; sscanf(text + 2 * out->len, "%2x", &v) == 1; out->len++)
        out->at[out->len] = (uint8_t)v;
    assert_int_equal(text[2 * out->len], '\0');
}

static size_t cut(const struct bytes *in, struct piece *out)
{
    size_t n = 0;

    for (size_t i = 0; i < in->len;) {
        assert_true(n < PIECES);
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

/* Where a field of a reply lies; the ROM's status are the last four bytes. */
static void field_of(const struct piece *p, enum field field, size_t *from, size_t *len)
{
    size_t size = p->bytes.len;

    *from = field == FIELD_VAL ? 4 : field == FIELD_STATUS34 ? size - 2 : 8;
    *len = field == FIELD_VAL ? 4 : field == FIELD_STATUS34 ? 2 : size - 12;
    if (!p->frame || size < 12)
        *len = 0;
}

static void apply_masks(int row, int reply, struct piece *got, struct piece *want)
{
    for (size_t i = 0; i < mask_count; i++) {
        size_t from, len, other_from, other_len;
        if (masks[i].row != row || masks[i].reply != reply)
            continue;
        field_of(got, masks[i].field, &from, &len);
        field_of(want, masks[i].field, &other_from, &other_len);
        if (len == 0 || len != other_len ||
            memcmp(got->bytes.at + from, want->bytes.at + other_from, len) == 0)
            continue;
        masks[i].used = true;
        memcpy(got->bytes.at + from, want->bytes.at + other_from, len);
    }
}

static bool same_reply(int row, int reply, const struct bytes *got, const struct bytes *want)
{
    static struct piece ours[PIECES], theirs[PIECES];
    size_t n = cut(got, ours), m = cut(want, theirs);

    if (n != m)
        return false;
    for (size_t i = 0; i < n; i++) {
        apply_masks(row, reply, &ours[i], &theirs[i]);
        if (ours[i].frame != theirs[i].frame || ours[i].bytes.len != theirs[i].bytes.len ||
            memcmp(ours[i].bytes.at, theirs[i].bytes.at, ours[i].bytes.len) != 0)
            return false;
    }
    return true;
}

static void ask(struct board_host *h, const struct bytes *send, struct bytes *got)
{
    host_drop(h);
    host_send(h, send->at, send->len);
    while (host_wait(h, PATIENCE + (int64_t)LONGEST * 10 * HOST_SECOND / sim_board_baud(h->board)))
        ;
    assert_true(h->raw_len <= sizeof got->at);
    memcpy(got->at, h->raw, h->raw_len);
    got->len = h->raw_len;
}

static void tell(int row, const char *name, int reply, const struct bytes *got, const struct bytes *want)
{
    const struct bytes *both[2] = {want, got};

    print_error("row %d (%s), reply %d:\n", row, name, reply);
    for (int k = 0; k < 2; k++) {
        print_error(k == 0 ? "  real    " : "  virtual ");
        for (size_t i = 0; i < both[k]->len && i < 100; i++)
            print_error("%02x", both[k]->at[i]);
        print_error(both[k]->len == 0 ? "silence\n" : "\n");
    }
}

static void start(struct board_host *h)
{
    static uint8_t blank[8u << 20]; /* zeros: what the recorded chip's flash held where it can be told */
    const struct sim_board_config chip = {
        .mac = {{0x24, 0x0a, 0xc4, 0x00, 0x00, 0x03}},
        .revision = 3,
        .flash_size = sizeof blank,
        .flash_id = 0x1740c8,
        .rateless = true, /* as the recording: CHANGE_BAUD, and the host went on at its own rate */
        .starts_in_bootloader = true,
    };

    host_start(h, &chip);
    sim_board_preload(h->board, 0, blank, sizeof blank);
}

static bool prelude(struct board_host *h, int row, const json_t *probe)
{
    static struct bytes want, got;
    const uint32_t magic = 0x40001000;

    if (!json_is_true(json_object_get(probe, "synced")))
        return true;
    host_sync(h);
    host_command(h, 0x0a, &magic, 1);
    while (host_wait(h, PATIENCE))
        ;
    memcpy(got.at, h->raw, h->raw_len);
    got.len = h->raw_len;
    unhex(json_string_value(json_object_get(probe, "first_reply")), &want);
    return same_reply(row, -1, &got, &want);
}

static bool same_row(int row, const json_t *probe)
{
    static struct board_host h;
    static struct bytes send, want, got;
    const char *name = json_string_value(json_object_get(probe, "name"));
    const json_t *frames = json_object_get(probe, "send"), *replies = json_object_get(probe, "reply");
    bool same;

    start(&h);
    same = prelude(&h, row, probe);
    if (!same)
        print_error("row %d (%s): the first reply differs\n", row, name);
    for (size_t i = 0; i < json_array_size(frames) && same; i++) {
        unhex(json_string_value(json_array_get(frames, i)), &send);
        unhex(json_string_value(json_array_get(replies, i)), &want);
        ask(&h, &send, &got);
        same = same_reply(row, (int)i, &got, &want);
        if (!same)
            tell(row, name, (int)i, &got, &want);
    }
    host_end(&h);
    return same;
}

static void the_virtual_rom_answers_as_the_real_one(void **state)
{
    json_error_t error;
    json_t *probes = json_load_file(PROBES, 0, &error);
    int identical = 0, idle = 0;

    (void)state;
    assert_true(json_is_array(probes));
    read_masks();
    for (size_t i = 0; i < json_array_size(probes); i++)
        identical += same_row((int)i, json_array_get(probes, i));
    for (size_t i = 0; i < mask_count; i++) {
        if (masks[i].used)
            continue;
        print_error("mask %d %d %s hides nothing\n", masks[i].row, masks[i].reply,
                    field_names[masks[i].field]);
        idle++;
    }
    print_message("identical %d of %d under masks (%d fields in %s)\n", identical,
                  (int)json_array_size(probes), (int)mask_count, MASKS);
    assert_int_equal(json_array_size(probes), ROWS);
    json_decref(probes);
    assert_int_equal(idle, 0);
    assert_int_equal(identical, ROWS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_virtual_rom_answers_as_the_real_one),
    };

    if (access(PROBES, R_OK) != 0) {
        puts("skipped: no " PROBES);
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
