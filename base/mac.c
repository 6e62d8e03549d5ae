/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mac.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

void mac_text(const struct mac *m, char out[static MAC_TEXT_SIZE])
{
    const uint8_t *b = m->bytes;

    snprintf(out, MAC_TEXT_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int mac_parse(const char *text, struct mac *out)
{
    struct mac m = {{0}};
    size_t digits = 0;

    for (; *text != '\0'; text++) {
        int n = nibble(*text);
        if (n < 0) {
            /* A separator may stand only between whole bytes. */
            if (strchr(":-. ", *text) == NULL || digits == 0 || digits % 2 != 0)
                return -EINVAL;
            continue;
        }
        if (digits == 12)
            return -EINVAL;
        m.bytes[digits / 2] = (uint8_t)(m.bytes[digits / 2] << 4 | n);
        digits++;
    }
    if (digits != 12)
        return -EINVAL;
    *out = m;
    return 0;
}

bool mac_equal(const struct mac *a, const struct mac *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

bool mac_is_blank(const struct mac *m)
{
    static const struct mac zeros = {{0}}, ones = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

    return mac_equal(m, &zeros) || mac_equal(m, &ones);
}

bool mac_is_multicast(const struct mac *m)
{
    return (m->bytes[0] & 1) != 0;
}

bool mac_is_training(const struct mac *m)
{
    static const uint8_t prefix[] = MAC_TRAINING_PREFIX;

    return memcmp(m->bytes, prefix, sizeof prefix) == 0;
}

uint8_t mac_crc8(const struct mac *m)
{
    uint8_t crc = 0;

    for (size_t i = 0; i < sizeof m->bytes; i++) {
        crc ^= m->bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (uint8_t)((crc & 1) != 0 ? crc >> 1 ^ 0x8c : crc >> 1);
    }
    return crc;
}
