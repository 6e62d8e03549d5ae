/* SPDX-License-Identifier: Apache-2.0 */
#include "station/cli/slots_learn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "engine/port/ftdi/usb_watcher.h"
#include "profiles/text/complaint.h"
#include "station/cli/cmd.h"
#include "station/config/config_edit.h"
#include "station/config/slot_ports.h"
#include "station/print/json.h"

#define VERB      "slots"
#define SETTLE_US INT64_C(300000) /* an adapter's interfaces appear one after another */

struct learning {
    struct config *config;
    const struct slots_learn *wishes;
    struct usb_serial *before, *now; /* USB_LIST_MAX each */
    int before_count, now_count;
    int next, taught;
    struct config_edit *edit; /* of the slots of one plug */
};

static bool was_there(const struct learning *l, const struct usb_serial *s)
{
    for (int i = 0; i < l->before_count; i++)
        if (usb_place_compare(&l->before[i].place, &s->place) == 0 && strcmp(l->before[i].node, s->node) == 0)
            return true;
    return false;
}

static void tell(const struct learning *l, const struct config_slot *slot, const struct usb_serial *s,
                 bool is_new)
{
    if (l->wishes->json) {
        json_t *o = json_line_new("taught");
        json_put_int(o, "slot", slot->number);
        json_put_text(o, "port", slot->port);
        json_put_bool(o, "new", is_new);
        json_line_write(stdout, o);
    } else if (is_new) {
        printf("slot %d is %s (%s %s)\n", slot->number, slot->port, s->product, s->serial);
    } else {
        printf("%s is slot %d already\n", slot->port, slot->number);
    }
    fflush(stdout);
}

/* Slots stay in the order of their numbers. */
static int insert_slot(struct config *config, const struct config_slot *slot)
{
    int at = config->slot_count;

    if (config->slot_count == CONFIG_SLOTS_MAX || slot->number > CONFIG_SLOTS_MAX)
        return cmd_fail(EXIT_INPUT, VERB, "a station has at most %d slots", CONFIG_SLOTS_MAX);
    while (at > 0 && config->slots[at - 1].number > slot->number)
        at--;
    memmove(&config->slots[at + 1], &config->slots[at], (size_t)(config->slot_count - at) * sizeof *slot);
    config->slots[at] = *slot;
    config->slot_count++;
    return 0;
}

static bool number_is_used(const struct config *config, int number)
{
    for (int i = 0; i < config->slot_count; i++)
        if (config->slots[i].number == number)
            return true;
    return false;
}

/* Into the file's text, to be saved with the others of this plug. */
static int add_to_file(struct learning *l, const struct config_slot *slot)
{
    struct complaint why = {0};

    if (l->edit == NULL)
        l->edit = config_edit_open(l->config->path, &why);
    if (l->edit == NULL || config_edit_add(l->edit, slot, &why) < 0)
        return cmd_fail(EXIT_INPUT, VERB, "%s", why.text);
    return 0;
}

static int teach(struct learning *l, const struct usb_serial *s)
{
    char uri[SLOT_PORT_URI];

    while (number_is_used(l->config, l->next))
        l->next++;
    struct config_slot slot = {.number = l->next,
                               .reset = l->wishes->reset,
                               .has_reset = l->wishes->has_reset,
                               .presence = l->wishes->presence};
    slot_port_uri(s, uri);
    if (strlen(uri) >= sizeof slot.port)
        return cmd_fail(EXIT_INPUT, VERB, "the port's name is too long: %s", uri);
    snprintf(slot.port, sizeof slot.port, "%.95s", uri);
    int r = l->wishes->unsaved ? 0 : add_to_file(l, &slot);
    if (r == 0)
        r = insert_slot(l->config, &slot);
    l->taught += r == 0;
    return r;
}

static bool is_enough(const struct learning *l)
{
    return l->wishes->count > 0 && l->taught >= l->wishes->count;
}

static void look(struct learning *l)
{
    int count = usb_list_read(l->now, USB_LIST_MAX);

    count = count < USB_LIST_MAX ? count : USB_LIST_MAX;
    l->now_count = 0;
    for (int i = 0; i < count; i++) /* what a program has taken the tty from has no name to be taught by */
        if (usb_serial_has_port(&l->now[i]))
            l->now[l->now_count++] = l->now[i];
}

