/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_efuse - what the eFuses of the board in a slot say. They are read, never burnt: engine/chip/esp_efuse.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/board/board_ask.h"
#include "station/cli/cmd.h"
#include "station/cli/options.h"
#include "station/print/json.h"
#include "station/print/table.h"
#include "station/run/hand_board.h"

#define VERB "efuse"

struct asking {
    struct hand_board board;
    struct esp_chip chip;
};

static int read_chip(void *ctx, struct session *session, struct failure *f)
{
    struct asking *a = ctx;

    return board_ask(session, &a->chip, f);
}

static json_t *fields_of(const struct efuse_line *lines, size_t count)
{
    json_t *fields = json_array();

    for (size_t i = 0; i < count; i++) {
        json_t *o = json_object();

        json_put_text(o, "name", lines[i].name);
        json_put_text(o, "value", lines[i].value);
        json_put_text(o, "meaning", lines[i].meaning[0] != '\0' ? lines[i].meaning : NULL);
        json_array_append_new(fields, o);
    }
    return fields;
}

static int tell_json(const struct esp_chip *c, const struct efuse_line *lines, size_t count)
{
    char mac[MAC_TEXT_SIZE], custom[MAC_TEXT_SIZE];
    json_t *o = json_line_new("efuse");

    mac_text(&c->unit.mac, mac);
    mac_text(&c->unit.custom_mac, custom);
    json_put_text(o, "mac", mac);
    json_put_bool(o, "mac_good", c->mac_crc_ok);
    json_put_text(o, "custom_mac", c->unit.has_custom_mac ? custom : NULL);
    json_put_text(o, "chip", c->unit.chip);
    json_put_int(o, "revision", c->unit.revision);
    json_put_text(o, "flash_supply", esp_chip_supply(c));
    json_object_set_new(o, "fields", fields_of(lines, count));
    json_line_write(stdout, o);
    return EXIT_ALL_PASS;
}

static void put_row(struct table *t, const char *name, const char *value, const char *meaning)
{
    table_text(t, name);
    table_text(t, value);
    table_text(t, meaning);
}

static const char *supply_words(const char *supply)
{
    return strcmp(supply, "pin") == 0   ? "a pin decides it at each reset"
           : strcmp(supply, "off") == 0 ? "burnt: the flash is supplied from outside"
                                        : "burnt";
}

/* Of what identifies the board. */
static void put_unit(struct table *t, const struct esp_chip *c)
{
    const char *supply = esp_chip_supply(c);
    char text[MAC_TEXT_SIZE], revision[16];

    put_row(t, "chip", c->unit.chip, "");
    snprintf(revision, sizeof revision, "v%d.%d", c->unit.revision / 100, c->unit.revision % 100);
    put_row(t, "revision", revision, "");
    mac_text(&c->unit.mac, text);
    put_row(t, "MAC", text, c->mac_crc_ok ? "" : "does not match its checksum");
    mac_text(&c->unit.custom_mac, text);
    put_row(t, "custom MAC", c->unit.has_custom_mac ? text : "-",
            c->unit.has_custom_mac ? "" : "none is burnt");
    if (supply != NULL)
        put_row(t, "flash supply", supply, supply_words(supply));
}

static int tell_table(const struct esp_chip *c, const struct efuse_line *lines, size_t count)
{
    static const char *const titles[] = {"FIELD", "VALUE", "MEANING", NULL};
    struct table *t = table_new(titles);
    int rc = -1;

    if (t != NULL) {
        put_unit(t, c);
        for (size_t i = 0; i < count; i++)
            put_row(t, lines[i].name, lines[i].value, lines[i].meaning);
        rc = table_print(t, stdout);
    }
    table_free(t);
    return rc == 0 ? EXIT_ALL_PASS : cmd_fail(EXIT_STATION, VERB, "the list could not be printed");
}

static int tell(const struct asking *a)
{
    struct efuse_line lines[EFUSE_LINES_MAX];
    const struct efuse_reading r = esp_chip_fuses(&a->chip);
    size_t count = esp_efuse_list(&r, lines);

    return a->board.o->common->json ? tell_json(&a->chip, lines, count) : tell_table(&a->chip, lines, count);
}

static int show(const struct hand_board_options *o)
{
    struct asking *a = calloc(1, sizeof *a);
    struct failure f = {0};

    if (a == NULL)
        return cmd_fail(EXIT_STATION, VERB, "out of memory");
    int code = hand_board_open(&a->board, o, HAND_BOARD_NO_RECORDS);
    if (code == 0)
        code = hand_board_work(&a->board, read_chip, a, &f) == 0
                   ? tell(a)
                   : cmd_fail(hand_board_exit(&f), VERB, "%s (%d): %s", failure_title(f.code), (int)f.code,
                              f.detail);
    hand_board_close(&a->board);
    free(a);
    return code;
}

int cmd_efuse(int argc, char **argv)
{
    struct options_common common = {0};
    struct hand_board_options o = {
        .verb = VERB, .common = &common, .reset = -1, .unwired = RESET_CLASSIC, .slot_is_word = true};
    const struct options_row rows[] = {
        OPTIONS_DOES("show", "[SLOT]", "field by field: its value, and what that means"),
        OPTIONS_STRING("port", &o.port, "URI", "the board's port: tty:/dev/ttyUSB0, ftdi:1-4.2:B"),
        OPTIONS_WORD("reset", &o.reset, "classic|tight|none", "how that port is wired to the board's reset"),
        OPTIONS_SWITCH("sim", &o.sim, "a virtual board instead of a real one"),
        OPTIONS_STRING("sim-personality", &o.sim_personality, "1=P", "the virtual board behaves like P"),
        OPTIONS_STRING("sim-chip", &o.sim_chip, "CHIP[@REV]", "its chip: esp32 (default), esp32c3, .."),
        OPTIONS_END,
    };
    const struct options_spec spec = {
        "efuse", "WORD [OPTION...]",
        "What is burnt into the chip of one board: its eFuses by the names of Espressif's tools, and of each block of keys whether\n"
        "it is protected. A key itself is never read, and nothing is burnt. SLOT: a configured slot, by number or label;\n"
        "none: the only port there is. A job can require some of it: 'require' in flashline-job(5). Every attempt records it.",
        rows, 2};
    int code, first = options_parse(&spec, argc, argv, &common, &code);

    if (first < 0)
        return code;
    if (first == argc || strcmp(argv[first], "show") != 0)
        return cmd_fail(EXIT_USAGE, VERB, "say 'show [SLOT]'");
    o.slot = first + 1 < argc ? argv[first + 1] : NULL;
    if ((o.port != NULL) + (o.slot != NULL) + o.sim > 1)
        return cmd_fail(EXIT_USAGE, VERB, "a slot, --port and --sim exclude each other");
    return show(&o);
}
