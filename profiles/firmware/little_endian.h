/* SPDX-License-Identifier: Apache-2.0 */
/* little_endian - the byte order of everything an ESP32 keeps in flash. */
#ifndef PROFILES_FIRMWARE_LITTLE_ENDIAN_H
#define PROFILES_FIRMWARE_LITTLE_ENDIAN_H

#include <stdint.h>

static inline uint16_t le16(const uint8_t *b)
{
    return (uint16_t)(b[0] | b[1] << 8);
}

static inline uint32_t le32(const uint8_t *b)
{
    return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static inline void put_le32(uint8_t *b, uint32_t v)
{
    b[0] = (uint8_t)v;
    b[1] = (uint8_t)(v >> 8);
    b[2] = (uint8_t)(v >> 16);
    b[3] = (uint8_t)(v >> 24);
}

#endif /* PROFILES_FIRMWARE_LITTLE_ENDIAN_H */
