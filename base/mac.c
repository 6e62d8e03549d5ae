/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mac.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* By hand: an export writes two of them for each attempt. `out`: three characters an octet. */
static void octets_text(const uint8_t *octets, size_t count, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < count; i++) {
        out[3 * i] = digits[octets[i] >> 4];
        out[3 * i + 1] = digits[octets[i] & 15];
        out[3 * i + 2] = i + 1 < count ? ':' : '\0';
    }
}

void mac_text(const struct mac *m, char out[static MAC_TEXT_SIZE])
{
    octets_text(m->bytes, sizeof m->bytes, out);
}

void eui64_text(const uint8_t eui64[static EUI64_SIZE], char out[static EUI64_TEXT_SIZE])
{
    octets_text(eui64, EUI64_SIZE, out);
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Exactly `size` bytes in hex. 0 or -EINVAL, with `out` as it was. */
static int parse(const char *text, uint8_t *out, size_t size)
{
    uint8_t bytes[EUI64_SIZE] = {0};
    size_t digits = 0;

    for (; *text != '\0'; text++) {
        int n = nibble(*text);
        if (n < 0) {
            /* A separator may stand only between whole bytes. */
            if (strchr(":-. ", *text) == NULL || digits == 0 || digits % 2 != 0)
                return -EINVAL;
            continue;
        }
        if (digits == 2 * size)
            return -EINVAL;
        bytes[digits / 2] = (uint8_t)(bytes[digits / 2] << 4 | n);
        digits++;
    }
    if (digits != 2 * size)
        return -EINVAL;
    memcpy(out, bytes, size);
    return 0;
}

int mac_parse(const char *text, struct mac *out)
{
    return parse(text, out->bytes, sizeof out->bytes);
}

int eui64_parse(const char *text, uint8_t out[static EUI64_SIZE])
{
    return parse(text, out, EUI64_SIZE);
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
