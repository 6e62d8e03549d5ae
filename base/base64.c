/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

#include <errno.h>
#include <string.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";

void base64_text(const uint8_t *bytes, size_t size, char *out)
{
    for (size_t i = 0; i < size; i += 3) {
        uint32_t v = (uint32_t)bytes[i] << 16;

        if (i + 1 < size)
            v |= (uint32_t)bytes[i + 1] << 8;
        if (i + 2 < size)
            v |= bytes[i + 2];
        *out++ = letters[v >> 18];
        *out++ = letters[v >> 12 & 63];
        *out++ = letters[i + 1 < size ? v >> 6 & 63 : 64];
        *out++ = letters[i + 2 < size ? v & 63 : 64];
    }
    *out = '\0';
}

/* 0 to 63; 64: the '=' of an end; -1: none of them. */
static int value_of(char c)
{
    const char *at = c != '\0' ? strchr(letters, c) : NULL;

    return at != NULL ? (int)(at - letters) : -1;
}

static int put(const int four[static 4], uint8_t *out, size_t room, size_t *used)
{
    size_t pads = (four[3] == 64 ? 1u : 0u) + (four[2] == 64 ? 1u : 0u);
    uint32_t v = 0;

    if (four[0] == 64 || four[1] == 64 || (four[2] == 64 && four[3] != 64))
        return -EINVAL;
    for (int i = 0; i < 4; i++)
        v = v << 6 | (uint32_t)(four[i] & 63);
    if (*used + 3 - pads > room)
        return -EMSGSIZE;
    for (size_t i = 0; i < 3 - pads; i++)
        out[(*used)++] = (uint8_t)(v >> (16 - 8 * i));
    return pads > 0 ? 1 : 0;
}

ssize_t base64_bytes(const char *text, size_t len, uint8_t *out, size_t max)
{
    int four[4], n = 0, ended = 0;
    size_t used = 0;

    for (size_t i = 0; i < len; i++) {
        if (text[i] == ' ' || text[i] == '\t' || text[i] == '\r' || text[i] == '\n')
            continue;
        four[n] = value_of(text[i]);
        if (four[n++] < 0 || ended)
            return -EINVAL;
        if (n < 4)
            continue;
        n = 0;
        ended = put(four, out, max, &used);
        if (ended < 0)
            return ended;
    }
    return n == 0 ? (ssize_t)used : -EINVAL;
}
