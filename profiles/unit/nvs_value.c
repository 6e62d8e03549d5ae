/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/unit/nvs_value.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    enum nvs_type type;
} types[] = {
    {"u8", NVS_U8},   {"i8", NVS_I8},   {"u16", NVS_U16}, {"i16", NVS_I16},       {"u32", NVS_U32},
    {"i32", NVS_I32}, {"u64", NVS_U64}, {"i64", NVS_I64}, {"string", NVS_STRING}, {"blob", NVS_BLOB},
};

bool nvs_type_named(const char *name, enum nvs_type *out)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i].name, name) == 0) {
            *out = types[i].type;
            return true;
        }
    }
    return false;
}

const char *nvs_type_name(enum nvs_type type)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (types[i].type == type)
            return types[i].name;
    }
    return "?";
}

size_t nvs_number_width(enum nvs_type type)
{
    return type == NVS_STRING || type == NVS_BLOB ? 0 : (size_t)type & 0xf;
}

static bool is_signed(enum nvs_type type)
{
    return ((unsigned)type & 0x10) != 0;
}

/* The largest number that is not below zero, and how far below it the type goes. */
static uint64_t top_of(enum nvs_type type)
{
    unsigned bits = 8 * (unsigned)nvs_number_width(type);

    return UINT64_MAX >> (64 - bits + (is_signed(type) ? 1 : 0));
}

static uint64_t depth_of(enum nvs_type type)
{
    return is_signed(type) ? top_of(type) + 1 : 0;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 16;
}

/* Digits to the end of the text, at least one. 0, -EINVAL, or -ERANGE beyond 64 bits. */
static int digits(const char *text, uint64_t *out)
{
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    uint64_t base = hex ? 16 : 10, n = 0;
    bool over = false;

    text += hex ? 2 : 0;
    if (*text == '\0')
        return -EINVAL;
    for (; *text != '\0'; text++) {
        uint64_t digit = (uint64_t)digit_of(*text);

        if (digit >= base)
            return -EINVAL;
        over = over || n > (UINT64_MAX - digit) / base;
        n = n * base + digit;
    }
    *out = n;
    return over ? -ERANGE : 0;
}

int nvs_number(enum nvs_type type, const char *text, uint8_t out[static NVS_NUMBER_MAX])
{
    size_t width = nvs_number_width(type);
    bool minus = text[0] == '-';
    uint64_t n;
    int rc;

    if (width == 0 || width > NVS_NUMBER_MAX)
        return -EINVAL;
    rc = digits(text + (minus ? 1 : 0), &n);
    if (rc != 0)
        return rc;
    if (n > (minus ? depth_of(type) : top_of(type)))
        return -ERANGE;
    if (minus)
        n = 0 - n;
    for (size_t i = 0; i < width; i++)
        out[i] = (uint8_t)(n >> 8 * i);
    return (int)width;
}

void nvs_number_range(enum nvs_type type, char out[static NVS_RANGE_SIZE])
{
    out[0] = '\0';
    if (nvs_number_width(type) != 0)
        snprintf(out, NVS_RANGE_SIZE, "%s%" PRIu64 " to %" PRIu64, is_signed(type) ? "-" : "", depth_of(type),
                 top_of(type));
}
