/* SPDX-License-Identifier: Apache-2.0 */
/*
 * board_host - a host for tests of virtual boards: sends raw bytes, collects decoded frames, in virtual time.
 * Written apart from the engine's protocol code, so that both cannot share one mistake.
 */
#ifndef TESTS_SUPPORT_BOARD_HOST_H
#define TESTS_SUPPORT_BOARD_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "sim/board/sim_board.h"

struct board_host {
    struct sim_board *board;
    int64_t now;
    uint8_t raw[70000]; /* bytes received and not looked at */
    size_t raw_len;
};

#define HOST_SECOND 1000000

/* A board of 4 MiB that starts in its loader, of that personality (NULL: a good one), with the same seed every time. */
struct sim_board_config host_board(const char *personality);
void host_start(struct board_host *h, const struct sim_board_config *config); /* and lets it boot */
void host_end(struct board_host *h);

void host_pass(struct board_host *h, int64_t us); /* time passes; what came by then is in `raw` */
/* Lets time pass until a byte has come or `patience` is over. */
bool host_wait(struct board_host *h, int64_t patience);
/* Raw bytes; returns when the last one has left. */
void host_send(struct board_host *h, const uint8_t *bytes, size_t len);
/* Encodes and sends one frame. */
void host_frame(struct board_host *h, const uint8_t *payload, size_t len);
/* Takes the next whole frame out of what was received; -1 when none comes within `patience`. Skips text around it. */
ssize_t host_reply(struct board_host *h, uint8_t *out, size_t room, int64_t patience);
/* Forgets what was received. */
void host_drop(struct board_host *h);
void host_word(uint8_t *at, uint32_t v); /* little-endian */
/* One command without a checksum. */
void host_command(struct board_host *h, uint8_t op, const uint32_t *words, size_t count);
/* FLASH_DATA, DEFL_DATA or MEM_DATA with its checksum. */
void host_block(struct board_host *h, uint8_t op, uint32_t seq, const uint8_t *data, size_t len);
/* Sends a SYNC and drops what is answered. */
void host_sync(struct board_host *h);
/* Sends a command; the reply that comes within a minute, or -1. */
ssize_t host_ask(struct board_host *h, uint8_t op, const uint32_t *words, size_t count, uint8_t got[64]);
bool host_reads(struct board_host *h, uint32_t address, uint32_t *value); /* READ_REG */
/* Resets by the lines, into the loader or not, and returns what the board says within 200 ms, ended with 0. */
size_t host_boot_text(struct board_host *h, bool download, char *text, size_t room);

#endif /* TESTS_SUPPORT_BOARD_HOST_H */
