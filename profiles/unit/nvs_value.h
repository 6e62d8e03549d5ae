/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nvs_value - the types of a value in a NVS partition by their names, and numbers from text. Pure; no allocation.
 *
 * Names and codes: Espressif, "Non-Volatile Storage Library" (ESP-IDF programming guide), "Structure of Entry", and the
 * enumeration of item types that it refers to.
 */
#ifndef PROFILES_UNIT_NVS_VALUE_H
#define PROFILES_UNIT_NVS_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As they stand in an entry's second byte; of an integer the low half is its width in bytes. */
enum nvs_type {
    NVS_U8 = 0x01,
    NVS_I8 = 0x11,
    NVS_U16 = 0x02,
    NVS_I16 = 0x12,
    NVS_U32 = 0x04,
    NVS_I32 = 0x14,
    NVS_U64 = 0x08,
    NVS_I64 = 0x18,
    NVS_STRING = 0x21,
    NVS_BLOB = 0x41, /* what a caller asks for; in flash a blob is chunks and an index */
};

#define NVS_NUMBER_MAX 8  /* bytes of the widest integer */
#define NVS_RANGE_SIZE 48 /* room for "-9223372036854775808 to 9223372036854775807" */
#define NVS_TYPE_NAMES "u8, i8, u16, i16, u32, i32, u64, i64, string or blob"

/* "u8" to "i64", "string", "blob". false: it is none of them (NVS_TYPE_NAMES lists them), *out is untouched. */
bool nvs_type_named(const char *name, enum nvs_type *out);
/* Its name; "?" for a value outside of the enumeration. */
const char *nvs_type_name(enum nvs_type type);
/* Bytes of an integer type; 0 for a string or a blob. */
size_t nvs_number_width(enum nvs_type type);

/*
 * The whole of `text` as a number of that integer type, little-endian into the first bytes of `out`: decimal digits or hex
 * after 0x, a minus before either where the type is signed. Returns its width in bytes; -EINVAL: this is no number, or the type
 * is none of an integer; -ERANGE: it does not fit. A number in hex is a number and no pattern of bits: 0xFF is no i8.
 */
int nvs_number(enum nvs_type type, const char *text, uint8_t out[static NVS_NUMBER_MAX]);
/* "0 to 255": what an integer type holds, for a sentence; "" for a string or a blob. */
void nvs_number_range(enum nvs_type type, char out[static NVS_RANGE_SIZE]);

#endif /* PROFILES_UNIT_NVS_VALUE_H */
