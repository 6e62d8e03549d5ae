/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_slots - every USB serial interface of the machine and the slot it is taught to; teaching, naming, forgetting. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/plain.h"
#include "profiles/text/complaint.h"
#include "station/cli/cmd.h"
#include "station/cli/options.h"
#include "station/cli/slots_blink.h"
#include "station/cli/slots_learn.h"
#include "station/config/config_edit.h"
#include "station/config/slot_ports.h"
#include "station/print/json.h"
#include "station/print/prose.h"
#include "station/print/table.h"
#include "station/print/utf8.h"
#include "station/work/database_path.h"
#include "station/work/work_client.h"

#define VERB "slots"

struct call {
    struct options_common common;
    struct slots_learn learn;
    struct config *config;
    struct config_edit *edit;
    long first, count, seconds;
    int reset, presence; /* index of the choice; -1: not given */
    bool lines;
    int argc; /* operands after the word */
    char **argv;
};

static void print_interface_json(const struct usb_serial *s, const struct config_slot *slot,
                                 const char *trouble)
{
    json_t *o = json_line_new("port");
    char uri[SLOT_PORT_URI];

    slot_port_uri(s, uri);
    json_put_text(o, "port", uri);
    if (slot != NULL) {
        json_put_int(o, "slot", slot->number);
        json_put_text(o, "label", slot->label);
        json_put_text(o, "presence", presence_line_word(&slot->presence));
    }
    json_put_text(o, "place", s->name);
    json_put_int(o, "vendor_id", s->vendor_id);
    json_put_int(o, "product_id", s->product_id);
    json_put_text(o, "product", s->product);
    json_put_text(o, "serial", s->serial);
    json_put_text(o, "driver", s->binding.driver);
    json_put_text(o, "tty", s->binding.tty);
    json_put_text(o, "holder", s->binding.holder);
    json_put_bool(o, "permitted", s->permitted);
    json_put_bool(o, "ftdi", s->is_ftdi);
    json_put_text(o, "note", trouble);
    json_line_write(stdout, o);
}

/* Of a slot whose port is not among the USB interfaces. */
static void absent_note(const struct config_slot *slot, char note[static SLOT_PORT_TROUBLE])
{
    if (strncmp(slot->port, "tty:", 4) == 0)
        slot_port_tty_trouble(slot->port + 4, note, SLOT_PORT_TROUBLE);
    else
        snprintf(note, SLOT_PORT_TROUBLE, "not plugged in");
}

static void print_absent_json(const struct config_slot *slot)
{
    json_t *o = json_line_new("port");
    char note[SLOT_PORT_TROUBLE];
    bool absent = strncmp(slot->port, "tty:", 4) != 0 || access(slot->port + 4, F_OK) != 0;

    absent_note(slot, note);
    json_put_text(o, "port", slot->port);
    json_put_int(o, "slot", slot->number);
    json_put_text(o, "label", slot->label);
    json_put_text(o, "presence", presence_line_word(&slot->presence));
    json_put_bool(o, "absent", absent);
    json_put_text(o, "note", note);
    json_line_write(stdout, o);
}

static void add_row(struct table *t, const struct usb_serial *s, const struct config_slot *slot,
                    const char *trouble)
{
    char uri[SLOT_PORT_URI];

    slot_port_uri(s, uri);
    if (slot != NULL)
        table_format(t, "%d", slot->number);
    else
        table_text(t, "-");
    table_text(t, slot != NULL ? slot->label : "");
    table_text(t, slot != NULL ? presence_line_word(&slot->presence) : "");
    table_text(t, uri[0] != '\0' ? uri : s->name);
    table_format(t, "%04x:%04x", s->vendor_id, s->product_id);
    table_text(t, s->product);
    table_text(t, s->serial);
    table_format(t, "%s%s%s", s->binding.driver, s->binding.tty[0] != '\0' ? " " : "", s->binding.tty);
    table_text(t, s->permitted || !s->is_ftdi ? "yes" : "no");
    table_text(t, trouble);
}

