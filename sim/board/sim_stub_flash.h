/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_stub_flash - how a running stub writes and reads. It answers first, then inflates, erases ahead and programs,
 * while the next block already comes in. For sim_stub.c alone.
 */
#ifndef SIM_BOARD_SIM_STUB_FLASH_H
#define SIM_BOARD_SIM_STUB_FLASH_H

#include "base/digest.h"
#include "sim/board/sim_state.h"
#include "sim/board/sim_stub_kind.h"

/* Error codes: first status byte. */
enum {
    STUB_OK = 0,
    STUB_FAILED = 0x01, /* first version's plain "no" */
    STUB_BAD_LEN = 0xc0,
    STUB_BAD_CHECKSUM = 0xc1,
    STUB_BAD_BLOCK = 0xc2,
    STUB_BAD_COMMAND = 0xc3,
    STUB_BAD_SPI = 0xc4,
    STUB_NOT_FLASHING = 0xc6,
    STUB_BAD_INFLATE = 0xc7,
    STUB_TOO_LITTLE = 0xc8,
    STUB_TOO_MUCH = 0xc9,
    STUB_UNKNOWN = 0xff
};

struct stub_flash {
    const struct stub_kind *kind;
    bool busy, deflate; /* between a BEGIN and its END */
    bool stream_over;
    bool dirty; /* a sector that was not blank has been seen */
    uint32_t total, left;
    uint32_t packed; /* compressed bytes announced and not yet seen */
    uint32_t at;
    uint32_t erase_next, erase_left;
    int64_t ready_us; /* when the chip has finished its erase */
    int error;        /* of what was done after an answer; told with the next one */
};

struct stub_read {
    bool active;
    uint32_t from, len, sent, acked, packet;
    uint32_t packets_sent, packets_acked;
};

struct stub_command {
    uint8_t direction, op;
    uint16_t size;
    uint32_t checksum;
    const uint8_t *body;
    size_t len; /* of the whole frame as received */
    bool broken;
};

/* Each answers with one of the codes. */
int stub_begin(struct sim_board *b, struct stub_flash *f, const struct stub_command *c, bool deflate);
int stub_data(struct stub_flash *f, const struct stub_command *c, bool deflate); /* checks only */
/* What stub_data() has found good, after the answer. */
void stub_work(struct sim_board *b, struct stub_flash *f, const struct stub_command *c, bool deflate);
int stub_end(struct sim_board *b, struct stub_flash *f, const struct stub_command *c);
int stub_erase_region(struct sim_board *b, const struct stub_flash *f, const struct stub_command *c);
int stub_erase_chip(struct sim_board *b, const struct stub_flash *f);

/* READ_FLASH after its answer, and what the host acknowledges with; what is wrong with it is told as f's error. */
void stub_read_start(struct sim_board *b, struct stub_read *r, struct stub_flash *f,
                     const struct stub_command *c);
void stub_read_ack(struct sim_board *b, struct stub_read *r, const uint8_t *frame, size_t len);

#endif /* SIM_BOARD_SIM_STUB_FLASH_H */
