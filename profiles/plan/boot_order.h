/* SPDX-License-Identifier: Apache-2.0 */
/*
 * boot_order - which partitions ESP-IDF's bootloader tries, and in which order, by the partition table and what its boot
 * selection chooses. Of two rows of one kind the later counts; a slot beyond the count of slots is never reached.
 */
#ifndef PROFILES_PLAN_BOOT_ORDER_H
#define PROFILES_PLAN_BOOT_ORDER_H

#include <stddef.h>

#include "profiles/firmware/partition.h"

#define BOOT_ORDER_MAX 18 /* factory, 16 slots, test */
#define BOOT_DEFAULT   (-1)

/* How many rows are slots for updates. */
unsigned int boot_order_slots(const struct partition_table *t);
/* `chosen`: a slot, or BOOT_DEFAULT where nothing is chosen: factory, then the slots. Returns how many stand in `out`. */
size_t boot_order(const struct partition_table *t, int chosen,
                  const struct partition *out[static BOOT_ORDER_MAX]);
/* The row of that type that counts, or NULL. */
const struct partition *boot_order_row(const struct partition_table *t, uint8_t type, uint8_t subtype);

#endif /* PROFILES_PLAN_BOOT_ORDER_H */
