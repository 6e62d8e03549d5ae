/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/unit/unit_encode.h"

#include <stdio.h>
#include <string.h>

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int unit_encode_hex(const char *text, uint8_t *out, size_t room)
{
    size_t count = 0;

    while (*text != '\0') {
        int high = digit_of(text[0]), low = high < 0 ? -1 : digit_of(text[1]);

        if (low < 0)
            return -1;
        if (count < room)
            out[count] = (uint8_t)(high << 4 | low);
        count++;
        text += 2;
        if ((*text == ':' || *text == '-' || *text == ' ') && text[1] != '\0')
            text++;
    }
    return (int)count;
}

static const char *encode_text(const char *text, uint8_t *out, size_t size, char *why)
{
    size_t len = strlen(text);

    if (len > size) {
        snprintf(why, UNIT_WHY_SIZE, "its %zu bytes do not fit the %zu of the field", len, size);
        return why;
    }
    memset(out, 0, size);
    memcpy(out, text, len); /* NOLINT(bugprone-not-null-terminated-result): a field is no string */
    return NULL;
}

static const char *encode_hex(const char *text, uint8_t *out, size_t size, char *why)
{
    int count = unit_encode_hex(text, out, size);

    if (count < 0)
        return "it is not in pairs of hex digits";
    if ((size_t)count == size)
        return NULL;
    snprintf(why, UNIT_WHY_SIZE, "it has %d bytes, and the field %zu", count, size);
    return why;
}

/* Decimal digits, or hex behind 0x. False: no number, or one beyond 64 bits. */
static bool read_number(const char *text, uint64_t *out)
{
    bool hex = text[0] == '0' && text[1] == 'x';
    unsigned base = hex ? 16 : 10;
    uint64_t value = 0;

    text += hex ? 2 : 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        int d = digit_of(*text);

        if (d < 0 || (unsigned)d >= base || value > (UINT64_MAX - (unsigned)d) / base)
            return false;
        value = value * base + (unsigned)d;
    }
    *out = value;
    return true;
}

static const char *encode_integer(const struct unit_item *item, const char *text, uint8_t *out, size_t size,
                                  char *why)
{
    bool negative = text[0] == '-';
    uint64_t value, most = size == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * size) - 1;

    if (!read_number(text + negative, &value))
        return "it is no whole number";
    if (value > (negative ? most / 2 + 1 : most)) {
        snprintf(why, UNIT_WHY_SIZE, "it is beyond what %zu byte%s hold", size, size == 1 ? "" : "s");
        return why;
    }
    if (negative)
        value = 0 - value;
    for (size_t i = 0; i < size; i++)
        out[item->big_endian ? size - 1 - i : i] = (uint8_t)(value >> 8 * i);
    return NULL;
}

const char *unit_encode_field(const struct unit_item *item, const char *text, uint8_t *out, size_t size,
                              char why[static UNIT_WHY_SIZE])
{
    if (text[0] == '\0')
        return "it is empty";
    switch (item->form) {
    case UNIT_FORM_TEXT:
        return encode_text(text, out, size, why);
    case UNIT_FORM_HEX:
        return encode_hex(text, out, size, why);
    default:
        return encode_integer(item, text, out, size, why);
    }
}
