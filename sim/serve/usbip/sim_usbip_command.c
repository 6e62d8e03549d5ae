/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/serve/usbip/sim_usbip_command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/errno_text.h"
#include "sim/serve/usbip/sim_usbip_wire.h"

#define WORDS_MAX 4

struct call {
    struct usbip_bench *bench;
    int word_count;
    char *words[WORDS_MAX];
    int port;      /* bus port of the word after the verb; -1: none named */
    int interface; /* -1: none named */
    int64_t now_us;
    FILE *out;
    enum usbip_command_result result;
};

struct verb {
    const char *name;
    bool needs_port, needs_interface;
    int words_min, words_max;           /* with the verb */
    const char *(*run)(struct call *c); /* NULL, or what is wrong */
};

static struct sim_ftdi_chip *chip_of(const struct call *c)
{
    return usbip_bench_bus(c->bench)->ports[c->port].chip;
}

/* "1-2" or "1-2:B". */
static const char *parse_place(struct call *c, const char *text)
{
    char *end;
    const struct usbip_bus *bus = usbip_bench_bus(c->bench);

    if (text == NULL || strncmp(text, "1-", 2) != 0)
        return "a chip is named 1-1 .. and its interface 1-1:A";
    long number = strtol(text + 2, &end, 10);
    if (end == text + 2 || number < 1 || number > bus->count)
        return "no such chip";
    c->port = (int)number - 1;
    if (*end == '\0')
        return NULL;
    if (end[0] != ':' || end[1] < 'A' || end[1] >= 'A' + sim_ftdi_chip_identity(chip_of(c))->interfaces ||
        end[2] != '\0')
        return "no such interface";
    c->interface = end[1] - 'A';
    return NULL;
}

static const char *parse_switch(const char *word, bool *on)
{
    *on = strcmp(word, "on") == 0;
    return *on || strcmp(word, "off") == 0 ? NULL : "say on or off";
}

static const char *verb_unplug(struct call *c)
{
    struct usbip_bus_port *port = &usbip_bench_bus(c->bench)->ports[c->port];

    if (!port->plugged)
        return "it is not plugged in";
    port->plugged = false;
    c->result = COMMAND_UNPLUGGED;
    return NULL;
}

static const char *verb_plug(struct call *c)
{
    struct usbip_bus_port *port = &usbip_bench_bus(c->bench)->ports[c->port];

    if (port->plugged)
        return "it is plugged in already";
    port->plugged = true;
    return NULL;
}

static const char *verb_silence(struct call *c)
{
    bool on;
    const char *wrong = parse_switch(c->words[2], &on);

    if (wrong == NULL)
        sim_ftdi_chip_set_silent(chip_of(c), on);
    return wrong;
}

static const char *verb_stall(struct call *c)
{
    bool on;
    const char *wrong = parse_switch(c->words[2], &on);

    if (wrong == NULL)
        sim_ftdi_chip_set_stalled(chip_of(c), c->interface, on);
    return wrong;
}

struct flag {
    const char *name;
    uint8_t bits;
};

/* "overrun,framing" by a table that ends with a NULL name. */
static const char *parse_flags(char *text, const struct flag *flags, uint8_t *bits)
{
    char *save = NULL;

    *bits = 0;
    for (char *word = strtok_r(text, ",", &save); word != NULL; word = strtok_r(NULL, ",", &save)) {
        const struct flag *f = flags;
        while (f->name != NULL && strcmp(f->name, word) != 0)
            f++;
        if (f->name == NULL)
            return "unknown flag";
        *bits |= f->bits;
    }
    return NULL;
}

static const char *verb_errors(struct call *c)
{
    static const struct flag flags[] = {
        {"overrun", 0x02}, {"parity", 0x04}, {"framing", 0x08}, {"break", 0x10}, {NULL, 0}};
    uint8_t bits;
    const char *wrong = parse_flags(c->words[2], flags, &bits);

    if (wrong == NULL)
        sim_ftdi_chip_line_error(chip_of(c), c->interface, bits);
    return wrong;
}

static const char *verb_modem(struct call *c)
{
    static const struct flag flags[] = {{"cts", 0x10}, {"dsr", 0x20}, {"ri", 0x40},
                                        {"dcd", 0x80}, {"none", 0},   {NULL, 0}};
    uint8_t bits;
    const char *wrong = parse_flags(c->words[2], flags, &bits);

    if (wrong == NULL)
        sim_ftdi_chip_set_modem(chip_of(c), c->interface, bits, c->now_us);
    return wrong;
}

static const char *verb_press(struct call *c)
{
    int number = usbip_bench_board(c->bench, c->port, c->interface);
    bool boot = c->word_count > 2 && strcmp(c->words[2], "boot") == 0;

    if (number == 0)
        return "no board there";
    if (c->word_count > 2 && !boot)
        return "press 1-1:A, or press 1-1:A boot";
    sim_board_button(sim_tray_board(usbip_bench_tray(c->bench), number), boot, c->now_us);
    return NULL;
}

