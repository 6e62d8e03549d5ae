/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes to the USB/IP server: first byte chooses the chip, the rest arrives in pieces, time passes in between. */
#include <stdint.h>
#include <stdlib.h>

#include "sim/serve/usbip/sim_usbip_conn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum sim_ftdi_model models[] = {SIM_FT232R, SIM_FT230X, SIM_FT2232H, SIM_FT4232H};
    struct sim_ftdi_echo *echo = sim_ftdi_echo_new();
    struct sim_ftdi_config config = {.serial = "FUZZ", .model = models[size > 0 ? data[0] % 4 : 0]};
    int64_t now = 0;

    for (int i = 0; i < SIM_FTDI_INTERFACES; i++)
        config.lines[i] = sim_ftdi_line_open(echo);
    config.lines[0] = sim_ftdi_line_echo(echo);
    struct sim_ftdi_chip *chip = sim_ftdi_chip_new(&config, now);
    struct usbip_bus bus = {.count = 1, .ports = {{.chip = chip, .plugged = true}}};
    struct usbip_conn *conn = usbip_conn_new(&bus);
    for (size_t at = 1; at < size;) {
        size_t piece = 1 + data[at] % 97, waiting;
        if (piece > size - at)
            piece = size - at;
        if (usbip_conn_feed(conn, data + at, piece, now) < 0 || usbip_conn_collect(conn, now) < 0)
            break;
        usbip_conn_output(conn, &waiting);
        usbip_conn_sent(conn, waiting > 300 ? 300 : waiting);
        at += piece;
        now += 3000;
    }
    usbip_conn_free(conn, now);
    sim_ftdi_chip_free(chip);
    sim_ftdi_echo_free(echo);
    return 0;
}
