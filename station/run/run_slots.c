/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/run_slots.h"

#include <stdio.h>
#include <string.h>

#include "station/config/port_name.h"
#include "station/config/slot_ports.h"
#include "station/print/cmd_fail.h"

#define OPTION_SIZE 24

static void choose_virtual(struct run_slots *out, const struct run_options *o)
{
    for (int i = 0; i < (int)o->sim; i++) {
        snprintf(out->uris[i], sizeof out->uris[i], "sim:%d", i + 1);
        out->slots[i] =
            (struct engine_slot){.number = i + 1,
                                 .uri = out->uris[i],
                                 .virtual_time = o->sim_time == RUN_TIME_VIRTUAL,
                                 .reset = RESET_CLASSIC,
                                 .has_reset = true}; /* the virtual fixture is wired, whatever the job's is */
    }
    out->count = (int)o->sim;
}

static void add_configured(struct run_slots *out, const struct config_slot *s)
{
    out->slots[out->count++] = (struct engine_slot){.number = s->number,
                                                    .uri = s->port,
                                                    .label = s->label,
                                                    .reset = s->reset,
                                                    .has_reset = s->has_reset,
                                                    .presence = s->presence};
}

static bool is_number_taken(const struct run_slots *out, int number)
{
    for (int i = 0; i < out->count; i++) {
        if (out->slots[i].number == number)
            return true;
    }
    return false;
}

static bool is_port_taken(const struct run_slots *out, const char *uri)
{
    for (int i = 0; i < out->count; i++) {
        if (strcmp(out->slots[i].uri, uri) == 0)
            return true;
    }
    return false;
}

/* A port that is configured keeps its slot's number; one that is not gets a number no configured slot has. */
static int add_uri(struct run_slots *out, const struct config *config, const struct run_options *o,
                   const char *uri)
{
    int number = 1;

    for (int i = 0; i < config->slot_count; i++) {
        if (strcmp(config->slots[i].port, uri) == 0) {
            add_configured(out, &config->slots[i]);
            return 0;
        }
    }
    for (int i = 0; i < config->slot_count; i++)
        number = config->slots[i].number >= number ? config->slots[i].number + 1 : number;
    while (is_number_taken(out, number))
        number++;
    snprintf(out->uris[out->count], sizeof out->uris[0], "%.95s", uri);
    out->slots[out->count] =
        (struct engine_slot){.number = number,
                             .uri = out->uris[out->count],
                             .reset = o->reset >= 0 ? (enum reset_method)o->reset : RESET_CLASSIC,
                             .has_reset = o->reset >= 0};
    out->count++;
    return 0;
}

/* "--slot: ", or nothing where the slot was a word of its own. */
static void option_words(const struct run_options *o, char out[static OPTION_SIZE])
{
    const char *option = o->slots_option != NULL ? o->slots_option : "slots";

    snprintf(out, OPTION_SIZE, "%s%.16s%s", option[0] != '\0' ? "--" : "", option,
             option[0] != '\0' ? ": " : "");
}

static int add_named(struct run_slots *out, const struct config *config, const struct run_options *o,
                     const char *name)
{
    const struct config_slot *s = config_find_slot(config, name);
    char fault[PORT_NAME_FAULT], option[OPTION_SIZE];

    option_words(o, option);
    if (out->count == RUN_SIM_MAX)
        return cmd_fail(EXIT_USAGE, o->verb, "%smore than %d", option, RUN_SIM_MAX);
    if (strlen(name) >= sizeof out->uris[0])
        return cmd_fail(EXIT_USAGE, o->verb, "%s'%s' is too long", option, name);
    if (is_port_taken(out, s != NULL ? s->port : name))
        return cmd_fail(EXIT_USAGE, o->verb, "%s'%s' is named twice", option, name);
    if (s != NULL) {
        add_configured(out, s);
        return 0;
    }
    switch (port_name_read(name, fault)) {
    case PORT_NAME_GOOD:
        return add_uri(out, config, o, name);
    case PORT_NAME_MEANT:
        return cmd_fail(EXIT_USAGE, o->verb, "%s'%s' %s", option, name, fault);
    case PORT_NAME_OTHER:
        break;
    }
    return cmd_fail(EXIT_USAGE, o->verb,
                    "%sthere is no slot '%s' in %s%s; name a slot's number or label, or "
                    "a port (tty:/dev/ttyUSB0)",
                    option, name, config->path, config->found ? "" : " (which does not exist)");
}

static int refuse_empty(const struct run_options *o)
{
    char option[OPTION_SIZE];

    option_words(o, option);
    return cmd_fail(EXIT_USAGE, o->verb, "%s'%s' has an empty name in it", option, o->slots);
}

static int choose_named(struct run_slots *out, const struct run_options *o, const struct config *config)
{
    const char *at = o->slots;
    int error = 0;

    while (error == 0 && *at != '\0') {
        char name[128];
        size_t len = strcspn(at, ",");

        snprintf(name, sizeof name, "%.*s", (int)(len < sizeof name ? len : sizeof name - 1), at);
        if (len == 0)
            return refuse_empty(o);
        error = add_named(out, config, o, name);
        at += len + (at[len] == ',');
    }
    return error;
}

void run_slots_enable(struct run_slots *slots, int number, bool on)
{
    for (int i = 0; i < slots->count; i++) {
        if (slots->slots[i].number == number)
            slots->slots[i].off = !on;
    }
}

int run_slots_choose(struct run_slots *out, const struct run_options *options, const struct config *config)
{
    memset(out, 0, sizeof *out);
    if (options->sim > 0)
        choose_virtual(out, options);
    else if (options->slots != NULL)
        return choose_named(out, options, config);
    for (int i = 0; options->sim == 0 && i < config->slot_count; i++)
        add_configured(out, &config->slots[i]);
    if (out->count > 0)
        return 0;
    char sentence[400];
    slot_ports_propose(config, sentence, sizeof sentence);
    return cmd_fail(EXIT_USAGE, options->verb, "%s", sentence);
}
