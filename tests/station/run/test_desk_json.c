/* SPDX-License-Identifier: Apache-2.0 */
/*
 * If this fails, an attached screen shows another board, verdict or number than the station knows, or a line that a station of
 * another version says brings it down. What a line must say is written here by hand, from docs/json.md.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "station/run/desk_json.h"
#include "station/run/slot_json.h"

#define STATION                                                                                                            \
    "{\"v\":1,\"event\":\"station\",\"slots\":2,\"station\":\"line-3\",\"job\":\"wipy\",\"lot\":\"A-17\",\"lot_good\":12," \
    "\"lot_planned\":20,\"work\":\"taken\",\"draining\":true,\"passed\":3,\"not_passed\":1,\"units_tried\":4,\"good\":3,"  \
    "\"boards_per_hour\":41.5}"
#define SLOT                                                                                                                                                              \
    "{\"v\":1,\"event\":\"slot\",\"slot\":7,\"t_ms\":21400,\"time\":\"2026-11-22T16:00:00.123Z\",\"port\":\"ftdi:1-4.2:B\","                                              \
    "\"label\":\"left\",\"state\":\"act\",\"act\":\"boot_jumper\",\"boot_pin\":\"G23\",\"stage\":\"verify\",\"done\":4096,"                                               \
    "\"total\":8192,\"left_ms\":1500,\"attempt\":9,\"retries\":1,\"baud\":921600,\"baud_max\":2000000,\"mac\":\"24:0a:c4:00:00:07\",\"eui64\":"                           \
    "\"24:0a:c4:ff:fe:00:00:07\",\"chip\":\"ESP32-C6\",\"revision\":301,\"flash_id\":1523912,\"flash_size\":8388608,"                                                     \
    "\"crystal_mhz\":40,\"security\":5,\"result\":\"FAIL\",\"bytes_written\":8192,\"bytes_unchanged\":4096,\"code\":601,\"failed_stage\":\"verify\",\"blame\":\"board\"," \
    "\"detail\":\"two differ\",\"note\":\"n\",\"boards\":3,\"passed\":2,\"failed\":1,\"serial_state\":\"taken\",\"serial\":\"SN-1\"}"

static void what_a_station_shows_is_what_a_screen_has(void **state)
{
    struct desk_copy c = {0};
    struct slot_event e;

    (void)state;
    assert_int_equal(desk_copy_read(&c, SLOT, &e), DESK_LINE_OTHER); /* of which tray? */
    assert_int_equal(desk_copy_read(&c, STATION, &e), DESK_LINE_STATE);
    assert_true(c.slots == 2 && c.draining && c.seat == SEAT_TAKEN && c.run.known);
    assert_true(c.station.lot_good == 12 && c.station.lot_planned == 20 && c.run.passed == 3 &&
                c.run.not_passed == 1);
    assert_true(c.run.boards_per_hour > 41.4 && c.run.boards_per_hour < 41.6);
    assert_string_equal(c.station.job, "wipy");
    assert_int_equal(desk_copy_read(&c, SLOT, &e), DESK_LINE_STATE);
    const struct slot_status *s = &c.status[0];
    assert_true(s->slot == 7 && s->state == SLOT_ACT && s->act == ACT_BOOT_JUMPER &&
                s->stage == STAGE_VERIFY);
    assert_true(s->done == 4096 && s->total == 8192 && s->left_us == 1500000 && s->attempt == 9 &&
                s->retries == 1);
    assert_true(s->baud == 921600 && s->baud_max == 2000000);
    assert_true(s->now_us - s->started_us == 21400000 && s->result == RESULT_FAIL);
    assert_true(s->bytes_written == 8192 && s->bytes_unchanged == 4096);
    assert_true(s->has_unit && s->unit.has_eui64 && !s->unit.has_custom_mac && s->unit.revision == 301);
    assert_true(s->unit.flash_size == 8388608 && s->unit.security == 5 && s->unit.crystal_mhz == 40);
    assert_true(s->failure.code == 601 && s->failure.stage == STAGE_VERIFY &&
                s->failure.blame == BLAME_BOARD);
    assert_true(s->boards == 3 && s->passed == 2 && s->failed == 1);
    assert_string_equal(s->port, "ftdi:1-4.2:B");
    assert_string_equal(s->label, "left");
    assert_string_equal(s->boot_pin, "G23");
    assert_string_equal(s->failure.detail, "two differ");
    assert_true(c.serials[0].state == DESK_SERIAL_TAKEN && strcmp(c.serials[0].code, "SN-1") == 0);
    /* The next line is the whole of it: what it leaves out is not there any more. */
    assert_int_equal(
        desk_copy_read(
            &c,
            "{\"v\":1,\"event\":\"state\",\"slot\":7,\"t_ms\":5,\"time\":\"2026-11-22T16:00:01.000Z\","
            "\"state\":\"idle\",\"stage\":\"none\"}",
            &e),
        DESK_LINE_EVENT);
    assert_true(e.kind == EVENT_STATE && e.t_ms == 5 && e.wall_ms == 1795363201000);
    assert_true(!s->has_unit && s->result == RESULT_OPEN && s->failure.code == FAILURE_NONE &&
                s->left_us == -1);
    assert_string_equal(s->boot_pin, "G23"); /* the job's, named where it is asked for alone */
    desk_copy_free(&c);
}

