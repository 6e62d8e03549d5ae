/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/esp_flash.h"

#include <errno.h>

/* SPI1 of the ESP32 (technical reference manual, SPI registers). */
#define SPI1          0x3FF42000u
#define SPI_CMD       (SPI1 + 0x00)
#define SPI_USR       (SPI1 + 0x1C)
#define SPI_USR2      (SPI1 + 0x24)
#define SPI_MISO_DLEN (SPI1 + 0x2C)
#define SPI_W0        (SPI1 + 0x80)

#define USR_COMMAND  (1u << 31)
#define USR_MISO     (1u << 28)
#define CMD_USR      (1u << 18)
#define COMMAND_BITS 8u
#define RDID         0x9Fu
#define RDID_BITS    24u
#define POLLS        10

uint32_t esp_flash_size(uint32_t jedec_id)
{
    uint8_t maker = (uint8_t)jedec_id, type = (uint8_t)(jedec_id >> 8), code = (uint8_t)(jedec_id >> 16);

    if (jedec_id == 0 || jedec_id == 0xFFFFFF || jedec_id == 0xFFFF3F)
        return 0;
    if (maker == 0x1F) /* Adesto codes the size in the type byte: 4 is 512 KiB */
        return (type & 0x1F) >= 4 && (type & 0x1F) <= 9 ? 0x80000u << ((type & 0x1F) - 4) : 0;
    if (code >= 0x12 && code <= 0x1C)
        return 1u << code;
    if (code >= 0x20 && code <= 0x22)
        return 1u << (code - 0x20 + 26);
    if (code >= 0x32 && code <= 0x3A)
        return 1u << (code - 0x32 + 18);
    return 0;
}

static int start_rdid(struct esp_loader *l)
{
    const uint32_t writes[][2] = {
        {SPI_MISO_DLEN, RDID_BITS - 1},
        {SPI_USR, USR_COMMAND | USR_MISO},
        {SPI_USR2, (COMMAND_BITS - 1) << 28 | RDID},
        {SPI_W0, 0},
        {SPI_CMD, CMD_USR},
    };
    int rc = 0;

    for (size_t i = 0; i < sizeof writes / sizeof writes[0] && rc == 0; i++)
        rc = esp_loader_write_reg(l, writes[i][0], writes[i][1]);
    return rc;
}

static int wait_done(struct esp_loader *l)
{
    uint32_t cmd = CMD_USR;
    int rc = 0;

    for (int i = 0; i < POLLS && rc == 0 && (cmd & CMD_USR); i++)
        rc = esp_loader_read_reg(l, SPI_CMD, &cmd);
    if (rc == 0 && (cmd & CMD_USR))
        rc = -EBADMSG;
    return rc;
}

int esp_flash_read_id(struct esp_loader *l, uint32_t *jedec_id)
{
    uint32_t usr = 0, usr2 = 0, w0 = 0;
    int rc = esp_loader_read_reg(l, SPI_USR, &usr);

    if (rc == 0)
        rc = esp_loader_read_reg(l, SPI_USR2, &usr2);
    if (rc == 0)
        rc = start_rdid(l);
    if (rc == 0)
        rc = wait_done(l);
    if (rc == 0)
        rc = esp_loader_read_reg(l, SPI_W0, &w0);
    if (rc == 0)
        rc = esp_loader_write_reg(l, SPI_USR, usr);
    if (rc == 0)
        rc = esp_loader_write_reg(l, SPI_USR2, usr2);
    if (rc == 0)
        *jedec_id = w0 & 0xFFFFFF;
    return rc;
}
