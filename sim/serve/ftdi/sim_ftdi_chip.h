/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_ftdi_chip - an FTDI USB serial chip that does not exist, as its USB side: descriptors, requests, packets.
 *
 * A state machine without threads, sockets or waiting: its owner (a USB/IP server, a test's usbfs) submits URBs, tells
 * the time (microseconds, any start, never going back) and takes completions. Modelled from FTDI's data sheets and note
 * AN232B-04: packets of two status bytes and data that go to the host when full, when the latency timer runs out, when a
 * modem input changes, and at the event character unless it is the first byte of the packet; transmit and receive
 * buffers of the real size; divisors with their fractions; a small EEPROM. Not thread safe: one owner.
 */
#ifndef SIM_SERVE_FTDI_SIM_FTDI_CHIP_H
#define SIM_SERVE_FTDI_SIM_FTDI_CHIP_H

#include "sim/serve/ftdi/sim_ftdi_line.h"
#include "sim/serve/ftdi/sim_ftdi_model.h"

struct sim_ftdi_chip;

struct sim_ftdi_config {
    enum sim_ftdi_model model;
    const char *serial;                              /* copied; at most 16 characters */
    bool ignores_event_char;                         /* a chip whose event character does nothing */
    struct sim_ftdi_line lines[SIM_FTDI_INTERFACES]; /* one for each interface of the model */
};

enum sim_ftdi_urb_status {
    SIM_URB_OK = 0,
    SIM_URB_STALL = -32,     /* EPIPE, as Linux numbers it on the wire */
    SIM_URB_CANCELED = -104, /* ECONNRESET */
};

struct sim_ftdi_urb {
    uint64_t tag;     /* the owner's */
    uint8_t endpoint; /* 0, 0x02, 0x81, ..: address with its direction bit; for 0 the setup packet decides */
    uint8_t setup[8]; /* endpoint 0 only */
    const uint8_t *data; /* OUT: copied or sent before return */
    size_t len;          /* OUT: bytes of data; IN: room */
};

struct sim_ftdi_done {
    uint64_t tag;
    int status; /* enum sim_ftdi_urb_status */
    size_t actual;
    const uint8_t *data; /* IN: valid until the chip's next call; NULL for OUT */
};

struct sim_ftdi_modem_event {
    int64_t at_us;
    int interface;  /* 0.. */
    uint16_t value; /* wValue as sent: mask in the high byte, state in the low one */
    bool dtr, rts;  /* after it */
};

struct sim_ftdi_stats {
    uint64_t in_transfers, in_empty, in_bytes, out_transfers, out_bytes; /* bytes without status bytes */
    uint32_t baud;
    uint8_t latency_ms, event_char;
    bool event_char_on, dtr, rts;
    uint64_t overruns;
};

/* Caller owns: sim_ftdi_chip_free(). NULL: no memory. */
struct sim_ftdi_chip *sim_ftdi_chip_new(const struct sim_ftdi_config *config, int64_t now_us);
void sim_ftdi_chip_free(struct sim_ftdi_chip *c);
const struct sim_ftdi_identity *sim_ftdi_chip_identity(const struct sim_ftdi_chip *c);
const char *sim_ftdi_chip_serial(const struct sim_ftdi_chip *c);

/* Power taken away and given back: every URB is forgotten, every setting is the power-on one. Statistics stay. */
void sim_ftdi_chip_power_cycle(struct sim_ftdi_chip *c, int64_t now_us);

/* Another thing is connected to an interface: it is told the present rate and lines. */
void sim_ftdi_chip_set_line(struct sim_ftdi_chip *c, int interface, struct sim_ftdi_line line,
                            int64_t now_us);

/* 0, -EINVAL (no such endpoint, or a length the request does not allow), -ENOSPC (too many URBs wait), -ENOMEM. */
int sim_ftdi_chip_submit(struct sim_ftdi_chip *c, const struct sim_ftdi_urb *urb, int64_t now_us);
/* True when the URB was waiting: it is gone and gives no completion. */
bool sim_ftdi_chip_cancel(struct sim_ftdi_chip *c, uint64_t tag);
/* Is there a completion to take by now_us? */
bool sim_ftdi_chip_is_ready(struct sim_ftdi_chip *c, int64_t now_us);
/* Takes the oldest completion there is by now_us. */
bool sim_ftdi_chip_take(struct sim_ftdi_chip *c, struct sim_ftdi_done *out, int64_t now_us);
/* When a completion may next appear by itself; INT64_MAX: only a submission can bring one. */
int64_t sim_ftdi_chip_next(const struct sim_ftdi_chip *c);

/* Faults, at run time. */
void sim_ftdi_chip_set_silent(struct sim_ftdi_chip *c,
                              bool silent); /* answers nothing; cancelling still works */
/* Bulk transfers of the interface end with a stall. interface < 0: all. */
void sim_ftdi_chip_set_stalled(struct sim_ftdi_chip *c, int interface, bool stalled);
void sim_ftdi_chip_line_error(struct sim_ftdi_chip *c, int interface,
                              uint8_t bits); /* 0x02, 0x04, 0x08: next packet */
void sim_ftdi_chip_set_modem(struct sim_ftdi_chip *c, int interface, uint8_t inputs,
                             int64_t now_us); /* 0xf0: DCD RI DSR CTS */

void sim_ftdi_chip_stats(const struct sim_ftdi_chip *c, int interface, struct sim_ftdi_stats *out);
/* The i-th oldest modem request that is remembered (the last 256 are): false when there is none. */
bool sim_ftdi_chip_modem_event(const struct sim_ftdi_chip *c, int i, struct sim_ftdi_modem_event *out);

#endif /* SIM_SERVE_FTDI_SIM_FTDI_CHIP_H */