static void swap(struct learning *l)
{
    struct usb_serial *list = l->before;

    l->before = l->now;
    l->now = list;
    l->before_count = l->now_count;
}

static int save(struct learning *l)
{
    struct complaint why = {0};
    int r = l->edit != NULL && config_edit_save(l->edit, &why) < 0
                ? cmd_fail(EXIT_INPUT, VERB, "%s", why.text)
                : 0;

    config_edit_free(l->edit);
    l->edit = NULL;
    return r;
}

/* Teaches what has appeared since the last look (or all that is there), saves it, and only then says so. */
static int teach_new(struct learning *l, bool all)
{
    bool is_new[USB_LIST_MAX] = {false};
    int r = 0;

    look(l);
    for (int i = 0; i < l->now_count && r == 0 && !is_enough(l); i++) {
        is_new[i] = (all || !was_there(l, &l->now[i])) && slot_port_find(l->config, &l->now[i]) == NULL;
        if (is_new[i])
            r = teach(l, &l->now[i]);
    }
    int saved = save(l);
    for (int i = 0; i < l->now_count && saved == 0; i++) {
        const struct config_slot *slot = slot_port_find(l->config, &l->now[i]);
        if (slot != NULL && (all || !was_there(l, &l->now[i])))
            tell(l, slot, &l->now[i], is_new[i]);
    }
    swap(l);
    return r != 0 ? r : saved;
}

static void prompt(const struct learning *l)
{
    if (l->wishes->json) {
        json_t *o = json_line_new("plug");
        json_put_int(o, "slot", l->next);
        json_line_write(stdout, o);
    } else {
        printf("Plug in the cable of slot %d now%s.\n", l->next,
               l->wishes->count == 0 ? " (Enter: done)" : "");
        fflush(stdout);
    }
}

static int watch(struct learning *l, struct usb_watcher *w, struct clock *clock)
{
    int code = 0;

    look(l);
    swap(l); /* what is there already is not what will be plugged in */
    prompt(l);
    while (code == 0 && !is_enough(l)) {
        int r = usb_watcher_wait_change(w, l->wishes->count == 0 ? STDIN_FILENO : -1, CLOCK_NEVER);
        if (r == 1)
            return 0;
        while (r == 0) /* until it has been quiet for a moment */
            r = usb_watcher_wait_change(w, -1, clock_after(clock, SETTLE_US));
        if (r < 0 && r != -ETIMEDOUT)
            return cmd_fail(EXIT_STATION, VERB, "USB cannot be watched: %s", errno_text(-r));
        int before = l->taught;
        code = teach_new(l, false);
        if (l->taught > before && !is_enough(l)) {
            l->next++;
            prompt(l);
        }
    }
    return code;
}

int slots_learn_run(struct config *config, const struct slots_learn *wishes)
{
    struct learning l = {.config = config, .wishes = wishes, .next = wishes->first};
    struct clock *clock = clock_new_real();
    const struct transport_env env = {.clock = clock};
    struct usb_watcher *w = NULL;
    int code = EXIT_STATION;

    l.before = calloc(USB_LIST_MAX, sizeof *l.before);
    l.now = calloc(USB_LIST_MAX, sizeof *l.now);
    for (int i = 0; l.next == 0 && i < config->slot_count; i++)
        if (i + 1 == config->slot_count)
            l.next = config->slots[i].number + 1;
    l.next = l.next > 0 ? l.next : 1;
    if (clock == NULL || l.before == NULL || l.now == NULL)
        cmd_fail(EXIT_STATION, VERB, "out of memory");
    else if (wishes->present)
        code = teach_new(&l, true);
    else if (usb_watcher_new(&w, &env) < 0)
        cmd_fail(EXIT_STATION, VERB, "USB cannot be watched on this machine");
    else
        code = watch(&l, w, clock);
    if (code == 0 && !wishes->json && !wishes->unsaved)
        printf("%d slot%s taught; %s holds %d\n", l.taught, l.taught == 1 ? "" : "s", config->path,
               config->slot_count);
    usb_watcher_free(w);
    free(l.before);
    free(l.now);
    clock_free(clock);
    return code;
}
