/* SPDX-License-Identifier: Apache-2.0 */
/* sim_ftdi_chip_private - the chip's inside, for the sim_ftdi_chip*.c files only. */
#ifndef SIM_SERVE_FTDI_SIM_FTDI_CHIP_PRIVATE_H
#define SIM_SERVE_FTDI_SIM_FTDI_CHIP_PRIVATE_H

#include "sim/serve/ftdi/sim_ftdi_chip.h"

#define EEPROM_SIZE       256u
#define RX_FIFO_SIZE      4096u /* the largest model's */
#define MODEM_TRACE       256
#define DESCRIPTOR_SIZE   256u /* room for any answer on endpoint 0 */
#define SERIAL_TEXT_SIZE  17
#define LINE_STATUS_IDLE  0x60 /* transmitter holding register and shift register empty */
#define MODEM_STATUS_IDLE 0x01 /* what every packet's first byte has set besides the four inputs */

/* Fixed data of a model. */
struct chip_model {
    struct sim_ftdi_identity identity;
    uint32_t rx_fifo, tx_fifo; /* bytes, towards the host and towards the wire */
    uint8_t max_packet0;
    bool fast_clock;          /* has the 120 MHz divider besides the 48 MHz one */
    bool index_has_interface; /* wIndex of a baud request carries the interface in its low byte */
};

struct chip_urb {
    struct chip_urb *next;
    uint64_t tag;
    int status;
    int64_t due_us; /* OUT: when the chip has room for all of it */
    bool is_in;
    size_t len, actual;
    uint8_t data[]; /* IN only */
};

struct urb_queue {
    struct chip_urb *head, **tail;
    int count;
};

struct chip_interface {
    struct sim_ftdi_line line;
    struct urb_queue in, out;
    uint8_t rx[RX_FIFO_SIZE]; /* ring */
    uint32_t head, count;
    uint32_t flush; /* of `count`, how many bytes must go even in a short packet */
    bool tick;      /* the latency timer ran out: a packet is due, empty or not */
    int64_t tick_at, pumped_at;
    uint8_t latency_ms, event_char, error_char, bitmode;
    bool event_char_on, stalled;
    uint8_t modem, line_errors;
    bool dtr, rts;
    uint32_t baud;
    struct sim_ftdi_stats stats;
};

struct sim_ftdi_chip {
    const struct chip_model *model;
    char serial[SERIAL_TEXT_SIZE];
    bool ignores_event_char, silent;
    struct chip_interface interfaces[SIM_FTDI_INTERFACES];
    struct urb_queue done, parked; /* parked: submitted while silent */
    struct chip_urb *taken;        /* what the last take handed out */
    uint8_t configuration;
    uint8_t eeprom[EEPROM_SIZE];
    struct sim_ftdi_modem_event trace[MODEM_TRACE];
    int trace_head, trace_count;
};

const struct chip_model *chip_model(enum sim_ftdi_model m);
/* Length of the descriptor put into out, or -1 when the chip has none such. */
int chip_descriptor(const struct sim_ftdi_chip *c, uint8_t type, uint8_t index,
                    uint8_t out[static DESCRIPTOR_SIZE]);
void chip_build_eeprom(struct sim_ftdi_chip *c);
/* Serves one request: bytes of answer put into `answer` (0 for OUT), or SIM_URB_STALL. */
int chip_control(struct sim_ftdi_chip *c, const uint8_t setup[static 8],
                 uint8_t answer[static DESCRIPTOR_SIZE], int64_t now_us);
void chip_forget_input(struct chip_interface *f);

#endif /* SIM_SERVE_FTDI_SIM_FTDI_CHIP_PRIVATE_H */
