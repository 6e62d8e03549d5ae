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

#include "tests/support/probe_reply.h"

#define PROBES SHARED_DIR "/vectors/rom-probes-2.json"
#define MASKS  SOURCE_DIR "/tests/vectors/rom-probes-2.masks"
#define ROWS   167
#define STATUS 4 /* bytes */

static struct probe_masks masks;

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

static const char *text_of(const json_t *probe, const char *key, size_t index)
{
    return json_string_value(json_array_get(json_object_get(probe, key), index));
}

static bool same_prelude(struct board_host *h, const json_t *probe)
{
    static struct probe_bytes send, want, got;

    if (!json_is_true(json_object_get(probe, "synced")))
        return true;
    host_sync(h);
    probe_unhex("c0000a04000000000000100040c0", &send);
    probe_ask(h, &send, PROBE_PATIENCE, &got);
    probe_unhex(json_string_value(json_object_get(probe, "first_reply")), &want);
    return probe_same(&masks, -1, 0, STATUS, &got, &want);
}

static bool same_row(int row, const json_t *probe)
{
    static struct board_host h;
    static struct probe_bytes send, want, got;
    char name[160];
    bool same;

    start(&h);
    same = same_prelude(&h, probe);
    for (size_t i = 0; i < json_array_size(json_object_get(probe, "send")) && same; i++) {
        probe_unhex(text_of(probe, "send", i), &send);
        probe_unhex(text_of(probe, "reply", i), &want);
        probe_ask(&h, &send, PROBE_PATIENCE, &got);
        same = probe_same(&masks, row, (int)i, STATUS, &got, &want);
        snprintf(name, sizeof name, "row %d (%.100s), reply %d", row,
                 json_string_value(json_object_get(probe, "name")), (int)i);
        if (!same)
            probe_tell(name, &got, &want);
    }
    host_end(&h);
    return same;
}

static void the_virtual_rom_answers_as_the_real_one(void **state)
{
    json_error_t error;
    json_t *probes = json_load_file(PROBES, 0, &error);
    int identical = 0;

    (void)state;
    assert_true(json_is_array(probes));
    probe_masks_load(&masks, MASKS);
    for (size_t i = 0; i < json_array_size(probes); i++)
        identical += same_row((int)i, json_array_get(probes, i));
    print_message("identical %d of %d under masks (%d fields in %s)\n", identical,
                  (int)json_array_size(probes), (int)masks.count, MASKS);
    assert_int_equal(json_array_size(probes), ROWS);
    json_decref(probes);
    assert_int_equal(probe_masks_idle(&masks), 0);
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