/* Whoever comes late has the beginnings of the stages from the first line, keeps them with the next, and gets none of a board before. */
static void stages_that_have_begun_are_told(void **state)
{
    static const char busy[] =
        "{\"v\":1,\"event\":\"slot\",\"slot\":7,\"t_ms\":900,\"state\":\"busy\",\"stage\":\"write\"}";
    struct slot_status now = {.slot = 7,
                              .state = SLOT_BUSY,
                              .stage = STAGE_ERASE,
                              .now_us = 800000,
                              .stages_reached = 1u << STAGE_OPEN | 1u << STAGE_CONNECT | 1u << STAGE_ERASE,
                              .stage_at_ms = {[STAGE_CONNECT] = 120, [STAGE_ERASE] = 640}};
    const struct desk_serial none = {.state = DESK_SERIAL_NONE};
    struct desk_copy c = {0};
    struct slot_event e;
    json_t *o = desk_json_whole_slot(&now, &none, 1000);
    char *line = json_dumps(o, JSON_COMPACT);

    (void)state;
    assert_non_null(line);
    assert_non_null(strstr(line, "\"stages\":{\"open\":0,\"connect\":120,\"erase\":640}"));
    assert_int_equal(desk_copy_read(&c, STATION, &e), DESK_LINE_STATE);
    assert_int_equal(desk_copy_read(&c, line, &e), DESK_LINE_STATE);
    assert_int_equal(desk_copy_read(&c, busy, &e), DESK_LINE_STATE);
    assert_true(c.status[0].stages_reached == now.stages_reached &&
                c.status[0].stage_at_ms[STAGE_ERASE] == 640);
    assert_int_equal(desk_copy_read(&c,
                                    "{\"v\":1,\"event\":\"state\",\"slot\":7,\"t_ms\":950,\"state\":\"done\","
                                    "\"stage\":\"write\"}",
                                    &e),
                     DESK_LINE_EVENT);
    assert_int_equal(desk_copy_read(&c, busy, &e), DESK_LINE_STATE);
    assert_int_equal(c.status[0].stages_reached, 0);
    free(line);
    json_decref(o);
    desk_copy_free(&c);
}

