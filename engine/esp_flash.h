/* SPDX-License-Identifier: Apache-2.0 */
/* esp_flash - the SPI flash behind an ESP32: its JEDEC id, its size, and making the loader know it. */
#ifndef ENGINE_ESP_FLASH_H
#define ENGINE_ESP_FLASH_H

#include "engine/esp_loader.h"

/* Bytes that the capacity code of a JEDEC id means; 0: not a flash chip's id. Pure. */
uint32_t esp_flash_size(uint32_t jedec_id);
/* RDID through the SPI1 registers, as the stock client does it: manufacturer in bits 7:0. */
int esp_flash_read_id(struct esp_loader *l, uint32_t *jedec_id);

#endif /* ENGINE_ESP_FLASH_H */
