/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mac - a 48-bit hardware address: text in and out, and what is known of a given one; and its longer form, the EUI-64, in the
 * order in which it is printed. Pure functions.
 */
#ifndef BASE_MAC_H
#define BASE_MAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAC_TEXT_SIZE   18 /* "24:0a:c4:00:00:03" and the NUL */
#define EUI64_SIZE      8
#define EUI64_TEXT_SIZE 24 /* "24:0a:c4:ff:fe:00:00:03" and the NUL */

/*
 * Every virtual board's MAC begins with these three bytes: locally administered, so no maker ever ships it.
 * A production attempt that reads this prefix from a board is refused (training can never pass for production).
 */
#define MAC_TRAINING_PREFIX \
    {                       \
        0x02, 0xf1, 0xa5    \
    }

struct mac {
    uint8_t bytes[6];
};

void mac_text(const struct mac *m, char out[static MAC_TEXT_SIZE]); /* lower case, colons */
/* Any usual notation: 24:0a:c4:00:00:03, 24-0A-.., 240ac4000003, 240a.c400.0003. Returns 0 or -EINVAL. */
int mac_parse(const char *text, struct mac *out);
void eui64_text(const uint8_t eui64[static EUI64_SIZE], char out[static EUI64_TEXT_SIZE]);
/* The same notations, in pairs of digits or groups of four, eight bytes long. Returns 0 or -EINVAL. */
int eui64_parse(const char *text, uint8_t out[static EUI64_SIZE]);
bool mac_equal(const struct mac *a, const struct mac *b);
bool mac_is_blank(const struct mac *m);     /* all 00 or all ff */
bool mac_is_multicast(const struct mac *m); /* group bit set */
bool mac_is_training(const struct mac *m);  /* begins with MAC_TRAINING_PREFIX */
/* CRC-8 of ESP32 eFuse word 2, bits 23:16: polynomial 0x8c reflected, start 0, over the six bytes in print order. */
uint8_t mac_crc8(const struct mac *m);

#endif /* BASE_MAC_H */