static void a_line_that_is_none_changes_nothing(void **state)
{
    static const char *const lines[] = {
        "",
        "{",
        "[]",
        "7",
        "null",
        "{}",
        "{\"event\":7}",
        "{\"event\":\"slot\"}",
        "{\"event\":\"slot\",\"slot\":7}",
        "{\"event\":\"slot\",\"slot\":-1,\"state\":\"busy\"}",
        "{\"event\":\"slot\",\"slot\":\"7\",\"state\":\"busy\"}",
        "{\"event\":\"slot\",\"slot\":99999999999999999999,\"state\":\"busy\"}",
        "{\"event\":\"station\",\"slots\":0}",
        "{\"event\":\"start\",\"slots\":1}",
        "{\"event\":\"of another version\"}",
        "{\"event\":\"slot\",\"slot\":7,\"state\":\"busy\",\"state\":\"done\"}",
        "{\"event\":\"\\u0000\"}",
        "\xff\xfe"};
    struct desk_copy c = {0};
    struct slot_event e;

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_int_equal(desk_copy_read(&c, lines[i], &e), DESK_LINE_OTHER);
    assert_int_equal(desk_copy_read(&c, "{\"event\":\"station\",\"slots\":257}", &e), DESK_LINE_OTHER);
    assert_int_equal(desk_copy_read(&c, "{\"event\":\"station\",\"slots\":1}", &e), DESK_LINE_STATE);
    /* Names and numbers that nobody knows yet. */
    assert_int_equal(
        desk_copy_read(
            &c,
            "{\"event\":\"slot\",\"slot\":7,\"state\":\"flying\",\"act\":\"dance\",\"stage\":3,\"result\":"
            "\"MAYBE\",\"code\":4294967297,\"done\":-5,\"left_ms\":-1,\"mac\":\"x\",\"boards\":1e99}",
            &e),
        DESK_LINE_STATE);
    assert_true(c.status[0].state == SLOT_IDLE && c.status[0].act == ACT_NONE &&
                c.status[0].result == RESULT_OPEN);
    assert_true(c.status[0].failure.code == FAILURE_NONE && c.status[0].done == 0 && !c.status[0].has_unit);
    /* More slots than it has. */
    assert_int_equal(desk_copy_read(&c, "{\"event\":\"slot\",\"slot\":8,\"state\":\"busy\"}", &e),
                     DESK_LINE_OTHER);
    desk_copy_free(&c);
}

static void what_is_refused_says_why(void **state)
{
    struct desk_copy c = {0};
    struct slot_event e;

    (void)state;
    assert_int_equal(
        desk_copy_read(&c, "{\"v\":1,\"ok\":false,\"code\":910,\"detail\":\"another account\"}", &e),
        DESK_LINE_REFUSED);
    assert_string_equal(e.status.note, "another account");
}

static void an_act_arrives_as_it_was_meant(void **state)
{
    const struct desk_act act = {
        .kind = DESK_UNLOCK, .slot = 3, .on = true, .number = -5, .text = "t", .pin = "246810", .reason = ""};
    const struct desk_act broken = {.kind = DESK_LOT, .text = "L-\xff", .pin = "", .reason = ""};
    struct desk_act got;
    char why[DESK_WHY_SIZE];

    (void)state;
    for (int kind = DESK_NOTHING; kind <= DESK_ABORT; kind++) {
        const struct desk_act any = {.kind = (enum desk_act_kind)kind, .text = "", .pin = "", .reason = ""};
        json_t *o = desk_json_act(&any);
        assert_true(desk_json_get_act(o, &got) && (int)got.kind == kind);
        json_decref(o);
    }
    json_t *o = desk_json_act(&act);
    assert_true(desk_json_get_act(o, &got));
    assert_true(got.kind == DESK_UNLOCK && got.slot == 3 && got.on && got.number == -5);
    assert_true(strcmp(got.text, "t") == 0 && strcmp(got.pin, "246810") == 0 && got.reason[0] == '\0');
    json_decref(o);
    assert_null(desk_json_act(&broken)); /* mended it would be another lot */
    for (int outcome = DESK_DONE; outcome <= DESK_REFUSED; outcome++) {
        o = desk_json_outcome((enum desk_outcome)outcome, "why");
        assert_int_equal(desk_json_get_outcome(o, why), outcome);
        assert_string_equal(why, "why");
        json_decref(o);
    }
    o = json_pack("{s:s}", "outcome", "perhaps");
    assert_int_equal(desk_json_get_outcome(o, why), DESK_REFUSED);
    json_decref(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_station_shows_is_what_a_screen_has),
        cmocka_unit_test(stages_that_have_begun_are_told),
        cmocka_unit_test(a_line_that_is_none_changes_nothing),
        cmocka_unit_test(what_is_refused_says_why),
        cmocka_unit_test(an_act_arrives_as_it_was_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