static const char *verb_exchange(struct call *c)
{
    int r = usbip_bench_exchange(c->bench, c->port, c->interface, c->now_us);

    return r == 0 ? NULL : r == -ENOENT ? "no board there" : errno_text(-r);
}

static void print_stats(const struct call *c, int port)
{
    const struct sim_ftdi_chip *chip = usbip_bench_bus(c->bench)->ports[port].chip;
    struct sim_ftdi_stats s;

    for (int i = 0; i < sim_ftdi_chip_identity(chip)->interfaces; i++) {
        sim_ftdi_chip_stats(chip, i, &s);
        fprintf(
            c->out,
            "1-%d:%c in=%llu empty=%llu in_bytes=%llu out=%llu out_bytes=%llu baud=%u latency=%u event=%s%02x dtr=%d "
            "rts=%d\n",
            port + 1, 'A' + i, (unsigned long long)s.in_transfers, (unsigned long long)s.in_empty,
            (unsigned long long)s.in_bytes, (unsigned long long)s.out_transfers,
            (unsigned long long)s.out_bytes, s.baud, s.latency_ms,
            s.event_char_on ? "" : "off:", s.event_char, s.dtr, s.rts);
    }
}

static const char *verb_stats(struct call *c)
{
    struct rusage use;

    getrusage(RUSAGE_SELF, &use);
    fprintf(c->out, "time=%.3f cpu=%.3f\n", (double)(c->now_us - usbip_bench_started_us(c->bench)) / 1e6,
            (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
                (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6);
    for (int i = 0; i < usbip_bench_bus(c->bench)->count; i++)
        if (c->port < 0 || c->port == i)
            print_stats(c, i);
    return NULL;
}

static const char *verb_trace(struct call *c)
{
    struct sim_ftdi_modem_event e;

    for (int i = 0; sim_ftdi_chip_modem_event(chip_of(c), i, &e); i++)
        if (c->interface < 0 || c->interface == e.interface)
            fprintf(c->out, "%.6f 1-%d:%c value=%04x dtr=%d rts=%d\n",
                    (double)(e.at_us - usbip_bench_started_us(c->bench)) / 1e6, c->port + 1,
                    'A' + e.interface, e.value, e.dtr, e.rts);
    return NULL;
}

static const char *verb_dump(struct call *c)
{
    struct sim_tray *tray = usbip_bench_tray(c->bench);
    int r = tray != NULL ? sim_tray_dump(tray, c->words[1]) : -ENOENT;

    return r == 0 ? NULL : tray == NULL ? "no boards" : errno_text(-r);
}

static const char *verb_quit(struct call *c)
{
    c->result = COMMAND_QUIT;
    return NULL;
}

static const struct verb verbs[] = {
    {"unplug", true, false, 2, 2, verb_unplug},   {"plug", true, false, 2, 2, verb_plug},
    {"silence", true, false, 3, 3, verb_silence}, {"stall", true, false, 3, 3, verb_stall},
    {"errors", true, true, 3, 3, verb_errors},    {"modem", true, true, 3, 3, verb_modem},
    {"press", true, true, 2, 3, verb_press},      {"exchange", true, true, 2, 2, verb_exchange},
    {"stats", false, false, 1, 2, verb_stats},    {"trace", true, false, 2, 2, verb_trace},
    {"dump", false, false, 2, 2, verb_dump},      {"quit", false, false, 1, 1, verb_quit},
};

static const char *run_words(struct call *c)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        const struct verb *v = &verbs[i];
        if (strcmp(v->name, c->words[0]) != 0)
            continue;
        if (c->word_count < v->words_min || c->word_count > v->words_max)
            return "wrong number of words";
        bool names_port = v->needs_port || (v->run == verb_stats && c->word_count > 1);
        const char *wrong = names_port ? parse_place(c, c->words[1]) : NULL;
        if (wrong == NULL && v->needs_interface && c->interface < 0)
            wrong = "name the interface too: 1-1:A";
        return wrong != NULL ? wrong : v->run(c);
    }
    return "unknown command";
}

enum usbip_command_result usbip_command_run(struct usbip_bench *bench, const char *line, int64_t now_us,
                                            FILE *out, int *port)
{
    struct call c = {.bench = bench, .port = -1, .interface = -1, .now_us = now_us, .out = out};
    char text[1024], *save = NULL;
    const char *wrong = NULL;

    if (strlen(line) >= sizeof text) {
        fputs("error: line too long\n", out);
        return COMMAND_DONE;
    }
    memcpy(text, line, strlen(line) + 1);
    for (char *w = strtok_r(text, " \t\r\n", &save); w != NULL; w = strtok_r(NULL, " \t\r\n", &save)) {
        if (c.word_count == WORDS_MAX) {
            wrong = "wrong number of words";
            break;
        }
        c.words[c.word_count++] = w;
    }
    if (c.word_count == 0)
        return COMMAND_DONE;
    if (wrong == NULL)
        wrong = run_words(&c);
    if (wrong != NULL)
        fprintf(out, "error: %s\n", wrong);
    else
        fputs("ok\n", out);
    *port = c.port;
    return c.result;
}
