/* SPDX-License-Identifier: Apache-2.0 */
/* esp_loader_private - shared by esp_loader*.c only. */
#ifndef ENGINE_ESP_LOADER_PRIVATE_H
#define ENGINE_ESP_LOADER_PRIVATE_H

#include "engine/esp_loader.h"
#include "engine/slip.h"

/* A packet of READ_FLASH is the longest frame that comes. */
#define FRAME_MAX (ESP_HEADER_SIZE + 0x1000 + 64)

struct esp_loader {
    struct transport *t;
    struct clock *clock;
    bool is_stub;
    uint8_t op, status, error;
    int64_t limit_us;
    struct boot_log log;
    struct slip_decoder slip;
    uint8_t rx[512];
    size_t rx_at, rx_len;
    uint8_t frame[FRAME_MAX];
    uint8_t tx[SLIP_ENCODED_MAX(ESP_REQUEST_MAX)];
};

/* Time limits of Espressif's own client, in microseconds. */
#define LOADER_DEFAULT_US 3000000
#define LOADER_WRITE_US   10000000
int64_t loader_time(uint32_t us_per_byte, uint64_t bytes); /* at least LOADER_DEFAULT_US */
#define ERASE_US_PER_BYTE 40
#define MD5_US_PER_BYTE   8

/* Next whole frame into l->frame: its length > 0, 0 at the deadline, or a negative errno. */
int loader_frame(struct esp_loader *l, int64_t deadline_us);
/* A command made of 32-bit words. */
int loader_command(struct esp_loader *l, uint8_t op, const uint32_t *words, size_t count, int64_t timeout_us,
                   size_t expect, struct esp_reply *out);
int loader_data(struct esp_loader *l, uint8_t op, uint32_t seq, const uint8_t *data, size_t len,
                int64_t timeout_us);

#endif /* ENGINE_ESP_LOADER_PRIVATE_H */
