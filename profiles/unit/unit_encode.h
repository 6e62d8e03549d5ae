/* SPDX-License-Identifier: Apache-2.0 */
/* unit_encode - the bytes of a field out of a filled text. Pure. What is said of a value never holds any of it: it may be a key. */
#ifndef PROFILES_UNIT_UNIT_ENCODE_H
#define PROFILES_UNIT_UNIT_ENCODE_H

#include <stddef.h>
#include <stdint.h>

#include "profiles/unit/unit_spec.h"

#define UNIT_WHY_SIZE 160

/* Fills all `size` bytes of a text, hex or integer field. NULL, or what is wrong, in `why`. */
const char *unit_encode_field(const struct unit_item *item, const char *text, uint8_t *out, size_t size,
                              char why[static UNIT_WHY_SIZE]);
/* Pairs of hex digits, ':' or '-' or a space between pairs, into at most `room` bytes. How many, or -1: it is none. */
int unit_encode_hex(const char *text, uint8_t *out, size_t room);

#endif /* PROFILES_UNIT_UNIT_ENCODE_H */
