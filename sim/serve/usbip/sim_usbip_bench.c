/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/serve/usbip/sim_usbip_bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct usbip_bench {
    struct usbip_bus bus;
    struct sim_tray *tray;
    struct sim_ftdi_echo *echoes[USBIP_BUS_PORTS][SIM_FTDI_INTERFACES];
    int boards[USBIP_BUS_PORTS][SIM_FTDI_INTERFACES]; /* number, 0: none */
    int ports;
    int64_t started_us;
};

static int add_chip(struct usbip_bench *b, const struct usbip_bench_config *config, enum sim_ftdi_model model)
{
    char serial[17];
    int at = b->bus.count;
    struct sim_ftdi_config chip = {
        .model = model, .serial = serial, .ignores_event_char = config->ignores_event_char};

    snprintf(serial, sizeof serial, "FLSIM%03d", at + 1);
    for (int i = 0; i < sim_ftdi_model_identity(model)->interfaces; i++) {
        bool wanted = b->ports < config->ports;
        if (wanted && config->tray != NULL) {
            b->boards[at][i] = b->ports + 1;
            chip.lines[i] = sim_ftdi_line_board(sim_tray_board(config->tray, b->ports + 1));
        } else {
            b->echoes[at][i] = sim_ftdi_echo_new();
            if (b->echoes[at][i] == NULL)
                return -ENOMEM;
            chip.lines[i] =
                wanted ? sim_ftdi_line_echo(b->echoes[at][i]) : sim_ftdi_line_open(b->echoes[at][i]);
        }
        b->ports += wanted;
    }
    b->bus.ports[at] = (struct usbip_bus_port){sim_ftdi_chip_new(&chip, config->now_us), true, NULL};
    if (b->bus.ports[at].chip == NULL)
        return -ENOMEM;
    b->bus.count++;
    return 0;
}

/* The next name of a comma list, beginning anew at its end. */
static const char *next_name(const char *list, const char *at, char name[static 16])
{
    size_t len = strcspn(at, ",");

    snprintf(name, 16, "%.*s", (int)(len < 15 ? len : 15), at);
    at += len;
    return *at == ',' ? at + 1 : list;
}

struct usbip_bench *usbip_bench_new(const struct usbip_bench_config *config, char error[static 160])
{
    struct usbip_bench *b = calloc(1, sizeof *b);
    const char *at = config->chips;
    enum sim_ftdi_model model;
    char name[16];

    if (b == NULL)
        goto no_memory;
    b->tray = config->tray;
    b->started_us = config->now_us;
    while (b->ports < config->ports) {
        at = next_name(config->chips, at, name);
        if (sim_ftdi_model_find(name, &model) < 0) {
            snprintf(error, 160, "chip '%s' is not known: ft232r, ft230x, ft232h, ft2232h or ft4232h", name);
            goto failed;
        }
        if (b->bus.count == USBIP_BUS_PORTS) {
            snprintf(error, 160, "%d ports need more than %d chips of these kinds", config->ports,
                     USBIP_BUS_PORTS);
            goto failed;
        }
        if (add_chip(b, config, model) < 0)
            goto no_memory;
    }
    return b;
no_memory:
    snprintf(error, 160, "out of memory");
failed:
    usbip_bench_free(b);
    return NULL;
}

void usbip_bench_free(struct usbip_bench *b)
{
    if (b == NULL)
        return;
    for (int i = 0; i < USBIP_BUS_PORTS; i++) {
        sim_ftdi_chip_free(b->bus.ports[i].chip);
        for (int k = 0; k < SIM_FTDI_INTERFACES; k++)
            sim_ftdi_echo_free(b->echoes[i][k]);
    }
    free(b);
}

struct usbip_bus *usbip_bench_bus(struct usbip_bench *b)
{
    return &b->bus;
}

struct sim_tray *usbip_bench_tray(struct usbip_bench *b)
{
    return b->tray;
}

int64_t usbip_bench_started_us(const struct usbip_bench *b)
{
    return b->started_us;
}

int usbip_bench_board(const struct usbip_bench *b, int port, int interface)
{
    return b->boards[port][interface];
}

int usbip_bench_exchange(struct usbip_bench *b, int port, int interface, int64_t now_us)
{
    int number = b->boards[port][interface];

    if (number == 0)
        return -ENOENT;
    int r = sim_tray_exchange(b->tray, number);
    if (r == 0)
        sim_ftdi_chip_set_line(b->bus.ports[port].chip, interface,
                               sim_ftdi_line_board(sim_tray_board(b->tray, number)), now_us);
    return r;
}

int usbip_bench_find_gone(const struct usbip_bench *b)
{
    for (int i = 0; i < b->bus.count; i++)
        for (int k = 0; b->bus.ports[i].plugged && k < SIM_FTDI_INTERFACES; k++)
            if (b->boards[i][k] != 0 && sim_board_is_gone(sim_tray_board(b->tray, b->boards[i][k])))
                return i;
    return -1;
}
