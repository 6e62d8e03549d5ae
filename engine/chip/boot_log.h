/* SPDX-License-Identifier: Apache-2.0 */
/*
 * boot_log - what a chip says by itself after a reset, and what that tells when it answers nothing else.
 *
 * The ROM prints at 115200 baud: "rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)"; all but the first chip's say who
 * they are before it: "ESP-ROM:esp32c3-api1-20210207". Texts differ between chips and emulations, so they are matched by
 * meaning. Plain data, pure functions.
 */
#ifndef ENGINE_CHIP_BOOT_LOG_H
#define ENGINE_CHIP_BOOT_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"

#define BOOT_LOG_SIZE 1024

struct boot_log {
    char text[BOOT_LOG_SIZE]; /* the latest bytes, not terminated; unprintable ones as 0x01 */
    size_t len;
    uint64_t printable, garbage; /* of all bytes since boot_log_clear() */
    /* Resets by power or button since then with an ESP32's GPIO0 low: each of them should have ended in the bootloader. */
    unsigned held_boots;
};

/* What was heard, the most telling first. */
enum boot_sign {
    BOOT_SILENT,   /* no byte at all */
    BOOT_NOISE,    /* bytes, but not text */
    BOOT_TEXT,     /* text without a boot line: a program runs */
    BOOT_FLASH,    /* started from flash: not in the bootloader */
    BOOT_READ_ERR, /* cannot read its flash, with the strap that explains it */
    BOOT_DOWNLOAD, /* in the bootloader, waiting */
    BOOT_BROWNOUT
};

void boot_log_clear(struct boot_log *b);
void boot_log_feed(struct boot_log *b, const uint8_t *bytes, size_t len);
enum boot_sign boot_log_sign(const struct boot_log *b);
/* A boot line or the bootloader's prompt was heard: a board has just been powered or reset. */
bool boot_log_has_banner(const struct boot_log *b);
/* Bytes since boot_log_clear(): where what is heard later begins. */
uint64_t boot_log_heard(const struct boot_log *b);
/* Of what came since boot_log_heard() was `since`: the ROM has begun its boot text; its last line before it waits has begun. */
bool boot_log_begins(const struct boot_log *b, uint64_t since);
bool boot_log_waits(const struct boot_log *b, uint64_t since);
/* Why a board did not answer SYNC: fills *f with a 2xx code, returns -1. */
int boot_log_failure(const struct boot_log *b, struct failure *f);

#endif /* ENGINE_CHIP_BOOT_LOG_H */