static void add_absent_row(struct table *t, const struct config_slot *slot)
{
    char note[SLOT_PORT_TROUBLE];

    table_format(t, "%d", slot->number);
    table_text(t, slot->label);
    table_text(t, presence_line_word(&slot->presence));
    table_text(t, slot->port);
    for (int i = 0; i < 5; i++)
        table_text(t, "");
    absent_note(slot, note);
    table_text(t, note);
}

static bool is_listed(const struct config *config, const struct config_slot *slot,
                      const struct usb_serial *list, int count)
{
    for (int i = 0; i < count; i++)
        if (slot_port_find(config, &list[i]) == slot)
            return true;
    return false;
}

static int slots_list(struct call *c)
{
    static const char *const titles[] = {">SLOT",  "LABEL",  "SWITCH",  "PORT", "USB ID", "PRODUCT",
                                         "SERIAL", "DRIVER", "MAY USE", "NOTE", NULL};
    struct usb_serial *list = calloc(USB_LIST_MAX, sizeof *list);
    struct table *t = table_new(titles);
    char text[SLOT_PORT_TROUBLE];

    if (list == NULL || t == NULL) {
        free(list);
        table_free(t);
        return cmd_fail(EXIT_STATION, VERB, "out of memory");
    }
    int count = usb_list_read(list, USB_LIST_MAX);
    count = count < USB_LIST_MAX ? count : USB_LIST_MAX;
    for (int i = 0; i < count; i++) {
        const struct config_slot *slot = slot_port_find(c->config, &list[i]);
        slot_port_trouble(&list[i], text, sizeof text);
        if (c->common.json)
            print_interface_json(&list[i], slot, text);
        else
            add_row(t, &list[i], slot, text);
    }
    for (int i = 0; i < c->config->slot_count; i++) {
        if (is_listed(c->config, &c->config->slots[i], list, count))
            continue;
        if (c->common.json)
            print_absent_json(&c->config->slots[i]);
        else
            add_absent_row(t, &c->config->slots[i]);
    }
    if (!c->common.json && table_rows(t) > 0)
        table_print(t, stdout);
    else if (!c->common.json)
        puts(usb_list_has_usb() ? "No USB serial adapter is plugged in, and no slot is taught."
                                : "This machine has no USB, and no slot is taught.");
    table_free(t);
    free(list);
    return EXIT_ALL_PASS;
}

/* A file that cannot take another slot says so before the first cable is plugged in. */
static int prepare_learn(struct call *c)
{
    struct complaint why = {0};
    struct config_slot trial = {.number = 1, .port = "tty:/flashline/trial"};
    struct config_edit *e = config_edit_open(c->config->path, &why);

    for (int i = 0; i < c->config->slot_count; i++)
        trial.number += c->config->slots[i].number == trial.number;
    int rc = e == NULL ? -1 : trial.number > CONFIG_SLOTS_MAX ? 0 : config_edit_add(e, &trial, &why);
    config_edit_free(e);
    return rc == 0 ? EXIT_ALL_PASS : cmd_fail(EXIT_INPUT, VERB, "%s", why.text);
}

static int slots_learn(struct call *c)
{
    c->learn.first = (int)c->first;
    c->learn.count = (int)c->count;
    c->learn.json = c->common.json;
    c->learn.has_reset = c->reset >= 0;
    c->learn.reset = c->reset >= 0 ? (enum reset_method)c->reset : RESET_NONE;
    if (c->presence >= 0)
        c->learn.presence = presence_line_of(c->presence);
    return slots_learn_run(c->config, &c->learn);
}

/* The slot that the first operand names, in the array; NULL after a complaint. */
static struct config_slot *named_slot(const struct call *c, const char *usage)
{
    const struct config_slot *slot = c->argc > 0 ? config_find_slot(c->config, c->argv[0]) : NULL;

    if (c->argc == 0)
        cmd_fail(EXIT_USAGE, VERB, "%s", usage);
    else if (slot == NULL)
        cmd_fail(EXIT_USAGE, VERB, "there is no slot '%s' in %s", c->argv[0], c->config->path);
    return slot != NULL ? &c->config->slots[slot - c->config->slots] : NULL;
}

/* The edit is tried before anybody is asked or anything is audited. */
static int open_edit(struct call *c)
{
    struct complaint why = {0};

    c->edit = config_edit_open(c->config->path, &why);
    return c->edit != NULL ? EXIT_ALL_PASS : cmd_fail(EXIT_INPUT, VERB, "%s", why.text);
}

static int save(struct call *c)
{
    struct complaint why = {0};

    if (config_edit_save(c->edit, &why) < 0)
        return cmd_fail(EXIT_INPUT, VERB, "%s", why.text);
    return EXIT_ALL_PASS;
}

static int save_label(struct call *c)
{
    int code = save(c);

    if (code == EXIT_ALL_PASS && !c->common.json && c->argc > 1 && c->argv[1][0] != '\0')
        prose_print(stdout, 2, "slot %s is called %s\n", c->argv[0], c->argv[1]);
    else if (code == EXIT_ALL_PASS && !c->common.json)
        prose_print(stdout, 2, "slot %s has no name any more\n", c->argv[0]);
    return code;
}

static int save_forget(struct call *c)
{
    int code = save(c);

    if (code == EXIT_ALL_PASS && !c->common.json)
        prose_print(stdout, 2, "slot %s is forgotten\n", c->argv[0]);
    return code;
}

/* What is wrong with a name for a slot; NULL: nothing. */
static const char *label_fault(const char *name)
{
    uint32_t character;
    size_t len;

    for (; (len = plain_next(name, &character)) != 0; name += len) {
        if (len == 1 && character == 0xfffd)
            return "is not written in UTF-8";
        if (character < 0x20 || (character >= 0x7f && character < 0xa0))
            return "holds a control character";
    }
    return NULL;
}

static int prepare_label(struct call *c)
{
    struct complaint why = {0};
    struct config_slot *slot =
        named_slot(c, "say which slot and its name: flashline slots label 3 left-rear");

    if (slot == NULL)
        return EXIT_USAGE;
    const char *name = c->argc > 1 ? c->argv[1] : "";
    const struct config_slot *other = config_find_slot(c->config, name);
    if (strlen(name) >= sizeof slot->label)
        return cmd_fail(EXIT_USAGE, VERB, "a label has at most %zu bytes", sizeof slot->label - 1);
    if (label_fault(name) != NULL)
        return cmd_fail(EXIT_USAGE, VERB, "the label %s", label_fault(name));
    if (name[0] != '\0' && other != NULL && other != slot)
        return cmd_fail(EXIT_USAGE, VERB, "'%s' names slot %d already", name, other->number);
    int code = open_edit(c);
    if (code == EXIT_ALL_PASS && config_edit_label(c->edit, slot->number, name, &why) < 0)
        return cmd_fail(EXIT_INPUT, VERB, "%s", why.text);
    return code;
}

static int prepare_forget(struct call *c)
{
    struct complaint why = {0};
    struct config_slot *slot = named_slot(c, "say which slot: flashline slots forget 3");

    if (slot == NULL)
        return EXIT_USAGE;
    int code = open_edit(c);
    if (code == EXIT_ALL_PASS && config_edit_forget(c->edit, slot->number, &why) < 0)
        return cmd_fail(EXIT_INPUT, VERB, "%s", why.text);
    return code;
}

static int slots_blink(struct call *c)
{
    struct config_slot *slot = named_slot(c, "say which slot: flashline slots blink 3");

    return slot != NULL ? slots_blink_run(slot, c->seconds, c->lines) : EXIT_USAGE;
}

/*
 * Slots are the engineer's, and audited where there are records. The file itself is guarded by its permissions; where
 * there is no database yet there is no engineer either.
 */
static int may_change(const struct call *c, const char *word)
{
    char path[PATH_TEXT], object[160];
    struct work_call call = {.action = WORK_SLOT_CHANGE, .object = object};
    int code = database_path(VERB, &c->common, path);

    if (code != EXIT_ALL_PASS || access(path, F_OK) != 0)
        return code;
    int len = snprintf(object, sizeof object, "%s%s%s", word, c->argc > 0 ? " " : "",
                       c->argc > 0 ? c->argv[0] : "");
    if (len < 0 || (size_t)len >= sizeof object)
        return cmd_fail(EXIT_USAGE, VERB, "the slot's name is too long to be recorded: write its number");
    call.text = c->argc > 1 ? c->argv[1] : NULL;
    return work_request(VERB, &c->common, &call, NULL);
}

static int run_word(struct call *c, const char *word)
{
    static const struct {
        const char *name;
        int operands_max;
        bool changes;
        int (*prepare)(struct call *); /* NULL: nothing to be tried first */
        int (*run)(struct call *);
    } words[] = {
        {"list", 0, false, NULL, slots_list},          {"learn", 0, true, prepare_learn, slots_learn},
        {"label", 2, true, prepare_label, save_label}, {"forget", 1, true, prepare_forget, save_forget},
        {"blink", 1, false, NULL, slots_blink},
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i].name, word) != 0)
            continue;
        if (c->argc > words[i].operands_max)
            return cmd_fail(EXIT_USAGE, VERB, "'%s' is one word too many", c->argv[words[i].operands_max]);
        int code = words[i].prepare != NULL ? words[i].prepare(c) : EXIT_ALL_PASS;
        if (code == EXIT_ALL_PASS && words[i].changes)
            code = may_change(c, word);
        return code == EXIT_ALL_PASS ? words[i].run(c) : code;
    }
    return cmd_fail(EXIT_USAGE, VERB, "'%s' is not one of list, learn, label, forget, blink", word);
}

int cmd_slots(int argc, char **argv)
{
    struct call c = {.seconds = 5, .reset = -1, .presence = -1};
    const struct options_row rows[] = {
        OPTIONS_DOES("list", NULL,
                     "every USB serial interface of this machine, ours or not, and its slot (what happens\n"
                     "without a word)"),
        OPTIONS_DOES("learn", NULL,
                     "plug the fixture's cables in one after another: each new place becomes the next slot"),
        OPTIONS_DOES("label", "SLOT NAME", "names a slot"),
        OPTIONS_DOES("forget", "SLOT", "takes it out of the configuration"),
        OPTIONS_DOES("blink", "SLOT", "shows which adapter it is"),
        OPTIONS_SWITCH("present", &c.learn.present,
                       "learn: what is plugged in now, in the order of its places"),
        OPTIONS_WHOLE("slot", &c.first, "FIRST", 1, CONFIG_SLOTS_MAX,
                      "learn: number of the first slot taught"),
        OPTIONS_WHOLE("count", &c.count, "N", 1, CONFIG_SLOTS_MAX, "learn: end after N slots, not at Enter"),
        OPTIONS_WORD("reset", &c.reset, "classic|tight|none",
                     "learn: how these slots are wired to the reset"),
        OPTIONS_WORD("presence", &c.presence, "cts|dsr|ri|dcd|not-cts|not-dsr|not-ri|not-dcd",
                     "learn: the modem input by which a switch tells that a board is there"),
        OPTIONS_WHOLE("seconds", &c.seconds, "S", 1, 600, "blink: for how long (default 5)"),
        OPTIONS_SWITCH("lines", &c.lines,
                       "blink: toggle DTR (resets a board wired to it) instead of sending"),
        OPTIONS_END,
    };
    const struct options_spec spec = {
        VERB, "[WORD] [OPTION...]",
        "Tells which serial interface is which slot, and teaches, names and forgets slots.\n"
        "Slots are kept in the station's configuration; everything else in that file stays as it is.",
        rows, .operands_max = 3};
    struct complaint why = {0};
    int code, first = options_parse(&spec, argc, argv, &c.common, &code);

    if (first < 0)
        return code;
    c.config = config_load(c.common.config, &why);
    if (c.config == NULL)
        return cmd_fail(EXIT_INPUT, VERB, "%s", why.text);
    c.argc = argc - first - 1 > 0 ? argc - first - 1 : 0;
    c.argv = argv + first + 1;
    code = run_word(&c, first < argc ? argv[first] : "list");
    config_edit_free(c.edit);
    config_free(c.config);
    return code;
}
